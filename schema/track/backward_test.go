package track

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestBackward: a definition from after statements of the log reads no rows from before them. The statements are taken back, as
// far as their text and the log allow it. The rows come first.
func TestBackward(t *testing.T) {
	for _, test := range []struct {
		name, files string
		at          At
		row         string // the types of the table map; "+" after one: the log has its sign or character set
		log         string
		want        string
	}{
		{"a column was moved to its place: the log may name it", "CREATE TABLE t (id INT, b BIGINT, a INT);", Detect, "int+ int+ bigint+",
			"ALTER TABLE t MODIFY b BIGINT AFTER id", "t(id a b)"},
		{"its old place is not known", "CREATE TABLE t (id INT, b INT, a INT);", Detect, "int+ int+ int+",
			"ALTER TABLE t MODIFY b INT AFTER id", "one of several that fit"},
		{"an ENUM's old members are not known", "CREATE TABLE t (id INT, e ENUM('new','held','paid'));", Detect, "int+ enum+",
			"ALTER TABLE t MODIFY e ENUM('new','held','paid')", "of column e neither the statement nor the log says what the type was"},
		{"they are the first ones where the table was not copied", "CREATE TABLE t (id INT, e ENUM('new','held','paid'));", Detect, "int+ enum+",
			"ALTER TABLE t MODIFY e ENUM('new','held','paid'), ALGORITHM=INSTANT", "t(id e)"},
		{"nor is an old sign", "CREATE TABLE t (id INT, n INT UNSIGNED);", Detect, "int int", "ALTER TABLE t MODIFY n INT UNSIGNED",
			"of column n neither"},
		{"unless the log has it", "CREATE TABLE t (id INT, n INT UNSIGNED);", Detect, "int+ int+", "ALTER TABLE t MODIFY n INT UNSIGNED",
			"t(id n) n=int"},
		{"a type that became wider", "CREATE TABLE t (id INT, n BIGINT);", Detect, "int+ int+", "ALTER TABLE t MODIFY n BIGINT", "t(id n) n=int"},
		{"a server's definition is from after all", "CREATE TABLE t (id INT, n BIGINT);", Later, "int+ int+", "ALTER TABLE t MODIFY n BIGINT", "t(id n) n=int"},
		{"added columns", "CREATE TABLE t (id INT, a INT, b INT, UNIQUE (b));", Detect, "int int",
			"ALTER TABLE t ADD b INT UNIQUE", "t(id a)"},
		{"a column was added where another one stood", "CREATE TABLE t (a INT, id INT, f INT, b BIGINT);", Later, "int+ int+ bigint+",
			"ALTER TABLE t ADD f INT AFTER a, MODIFY a INT FIRST", "t(id a b)"},
		{"names", "CREATE TABLE t (id INT, b INT);", Detect, "int int", "ALTER TABLE t RENAME COLUMN a TO b\nALTER TABLE t COMMENT 'x'", "t(id a)"},
		{"keys", "CREATE TABLE t (id INT PRIMARY KEY, a INT UNIQUE);", Detect, "int int", "ALTER TABLE t ADD PRIMARY KEY (id), ADD UNIQUE (a)", "t(id a)"},
		{"a key without a name", "CREATE TABLE t (id INT NOT NULL, UNIQUE KEY id (id), UNIQUE KEY id_2 (id));", Later, "int", "ALTER TABLE t ADD UNIQUE (id)\nALTER TABLE t ADD UNIQUE (id)", "t(id)"},
		{"a key without a name, found", "CREATE TABLE t (id INT NOT NULL, UNIQUE KEY id (id));", Detect, "int", "ALTER TABLE t ADD UNIQUE (id)", "t(id)"},
		{"a dropped column", "CREATE TABLE t (id BIGINT, b BIGINT);", Later, "bigint+ int+ bigint+", "ALTER TABLE t DROP a", "t(id a b)"},
		{"a dropped column in any place", "CREATE TABLE t (id INT, b INT);", Later, "int+ int+ int+", "ALTER TABLE t DROP a", "one of several that fit"},
		{"a column that came and went", "CREATE TABLE t (id INT, b INT);", Detect, "int int", "ALTER TABLE t ADD a INT\nALTER TABLE t DROP a", "t(id b)"},
		{"a key that came and went around an exchange of names", "CREATE TABLE t (k INT, c INT, b INT);", Detect, "int int int",
			"ALTER TABLE t ADD UNIQUE v (k, b)\nALTER TABLE t RENAME COLUMN b TO c, RENAME COLUMN c TO b\nALTER TABLE t DROP KEY v", "one of several that fit"},
		{"a dump from before stays what it is", "CREATE TABLE t (id INT, a INT, b INT);", Detect, "int int int",
			"ALTER TABLE t MODIFY b INT AFTER id\nALTER TABLE t ADD KEY (a)", "t(id a b)"},
		{"a statement without an effect on rows says nothing", "CREATE TABLE t (id INT, a INT);", Detect, "int int",
			"ALTER TABLE t ENGINE=InnoDB\nCREATE INDEX i ON t (a)\nALTER TABLE t ADD b INT", "t(id a)"},
		{"an expression in the server's own words", "CREATE TABLE t (a INT, g INT GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL, b INT DEFAULT '1');", Detect, "int int int",
			"ALTER TABLE t MODIFY b INT DEFAULT 1 AFTER g, MODIFY g INT AS (a+1) AFTER a", "its text does not say"},
		{"a text in the table's character set, which was set later", "CREATE TABLE t (id INT, b TEXT CHARACTER SET utf8mb4, a INT) DEFAULT CHARSET=latin1;", Later, "int+ int+ int+",
			"ALTER TABLE t MODIFY b TEXT\nALTER TABLE t DEFAULT CHARACTER SET latin1", "t(id b a)"},
		{"another table takes the name", "CREATE TABLE t (id INT, b INT, a INT);", Detect, "int int int",
			"CREATE TABLE _t_new (id INT, b INT, a INT)\nRENAME TABLE t TO _t_old, _t_new TO t\nDROP TABLE _t_old",
			"its definition is that of the table which the RENAME TABLE at log:200 puts in its place"},
		{"the table goes away and comes back", "CREATE TABLE t (id INT, a INT, b INT);", Detect, "int int",
			"RENAME TABLE t TO x\nALTER TABLE x ADD b INT\nRENAME TABLE x TO t", "t(id a)"},
		{"a dump from before or after tables exchange their names", "CREATE TABLE t (id INT, a INT); CREATE TABLE u (id INT, x INT);", Detect, "int int",
			"ALTER TABLE t CONVERT TO CHARACTER SET latin1\nRENAME TABLE u TO z, t TO u, z TO t", "the table may have been one of several that fit"},
		{"a table that only the logs name takes the place of a dropped one", "CREATE TABLE t (id INT, a INT);", Detect, "int int",
			"DROP TABLE t\nRENAME TABLE u TO t", "its definition is that of the table which the RENAME TABLE at log:200 puts in its place"},
		{"a server has another table of the name", "CREATE TABLE t (id INT, b INT);", Later, "int int", "DROP TABLE t\nCREATE TABLE t (id INT, b INT)",
			"its definition is that of the table which the CREATE TABLE at log:200 puts in its place"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files, err := dump.Load(strings.NewReader("USE d; "+test.files), "schema.sql")
			if err != nil {
				t.Fatal(err)
			}
			tracker := New(files, test.at)
			for i, sql := range strings.Split(test.log, "\n") {
				tracker.Foresee(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Database: "d", SQL: sql})
			}
			found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: mapOf(test.row)})
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got, _, _ = strings.Cut(brief(found), " from ")
				if c := found.Columns[len(found.Columns)-1]; c.Name == "n" {
					got += " n=" + c.SQLType()
				}
			}
			if !strings.Contains(got, test.want) || err == nil && got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestReadTooEarly: without a look at what comes, the statement that shows the error is one.
