package replica

import (
	"slices"
	"strconv"
	"strings"

	"binmend/decoder/gtid"
)

// Filters are the rules by which the applier of a channel leaves out changes: the replicate_… options, as the status prints
// them. A channel without rules applies everything. The rules are those of rpl_filter.cc in both servers.
//
// The status puts a comma between names and quotes none, so a name with a comma of its own looks like two. A database or a
// table whose name the list can be read as is taken to be in the list.
type Filters struct {
	DoDB, IgnoreDB               []string
	DoTable, IgnoreTable         []string // db.table
	WildDoTable, WildIgnoreTable []string // patterns of db.table: % any characters, _ one, \ before either
	Rewrite                      []Rewrite

	// What the receiver leaves out of the relay logs, by the server or the domain that wrote it (IGNORE_SERVER_IDS; MariaDB's
	// DO_DOMAIN_IDS and IGNORE_DOMAIN_IDS). The source's own log has it.
	IgnoreServers, DoDomains, IgnoreDomains []uint32

	// FoldTables: the rules for tables go by names without case, as MariaDB's do and MySQL's don't.
	FoldTables bool
	// LowerCase: the server has all names in lower case (lower_case_table_names is not 0).
	LowerCase bool
}

// Rewrite is a rule of Replicate_Rewrite_DB: what the source writes in the database From goes to To.
type Rewrite struct{ From, To string }

// IsZero reports whether there is no rule.
func (f *Filters) IsZero() bool {
	return len(f.Rewrite) == 0 && len(f.DoDB)+len(f.IgnoreDB)+len(f.DoTable)+len(f.IgnoreTable)+len(f.WildDoTable)+len(f.WildIgnoreTable) == 0
}

// Receives reports whether the receiver takes a transaction out of the source's log.
func (f *Filters) Receives(server uint32, id gtid.GTID) bool {
	if slices.Contains(f.IgnoreServers, server) {
		return false
	}
	if id.IsZero() || id.Flavor != gtid.MariaDB {
		return true
	}
	if len(f.DoDomains) > 0 {
		return slices.Contains(f.DoDomains, id.Domain)
	}
	return !slices.Contains(f.IgnoreDomains, id.Domain)
}

// Renamed is the database that the applier uses for one of the source's. The other rules are about that name.
func (f *Filters) Renamed(database string) string {
	for _, r := range f.Rewrite {
		if r.From == database || f.LowerCase && strings.EqualFold(r.From, database) {
			return r.To
		}
	}
	return database
}

// Original is the database of the source that the applier writes as a given one.
func (f *Filters) Original(database string) string {
	for _, r := range f.Rewrite {
		if r.To == database || f.LowerCase && strings.EqualFold(r.To, database) {
			return r.From
		}
	}
	return database
}

// Applies reports whether the applier applies changes of rows of a table, named as the source does.
func (f *Filters) Applies(database, table string) bool {
	database = f.Renamed(database)
	return f.appliesDatabase(database) && f.appliesTable(database, table)
}

// AppliesStatement reports whether the applier runs a statement that was logged as such, with the default database at the
// time, "" for none, and the tables that it changes, by the names that the source has. A table without a database is in the
// default one. Rewriting changes the default database and no name in the text.
func (f *Filters) AppliesStatement(database string, tables []TableName) bool {
	database = f.Renamed(database)
	if !f.appliesDatabase(database) {
		return false
	}
	if len(tables) == 0 || !f.hasTableRules() {
		return true
	}
	for _, t := range tables { // the first one that a rule names decides
		if t.Database == "" {
			t.Database = database
		}
		if applies, decided := f.ruleFor(t.Database, t.Table); decided {
			return applies
		}
	}
	return !f.needsTableRule()
}

// TableName names a table; Database is "" where a statement names none.
type TableName struct{ Database, Table string }

// appliesDatabase goes by the list of what to do when there is one, and else by the list of what to ignore. A statement
// without a default database passes only when there is no list at all.
func (f *Filters) appliesDatabase(database string) bool {
	is := func(listed string) bool {
		return listed == database || f.LowerCase && strings.EqualFold(listed, database)
	}
	switch {
	case len(f.DoDB) > 0:
		return database != "" && isListed(f.DoDB, is)
	case len(f.IgnoreDB) > 0:
		return database == "" || !isListed(f.IgnoreDB, is)
	}
	return true
}

func (f *Filters) appliesTable(database, table string) bool {
	applies, decided := f.ruleFor(database, table)
	return applies || !decided && !f.needsTableRule()
}

