package endtoend

import (
	"fmt"
	"slices"
	"strings"

	"binmend/fixtures/servers"
)

// chaosTable is a table that random transactions change. Beside its columns it has a column tag, which no statement
// changes: it tells rows apart where no key does. Rows of one tag are equal. A row that drift has put or changed has a tag
// that no row of the source has.
type chaosTable struct {
	name    string
	columns []chaosColumn
	keys    []string
	primary []int           // the columns of the primary key, or of the one that stands in for it
	copies  bool            // an insert may put equal rows
	lines   []*servers.Line // none: all
}

// chaosColumn is a column, with the values that statements give it. Few values make many collisions.
type chaosColumn struct {
	name      string
	ddl       string
	values    []string // literals; none: the server computes it
	increment bool     // statements move it on by one
}

// words are awkward payload: no key is over it.
var words = []string{
	"NULL", "''", "'plain'", "'it''s'", "_utf8mb4 x'5C27'", "_utf8mb4 x'0A64656C696D69746572202F2F0A'", "'-- x'",
	"_utf8mb4 x'F09F9880'", "_utf8mb4 x'2A2F'", "_utf8mb4 x'5C2120746F756368'", "' '", "_utf8mb4 x'00'",
}

var names = []string{"'ann'", "'Ann'", "'bo'", "'BO'", "'cy'", "'dee'", "'eve'", "'flo'", "'gus'", "'hal'", "''", "'bob'"}

// numbers are the literals from a to b.
func numbers(a, b int) []string {
	var out []string
	for n := a; n <= b; n++ {
		out = append(out, fmt.Sprint(n))
	}
	return out
}

// orNull are the values and, as every third, NULL.
func orNull(values []string) []string {
	return append(slices.Clone(values), slices.Repeat([]string{"NULL"}, len(values)/2)...)
}

var (
	idColumn      = chaosColumn{name: "id", ddl: "INT NOT NULL", values: numbers(1, 12), increment: true}
	payloadColumn = chaosColumn{name: "v", ddl: "VARCHAR(40)", values: words}
)

