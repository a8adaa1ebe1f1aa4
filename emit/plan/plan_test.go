package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/schema"
)

// The tables of the examples. A row is written as its values in a string, "-" for an absent one and "NULL".
var (
	// users has the columns id, email and name.
	users = table("id email:text name:text?", "PRIMARY id", "email email")
	// seats has a unique key of two columns, of which the second may be NULL.
	seats = table("id show row?", "PRIMARY id", "place show row")
	// papers has an integer key and a BLOB, which nothing compares.
	papers = table("id number scan", "PRIMARY id", "number number")
	// aliases has no primary key; its unique key takes NULL.
	aliases = table("alias:text? target", "alias alias")
	// visits has no key at all.
	visits = table("page? hits?")
)

func TestPlans(t *testing.T) {
	tests := []struct {
		name    string
		table   *schema.Table
		changes string
		want    string
	}{
		{
			name:    "an inserted row needs its key values free",
			table:   users,
			changes: "insert 7 bo@x Bo",
			want: `
				absent PRIMARY 7
				absent email bo@x`,
		}, {
			name:    "an updated row has to be there, and the new value of a key has to be free",
			table:   users,
			changes: "update 7 bo@x Bo -> 7 ro@x Bo",
			want: `
				absent email ro@x
				present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:    "an update that changes no key needs the row only",
			table:   users,
			changes: "update 7 bo@x Bo -> 7 bo@x Robert",
			want:    `present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:    "a deleted row has to be there",
			table:   users,
			changes: "delete 7 bo@x Bo",
			want:    `present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:  "a row that the transaction inserts need not be there for its update and delete",
			table: users,
			changes: `
				insert 7 bo@x Bo
				update 7 bo@x Bo -> 7 ro@x Bo
				delete 7 ro@x Bo`,
			want: `
				absent PRIMARY 7
				absent email bo@x
				absent email ro@x`,
		}, {
			name:  "a row that is changed twice has to be there as it was at first",
			table: users,
			changes: `
				update 7 bo@x Bo -> 7 bo@x Rob
				update 7 bo@x Rob -> 7 bo@x Robert`,
			want: `present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:  "REPLACE: a key value that a deleted row had need not be free",
			table: users,
			changes: `
				delete 7 bo@x Bo
				insert 8 bo@x Ann`,
			want: `
				absent PRIMARY 8
				present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:  "ids shifted by one: only the last value has to be free",
			table: users,
			changes: `
				update 3 c@x C -> 4 c@x C
				update 2 b@x B -> 3 b@x B
				update 1 a@x A -> 2 a@x A`,
			want: `
				absent PRIMARY 4
				present by PRIMARY: 3 c@x C
				present by PRIMARY: 2 b@x B
				present by PRIMARY: 1 a@x A`,
		}, {
			name:  "a swap by way of a third value",
			table: users,
			changes: `
				update 1 a@x A -> 1 tmp A
				update 2 b@x B -> 2 a@x B
				update 1 tmp A -> 1 b@x A`,
			want: `
				absent email tmp
				present by PRIMARY: 1 a@x A
				present by PRIMARY: 2 b@x B`,
		}, {
			name:  "a value is asked for once, however often it is taken on",
			table: users,
			changes: `
				insert 7 bo@x Bo
				delete 7 bo@x Bo
				insert 7 bo@x Bob`,
			want: `
				absent PRIMARY 7
				absent email bo@x`,
		}, {
			name:    "values that a collation may call equal are not told apart: the row is deleted and put back",
			table:   users,
			changes: "update 7 bo@x Bo -> 7 BO@X Bo",
			want: `
				absent email BO@X
				present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:  "NULL in a part of a key conflicts with nothing",
			table: seats,
			changes: `
				insert 1 5 NULL
				insert 2 5 NULL
				update 2 5 NULL -> 2 5 9`,
			want: `
				absent PRIMARY 1
				absent PRIMARY 2
				absent place 5,9`,
		}, {
			name:  "a foreign key's action, which the log does not tell, gave the row another value in between",
			table: seats,
			changes: `
				update 1 5 1 -> 1 5 2
				update 1 6 2 -> 1 6 3`,
			want: `
				absent place 5,2
				absent place 6,2
				absent place 6,3
				present by PRIMARY: 1 5 1`,
		}, {
			name:    "without a primary key, a unique value tells the row",
			table:   aliases,
			changes: "delete root 1",
			want:    `present by alias: root 1`,
		}, {
			name:  "without any unique value, equal rows are counted",
			table: aliases,
			changes: `
				delete NULL 1
				delete NULL 1
				delete NULL 2`,
			want: `
				present once: NULL 1
				present 2 times: NULL 1
				present once: NULL 2`,
		}, {
			name:  "without a key, a row that the transaction made serves as well as another",
			table: visits,
			changes: `
				insert 1 1
				update 1 1 -> 1 2
				update 1 1 -> 1 2
				delete 1 2`,
			want: `present once: 1 1`,
		}, {
			name:    "MINIMAL: a row of which values are missing and remain can't be rebuilt; no DELETE may take it away",
			table:   users,
			changes: "update 7 - - -> - bo@x -",
			want: `
				absent email bo@x, sparing 7
				refused by PRIMARY: 7 - -, needs email and name`,
		}, {
			name:  "MINIMAL: rows that can't be rebuilt may have had the value that another takes on",
			table: seats,
			changes: `
				update 2 - - -> - - 3
				update 1 - - -> - 4 2`,
			want: `
				absent place 4,2, sparing 2 and 1
				unknown place, needs show
				refused by PRIMARY: 2 - -, needs show, any row
				refused by PRIMARY: 1 - -, needs show, any row`,
		}, {
			name:    "NOBLOB: a row that can't be rebuilt may have its new value already",
			table:   papers,
			changes: "update 7 1 - -> 7 2 -",
			want: `
				absent number 2, sparing 7
				refused by PRIMARY: 7 1 -, needs scan`,
		}, {
			name:    "NOBLOB: a value that is written does not matter before",
			table:   papers,
			changes: "update 7 1 - -> 7 1 new",
			want:    `present by PRIMARY: 7 1 -, any scan`,
		}, {
			name:    "MINIMAL: values that are overwritten do not matter",
			table:   users,
			changes: "update 7 bo@x - -> - - Bo",
			want:    `present by PRIMARY: 7 bo@x -, any name`,
		}, {
			name:    "MINIMAL: a deleted row is made up, but not its unique values",
			table:   users,
			changes: "delete 7 - -",
			want:    `refused by PRIMARY: 7 - -, needs email, any name, deleted`,
		}, {
			name:  "MINIMAL: a later image may tell what an earlier one left out",
			table: users,
			changes: `
				update 7 - - -> - - Bo
				delete 7 bo@x Bo`,
			want: `present by PRIMARY: 7 bo@x -, any name`,
		}, {
			name:  "MINIMAL: a value that is told later was there before",
			table: seats,
			changes: `
				update 7 - - -> - 5 -
				update 7 5 9 -> - 6 -
				insert 8 5 9`,
			want: `
				absent place 5,9, sparing 7
				absent place 6,9, sparing 7
				absent PRIMARY 8
				refused by PRIMARY: 7 - 9, needs show`,
		}, {
			name:    "MINIMAL: a key value of which the log tells a part can't be asked for",
			table:   seats,
			changes: "update 7 - - -> - - 9",
			want: `
				unknown place, needs show
				refused by PRIMARY: 7 - -, needs show, any row`,
		}, {
			name:    "MINIMAL: what an INSERT leaves out is the default",
			table:   seats,
			changes: "insert 7 5 -",
			want:    `absent PRIMARY 7`,
		}, {
			name:  "FULL_NODUP: what an after image leaves out stays",
			table: users,
			changes: `
				update 7 bo@x Bo -> - ro@x -
				update 7 ro@x Bo -> 8 - -`,
			want: `
				absent email ro@x
				absent PRIMARY 8
				present by PRIMARY: 7 bo@x Bo`,
		}, {
			name:  "two rows with one value: the source does not have this key",
			table: users,
			changes: `
				insert 7 bo@x Bo
				insert 8 bo@x Bob`,
			want: `
				absent PRIMARY 7
				absent email bo@x
				absent PRIMARY 8
				contradiction email bo@x of changes 1 and 2`,
		}, {
			name:  "a row that was there beside another with its value: the source does not have this key",
			table: users,
			changes: `
				insert 7 bo@x Bo
				update 8 bo@x Bob -> 8 bo@x Rob`,
			want: `
				absent PRIMARY 7
				absent email bo@x
				present by PRIMARY: 8 bo@x Bob
				contradiction email bo@x of changes 1 and 2`,
		}, {
			name:  "a row that was there although its value had to be free: the source does not have this key",
			table: users,
			changes: `
				insert 7 bo@x Bo
				delete 7 bo@x Bo
				update 8 bo@x Bob -> 8 bo@x Rob`,
			want: `
				absent PRIMARY 7
				absent email bo@x
				present by PRIMARY: 8 bo@x Bob
				contradiction email bo@x of changes 1 and 3`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := plan.NewPlanner()
			play(t, p, test.table, test.changes)
			expect(t, p.Plan(), test.want)
		})
	}
}

