package plan_test

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

func TestErrors(t *testing.T) {
	badKey := table("id", "PRIMARY id")
	badKey.Keys[0].Parts[0].Column = 3
	altered := table("id email:text name:text nick:text?", "PRIMARY id")
	stamped := table("page at")
	stamped.Columns[1].Default.Kind = schema.DefaultExpression

	tests := []struct {
		name string
		run  func(*plan.Planner) error
		want string
	}{
		{"an image with too few columns", func(p *plan.Planner) error {
			return p.Insert(users, image("7 bo@x"), plan.Origin{})
		}, "expected 3 columns in a row of table d.id as in its definition (test), found 2"},
		{"a key of a column that is not there", func(p *plan.Planner) error {
			return p.Insert(badKey, image("7"), plan.Origin{})
		}, "key PRIMARY of table d.id names column 4; the table has 1 columns"},
		{"a table that is altered on the way", func(p *plan.Planner) error {
			if err := p.Insert(users, image("7 bo@x Bo"), plan.Origin{}); err != nil {
				return err
			}
			return p.Insert(altered, image("8 ann@x Ann A"), plan.Origin{})
		}, "table d.id changes its definition within the transactions to repair"},
		{"MINIMAL: a row that may be one inserted before", func(p *plan.Planner) error {
			o := plan.Origin{Pos: decoder.Position{File: "bin.000001", Offset: 700}, Row: 2}
			if err := p.Insert(stamped, image("1 -"), o); err != nil {
				return err
			}
			return p.Delete(stamped, image("1 2024"), plan.Origin{})
		}, "the log does not show whether this row is the one inserted at bin.000001:700, row 2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.run(plan.NewPlanner())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestColumnsBehindTheTablesOwnAreIgnored(t *testing.T) {
	p := plan.NewPlanner()
	play(t, p, users, "update 7 bo@x Bo hash1 -> 7 bo@x Robert hash2")
	expect(t, p.Plan(), "present by PRIMARY: 7 bo@x Bo")
}

func TestRewritten(t *testing.T) {
	const twice = "update 1 a -> 1 b\nupdate 1 b -> 1 c"
	for _, tc := range []struct {
		name, changes string
		table         *schema.Table
		want          bool
	}{
		{"a row updated twice, and a key that can be NULL", twice, table("id? v?", "UNIQUE id"), true},
		{"no key", twice, table("id? v?"), true},
		{"a key that can't be NULL", twice, table("id v?", "UNIQUE id"), false},
		{"two rows", "update 1 a -> 1 b\nupdate 2 b -> 2 c", table("id? v?", "UNIQUE id"), false},
		{"the first row is an insert", "insert 1 a\nupdate 1 a -> 1 b", table("id? v?", "UNIQUE id"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := plan.NewPlanner()
			play(t, p, tc.table, tc.changes)
			if got := len(p.Plan().Rewritten) > 0; got != tc.want {
				t.Errorf("rewritten %v, want %v", got, tc.want)
			}
		})
	}
	t.Run("two events", func(t *testing.T) {
		p, tb := plan.NewPlanner(), table("id? v?", "UNIQUE id")
		for i, v := range []string{"a", "b"} {
			if err := p.Update(tb, image("1 "+v), image("1 "+string(v[0]+1)), plan.Origin{Pos: decoder.Position{Offset: int64(100 + i)}}); err != nil {
				t.Fatal(err)
			}
		}
		if len(p.Plan().Rewritten) > 0 {
			t.Error("rewritten")
		}
	})
}

// A resolver may make a table anew for each event.
func TestTablesAreKnownByName(t *testing.T) {
	p := plan.NewPlanner()
	play(t, p, table("id name?", "PRIMARY id"), "insert 7 Bo")
	play(t, p, table("id name?", "PRIMARY id"), "delete 7 Bo")
	expect(t, p.Plan(), "absent PRIMARY 7")
}

// MariaDB logs the DELETE of a system-versioned row as an UPDATE of row_end, the last of the two columns after the
// table's own when its definition does not show them.
func TestSystemVersioning(t *testing.T) {
	hidden := table("id", "PRIMARY id")
	hidden.SystemVersioned = true
	shown := table("id start end", "PRIMARY id end")
	shown.SystemVersioned = true
	shown.Columns[1].SystemTime, shown.Columns[2].SystemTime, shown.Columns[2].RowEnd = true, true, true

	for name, tb := range map[string]*schema.Table{"hidden": hidden, "shown": shown} {
		t.Run(name, func(t *testing.T) {
			p := plan.NewPlanner()
			play(t, p, tb, `
				update 7 2023 max -> 7 2023 2024
				insert 7 2024 max
				update 8 2022 max -> 8 2024 max
				insert 8 2022 2024`)
			pl := p.Plan()
			if len(pl.Absences) != 0 || len(pl.Presences) != 2 || len(pl.Contradictions) != 0 {
				t.Errorf("want two presences and nothing else, got:\n%s", describe(pl))
			}
		})
	}
}

// MySQL logs the generated columns that a change alters. MariaDB leaves virtual ones out of MINIMAL and FULL_NODUP after
// images; then a new value of a key that has one is not known.
func TestUniqueGeneratedColumn(t *testing.T) {
	tb := table("id a b g?", "PRIMARY id", "g g")
	tb.Columns[3].Generated, tb.Columns[3].Expr = schema.Virtual, "`a` + 1"

	tests := []struct{ name, change, want string }{
		{"logged", "update 7 1 1 2 -> - 2 - 3", `
			absent g 3
			present by PRIMARY: 7 1 1 2`},
		{"not logged", "update 7 1 1 2 -> - 2 - -", `
			unknown g, needs g
			present by PRIMARY: 7 1 1 2`},
		{"not logged, not altered", "update 7 1 1 2 -> - - 2 -", `
			present by PRIMARY: 7 1 1 2`},
		{"never logged", "update 7 1 1 - -> 7 2 1 -", `
			unknown g, needs g
			present by PRIMARY: 7 1 1 -`},
		{"never logged, not altered", "update 7 1 1 - -> 7 1 2 -", `
			present by PRIMARY: 7 1 1 -`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := plan.NewPlanner()
			play(t, p, tb, test.change)
			expect(t, p.Plan(), test.want)
		})
	}
}

// Where it is known what the column reads, the server computes the value. Two values are the same then only for sure when what
// they are computed of is.
func TestUniqueGeneratedColumnIsComputed(t *testing.T) {
	tb := table("id a b g?", "PRIMARY id", "g g")
	tb.Columns[3].Generated, tb.Columns[3].Expr, tb.Columns[3].Inputs, tb.Columns[3].Type = schema.Virtual, "`a` + 1", []int{1}, schema.TypeInt

	tests := []struct{ name, change, want string }{
		{"the new value", "update 7 1 1 2 -> 7 2 1 -", `
			absent g -
			present by PRIMARY: 7 1 1 2`},
		{"what it reads is not logged either", "update 7 - 1 2 -> - - 2 -", `
			refused by PRIMARY: 7 - 1 2, needs a`},
		{"the same twice", `
			update 7 1 1 - -> 7 2 1 -
			delete 7 2 1 -
			insert 8 2 1 -`, `
			absent g -
			absent PRIMARY 8
			present by PRIMARY: 7 1 1 -`},
		{"two rows with one, which may be NULL", `
			update 7 1 1 - -> 7 2 1 -
			update 8 3 1 - -> 8 2 1 -`, `
			absent g -
			present by PRIMARY: 7 1 1 -
			present by PRIMARY: 8 3 1 -`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := plan.NewPlanner()
			play(t, p, tb, test.change)
			expect(t, p.Plan(), test.want)
		})
	}
}

