package track

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestTables follows logs of a few statements. A line of a log is a statement, at offsets 100, 200 and so on, or "row T N":
// a row of T with N columns of the type INT. What is understood at each row is compared.
func TestTables(t *testing.T) {
	tests := []struct {
		name, files string
		at          At
		log, want   string
	}{
		{"the log creates the table", "", Detect,
			"CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE)\nrow t 2",
			"t(a b) PRIMARY(a) b(b) from CREATE TABLE at log:100"},
		{"and changes it", "", Detect,
			"CREATE TABLE t (a INT, UNIQUE (a))\nrow t 1\nALTER TABLE t ADD b INT FIRST\nrow t 2\nALTER TABLE t DROP a\nrow t 1",
			`t(a) a(a) from CREATE TABLE at log:100
			 t(b a) a(a) from CREATE TABLE at log:100, changed by ALTER TABLE at log:300
			 t(b) from CREATE TABLE at log:100, changed up to ALTER TABLE at log:500`},
		{"a dump from before the log", "CREATE TABLE t (a INT);", Detect,
			"row t 1\nALTER TABLE t ADD b INT\nrow t 2",
			`t(a) from schema.sql:1
			 t(a b) from schema.sql:1, changed by ALTER TABLE at log:200`},
		{"a dump from between", "CREATE TABLE t (a INT, b INT);", Detect,
			"row t 1\nALTER TABLE t ADD b INT\nrow t 2\nALTER TABLE t ADD c INT\nrow t 3",
			"t(a) from schema.sql:1, before the ALTER TABLE at log:200\n" +
				"t(a b) from schema.sql:1\n" +
				"t(a b c) from schema.sql:1, changed by ALTER TABLE at log:400"},
		{"the same, said to be from the start", "CREATE TABLE t (a INT, b INT);", Start,
			"ALTER TABLE t ADD b INT\nrow t 2",
			"error: table `d`.`t`: the ALTER TABLE at log:100 does not apply to the definition in schema.sql:1: there is a column `b` already"},
		{"a dump from the end", "CREATE TABLE t (a INT, b INT);", End,
			"row t 1\nALTER TABLE t ADD b INT\nrow t 2",
			"t(a) from schema.sql:1, before the ALTER TABLE at log:200\n" +
				"t(a b) from schema.sql:1"},
		{"a table that no statement changes is at the end what it is at the start", "CREATE TABLE t (a INT);", End,
			"row t 1\nALTER TABLE u ADD b INT", "t(a) from schema.sql:1"},
		{"a unique key leaves no mark on rows: the dump is from before", "CREATE TABLE t (a INT);", Detect,
			"ALTER TABLE t ADD UNIQUE KEY u (a)\nrow t 1",
			"t(a) u(a) from schema.sql:1, changed by ALTER TABLE at log:100"},
		{"or it has the key already", "CREATE TABLE t (a INT, UNIQUE KEY u (a));", Detect,
			"CREATE UNIQUE INDEX u ON t (a)\nrow t 1", "t(a) u(a) from schema.sql:1"},
		{"what can be applied again without a difference was applied", "CREATE TABLE t (a INT NOT NULL, b INT);", Detect,
			"ALTER TABLE t MODIFY a INT NOT NULL\nALTER TABLE t MODIFY b INT AFTER a\nrow t 2",
			"t(a b) from schema.sql:1, changed up to ALTER TABLE at log:200"},
		{"what makes a difference was not", "CREATE TABLE t (a INT, b INT DEFAULT 1);", Detect,
			"ALTER TABLE t MODIFY a INT NOT NULL AFTER b\nALTER TABLE t ALTER b SET DEFAULT 2\nrow t 2",
			"t(b a) from schema.sql:1, changed up to ALTER TABLE at log:200"},
		{"a created table replaces what was not known", "", Detect,
			"DROP TABLE IF EXISTS t\nCREATE TABLE t (a INT)\nrow t 2",
			"error: table `d`.`t`: its definition in CREATE TABLE at log:200 does not fit these rows (the table: the schema says 1 column, " +
				"the log has 2 columns); the log changes the table before these rows: DROP TABLE at log:100, CREATE TABLE at log:200"},
		{"an exchange of names leaves no mark at all", "CREATE TABLE t (a INT, b INT);", Detect,
			"ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a\nrow t 2",
			"error: table `d`.`t`: the definition in schema.sql:1, changed by ALTER TABLE at log:100 can be from before and " +
				"from after the ALTER TABLE at log:100, which makes a difference"},
		{"until it is said", "CREATE TABLE t (a INT, b INT);", End,
			"ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a\nrow t 2", "t(a b) from schema.sql:1"},
		{"a table moves", "CREATE TABLE t (a INT);", Detect,
			"RENAME TABLE t TO u\nrow u 1\nALTER TABLE u RENAME v, ADD b INT\nrow v 2\nrow t 1",
			`u(a) from schema.sql:1, changed by RENAME TABLE at log:100
			 v(a b) from schema.sql:1, changed up to ALTER TABLE at log:300
			 error: table ` + "`d`.`t`" + `: the log has no such table here since the RENAME TABLE at log:100`},
		{"a dump from after the move", "CREATE TABLE u (a INT);", Detect,
			"RENAME TABLE t TO u\nrow u 1", "u(a) from schema.sql:1"},
		{"tables change places", "CREATE TABLE t (a INT); CREATE TABLE u (a INT, b INT);", Start,
			"RENAME TABLE t TO x, u TO t, x TO u\nrow t 2\nrow u 1",
			`t(a b) from schema.sql:1, changed by RENAME TABLE at log:100
			 u(a) from schema.sql:1, changed up to RENAME TABLE at log:100`},
		{"CREATE TABLE LIKE", "CREATE TABLE t (a INT PRIMARY KEY);", Detect,
			"CREATE TABLE u LIKE t\nALTER TABLE t ADD b INT\nrow u 1\nDROP TABLE u\nrow u 1",
			`u(a) PRIMARY(a) from CREATE TABLE at log:100 LIKE schema.sql:1
			 error: table ` + "`d`.`u`" + `: the log has no such table here since the DROP TABLE at log:400`},
		{"IF NOT EXISTS of a table that is there", "CREATE TABLE t (a INT, b INT, UNIQUE (b));", Detect,
			"CREATE TABLE IF NOT EXISTS t (a INT, b INT)\nrow t 2", "t(a b) b(b) from schema.sql:1"},
		{"and of one that was not", "CREATE TABLE t (a INT, b INT);", Detect,
			"CREATE TABLE IF NOT EXISTS t (a INT)\nrow t 1", "t(a) from CREATE TABLE at log:100"},
		{"CREATE OR REPLACE, with a comment before", "CREATE TABLE t (a INT, b INT);", Detect,
			"/* app */ CREATE OR REPLACE TABLE `t` (`a` INT) /* generated by server */\nrow t 1", "t(a) from CREATE TABLE at log:100"},
		{"CREATE TABLE … SELECT as MySQL 8 logs it", "", Detect,
			"CREATE TABLE `t` (`a` int DEFAULT NULL) START TRANSACTION\nrow t 1", "t(a) from CREATE TABLE at log:100"},
		{"CREATE TABLE … SELECT with options of the table, logged as a statement", "", Detect,
			"CREATE TABLE t COLLATE utf8mb4_bin COMMENT 'x' SELECT * FROM u\nrow t 1",
			"error: table `d`.`t`: the CREATE TABLE at log:100 is not understood: CREATE TABLE … SELECT does not name all columns"},
		{"temporary tables are no tables of the log", "CREATE TABLE t (a INT);", Detect,
			"CREATE TEMPORARY TABLE t (x INT, y INT)\nDROP TEMPORARY TABLE IF EXISTS t\nrow t 1", "t(a) from schema.sql:1"},
		{"what is not understood", "CREATE TABLE t (a INT);", Detect,
			"ALTER TABLE t SHUFFLE EVERYTHING\nrow t 2\nDROP TABLE t\nCREATE TABLE t (a INT)\nrow t 1",
			"error: table `d`.`t`: the ALTER TABLE at log:100 is not understood: it changes the table in a way that is not understood here; its definition in schema.sql:1 does not fit these rows (the table: the schema says 1 column, the log has 2 columns)\n" +
				"t(a) from CREATE TABLE at log:400"},
		{"a dump that fits after what is not understood", "CREATE TABLE t (a INT);", Detect,
			"ALTER TABLE t SHUFFLE EVERYTHING\nrow t 1", "t(a) from schema.sql:1"},
		{"a database goes, with tables that were never named", "CREATE TABLE t (a INT);", Detect,
			"DROP DATABASE d\nrow t 1", "error: table `d`.`t`: the log has no such table here since the DROP DATABASE at log:100"},
		{"no dump, and a log that begins too late", "", Detect,
			"ALTER TABLE t ADD b INT\nrow t 2",
			"error: table `d`.`t`: no schema file was given, and the logs change the table but do not hold its CREATE TABLE before these rows"},
		{"no dump, and no statement", "", Detect, "row t 1", "error: table `d`.`t` is not in any schema file: none was given"},
		{"names in another case", "CREATE TABLE t (a INT);", Detect,
			"ALTER TABLE T ADD b INT\nrow t 2", "t(a b) from schema.sql:1, changed by ALTER TABLE at log:100"},
		{"statements that change no definition", "CREATE TABLE t (a INT);", Detect,
			"TRUNCATE t\nINSERT INTO t VALUES (1)\nALTER TABLE t ENGINE=InnoDB\nALTER TABLE t DROP PARTITION p\nANALYZE TABLE t\n" +
				"CREATE VIEW v AS SELECT 1\nALTER USER x\nDROP TRIGGER g\nrow t 1",
			"t(a) from schema.sql:1, changed by ALTER TABLE at log:300"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := strings.ReplaceAll(test.want, "\t", "")
			want = strings.ReplaceAll(want, "\n ", "\n")
			if got := follow(t, test.files, test.at, test.log); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// follow runs a log of TestTables.
func follow(t *testing.T, files string, at At, log string) string {
	t.Helper()
	var loaded *dump.Schema
	if files != "" {
		var err error
		if loaded, err = dump.Load(strings.NewReader("USE d; "+files), "schema.sql"); err != nil {
			t.Fatal(err)
		}
	}
	tracker := New(loaded, at)
	lines := strings.Split(log, "\n")
	place := func(i int) decoder.Position { return decoder.Position{File: "log", Offset: int64(100 * (i + 1))} }
	for i, line := range lines {
		tracker.Foresee(place(i), dump.Statement{Database: "d", SQL: line})
	}
	var out []string
	for i, line := range lines {
		var table string
		var columns int
		if n, _ := fmt.Sscanf(line, "row %s %d", &table, &columns); n < 2 {
			if err := tracker.Apply(place(i), dump.Statement{Database: "d", SQL: line}); err != nil {
				t.Error(err)
			}
			continue
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: table, Map: integers(columns)})
		if err != nil {
			out = append(out, "error: "+err.Error())
			continue
		}
		out = append(out, brief(found))
	}
	return strings.Join(out, "\n")
}

// TestReadWrong: a log from standard input is not known ahead. A statement that shows too late that rows were read with a definition from
// after it is an error, unless they read the same before it.
func TestReadWrong(t *testing.T) {
	for _, tc := range []struct {
		name, statement string
		isWrong         bool
	}{
		{"the columns may have been in another order", "ALTER TABLE t MODIFY b INT AFTER a", true},
		{"the definition shows that it is from before the statement", "ALTER TABLE t MODIFY b INT FIRST", false},
		{"a key reads no rows", "ALTER TABLE t ADD UNIQUE KEY u (a)", false},
		{"another table", "ALTER TABLE other MODIFY b INT AFTER a", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files, err := dump.Load(strings.NewReader("USE d; CREATE TABLE t (a INT, b INT);"), "schema.sql")
			if err != nil {
				t.Fatal(err)
			}
			tracker := New(files, Detect)
			if _, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: integers(2)}); err != nil {
				t.Fatal(err)
			}
			err = tracker.Apply(decoder.Position{File: "log", Offset: 100}, dump.Statement{Database: "d", SQL: tc.statement})
			if errors.Is(err, ErrReadWrong) != tc.isWrong {
				t.Errorf("%s: %v", tc.statement, err)
			}
		})
	}
}

