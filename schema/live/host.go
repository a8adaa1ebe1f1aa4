package live

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"binmend/decoder"
)

// Host is what of a server, beside its tables, decides whether a script runs there.
type Host struct {
	ServerID                uint32
	ReadOnly, SuperReadOnly bool
	TransactionReadOnly     string // the variable by which new sessions, and appliers, begin transactions that change nothing; "" where it is off
	Galera                  bool   // a node of a Galera cluster: what it writes goes to the other nodes
	InGroup                 bool   // a member of a group of MySQL's group replication
	GTIDStrict              bool   // MariaDB: the applier logs what it applies, and in the order of the sequence numbers only
	Aurora                  bool
	Locked                  []string // databases that are read only (ALTER DATABASE … READ ONLY=1)
	Procedures              []string // of managed services, in the database mysql, by name
	Grants                  Grants   // of the account of the connection
}

// serviceProcedures are the procedures by which managed services are known.
const serviceProcedures = "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'mysql' AND " +
	"ROUTINE_NAME IN ('rds_stop_replication', 'az_replication_stop', 'skipTransactionWithGtid') ORDER BY 1"

const hostVariables = "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'transaction_read_only', 'tx_read_only', 'wsrep_on', 'aurora_version', 'gtid_strict_mode', " +
	"'log_slave_updates', 'server_id')"

// Host asks for it.
func (s *Server) Host(ctx context.Context) (*Host, error) {
	h := &Host{}
	if err := s.readVariables(ctx, h); err != nil {
		return nil, err
	}
	var err error
	if s.Version.Flavor == decoder.MySQL && s.Version.AtLeast(5, 7, 0) {
		members, err := s.column(ctx, "SELECT 1 FROM performance_schema.replication_group_members WHERE MEMBER_STATE <> 'OFFLINE' LIMIT 1")
		if err != nil && !denied(err) {
			return nil, err
		}
		h.InGroup = len(members) > 0
	}
	if s.Version.Flavor == decoder.MySQL && s.Version.AtLeast(8, 0, 22) {
		h.Locked, err = s.column(ctx, "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA_EXTENSIONS WHERE OPTIONS LIKE '%READ ONLY=1%' ORDER BY 1")
		if err != nil {
			return nil, err
		}
	}
	if h.Procedures, err = s.column(ctx, serviceProcedures); err != nil {
		return nil, err
	}
	h.Grants, err = s.grants(ctx)
	return h, err
}

// readVariables reads what global variables say.
func (s *Server) readVariables(ctx context.Context, h *Host) error {
	variables, err := s.ask(ctx, hostVariables)
	if err != nil {
		return err
	}
	logsApplied := false
	for _, row := range variables.Rows {
		isOn := strings.EqualFold(row[1], "ON") || row[1] == "1"
		switch row[0] {
		case "read_only":
			h.ReadOnly = isOn || strings.HasPrefix(row[1], "NO_LOCK") // MariaDB 12
		case "super_read_only":
			h.SuperReadOnly = isOn
		case "transaction_read_only", "tx_read_only":
			if isOn {
				h.TransactionReadOnly = row[0]
			}
		case "wsrep_on":
			h.Galera = isOn
		case "gtid_strict_mode":
			h.GTIDStrict = isOn
		case "log_slave_updates":
			logsApplied = isOn
		case "aurora_version":
			h.Aurora = true
		case "server_id":
			id, err := strconv.ParseUint(row[1], 10, 32)
			if err != nil {
				return err
			}
			h.ServerID = uint32(id)
		}
	}
	h.GTIDStrict = h.GTIDStrict && logsApplied
	return nil
}

// column returns the first column of an answer.
func (s *Server) column(ctx context.Context, query string) (values []string, err error) {
	answer, err := s.ask(ctx, query)
	if err != nil {
		return nil, err
	}
	for _, row := range answer.Rows {
		values = append(values, row[0])
	}
	return values, nil
}

// Grants is what an account may do, as SHOW GRANTS says.
type Grants struct {
	Account string // in SQL
	Unknown bool   // by roles that could not be looked into: it may have more

	lines, revoked []grant
}

type grant struct {
	privileges      []string // in upper case; those on columns only are left out
	database, table string   // "*" for all; the database may have wildcards
}