var chaosTables = []chaosTable{
	{
		name: "plain", columns: []chaosColumn{idColumn, payloadColumn},
		keys: []string{"PRIMARY KEY (id)"}, primary: []int{0},
	}, {
		name: "users", columns: []chaosColumn{
			idColumn,
			{name: "email", ddl: "VARCHAR(40) NOT NULL", values: names},
			{name: "nick", ddl: "VARCHAR(20)", values: orNull(names)},
			payloadColumn,
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE (email)", "UNIQUE (nick)"}, primary: []int{0},
	}, {
		name: "seats", columns: []chaosColumn{
			idColumn,
			{name: "hall", ddl: "INT", values: orNull(numbers(1, 3))},
			{name: "seat", ddl: "INT", values: orNull(numbers(1, 3)), increment: true},
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE (hall, seat)"}, primary: []int{0},
	}, {
		name: "pairs", columns: []chaosColumn{
			{name: "a", ddl: "BINARY(3) NOT NULL", values: []string{"x'000000'", "x'010000'", "x'0100FF'", "x'200000'"}},
			{name: "b", ddl: "INT NOT NULL", values: numbers(1, 4), increment: true},
			{name: "c", ddl: "DOUBLE", values: []string{"NULL", "0.1", "-1.5e300", "5e-324", "1e22"}},
		},
		keys: []string{"PRIMARY KEY (a, b)", "UNIQUE (b, c)"}, primary: []int{0, 1},
	}, {
		name: "paths", columns: []chaosColumn{
			idColumn,
			{name: "path", ddl: "TEXT NOT NULL", values: []string{"'/a/x'", "'/a/y'", "'/B'", "'/b/z'", "'/b/'", "''", "'/C-1'", "'/c-2'", "'x'"}},
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE (path(3))"}, primary: []int{0},
	}, {
		name: "codes", columns: []chaosColumn{
			{name: "code", ddl: "CHAR(5) NOT NULL", values: names},
			{name: "f", ddl: "FLOAT", values: []string{"NULL", "0.1", "1e-30", "16777217", "3.4e38", "0.7"}},
			payloadColumn,
		},
		keys: []string{"UNIQUE (code)", "UNIQUE (f)"}, primary: []int{0},
	}, {
		name: "aliases", columns: []chaosColumn{
			{name: "name", ddl: "VARCHAR(20)", values: orNull(names[:6])},
			{name: "target", ddl: "INT", values: orNull(numbers(1, 3))},
			payloadColumn,
		},
		keys: []string{"UNIQUE (name, target)"},
	}, {
		name: "visits", columns: []chaosColumn{
			{name: "a", ddl: "INT", values: orNull(numbers(1, 4)), increment: true},
			{name: "b", ddl: "FLOAT", values: []string{"0.1", "NULL", "1e20"}},
			payloadColumn,
		},
		copies: true,
	}, {
		name: "folded", columns: []chaosColumn{
			idColumn,
			{name: "email", ddl: "VARCHAR(40)", values: orNull(names)},
			{name: "low", ddl: "VARCHAR(40) GENERATED ALWAYS AS (LOWER(email)) VIRTUAL"},
			{name: "twice", ddl: "INT GENERATED ALWAYS AS (id * 2) STORED"},
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE (low)"}, primary: []int{0},
		lines: []*servers.Line{servers.MySQL57, servers.MySQL8015, servers.MySQL8031, servers.MySQL97, servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118},
	}, {
		name: "functional", columns: []chaosColumn{
			idColumn,
			{name: "email", ddl: "VARCHAR(40)", values: orNull(names)},
			{name: "n", ddl: "INT", values: numbers(1, 5)},
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE ((LOWER(email)), n)"}, primary: []int{0},
		lines: []*servers.Line{servers.MySQL8015, servers.MySQL8031, servers.MySQL97},
	}, {
		name: "texts", columns: []chaosColumn{
			idColumn,
			{name: "body", ddl: "TEXT", values: orNull(names)},
		},
		keys: []string{"PRIMARY KEY (id)", "UNIQUE (body)"}, primary: []int{0},
		lines: []*servers.Line{servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118},
	},
}

// chaosTablesOf are the tables that a line can have.
func chaosTablesOf(line *servers.Line) []*chaosTable {
	var out []*chaosTable
	for i, t := range chaosTables {
		if t.lines == nil || slices.Contains(t.lines, line) {
			out = append(out, &chaosTables[i])
		}
	}
	return out
}

// ddl is the statement that makes the table.
func (t *chaosTable) ddl() string {
	var items []string
	for _, c := range t.columns {
		items = append(items, c.name+" "+c.ddl)
	}
	items = slices.Concat(items, []string{"tag INT NOT NULL"}, t.keys)
	return fmt.Sprintf("CREATE TABLE %s (%s) ENGINE=InnoDB", t.name, strings.Join(items, ", "))
}

// query reads the whole table, the tag last, each value as text that equals another exactly when the values are the same.
func (t *chaosTable) query() string {
	var items []string
	for _, c := range t.columns {
		if strings.HasPrefix(c.ddl, "FLOAT") {
			items = append(items, c.name+" + 0e0")
		} else {
			items = append(items, c.name)
		}
	}
	return fmt.Sprintf("SELECT %s, tag FROM %s ORDER BY tag", strings.Join(items, ", "), t.name)
}

// written are the columns that statements write.
func (t *chaosTable) written() []*chaosColumn {
	var out []*chaosColumn
	for i := range t.columns {
		if len(t.columns[i].values) > 0 {
			out = append(out, &t.columns[i])
		}
	}
	return out
}

// into is the table with the names of the columns that an insert gives.
func (t *chaosTable) into() string {
	var names []string
	for _, c := range t.written() {
		names = append(names, c.name)
	}
	return fmt.Sprintf("%s (%s, tag)", t.name, strings.Join(names, ", "))
}

// chaosRow is a row as text; the last value is its tag.
type chaosRow []chaosValue

type chaosValue struct {
	text string
	null bool
}

func (v chaosValue) String() string {
	if v.null {
		return "NULL"
	}
	return fmt.Sprintf("%q", v.text)
}

// key is the row's primary key as the server compares it, or "" where the table has none.
func (t *chaosTable) key(r chaosRow) string {
	var parts []string
	for _, column := range t.primary {
		parts = append(parts, strings.ToLower(r[column].String()))
	}
	return strings.Join(parts, ", ")
}

func (r chaosRow) String() string {
	values := make([]string, len(r))
	for i, v := range r {
		values[i] = v.String()
	}
	return strings.Join(values, ", ")
}

func (r chaosRow) tag() string { return r[len(r)-1].text }