// integers is the table map of a table of INT columns.
func integers(n int) *decoder.TableMap {
	m := &decoder.TableMap{}
	for range n {
		m.Columns = append(m.Columns, decoder.Column{Type: decoder.TypeLong})
	}
	return m
}

// brief writes a table: its columns, its keys, and where they come from.
func brief(of *schema.Table) string {
	var names []string
	for i := range of.Columns {
		names = append(names, of.Columns[i].Name)
	}
	text := fmt.Sprintf("%s(%s)", of.Name, strings.Join(names, " "))
	for _, k := range of.Keys {
		names = nil
		for _, p := range k.Parts {
			names = append(names, of.Columns[p.Column].Name)
		}
		text += fmt.Sprintf(" %s(%s)", k.Name, strings.Join(names, " "))
	}
	return text + " from " + of.Source
}

// TestManyColumns: a log that copies a large table, or one of much text, again and again does not fill the memory; what is too much is not known.
func TestManyColumns(t *testing.T) {
	var wide strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&wide, ", c%d INT", i)
	}
	tracker := New(nil, Detect)
	apply := func(sql string) {
		if err := tracker.Apply(decoder.Position{File: "log"}, dump.Statement{Database: "d", SQL: sql}); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(name string) error {
		_, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: name})
		return err
	}
	apply("CREATE TABLE long0 (id INT, e ENUM('" + strings.Repeat("x", maxSize/8) + "'))")
	for i := range 20 {
		apply(fmt.Sprintf("CREATE TABLE long%d LIKE long0", i+1))
	}
	if err := ask("long6"); err != nil {
		t.Error(err)
	}
	if err := ask("long20"); err == nil || !strings.Contains(err.Error(), "more than 16 MiB") {
		t.Errorf("long members: want an error that tells the bound, got %v", err)
	}
	for i := range 21 {
		apply(fmt.Sprintf("DROP TABLE long%d", i))
	}
	apply("CREATE TABLE t0 (id INT PRIMARY KEY" + wide.String() + ")")
	for i := range 500 {
		apply(fmt.Sprintf("CREATE TABLE t%d LIKE t%d", i+1, i/2))
	}
	for _, name := range []string{"t0", "t20", "t500"} {
		if err := ask(name); err != nil {
			t.Error(err)
		}
	}
	apply("DROP TABLE t1, t2")
	apply("CREATE TABLE after_drops LIKE t3")
	if err := ask("after_drops"); err != nil {
		t.Errorf("after tables are gone: %v", err)
	}
}