// The functional key's value is not known here, only the columns that it reads.
func TestFunctionalKey(t *testing.T) {
	tb := table("id email:text?", "PRIMARY id")
	tb.Keys = append(tb.Keys, schema.Key{Name: "low", Parts: []schema.KeyPart{
		{Column: -1, Expr: "lower(`email`)", Columns: []int{1}}}})
	p := plan.NewPlanner()
	play(t, p, tb, `
		insert 1 Bo@x
		update 1 Bo@x -> 1 bo@x
		delete 1 bo@x
		insert 2 bo@x`)
	var emails []string
	for _, a := range p.Plan().Absences {
		if a.Key.Name == "low" {
			emails = append(emails, cellText(a.Row.Cells[1]))
		}
	}
	if got := strings.Join(emails, " "); got != "Bo@x bo@x" {
		t.Errorf("low must be free for %q, want Bo@x and bo@x, each once", got)
	}
}

// A made-up NULL may be a value to the expression.
func TestFunctionalKeyOfUnknownColumn(t *testing.T) {
	tb := table("id email:text?", "PRIMARY id")
	tb.Keys = append(tb.Keys, schema.Key{Name: "low", Parts: []schema.KeyPart{
		{Column: -1, Expr: "ifnull(`email`,'')", Columns: []int{1}}}})
	p := plan.NewPlanner()
	play(t, p, tb, "delete 7 -")
	expect(t, p.Plan(), "refused by PRIMARY: 7 -, needs email, deleted")
}