func (s *Server) grants(ctx context.Context) (g Grants, err error) {
	account, err := s.ask(ctx, "SELECT CURRENT_USER()")
	if err != nil {
		return g, err
	}
	if at := strings.LastIndexByte(account.Rows[0][0], '@'); at >= 0 {
		quote := func(part string) string { return "'" + strings.ReplaceAll(part, "'", "''") + "'" }
		g.Account = quote(account.Rows[0][0][:at]) + "@" + quote(account.Rows[0][0][at+1:])
	}
	shown, err := s.ask(ctx, "SHOW GRANTS")
	if err != nil {
		return g, err
	}
	hasRoles := g.read(shown.Rows)
	if hasRoles && s.Version.Flavor == decoder.MySQL {
		roles, err := s.ask(ctx, "SELECT CURRENT_ROLE()")
		if err != nil || roles.Rows[0][0] == "NONE" {
			return g, err
		}
		if shown, err = s.ask(ctx, "SHOW GRANTS FOR CURRENT_USER() USING "+roles.Rows[0][0]); err != nil {
			g.Unknown = true
			return g, nil
		}
		g.lines, g.revoked = nil, nil
		g.read(shown.Rows)
	}
	return g, nil
}

var (
	grantLine   = regexp.MustCompile("^(GRANT|REVOKE) (.*?) ON (?:TABLE )?(\\*|`(?:[^`]|``)*`)\\.(\\*|`(?:[^`]|``)*`) (?:TO|FROM) ")
	columnsOnly = regexp.MustCompile(`[A-Z ]+ \([^)]*\)(, )?`)
)

// read takes the lines of SHOW GRANTS, and reports whether there are roles among them.
func (g *Grants) read(rows [][]string) (hasRoles bool) {
	for _, row := range rows {
		m := grantLine.FindStringSubmatch(row[0])
		if m == nil {
			hasRoles = hasRoles || strings.HasPrefix(row[0], "GRANT ") && !strings.Contains(row[0], " ON ")
			continue
		}
		name := func(s string) string { return strings.ReplaceAll(strings.Trim(s, "`"), "``", "`") }
		line := grant{strings.Split(columnsOnly.ReplaceAllString(m[2], ""), ","), name(m[3]), name(m[4])}
		if m[1] == "REVOKE" {
			g.revoked = append(g.revoked, line)
		} else {
			g.lines = append(g.lines, line)
		}
	}
	return hasRoles
}

// Has reports whether the account has one of some privileges, each enough by itself, on a table; on everything, where the
// database is "".
func (g *Grants) Has(database, table string, anyOf ...string) bool {
	closest := g.closest(database)
	for _, line := range g.lines {
		switch {
		case line.database == "*" && database == "":
		case line.database == "*":
			if g.isRevoked(database, anyOf) {
				continue
			}
		case database == "", line.table == "*" && line.database != closest, line.table != "*" && (line.database != database || line.table != table):
			continue
		}
		if line.has(anyOf) {
			return true
		}
	}
	return false
}

// closest is the one grant on a whole database that counts for a database: of several that match it, servers take that whose name
// has its first wildcard last, and leave the others out.
func (g *Grants) closest(database string) (closest string) {
	last := -1
	for _, line := range g.lines {
		if line.database == "*" || line.table != "*" || !likeName(line.database, database) {
			continue
		}
		if at := firstWildcard(line.database); at > last {
			last, closest = at, line.database
		}
	}
	return closest
}

// firstWildcard is where the first wildcard of a pattern is; after all others if there is none.
func firstWildcard(pattern string) int {
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '%', '_':
			return i
		}
	}
	return math.MaxInt
}

// isRevoked reports whether a database was taken out of what the account has on all (partial_revokes).
func (g *Grants) isRevoked(database string, anyOf []string) bool {
	return slices.ContainsFunc(g.revoked, func(line grant) bool { return line.database == database && line.has(anyOf) })
}

func (line *grant) has(anyOf []string) bool {
	return slices.ContainsFunc(line.privileges, func(privilege string) bool {
		privilege = strings.ToUpper(strings.TrimSpace(privilege))
		return privilege == "ALL" || privilege == "ALL PRIVILEGES" ||
			slices.ContainsFunc(anyOf, func(wanted string) bool { return strings.ToUpper(wanted) == privilege })
	})
}

// likeName reports whether a pattern of a GRANT covers a database: % and _ are wildcards unless a backslash stands before them.
func likeName(pattern, name string) bool {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		}
	}
	isLike, err := regexp.MatchString("(?s)^"+b.String()+"$", name)
	return err == nil && isLike
}
