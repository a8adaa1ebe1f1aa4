package dump

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"binmend/decoder/words"
	"binmend/schema"
)

// TestSQL: a definition that is written as SQL is read as it was.
func TestSQL(t *testing.T) {
	for _, sql := range []string{
		"CREATE TABLE t (a INT UNSIGNED ZEROFILL NOT NULL AUTO_INCREMENT PRIMARY KEY, b FLOAT(7,2), c DECIMAL(6,2) DEFAULT '1.5')",
		`CREATE TABLE t (a ENUM('it''s','\\','x\ny') CHARACTER SET latin1, b SET('a','b') DEFAULT 'a,b', UNIQUE (b, a))`,
		"CREATE TABLE t (a TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), b TIMESTAMP NOT NULL)",
		"CREATE TABLE t (a VARCHAR(20) CHARACTER SET ucs2, b CHAR(3) BINARY, c TEXT, KEY (a(3))) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin ROW_FORMAT=COMPRESSED",
		"CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS ((`a` + 1)) STORED NOT NULL, UNIQUE KEY f ((a * 2)), c INT DEFAULT (uuid()) INVISIBLE)",
		"CREATE TABLE t (a INT, b INT, CONSTRAINT f FOREIGN KEY (a, b) REFERENCES e.p (x, y) ON DELETE CASCADE ON UPDATE SET NULL)",
		"CREATE TABLE t (a INT, s DATE, e DATE, PERIOD FOR p (s, e), UNIQUE (a, p WITHOUT OVERLAPS)) WITH SYSTEM VERSIONING",
		"CREATE TABLE t (a INT, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
		"CREATE TABLE t (a UUID, b INET6, c VECTOR(3), d POINT, e BIT(3) DEFAULT b'101', f YEAR, g JSON, h LONGTEXT COMPRESSED, i VARBINARY(9))",
	} {
		checkSQL(t, "USE d; "+sql)
	}
}

// TestSQLOfCorpus is TestSQL for the tables of real servers.
func TestSQLOfCorpus(t *testing.T) {
	const corpus = "../../../shared/corpus"
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus beside the repository")
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(d.Name(), "schema.sql") {
			return err
		}
		content, err := os.ReadFile(path)
		checkSQL(t, string(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkSQL compares the tables of a file with what is read of them as they are written.
func checkSQL(t *testing.T, file string) {
	t.Helper()
	files, err := Load(strings.NewReader(file), "file")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range files.Tables() {
		name := Name{want.Database, want.Name}
		d, err := files.Definition(name)
		if err != nil {
			t.Error(err)
			continue
		}
		sql, ok := d.SQL()
		again, err := Load(strings.NewReader("USE "+words.Quote(want.Database)+";\n"+sql+";"), "again")
		if err != nil || !ok || len(again.Problems) > 0 || len(again.Tables()) != 1 {
			t.Errorf("%v %v\n%s", err, again.Problems, sql)
			continue
		}
		got := again.Tables()[0]
		if g, w := comparable(got), comparable(want); !reflect.DeepEqual(g, w) {
			t.Errorf("%s\ngot  %+v\nwant %+v", sql, g, w)
		}
	}
}

// comparable is a table without what a definition does not carry: a dump has its triggers in statements of their own.
func comparable(t *schema.Table) schema.Table {
	c := *t
	c.Source, c.Triggers, c.Notes = "", nil, nil
	return c
}
