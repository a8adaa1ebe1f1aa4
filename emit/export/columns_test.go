package export

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"binmend/schema"
)

// TestColumnsText: columns over all logs are read back as they were, whatever tables are called, and their text is lines of ASCII comments.
func TestColumnsText(t *testing.T) {
	table := schema.Table{Database: "d\n*/ \\! x", Name: "größe 𝄞"}
	for i, of := range []schema.Type{schema.TypeTinyInt, schema.TypeBigInt, schema.TypeDecimal, schema.TypeFloat, schema.TypeDouble, schema.TypeDate,
		schema.TypeDatetime, schema.TypeTimestamp, schema.TypeText, schema.TypeBlob, schema.TypeVector, schema.TypeYear, schema.TypeBit, schema.TypeJSON} {
		table.Columns = append(table.Columns, schema.Column{Name: strings.Repeat("c", i+1) + ".\"é", Type: of, Length: 10, Decimals: 2, Unsigned: i%2 == 0})
	}
	var c, again Columns
	c.Add(&table)
	c.Add(&schema.Table{Database: "d", Name: "t", Columns: []schema.Column{{Name: "A", Type: schema.TypeInt}}})
	c.Add(&schema.Table{Database: "d", Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.TypeInt, Unsigned: true}}})
	text := textOf(t, &c)
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "-- ") || strings.ContainsFunc(line, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("%q", line)
		}
	}
	if _, err := again.ReadFrom(strings.NewReader("CREATE TABLE x (a INT);\n" + text)); err != nil {
		t.Fatal(err)
	}
	if got := textOf(t, &again); got != text {
		t.Errorf("read back as\n%s\nwant\n%s", got, text)
	}
	if want := `"columns":[["a","int(64)"]]`; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	for _, wrong := range []string{"int", "int(7)", "decimal(39,0)", "decimal(3,4)", "decimal(3)", "text(1)", "", "vectors", "int(8) x"} {
		if k, err := parseKind(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, k)
		}
	}
}

// FuzzColumns: a file of columns over all logs is refused or read, and what is read is written and read again as it was.
func FuzzColumns(f *testing.F) {
	for _, seed := range []string{
		`{"database":"d","table":"t","columns":[["a","int(64)"],["A","text"]]}`, `{"columns":[["",""]]}`, `{"columns":[["a"]]}`, "null",
		`{"table":"t","columns":[["a","decimal(38,38)"],["a","vector"]]}`, "{\"table\":\"\\u2028\\ud800\"}", strings.Repeat("x", 5000),
	} {
		f.Add(columnsMark + seed + "\n" + columnsMark + seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var c, again Columns
		if _, err := c.ReadFrom(strings.NewReader(text)); err != nil {
			return
		}
		written := textOf(t, &c)
		if _, err := again.ReadFrom(strings.NewReader(written)); err != nil {
			t.Fatal(err)
		}
		if got := textOf(t, &again); got != written {
			t.Errorf("read back as\n%s\nwant\n%s", got, written)
		}
	})
}

// TestColumnsOfLongLines: the other lines of a dump take no memory, however long they are, and a line of columns has a bound.
func TestColumnsOfLongLines(t *testing.T) {
	var before, after runtime.MemStats
	c := Columns{}
	long := strings.Repeat("INSERT INTO t VALUES (1),", 1<<20)
	text := long + "\n" + columnsMark + `{"database":"d","table":"t","columns":[["a","text"]]}`
	runtime.ReadMemStats(&before)
	_, err := c.ReadFrom(strings.NewReader(text))
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err != nil || len(c.tables) != 1 || used > 1<<20 {
		t.Errorf("%d tables, %d bytes of memory, %v", len(c.tables), used, err)
	}
	for _, wrong := range []string{`["","text"]`, strings.Repeat(`["a","text"],`, maxUnion) + `["a","text"]`} {
		if _, err := c.ReadFrom(strings.NewReader(columnsMark + `{"columns":[` + wrong + "]}")); err == nil {
			t.Errorf("%.30s is read", wrong)
		}
	}
	_, err = c.ReadFrom(strings.NewReader(columnsMark + long))
	if want := fmt.Sprint(maxColumnsLine, " bytes"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("want an error with %q, got %v", want, err)
	}
}