func TestHalfPlans(t *testing.T) {
	const changes = `
		update 7 bo@x Bo -> 7 BO@X Bo
		insert 8 ann@x Ann`
	p := plan.NewPlanner()
	play(t, p, users, changes)
	expect(t, p.Absences(), `
		absent email BO@X, sparing 7
		absent PRIMARY 8
		absent email ann@x, sparing 7`)
	expect(t, p.Presences(), `present by PRIMARY: 7 bo@x Bo`)
}

func TestTransactionsInARow(t *testing.T) {
	p := plan.NewPlanner()
	play(t, p, users, "delete 7 bo@x Bo")
	play(t, p, visits, "insert 1 1")
	play(t, p, users, "insert 7 bo@x Bob")
	pl := p.Plan()
	expect(t, pl, `present by PRIMARY: 7 bo@x Bo`)
	if len(pl.Tables) != 2 || pl.Tables[0] != users || pl.Tables[1] != visits {
		t.Errorf("tables %v, want users and visits", pl.Tables)
	}
}

// The log has no values of columns that only the replica has. What they hold stays, so the rows of such a table are changed in
// place and spared.
func TestColumnsOfTheReplicaAlone(t *testing.T) {
	local := table("id email:text name? note? seen", "PRIMARY id", "email email", "note note")
	local.Columns[3].Local, local.Columns[4].Local = true, true
	p := plan.NewPlanner()
	play(t, p, local, `
		update 7 bo@x Bo - - -> 7 BO@X Bo - -
		delete 8 ann@x Ann - -
		insert 9 al@x Al - -`)
	expect(t, p.Plan(), `
		absent email BO@X, sparing 7
		absent PRIMARY 9
		absent email al@x
		present by PRIMARY: 7 bo@x Bo - -
		present by PRIMARY: 8 ann@x Ann - -`)
}