func TestReadTooEarly(t *testing.T) {
	files, err := dump.Load(strings.NewReader("USE d; CREATE TABLE t (id INT, b INT, a INT);"), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	tracker := New(files, Detect)
	if _, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: integers(3)}); err != nil {
		t.Fatal(err)
	}
	err = tracker.Apply(decoder.Position{File: "log", Offset: 100}, dump.Statement{Database: "d", SQL: "ALTER TABLE t MODIFY b INT AFTER id"})
	if err == nil || !strings.Contains(err.Error(), "is from after the ALTER TABLE at log:100") {
		t.Errorf("want an error that names the ALTER TABLE, got %v", err)
	}
}

// mapOf is the table map of columns with such types.
func mapOf(types string) *decoder.TableMap {
	m := &decoder.TableMap{}
	for _, name := range strings.Fields(types) {
		name, told := strings.CutSuffix(name, "+")
		var c decoder.Column
		switch name {
		case "int":
			c.Type = decoder.TypeLong
		case "bigint":
			c.Type = decoder.TypeLonglong
		case "enum":
			c.Type, c.Length, c.Collation = decoder.TypeEnum, 1, 255
		}
		if told {
			c.Sign = decoder.Signed
		}
		m.Columns = append(m.Columns, c)
	}
	return m
}

