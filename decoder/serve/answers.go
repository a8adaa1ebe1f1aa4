package serve

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// answer is the answer to a statement: rows, or OK when there are no columns.
type answer struct {
	columns []string
	rows    [][]cell
}

func text(s string) cell { return cell{text: s} }

func number[T int | int64 | uint32 | uint64](n T) cell { return cell{text: fmt.Sprint(n)} }

// maxVariables bounds what a client can make the server keep; replicas set a dozen.
const (
	maxVariables = 64
	maxVariable  = 1 << 20
)

// query answers a statement. It answers what replicas ask before a dump as their source would, and lists the logs; every other
// statement is an error.
func (s *session) query(sql string) (answer, error) {
	all, err := tokens(sql)
	if err != nil {
		return answer{}, notAnswered(err.Error())
	}
	for len(all) > 0 && all[len(all)-1].is(";") {
		all = all[:len(all)-1]
	}
	if rest, ok := startsWith(all, "SET"); ok {
		return answer{}, s.set(rest)
	}
	if rest, ok := startsWith(all, "SELECT"); ok {
		return s.selectValues(rest)
	}
	if rest, ok := startsWith(all, "SHOW"); ok {
		return s.show(rest)
	}
	return answer{}, notAnswered(join(all))
}

func notAnswered(what string) error {
	if len(what) > 80 {
		what = what[:80] + "..."
	}
	return mysql.NewError(mysql.ER_NOT_SUPPORTED_YET, fmt.Sprintf(
		"binmend serves binary logs to replicas and executes no statements: %q. It answers what a replica asks, SHOW BINARY LOGS and SHOW BINARY LOG STATUS", what))
}

// set runs the assignments of a SET statement.
func (s *session) set(rest []token) error {
	if _, ok := startsWith(rest, "NAMES"); ok {
		return nil
	}
	if _, ok := startsWith(rest, "CHARACTER", "SET"); ok {
		return nil
	}
	for _, assignment := range splitAt(rest, ",") {
		if err := s.assign(assignment); err != nil {
			return err
		}
	}
	return nil
}

// sessionVariables are variables that clients set for their session, and that have no effect here.
var sessionVariables = []string{"autocommit", "sql_mode", "time_zone", "wait_timeout", "interactive_timeout", "net_read_timeout",
	"net_write_timeout", "max_allowed_packet", "character_set_client", "character_set_results", "character_set_connection",
	"collation_connection", "sql_quote_show_create", "sql_log_bin", "transaction_isolation", "tx_isolation", "skip_replication"}

func (s *session) assign(assignment []token) error {
	if rest, ok := startsWith(assignment, "SESSION"); ok {
		assignment = rest
	}
	name, value, ok := splitAssignment(assignment)
	if !ok {
		return notAnswered("SET " + join(assignment))
	}
	c, err := text(value[0].text), error(nil)
	if len(value) != 1 || !value[0].isWord() {
		c, err = s.value(value)
	}
	if err != nil {
		return err
	}
	name = strings.TrimPrefix(name, "@@session.")
	isUserVariable := strings.HasPrefix(name, "@") && !strings.HasPrefix(name, "@@")
	if !isUserVariable && !slices.Contains(sessionVariables, strings.TrimPrefix(name, "@@")) {
		return notAnswered("SET " + join(assignment))
	}
	if s.variables == nil {
		s.variables = make(map[string]cell)
	}
	if _, ok := s.variables[name]; !ok && len(s.variables) >= maxVariables || len(name) > 64 || len(c.text) > maxVariable {
		return notAnswered("SET: too many variables, or too large ones")
	}
	s.variables[name] = c
	return nil
}

// splitAssignment splits `name = value` and `name := value`; neither part is empty then.
func splitAssignment(assignment []token) (name string, value []token, ok bool) {
	if len(assignment) == 0 {
		return "", nil, false
	}
	if value, ok = startsWith(assignment[1:], ":="); !ok {
		value, ok = startsWith(assignment[1:], "=")
	}
	return strings.ToLower(assignment[0].text), value, ok && len(value) > 0
}