// A unique key of such columns: rows that the applier inserts have their defaults, all the same. No row is in the way that could go.
func TestDefaultsOfTheReplicaAlone(t *testing.T) {
	local := table("id site? seen?", "PRIMARY id", "site site", "seen seen")
	local.Columns[1].Local, local.Columns[2].Local = true, true
	p := plan.NewPlanner()
	play(t, p, local, `
		insert 7 1 NULL
		insert 8 1 NULL`)
	expect(t, p.Plan(), `
		absent PRIMARY 7
		absent PRIMARY 8
		contradiction site 1 of changes 0 and 1`)
}

// MySQL's generated invisible primary key on the replica alone: the rows are those of a table without a key.
func TestKeyOfTheReplicaAlone(t *testing.T) {
	keyless := table("my_row_id page? hits?", "PRIMARY my_row_id")
	keyless.Columns[0].Local, keyless.Columns[0].AutoIncrement = true, true
	p := plan.NewPlanner()
	play(t, p, keyless, `
		delete - 1 1
		delete - 1 1
		insert - 2 2
		delete - 2 2`)
	expect(t, p.Plan(), `
		present once: - 1 1
		present 2 times: - 1 1`)
}

// table makes a table of columns "name", "name:text" and "name?" (nullable, DEFAULT NULL), and keys "NAME column column".
func table(columns string, keys ...string) *schema.Table {
	tb := &schema.Table{Database: "d", Name: strings.Fields(columns)[0], Source: "test"}
	for _, c := range strings.Fields(columns) {
		column := schema.Column{Type: schema.TypeInt}
		if strings.HasSuffix(c, "?") {
			column.Nullable, column.Default.Kind = true, schema.DefaultNull
		}
		c = strings.TrimRight(c, "?")
		if base, ok := strings.CutSuffix(c, ":text"); ok {
			c, column.Type, column.Charset = base, schema.TypeVarchar, "utf8mb4"
		}
		column.Name = c
		tb.Columns = append(tb.Columns, column)
	}
	for _, k := range keys {
		words := strings.Fields(k)
		key := schema.Key{Name: words[0], Primary: words[0] == "PRIMARY"}
		for _, c := range words[1:] {
			key.Parts = append(key.Parts, schema.KeyPart{Column: tb.Column(c)})
		}
		tb.Keys = append(tb.Keys, key)
	}
	return tb
}