// TestColumnsApart: names that a server keeps apart are two columns, though Unicode knows them as the two cases of a letter; whatever
// definitions had one of them alone, each shape's columns are in columns that hold their values.
func TestColumnsApart(t *testing.T) {
	number, wide, text := kind{family: familyInt, bits: 8}, kind{family: familyInt, bits: 64}, kind{family: familyText}
	for _, shapes := range [][]*shape{
		{{names: []string{"Ა", "ა"}, kinds: []kind{number, text}}},
		{{names: []string{"Ა"}, kinds: []kind{wide}}, {names: []string{"ა", "Ა"}, kinds: []kind{text, number}}},
		{{names: []string{"ა"}, kinds: []kind{text}}, {names: []string{"Ა"}, kinds: []kind{wide}}, {names: []string{"Ა", "ა"}, kinds: []kind{number, text}}},
	} {
		q := table{shapes: shapes}
		q.settle(union{}, union{})
		if len(q.names) != 2 {
			t.Errorf("columns %q", q.names)
		}
		for i, s := range shapes {
			for column, at := range q.columnsOf(i) {
				if at >= 0 && (s.names[at] != q.names[column] || s.kinds[at].widened(q.kinds[column]) != q.kinds[column]) {
					t.Errorf("%q %v is in %q %v", s.names[at], s.kinds[at], q.names[column], q.kinds[column])
				}
			}
			if found := slices.DeleteFunc(slices.Clone(q.columnsOf(i)), func(at int) bool { return at < 0 }); len(found) != len(s.names) {
				t.Errorf("%q are at %d", s.names, q.columnsOf(i))
			}
		}
	}
	same := &schema.Table{Columns: []schema.Column{{Name: "Ა"}, {Name: "ა"}, {Name: "c"}}}
	if a, b, c := same.Column("Ა"), same.Column("ა"), same.Column("C"); a != 0 || b != 1 || c != 2 {
		t.Errorf("columns %d, %d, %d", a, b, c)
	}
}

func textOf(t *testing.T, c *Columns) string {
	t.Helper()
	var b strings.Builder
	if _, err := c.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestManyTablesOfColumns: tables that are alike share their columns, a table that changes gives back those that it had, and when there
// are too many tables, new ones are counted and not kept.
func TestManyTablesOfColumns(t *testing.T) {
	var c Columns
	of := func(name, column string) *schema.Table {
		return &schema.Table{Database: "d", Name: name, Columns: []schema.Column{{Name: "a", Type: schema.TypeInt}, {Name: column, Type: schema.TypeText}}}
	}
	for i := range 10 {
		c.Add(of(fmt.Sprint("t", i), "b"))
	}
	if len(c.packed) != 1 || c.bytes > 10*(bytesOfColumns+8)+32 {
		t.Errorf("%d columns, %d bytes of ten tables that are alike", len(c.packed), c.bytes)
	}
	for i := range 10 {
		c.Add(of(fmt.Sprint("t", i), "B"))
	}
	if u := c.of(tableKey{"d", "t7"}); len(c.packed) != 1 || !slices.Equal(u.names, []string{"a", "B"}) || u.kinds[0] != (kind{family: familyInt, bits: 32}) {
		t.Errorf("%d columns, t7 has %v", len(c.packed), u)
	}
	c.bytes = maxColumns + 1
	c.Add(of("t3", "c"))
	c.Add(of("new", "c"))
	c.Add(of("other", "c"))
	if got := len(c.of(tableKey{"d", "t3"}).names); got != 3 || c.Forgotten != 2 || len(c.of(tableKey{"d", "new"}).names) != 0 {
		t.Errorf("%d columns of t3, %d tables forgotten", got, c.Forgotten)
	}
}
