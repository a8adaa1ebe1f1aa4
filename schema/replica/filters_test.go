package replica

import (
	"reflect"
	"testing"

	"binmend/decoder/gtid"
)

func filtersOf(t *testing.T, text string) *Filters {
	t.Helper()
	all, err := Parse("Slave_SQL_Running: No\nLast_SQL_Errno: 1062\n" + text)
	if err != nil {
		t.Fatal(err)
	}
	return &all[0].Filters
}

// Which rows the applier applies, by the rules that the status prints.
func TestFiltersForRows(t *testing.T) {
	for _, c := range []struct {
		name, rules   string
		applied, left []string // db.table, as the source names them
	}{
		{"none", "", []string{"d.t"}, nil},
		{"Do_DB", "Replicate_Do_DB: d,e", []string{"d.t", "e.t"}, []string{"f.t", "D.t"}},
		{"Ignore_DB", "Replicate_Ignore_DB: d", []string{"e.t"}, []string{"d.t"}},
		{"Do_DB comes first", "Replicate_Do_DB: d\nReplicate_Ignore_DB: d", []string{"d.t"}, []string{"e.t"}},
		{"a database with a comma", "Replicate_Ignore_DB: a,b", []string{"c.t"}, []string{"a,b.t", "a.t"}},
		{"Do_Table", "Replicate_Do_Table: d.t,d.u", []string{"d.t", "d.u"}, []string{"d.v", "e.t", "d.U"}},
		{"Ignore_Table", "Replicate_Ignore_Table: d.t", []string{"d.u", "d.T"}, []string{"d.t"}},
		{"Ignore_Table of MariaDB, without case", "Using_Gtid: No\nReplicate_Ignore_Table: d.t", []string{"d.u"}, []string{"d.t", "d.T"}},
		{"names in lower case", "Replicate_Ignore_DB: D\nReplicate_Wild_Ignore_Table: E.T%\n*** 1. row ***\n@@lower_case_table_names: 1", []string{"e.u"}, []string{"d.u", "e.t1"}},
		{"a table in both lists is done", "Replicate_Do_Table: d.t\nReplicate_Ignore_Table: d.t", []string{"d.t"}, []string{"d.u"}},
		{"Wild_Ignore_Table", "Replicate_Wild_Ignore_Table: d.ign%", []string{"d.t", "e.ign"}, []string{"d.ign1", "d.ign"}},
		{"Wild_Do_Table", "Replicate_Wild_Do_Table: s%.%", []string{"shop.t"}, []string{"d.t"}},
		{"one character", "Replicate_Wild_Ignore_Table: d.t_", []string{"d.t", "d.t12"}, []string{"d.t1"}},
		{"escaped", `Replicate_Wild_Ignore_Table: d\_1.t\%`, []string{"dx1.t%", "d_1.tx"}, []string{"d_1.t%"}},
		{"databases before tables", "Replicate_Ignore_DB: d\nReplicate_Do_Table: d.t", nil, []string{"d.t"}},
		{"the new name counts", "Replicate_Rewrite_DB: (d,d2)\nReplicate_Do_DB: d2", []string{"d.t"}, []string{"e.t"}},
		{"the old name does not", "Replicate_Rewrite_DB: d->d2\nReplicate_Ignore_DB: d", []string{"d.t"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := filtersOf(t, c.rules+"\n")
			check := func(name string, want bool) {
				database, table, _ := cutLast(name)
				if f.Applies(database, table) != want {
					t.Errorf("%s: applied is %v, want %v; rules %+v", name, !want, want, *f)
				}
			}
			for _, name := range c.applied {
				check(name, true)
			}
			for _, name := range c.left {
				check(name, false)
			}
		})
	}
}

