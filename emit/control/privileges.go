package control

import (
	"slices"
	"strings"

	"binmend/emit/sqltext"
	"binmend/schema"
)

// Privilege is a privilege that a statement of a script needs. Any of the names is enough; the first is the least of them, and the
// one to grant.
type Privilege struct {
	Names []string
	For   string // the statement that needs it
}

// Uses are what a script does besides changing rows.
type Uses struct {
	LogBin        bool // it sets sql_log_bin
	Stops         bool // it stops and starts the applier
	ReadOnly      bool // the server is read_only
	SuperReadOnly bool // it sets super_read_only
	Group         bool // it stops and starts group replication
}

// Privileges are the global privileges that a script needs on the commands' server.
func (c *Commands) Privileges(u Uses) (all []Privilege) {
	add := func(isUsed bool, what string, names ...string) {
		if isUsed {
			all = append(all, Privilege{names, what})
		}
	}
	switch {
	case c.dialect.MariaDB() && c.Version.AtLeast(10, 5, 2):
		super := []string{"SUPER"}
		if c.Version.AtLeast(11, 0, 1) { // SUPER no longer includes other privileges
			super = nil
		}
		add(u.LogBin, "sql_log_bin", append([]string{"BINLOG ADMIN"}, super...)...)
		add(u.Stops, "STOP SLAVE, START SLAVE", append([]string{"REPLICATION SLAVE ADMIN"}, super...)...)
		if c.Version.AtLeast(10, 11, 1) {
			super = nil
		}
		add(u.ReadOnly, "rows under read_only", append([]string{"READ_ONLY ADMIN"}, super...)...)
	case c.dialect.MySQLSince(8, 0, 14):
		add(u.SuperReadOnly, "super_read_only", "SYSTEM_VARIABLES_ADMIN", "SUPER")
		add(u.LogBin, "sql_log_bin", "SESSION_VARIABLES_ADMIN", "SYSTEM_VARIABLES_ADMIN", "SUPER")
		add(u.Stops, "STOP and START of the applier", "REPLICATION_SLAVE_ADMIN", "SUPER")
		add(u.Group, "STOP and START GROUP_REPLICATION", "GROUP_REPLICATION_ADMIN", "SUPER")
		add(u.ReadOnly, "rows under read_only", "CONNECTION_ADMIN", "SUPER")
	case c.dialect.MySQLSince(8, 0, 0):
		add(u.LogBin || u.SuperReadOnly, "sql_log_bin", "SYSTEM_VARIABLES_ADMIN", "SUPER")
		add(u.Stops, "STOP and START of the applier", "REPLICATION_SLAVE_ADMIN", "SUPER")
		add(u.Group, "STOP and START GROUP_REPLICATION", "GROUP_REPLICATION_ADMIN", "SUPER")
		add(u.ReadOnly, "rows under read_only", "CONNECTION_ADMIN", "SUPER")
	default:
		add(u.LogBin || u.Stops || u.ReadOnly || u.SuperReadOnly || u.Group, "sql_log_bin, STOP and START, rows under read_only", "SUPER")
	}
	return all
}

// Grants tells what an account may do.
type Grants interface {
	// Has reports whether the account has one of the privileges on a table, or on everything if no table is named.
	Has(database, table string, privileges ...string) bool
}

// Lack is a privilege that an account does not have.
type Lack struct {
	Grant string // the statement, up to TO
	For   string // what of the script needs it
}

// Lacking are the global privileges that an account lacks to run a script. One that is proposed does for those after it, too.
func (c *Commands) Lacking(g Grants, u Uses) (lacks []Lack) {
	var proposed []string
	for _, p := range c.Privileges(u) {
		isProposed := slices.ContainsFunc(p.Names, func(name string) bool { return slices.Contains(proposed, name) })
		if !isProposed && !g.Has("", "", p.Names...) {
			proposed = append(proposed, p.Names[0])
			lacks = append(lacks, Lack{"GRANT " + p.Names[0] + " ON *.*", p.For})
		}
	}
	return lacks
}

// LackingOn is what an account lacks of some privileges on a table; ok is false if it has all.
func LackingOn(d sqltext.Dialect, g Grants, t *schema.Table, privileges ...string) (lack Lack, ok bool) {
	var missing []string
	for _, p := range privileges {
		if !g.Has(t.Database, t.Name, p) {
			missing = append(missing, p)
		}
	}
	if len(missing) == 0 {
		return lack, false
	}
	return Lack{"GRANT " + strings.Join(missing, ", ") + " ON " + string(d.AppendTable(nil, t)), "the rows of " + t.FullName()}, true
}