// TestRecall: what statements before the rows say of a column is not lost by those after them, nor is where they put it.
func TestRecall(t *testing.T) {
	for _, test := range []struct{ name, files, row, past, later, want string }{
		{"an ENUM's members", "CREATE TABLE t (id INT, n ENUM('b','a'));", "int+ enum+", "ALTER TABLE t MODIFY n ENUM('a','b')",
			"ALTER TABLE t MODIFY n ENUM('b','a')", "t(id n) n=enum('a','b')"},
		{"under another name", "CREATE TABLE t (id INT, x ENUM('b','a'));", "int+ enum+", "ALTER TABLE t CHANGE o m ENUM('a','b')\nALTER TABLE t RENAME COLUMN m TO n",
			"ALTER TABLE t CHANGE n x ENUM('b','a')", "t(id n) n=enum('a','b')"},
		{"a sign of a dropped column", "CREATE TABLE t (id BIGINT);", "bigint int", "ALTER TABLE t ADD n INT UNSIGNED", "ALTER TABLE t DROP n", "t(id n) n=int unsigned"},
		{"the place of a dropped column", "CREATE TABLE t (id INT, n INT);", "int+ int+ int+", "ALTER TABLE t ADD a INT AFTER id", "ALTER TABLE t DROP a",
			"t(id a n) n=int"},
		{"the place that a statement on several columns gave to one", "CREATE TABLE t (id INT, l INT, n INT, a INT);", "int+ int+ int+ int+",
			"ALTER TABLE t ADD n INT, MODIFY l INT", "ALTER TABLE t MODIFY n INT AFTER l", "t(id l a n) n=int"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files, err := dump.Load(strings.NewReader("USE d; "+test.files), "schema.sql")
			if err != nil {
				t.Fatal(err)
			}
			tracker := New(files, Later)
			past := strings.Split(test.past, "\n")
			for i, sql := range append(past, strings.Split(test.later, "\n")...) {
				tracker.Foresee(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Database: "d", SQL: sql})
			}
			for i, sql := range past {
				if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Database: "d", SQL: sql}); err != nil {
					t.Fatal(err)
				}
			}
			found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: mapOf(test.row)})
			if err != nil {
				t.Fatal(err)
			}
			got, _, _ := strings.Cut(brief(found), " from ")
			if got += " n=" + found.Columns[found.Column("n")].SQLType(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestShapes: the table maps of rows to come tell which of the definitions that fit the rows at hand alike is the table's.
func TestShapes(t *testing.T) {
	const exchange = "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a"
	for _, test := range []struct {
		name, files string
		at          At
		log         string
		later       map[int]string // the types of rows after so many statements
		want        string
	}{
		{"nothing is seen of them", "CREATE TABLE t (id INT, a INT, b BIGINT);", Detect, exchange + "\nALTER TABLE t MODIFY a INT", nil, "one of several that fit"},
		{"a definition from before an exchange of names", "CREATE TABLE t (id INT, a INT, b BIGINT);", Detect, exchange + "\nALTER TABLE t MODIFY a INT",
			map[int]string{2: "int+ int+ int+"}, "t(id a b)"},
		{"one from after it", "CREATE TABLE t (id INT, a INT, b BIGINT);", Detect, exchange + "\nALTER TABLE t MODIFY a INT",
			map[int]string{2: "int+ int+ bigint+"}, "t(id b a)"},
		{"the old place of a column", "CREATE TABLE t (id INT, b INT, a BIGINT);", Later,
			"ALTER TABLE t MODIFY b BIGINT\nALTER TABLE t MODIFY b INT AFTER id", map[int]string{1: "int+ bigint+ bigint+"}, "t(id b a)"},
		{"the old place of a column that had another type later", "CREATE TABLE t (id INT, b INT, a INT);", Later,
			"ALTER TABLE t MODIFY b BIGINT\nALTER TABLE t MODIFY b INT AFTER id", map[int]string{1: "int+ int+ bigint+"}, "t(id a b)"},
		{"the type that an earlier statement gave to a column", "CREATE TABLE t (id INT, a INT);", Later,
			"ALTER TABLE t MODIFY b BIGINT\nALTER TABLE t DROP b", map[int]string{1: "int+ bigint+ int+"}, "t(id b a)"},
		{"another table had the name after it was dropped", "CREATE TABLE t (id INT, a INT, b BIGINT);", Start,
			"ALTER TABLE t ADD c INT\nDROP TABLE t\nCREATE TABLE t (id INT)", map[int]string{3: "int+"}, "t(id a b)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files, err := dump.Load(strings.NewReader("USE d; "+test.files), "schema.sql")
			if err != nil {
				t.Fatal(err)
			}
			tracker := New(files, test.at)
			for i, sql := range strings.Split(test.log, "\n") {
				tracker.Foresee(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, dump.Statement{Database: "d", SQL: sql})
			}
			tracker.ExpectShapes()
			for n := range 4 {
				if types, ok := test.later[n]; ok {
					m := mapOf(types)
					m.Database, m.Table = "d", "t"
					tracker.ForeseeShape(n, m)
				}
			}
			row := "int+ int+ bigint+"
			if strings.Contains(test.files, "a INT);") {
				row = "int+ int+ int+"
			}
			found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: mapOf(row)})
			got := fmt.Sprint(err)
			if err == nil {
				got, _, _ = strings.Cut(brief(found), " from ")
			}
			if !strings.Contains(got, test.want) || err == nil && got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