// value evaluates an expression: a text, a number, a variable, or one of a few functions.
func (s *session) value(expression []token) (cell, error) {
	if len(expression) == 1 {
		return s.simpleValue(expression[0])
	}
	function := strings.ToLower(join(expression))
	switch function {
	case "unix_timestamp()":
		return number(time.Now().Unix()), nil
	case "version()":
		return s.variable("version")
	case "user()", "current_user()", "session_user()":
		return text(s.user + "@" + s.host), nil
	case "connection_id()":
		return number(s.id), nil
	case "database()", "schema()":
		return cell{null: true}, nil
	}
	if arguments, ok := startsWith(expression, "binlog_gtid_pos", "("); ok {
		return s.gtidPosition(arguments)
	}
	return cell{}, notAnswered(join(expression))
}

// gtidPosition answers MariaDB's BINLOG_GTID_POS(file, position), which a replica that replicates by position asks for. It is
// NULL when no event begins there.
func (s *session) gtidPosition(arguments []token) (cell, error) {
	if len(arguments) != 4 || !arguments[0].quoted || !arguments[1].is(",") || !arguments[3].is(")") {
		return cell{}, notAnswered("binlog_gtid_pos(" + join(arguments))
	}
	position, err := strconv.ParseInt(arguments[2].text, 10, 64)
	if err != nil {
		return cell{}, notAnswered("binlog_gtid_pos(" + join(arguments))
	}
	state, err := s.server.stateAt(arguments[0].text, position)
	if err != nil {
		return cell{null: true}, nil
	}
	return text(state.position().String()), nil
}

func (s *session) simpleValue(t token) (cell, error) {
	switch {
	case t.quoted:
		return text(t.text), nil
	case strings.HasPrefix(t.text, "@@"):
		name := strings.ToLower(t.text[2:])
		for _, scope := range []string{"global.", "session.", "local."} {
			name = strings.TrimPrefix(name, scope)
		}
		return s.variable(name)
	case strings.HasPrefix(t.text, "@"):
		c, ok := s.variables[strings.ToLower(t.text)]
		return cell{text: c.text, null: c.null || !ok}, nil
	case t.is("NULL"):
		return cell{null: true}, nil
	case strings.Trim(t.text, "0123456789.") == "":
		return text(t.text), nil
	}
	return cell{}, notAnswered(t.text)
}

