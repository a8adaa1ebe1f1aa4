package track

import (
	"context"
	"os"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// FuzzApply applies statements, one a line, to tables that files and the log have. Whatever they say, the tables that come
// out are whole: keys name columns that are there, and a table map with other columns never fits.
func FuzzApply(f *testing.F) {
	text, err := os.ReadFile("testdata/ddl.sql")
	if err != nil {
		f.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i := 1; i+4 < len(lines); i += 4 {
		f.Add(strings.Join(lines[i:i+4], "\n"))
	}
	f.Add("ALTER TABLE t ADD (a INT\nRENAME TABLE t TO t\nCREATE TABLE t LIKE t\nDROP DATABASE d\nALTER TABLE t CHANGE")
	files, err := dump.Load(strings.NewReader("USE d; CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(20), UNIQUE (a(3)), KEY k (id, a));"), "schema.sql")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, log string) {
		statements := strings.Split(log, "\n")
		for _, at := range []At{Detect, Start, End} {
			tracker := New(files, at)
			for i, sql := range statements {
				tracker.Foresee(decoder.Position{Offset: int64(i)}, dump.Statement{Database: "d", SQL: sql})
			}
			for i, sql := range statements {
				_ = tracker.Apply(decoder.Position{Offset: int64(i)}, dump.Statement{Database: "d", SQL: sql})
				checkAll(t, tracker)
			}
		}
	})
}

func checkAll(t *testing.T, tracker *Tracker) {
	for name := range tracker.tables {
		of, err := tracker.Table(context.Background(), schema.Ref{Database: name.Database, Table: name.Table})
		if err != nil {
			_ = err.Error()
			continue
		}
		if len(of.Columns) == 0 {
			t.Fatalf("table %s has no columns", name)
		}
		for _, k := range of.Keys {
			for _, p := range k.Parts {
				if p.Column >= len(of.Columns) || p.Column < 0 && p.Expr == "" {
					t.Fatalf("table %s: key %s names no column", name, k.Name)
				}
			}
		}
	}
}