func TestPrefixKey(t *testing.T) {
	tests := []struct {
		name, charset string
		prefix        int
		before, after string
		same          bool
	}{
		{"characters of UTF-8", "utf8mb4", 2, "éaX", "éaY", true},
		{"the last character that counts differs", "utf8mb4", 2, "éa", "éb", false},
		{"bytes of binary strings", "binary", 2, "éX", "éY", true},
		{"shorter than the prefix", "utf8mb4", 5, "éa", "éb", false},
		{"broken UTF-8 is compared whole", "utf8mb4", 1, "a\xff1", "a\xff2", false},
		{"unknown lengths of characters: compared whole", "gbk", 1, "aX", "aY", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tb := table("id s:text", "PRIMARY id", "s s")
			tb.Columns[1].Charset, tb.Keys[1].Parts[0].Prefix = test.charset, test.prefix
			p := plan.NewPlanner()
			play(t, p, tb, "update 1 "+test.before+" -> 1 "+test.after)
			if same := len(p.Plan().Absences) == 0; same != test.same {
				t.Errorf("%q and %q taken for equal: %v, want %v", test.before, test.after, same, test.same)
			}
		})
	}
}

// What an INSERT under MINIMAL leaves out is the default, when its stored form is plain.
func TestDefaults(t *testing.T) {
	tests := []struct {
		column schema.Column
		text   string
		want   string // "-" when it counts as unknown
	}{
		{schema.Column{Type: schema.TypeTinyInt}, "-1", "\xff"},
		{schema.Column{Type: schema.TypeSmallInt, Unsigned: true}, "65535", "\xff\xff"},
		{schema.Column{Type: schema.TypeMediumInt}, "-2", "\xfe\xff\xff"},
		{schema.Column{Type: schema.TypeInt}, "258", "\x02\x01\x00\x00"},
		{schema.Column{Type: schema.TypeBigInt}, "1", "\x01\x00\x00\x00\x00\x00\x00\x00"},
		{schema.Column{Type: schema.TypeInt}, "b'1'", "-"},
		{schema.Column{Type: schema.TypeVarchar, Charset: "utf8mb4"}, "new ", "new "},
		{schema.Column{Type: schema.TypeChar, Charset: "latin1"}, "new ", "new"},
		{schema.Column{Type: schema.TypeVarchar, Charset: "utf8mb4"}, "é", "-"},
		{schema.Column{Type: schema.TypeVarchar, Charset: "ucs2"}, "new", "-"},
		{schema.Column{Type: schema.TypeEnum, Members: []string{"on", "off"}}, "off", "\x02"},
		{schema.Column{Type: schema.TypeEnum, Members: []string{"on", "off"}}, "none", "-"},
		{schema.Column{Type: schema.TypeDecimal}, "1.5", "-"},
	}
	for _, test := range tests {
		tb := table("id c", "PRIMARY id", "c c")
		test.column.Name = "c"
		test.column.Default = schema.Default{Kind: schema.DefaultLiteral, Text: test.text}
		tb.Columns[1] = test.column
		p := plan.NewPlanner()
		play(t, p, tb, "insert 7 -")
		got := "-"
		if pl := p.Plan(); len(pl.Absences) == 2 {
			got = cellText(pl.Absences[1].Row.Cells[1])
		}
		if got != test.want {
			t.Errorf("DEFAULT %q of %+v: stored as %q, want %q", test.text, test.column, got, test.want)
		}
	}
}

// A row costs a planner no more than its key values: cells and bytes are kept in large blocks.
func TestAllocations(t *testing.T) {
	tb := table("id a b c", "PRIMARY id")
	rows := make([]decoder.Image, 2000)
	for i := range rows {
		rows[i] = image(strings.Repeat("x", i%50+1) + string(rune('0'+i)) + " 1 2 3")
	}
	perRow := testing.AllocsPerRun(10, func() {
		p := plan.NewPlanner()
		for _, r := range rows {
			if err := p.Update(tb, r, r, plan.Origin{}); err != nil {
				t.Fatal(err)
			}
			if err := p.Delete(tb, r, plan.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
	}) / float64(len(rows))
	if perRow > 1.5 {
		t.Errorf("%.2f allocations for a row, want one, for its key value", perRow)
	}
}