// isWord reports whether a token is a value without quotes that only SET takes, such as ON.
func (t token) isWord() bool {
	isOther := func(r rune) bool { return r != '_' && (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') }
	return !t.quoted && t.text != "" && strings.IndexFunc(t.text, isOther) < 0 && !t.is("NULL")
}

func (s *session) variable(name string) (cell, error) {
	f, err := s.server.readFacts()
	if err != nil {
		return cell{}, err
	}
	switch name {
	case "server_id":
		return number(f.serverID), nil
	case "binlog_checksum":
		return text(f.checksumName()), nil
	case "version":
		return text(f.version.Text), nil
	case "version_comment":
		return text("binmend serve"), nil
	case "log_bin":
		return text("1"), nil
	case "binlog_format":
		return text("ROW"), nil
	case "max_allowed_packet":
		return number(maxCommand), nil
	case "read_only", "super_read_only":
		return text("1"), nil
	}
	if f.mariaDB() {
		return s.mariaDBVariable(name)
	}
	return s.mysqlVariable(name, &f)
}

func (s *session) mysqlVariable(name string, f *facts) (cell, error) {
	switch name {
	case "server_uuid":
		return text(s.server.uuid), nil
	case "gtid_mode":
		return text(onOff(f.gtidMode)), nil
	case "gtid_executed":
		h, err := s.server.progress.now(s.server)
		return text(h.executed.String()), err
	case "gtid_purged":
		return s.purged()
	}
	return cell{}, unknownVariable(name)
}

// purged is the set of transactions that were logged before the oldest log.
func (s *session) purged() (cell, error) {
	names, err := s.server.logs.names()
	if err != nil || len(names) == 0 {
		return cell{}, err
	}
	p, err := readPrologue(s.server.Opener, s.server.logs.path(names[0]))
	if err != nil || p.previous == nil {
		return cell{}, err
	}
	return text(p.previous.String()), nil
}

func (s *session) mariaDBVariable(name string) (cell, error) {
	switch name {
	case "gtid_domain_id":
		return text("0"), nil
	case "gtid_binlog_pos", "gtid_current_pos", "gtid_binlog_state":
		h, err := s.server.progress.now(s.server)
		if name == "gtid_binlog_state" {
			return text(h.state.sorted().String()), err
		}
		return text(h.state.position().String()), err
	}
	return cell{}, unknownVariable(name)
}

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

func unknownVariable(name string) error {
	return mysql.NewDefaultError(mysql.ER_UNKNOWN_SYSTEM_VARIABLE, name)
}

// Bounds for one SELECT: replicas and drivers ask for two dozen values, and a set of GTIDs may be long.
const (
	maxValues = 256
	maxAnswer = 8 << 20 // bytes of several values
)

// selectValues answers a SELECT without tables.
func (s *session) selectValues(rest []token) (answer, error) {
	if n := len(rest); n > 2 && rest[n-2].is("LIMIT") {
		rest = rest[:n-2]
	}
	var a answer
	var row []cell
	size := 0
	expressions := splitAt(rest, ",")
	if len(expressions) > maxValues {
		return answer{}, mysql.NewDefaultError(mysql.ER_TOO_MANY_FIELDS)
	}
	for _, expression := range expressions {
		name := join(expression)
		if n := len(expression); n > 2 && expression[n-2].is("AS") {
			name, expression = expression[n-1].text, expression[:n-2]
		}
		c, err := s.value(expression)
		if err != nil {
			return answer{}, err
		}
		a.columns, row = append(a.columns, name), append(row, c)
		if size += len(c.text); size > maxAnswer && len(row) > 1 {
			return answer{}, notAnswered("SELECT: an answer of that many bytes")
		}
	}
	a.rows = [][]cell{row}
	return a, nil
}

// show answers SHOW.
func (s *session) show(rest []token) (answer, error) {
	what := strings.ToUpper(join(rest))
	switch what {
	case "BINARY LOGS", "MASTER LOGS":
		return s.showLogs()
	case "BINARY LOG STATUS", "MASTER STATUS", "BINLOG STATUS":
		return s.showStatus()
	case "REPLICAS", "SLAVE HOSTS", "REPLICA HOSTS":
		return s.server.showReplicas(), nil
	case "WARNINGS", "ERRORS":
		return answer{columns: []string{"Level", "Code", "Message"}}, nil
	}
	for _, scope := range []string{"GLOBAL", "SESSION"} {
		if after, ok := startsWith(rest, scope); ok {
			rest = after
		}
	}
	if like, ok := startsWith(rest, "VARIABLES", "LIKE"); ok && len(like) == 1 {
		return s.showVariable(like[0].text)
	}
	return answer{}, notAnswered("SHOW " + join(rest))
}

// showVariable answers SHOW VARIABLES LIKE for a variable's name; patterns are not supported.
func (s *session) showVariable(name string) (answer, error) {
	a := answer{columns: []string{"Variable_name", "Value"}}
	name = strings.ToLower(name)
	c, err := s.variable(name)
	if e, ok := err.(*mysql.MyError); ok && e.Code == mysql.ER_UNKNOWN_SYSTEM_VARIABLE {
		return a, nil
	}
	a.rows = [][]cell{{text(name), c}}
	return a, err
}

func (s *session) showLogs() (answer, error) {
	names, err := s.server.logs.names()
	if err != nil {
		return answer{}, err
	}
	f, err := s.server.readFacts()
	if err != nil {
		return answer{}, err
	}
	a := answer{columns: []string{"Log_name", "File_size"}}
	tellsEncryption := !f.mariaDB() && f.version.AtLeast(8, 0, 14)
	if tellsEncryption {
		a.columns = append(a.columns, "Encrypted")
	}
	for _, name := range names {
		info, err := os.Stat(s.server.logs.path(name))
		if err != nil {
			continue // in the index, and not created yet
		}
		row := []cell{text(name), number(info.Size())}
		if tellsEncryption {
			row = append(row, text("No")) // it is sent decrypted
		}
		a.rows = append(a.rows, row)
	}
	return a, nil
}

func (s *session) showStatus() (answer, error) {
	f, err := s.server.readFacts()
	if err != nil {
		return answer{}, err
	}
	h, err := s.server.progress.now(s.server)
	if err != nil {
		return answer{}, err
	}
	a := answer{columns: []string{"File", "Position", "Binlog_Do_DB", "Binlog_Ignore_DB"}}
	row := []cell{text(h.file), text(strconv.FormatInt(h.position, 10)), text(""), text("")}
	if !f.mariaDB() {
		a.columns, row = append(a.columns, "Executed_Gtid_Set"), append(row, text(h.executed.String()))
	}
	a.rows = [][]cell{row}
	return a, nil
}