// TestNamesThatDifferInCase: a table that is made, or gets its name, while the log's own table has the name in other case is another one;
// after that one is gone it may be the same, as with lower_case_table_names.
func TestNamesThatDifferInCase(t *testing.T) {
	tracker := New(nil, Detect)
	tracker.Seen = func(*schema.Table) {}
	columns := func(name string) string {
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: name})
		if err != nil {
			return err.Error()
		}
		return found.Columns[0].Name
	}
	for i, step := range []struct{ sql, upper, lower string }{
		{"CREATE TABLE T (upper INT)", "upper", "upper"},
		{"CREATE TABLE t (lower INT)", "upper", "lower"},
		{"ALTER TABLE T RENAME COLUMN upper TO other", "other", "lower"},
		{"CREATE TABLE x (renamed INT)", "other", "lower"},
	} {
		if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(i)}, dump.Statement{Database: "d", SQL: step.sql}); err != nil {
			t.Fatal(err)
		}
		if upper, lower := columns("T"), columns("t"); upper != step.upper || lower != step.lower {
			t.Errorf("after %s: T has %s, t has %s", step.sql, upper, lower)
		}
	}
	for _, sql := range []string{"DROP TABLE t", "RENAME TABLE x TO t"} {
		if err := tracker.Apply(decoder.Position{File: "log", Offset: 9}, dump.Statement{Database: "d", SQL: sql}); err != nil {
			t.Fatal(err)
		}
	}
	if upper, lower := columns("T"), columns("t"); upper != "other" || lower != "renamed" {
		t.Errorf("at the end: T has %s, t has %s", upper, lower)
	}
}