// ruleFor is what the first of the rules for tables says that fits one: do, ignore, wild do, wild ignore, in this order.
func (f *Filters) ruleFor(database, table string) (applies, decided bool) {
	name := database + "." + table
	fold := func(s string) string { return s }
	if f.FoldTables || f.LowerCase {
		fold = strings.ToLower
	}
	is := func(listed string) bool { return fold(listed) == fold(name) }
	like := func(pattern string) bool { return matchesWild([]rune(fold(pattern)), []rune(fold(name))) }
	switch {
	case isListed(f.DoTable, is):
		return true, true
	case isListed(f.IgnoreTable, is):
		return false, true
	case isListed(f.WildDoTable, like):
		return true, true
	case isListed(f.WildIgnoreTable, like):
		return false, true
	}
	return false, false
}

// needsTableRule reports whether a table that no rule fits is left out: so when there is any list of tables to do.
func (f *Filters) needsTableRule() bool { return len(f.DoTable)+len(f.WildDoTable) > 0 }

func (f *Filters) hasTableRules() bool {
	return f.needsTableRule() || len(f.IgnoreTable)+len(f.WildIgnoreTable) > 0
}

// isListed reports whether a name in the list fits, or a run of names that commas in one name have split.
func isListed(list []string, fits func(string) bool) bool {
	for i := range list {
		for j := i + 1; j <= min(len(list), i+8); j++ {
			if fits(strings.Join(list[i:j], ",")) {
				return true
			}
		}
	}
	return false
}

// matchesWild is LIKE with the back slash for its escape character.
func matchesWild(pattern, s []rune) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '%':
			star, mark = p, i
			p++
		case p+1 < len(pattern) && pattern[p] == '\\' && pattern[p+1] == s[i]:
			p, i = p+2, i+1
		case p < len(pattern) && pattern[p] != '\\' && (pattern[p] == '_' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '%' {
		p++
	}
	return p == len(pattern)
}

// filters reads the rules of a row: of a status, of the variables, or of performance_schema's tables of filters.
func (r row) filters() Filters {
	f := Filters{
		DoDB: r.list("replicate_do_db"), IgnoreDB: r.list("replicate_ignore_db"),
		DoTable: r.list("replicate_do_table"), IgnoreTable: r.list("replicate_ignore_table"),
		WildDoTable: r.list("replicate_wild_do_table"), WildIgnoreTable: r.list("replicate_wild_ignore_table"),
		Rewrite:       rewrites(r.text("replicate_rewrite_db")),
		IgnoreServers: r.numbers("replicate_ignore_server_ids"),
		DoDomains:     r.numbers("replicate_do_domain_ids"), IgnoreDomains: r.numbers("replicate_ignore_domain_ids"),
	}
	if name := strings.ToLower(r.text("filter_name")); columns[name] != unknownColumn && strings.HasPrefix(name, "replicate_") {
		rule := row{cells: map[string]cell{name: r.cells["filter_rule"]}}
		f.addFilters(rule.filters())
	}
	return f
}

// hasFilter reports whether the row has a rule's column.
func (r row) hasFilter() bool {
	for name := range r.cells {
		if strings.HasPrefix(name, "replicate_") {
			return true
		}
	}
	return false
}

// list splits a value at its commas.
func (r row) list(name string) []string {
	text := r.text(name)
	if text == "" {
		return nil
	}
	names := strings.Split(text, ",")
	for i, n := range names {
		names[i] = strings.Trim(strings.TrimSpace(n), "`")
	}
	return names
}

// numbers are the numbers of a list.
func (r row) numbers(name string) (all []uint32) {
	for _, text := range r.list(name) {
		if n, err := strconv.ParseUint(text, 10, 32); err == nil {
			all = append(all, uint32(n))
		}
	}
	return all
}

// rewrites reads "(from,to),(from,to)" of MySQL and "from->to,from->to" of MariaDB.
func rewrites(text string) (all []Rewrite) {
	if strings.HasPrefix(text, "(") {
		for _, pair := range strings.Split(strings.TrimSuffix(text[1:], ")"), "),(") {
			if from, to, ok := strings.Cut(pair, ","); ok {
				all = append(all, Rewrite{strings.TrimSpace(from), strings.TrimSpace(to)})
			}
		}
		return all
	}
	for _, pair := range strings.Split(text, ",") {
		if from, to, ok := strings.Cut(pair, "->"); ok {
			all = append(all, Rewrite{strings.TrimSpace(from), strings.TrimSpace(to)})
		}
	}
	return all
}

// addFilters takes further rules, each list when there is none of it yet.
func (f *Filters) addFilters(more Filters) {
	for _, l := range []struct {
		to   *[]string
		from []string
	}{
		{&f.DoDB, more.DoDB}, {&f.IgnoreDB, more.IgnoreDB}, {&f.DoTable, more.DoTable}, {&f.IgnoreTable, more.IgnoreTable},
		{&f.WildDoTable, more.WildDoTable}, {&f.WildIgnoreTable, more.WildIgnoreTable},
	} {
		if len(*l.to) == 0 {
			*l.to = slices.Clone(l.from)
		}
	}
	if len(f.Rewrite) == 0 {
		f.Rewrite = slices.Clone(more.Rewrite)
	}
}