// Which transactions the receiver takes, by the server and the domain that wrote them.
func TestFiltersForTransactions(t *testing.T) {
	const rules = "Using_Gtid: Slave_Pos\nReplicate_Ignore_Server_Ids: 3, 7\n"
	for _, c := range []struct {
		rules  string
		server uint32
		domain uint32
		want   bool
	}{
		{rules, 1, 0, true},
		{rules, 7, 0, false},
		{rules + "Replicate_Do_Domain_Ids: 1, 2\n", 1, 2, true},
		{rules + "Replicate_Do_Domain_Ids: 1, 2\n", 1, 0, false},
		{rules + "Replicate_Ignore_Domain_Ids: 5\n", 1, 5, false},
		{rules + "Replicate_Ignore_Domain_Ids: 5\n", 1, 4, true},
	} {
		id := gtid.GTID{Flavor: gtid.MariaDB, Domain: c.domain, Server: c.server, Seq: 9}
		if got := filtersOf(t, c.rules).Receives(c.server, id); got != c.want {
			t.Errorf("%q: server %d, domain %d: got %v, want %v", c.rules, c.server, c.domain, got, c.want)
		}
	}
}

func cutLast(name string) (before, after string, ok bool) {
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '.' {
			return name[:i], name[i+1:], true
		}
	}
	return name, "", false
}

// Which statements the applier runs: by their default database, and by the first table that a rule names.
func TestFiltersForStatements(t *testing.T) {
	tables := func(names ...TableName) []TableName { return names }
	for _, c := range []struct {
		name, rules, database string
		tables                []TableName
		want                  bool
	}{
		{"none", "", "", nil, true},
		{"its database", "Replicate_Do_DB: d", "d", tables(TableName{"e", "t"}), true},
		{"another database, though the table is in it", "Replicate_Do_DB: d", "e", tables(TableName{"d", "t"}), false},
		{"without a database", "Replicate_Do_DB: d", "", nil, false},
		{"without a database, when some are ignored", "Replicate_Ignore_DB: d", "", nil, true},
		{"a table", "Replicate_Ignore_Table: d.t", "d", tables(TableName{"", "t"}), false},
		{"the first table that a rule names", "Replicate_Ignore_Table: d.t\nReplicate_Wild_Do_Table: d.u%", "d", tables(TableName{"", "x"}, TableName{"", "u1"}, TableName{"", "t"}), true},
		{"no rule names it", "Replicate_Do_Table: d.t", "d", tables(TableName{"", "x"}), false},
		{"rewritten", "Replicate_Rewrite_DB: (d,d2)\nReplicate_Do_DB: d2", "d", nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := filtersOf(t, c.rules+"\n").AppliesStatement(c.database, c.tables); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// Rules come with the status, with the variables, and with performance_schema's tables.
func TestFilterSources(t *testing.T) {
	want := &Filters{WildIgnoreTable: []string{"d.ign%"}, Rewrite: []Rewrite{{"a", "b"}, {"c", "d"}}}
	for name, text := range map[string]string{
		"the status":         "Replicate_Wild_Ignore_Table: d.ign%\nReplicate_Rewrite_DB: (a,b),(c,d)\n",
		"MariaDB's":          "Replicate_Wild_Ignore_Table: d.ign%\nReplicate_Rewrite_DB: a->b,c->d\n",
		"performance_schema": "*** 1. row ***\nCHANNEL_NAME: \nFILTER_NAME: REPLICATE_WILD_IGNORE_TABLE\nFILTER_RULE: d.ign%\n*** 2. row ***\nCHANNEL_NAME: \nFILTER_NAME: REPLICATE_REWRITE_DB\nFILTER_RULE: (a,b),(c,d)\n*** 3. row ***\nCHANNEL_NAME: other\nFILTER_NAME: REPLICATE_DO_DB\nFILTER_RULE: x\n",
		"variables":          "+----+\n| Variable_name | Value |\n+----+\n*** 1. row ***\n| replicate_wild_ignore_table | d.ign% |\n| replicate_rewrite_db | a->b,c->d |\n",
	} {
		t.Run(name, func(t *testing.T) {
			if got := filtersOf(t, text); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v\nwant %+v", got, want)
			}
		})
	}
}