// TestNamesOfOneTable: CREATE OR REPLACE makes the table anew that is there, whatever the case of its name.
func TestNamesOfOneTable(t *testing.T) {
	tracker := New(nil, Detect)
	for i, sql := range []string{"CREATE TABLE t (old INT)", "CREATE OR REPLACE TABLE T (new INT)"} {
		if err := tracker.Apply(decoder.Position{File: "log", Offset: int64(i)}, dump.Statement{Database: "d", SQL: sql}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"t", "T"} {
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: name})
		if err != nil || found.Columns[0].Name != "new" {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

// TestStatementsOnNamesThatDifferInCase: with a dump from the end of the logs, statements to come on T are not taken back from t, and T is
// not taken for t: where the dump has both, where T is made while t is there, and where the rows of both are logged.
func TestStatementsOnNamesThatDifferInCase(t *testing.T) {
	const swap = "RENAME COLUMN a TO b, RENAME COLUMN b TO a"
	tests := []struct {
		name, files string
		statements  []string
		rows        []string // to come, the first after all statements
		upper       string   // the first column of T; "" for an error
	}{
		{"both in the dump", "CREATE TABLE t (a INT, b INT); CREATE TABLE T (c INT, b INT)", []string{"ALTER TABLE T RENAME COLUMN a TO c"}, nil, "a"},
		{"made", "CREATE TABLE t (a INT, b INT)", []string{"ALTER TABLE t COMMENT 'x'", "CREATE TABLE T (a INT, b INT)", "ALTER TABLE T " + swap}, nil, ""},
		{"rows", "CREATE TABLE t (a INT, b INT)", []string{"ALTER TABLE T " + swap}, []string{"t", "T"}, ""},
		{"dropped, and rows", "CREATE TABLE t (a INT, b INT)", []string{"DROP TABLE T"}, []string{"t"}, ""},
		{"dropped, and altered", "CREATE TABLE t (a INT, b INT)", []string{"DROP TABLE T", "ALTER TABLE t COMMENT ''"}, nil, ""},
	}
	for _, tt := range tests {
		files, err := dump.Load(strings.NewReader("USE d; "+tt.files), "dump.sql")
		if err != nil {
			t.Fatal(err)
		}
		tracker := New(files, Detect)
		for i, sql := range tt.statements {
			tracker.Foresee(decoder.Position{File: "log", Offset: int64(i)}, dump.Statement{Database: "d", SQL: sql})
		}
		tracker.ExpectShapes()
		for _, name := range tt.rows {
			tracker.ForeseeShape(len(tt.statements), intRows("d", name, 2))
		}
		for _, name := range []string{"t", "T"} {
			want := map[string]string{"t": "a", "T": tt.upper}[name]
			found, err := tracker.TableOfRows(context.Background(), schema.Ref{Database: "d", Table: name, Map: intRows("d", name, 2)})
			switch {
			case want == "" && err == nil:
				t.Errorf("%s: %s is %+v", tt.name, name, found.Columns)
			case want != "" && (err != nil || found.Doubt != nil || found.Columns[0].Name != want):
				t.Errorf("%s: %s: %+v, %v", tt.name, name, found, err)
			}
		}
	}
}

// intRows is the table map of rows of INT columns.
func intRows(database, table string, columns int) *decoder.TableMap {
	m := &decoder.TableMap{Database: database, Table: table}
	for range columns {
		m.Columns = append(m.Columns, decoder.Column{Type: decoder.TypeLong, Nullable: true})
	}
	return m
}

// TestDialect: the words of a statement mean what they mean on the server that ran it.
func TestDialect(t *testing.T) {
	tests := []struct{ server, want string }{
		{"8.0.40", "json; timestamp null"},
		{"5.6.24-log", "json; timestamp not null"},
		{"10.6.18-MariaDB", "longtext; timestamp not null"},
		{"11.8.6-MariaDB", "longtext; timestamp null"},
	}
	for _, test := range tests {
		version, _ := decoder.ParseVersion(test.server)
		tracker := New(nil, Detect)
		st := dump.Statement{Server: version, Database: "d", SQL: "CREATE TABLE t (j JSON, s TIMESTAMP)"}
		if err := tracker.Apply(decoder.Position{}, st); err != nil {
			t.Fatal(err)
		}
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t"})
		if err != nil {
			t.Fatal(err)
		}
		got := found.Columns[0].SQLType() + "; " + found.Columns[1].SQLType()
		if found.Columns[1].Nullable {
			got += " null"
		} else {
			got += " not null"
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.server, got, test.want)
		}
	}
}

// TestCharsetFromLog: where no statement tells the character set, the table map may.
func TestCharsetFromLog(t *testing.T) {
	tracker := New(nil, Detect)
	if err := tracker.Apply(decoder.Position{}, dump.Statement{Database: "d", SQL: "CREATE TABLE t (a VARCHAR(10))"}); err != nil {
		t.Fatal(err)
	}
	m := &decoder.TableMap{Columns: []decoder.Column{{Type: decoder.TypeVarchar, Length: 40, Collation: 45}}}
	found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: m})
	if err != nil {
		t.Fatal(err)
	}
	if c := found.Columns[0]; c.Charset != "utf8mb4" || c.Collation != "utf8mb4_general_ci" {
		t.Errorf("character set %q, collation %q", c.Charset, c.Collation)
	}
	again, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: m})
	if err != nil || again != found {
		t.Errorf("asked again, another table came back (%v)", err)
	}
}