// play feeds changes "insert ROW", "update ROW -> ROW" and "delete ROW", one a line, to the planner.
func play(t *testing.T, p *plan.Planner, tb *schema.Table, changes string) {
	t.Helper()
	for i, line := range strings.Split(strings.TrimSpace(changes), "\n") {
		kind, rows, _ := strings.Cut(strings.TrimSpace(line), " ")
		first, second, _ := strings.Cut(rows, " -> ")
		o := plan.Origin{Row: i + 1}
		var err error
		switch kind {
		case "insert":
			err = p.Insert(tb, image(first), o)
		case "update":
			err = p.Update(tb, image(first), image(second), o)
		case "delete":
			err = p.Delete(tb, image(first), o)
		default:
			t.Fatalf("unknown change %q", line)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

// image makes a row image: - is an absent column, max the row_end of a current row.
func image(values string) decoder.Image {
	var image decoder.Image
	for _, v := range strings.Fields(values) {
		switch v {
		case "-":
			image = append(image, decoder.Cell{})
		case "NULL":
			image = append(image, decoder.NullCell(nil))
		case "max":
			image = append(image, decoder.NewCell(nil, []byte("\x7f\xff\xff\xff\x0f\x42\x3f")))
		default:
			image = append(image, decoder.NewCell(nil, []byte(v)))
		}
	}
	return image
}

// expect compares a plan with its description, one entry a line.
func expect(t *testing.T, pl *plan.Plan, want string) {
	t.Helper()
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		lines = append(lines, strings.TrimSpace(line))
	}
	want = strings.Join(lines, "\n")
	if got := describe(pl); got != want {
		t.Errorf("plan:\n%s\nwant:\n%s", got, want)
	}
}

func describe(pl *plan.Plan) string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for _, a := range pl.Absences {
		line := fmt.Sprintf("absent %s %s", a.Key.Name, keyValue(a.Row, a.Key))
		if len(a.Spare) > 0 {
			var spared []string
			for _, s := range a.Spare {
				spared = append(spared, keyValue(s.Row, s.Key))
			}
			line += ", sparing " + strings.Join(spared, " and ")
		}
		add("%s", line)
	}
	for _, u := range pl.UnknownKeys {
		add("unknown %s, needs %s", u.Key.Name, columnNames(u.Row.Table, u.Needs))
	}
	for _, p := range pl.Presences {
		line := fmt.Sprintf("present %s: %s", presenceKey(p), rowText(p.Row))
		if len(p.Fill) > 0 {
			line += ", any " + columnNames(p.Row.Table, p.Fill)
		}
		add("%s", line)
	}
	for _, r := range pl.Refusals {
		line := fmt.Sprintf("refused by %s: %s, needs %s", r.Key.Name, rowText(r.Row), columnNames(r.Row.Table, r.Needs))
		if len(r.Fill) > 0 {
			line += ", any " + columnNames(r.Row.Table, r.Fill)
		}
		if r.Deleted {
			line += ", deleted"
		}
		add("%s", line)
	}
	for _, c := range pl.Contradictions {
		add("contradiction %s %s of changes %d and %d", c.Key.Name, keyValue(c.Row, c.Key), c.Holder.Row, c.Origin.Row)
	}
	return strings.Join(lines, "\n")
}

func presenceKey(p plan.Presence) string {
	switch {
	case p.Key != nil:
		return "by " + p.Key.Name
	case p.Count == 1:
		return "once"
	}
	return fmt.Sprintf("%d times", p.Count)
}

func keyValue(r schema.Row, k *schema.Key) string {
	var parts []string
	for _, part := range k.Parts {
		parts = append(parts, cellText(r.Cells[part.Column]))
	}
	return strings.Join(parts, ",")
}

func rowText(r schema.Row) string {
	var values []string
	for _, c := range r.Cells {
		values = append(values, cellText(c))
	}
	return strings.Join(values, " ")
}

func cellText(c decoder.Cell) string {
	switch c.State() {
	case decoder.Null:
		return "NULL"
	case decoder.Value:
		return string(c.Raw())
	}
	return "-"
}

func columnNames(t *schema.Table, columns []int) string {
	var names []string
	for _, c := range columns {
		names = append(names, t.Columns[c].Name)
	}
	return strings.Join(names, " and ")
}
