package track

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestWritten: the date of a dump says which statements it is from before and from after, as far as the time zone of the machine that
// wrote it and the time that it took leave no doubt. The rows come before the statement of day 20; one of day 10 went before.
func TestWritten(t *testing.T) {
	const orders = "CREATE TABLE t (id INT, a INT, b INT);"
	for _, test := range []struct {
		name, files, day, statement string
		want                        string // the columns, or a part of the error
		replaced                    bool
	}{
		{"before the move", "CREATE TABLE t (id INT, b INT, a INT);", "12", "ALTER TABLE t MODIFY b INT AFTER id", "t(id b a)", false},
		{"after the move, of which the old place is not known", "CREATE TABLE t (id INT, b INT, a INT);", "28", "ALTER TABLE t MODIFY b INT AFTER id", "one of several that fit", false},
		{"on the day of the move", "CREATE TABLE t (id INT, b INT, a INT);", "20", "ALTER TABLE t MODIFY b INT AFTER id", "one of several that fit", false},
		{"before names are exchanged", orders, "12", "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a", "t(id a b)", false},
		{"after names were exchanged", orders, "28", "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a", "t(id b a)", false},
		{"on the day of the exchange", orders, "20", "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a", "one of several that fit", false},
		{"before the table is made anew", orders, "12", "DROP TABLE t\nCREATE TABLE t (id INT, a INT, b INT)", "t(id a b)", false},
		{"after the table was made anew", orders, "28", "DROP TABLE t\nCREATE TABLE t (id INT, a INT, b INT)", "puts in its place", false},
		{"on the day when the table was made anew", orders, "20", "DROP TABLE t\nCREATE TABLE t (id INT, a INT, b INT)", "t(id a b)", true},
		{"after the table was dropped, and another one made outside the logs", orders, "28", "DROP TABLE t", "of another table than these rows", false},
		{"before the table is dropped", orders, "12", "DROP TABLE t", "t(id a b)", false},
		{"at an unknown time", orders, "", "DROP TABLE t\nCREATE TABLE t (id INT, a INT, b INT)", "t(id a b)", true},
		{"another table takes the place", orders, "", "CREATE TABLE n (id INT, a INT, b INT)\nRENAME TABLE t TO o, n TO t", "puts in its place", false},
		{"another table takes the place after the dump", orders, "12", "CREATE TABLE n (id INT, a INT, b INT)\nRENAME TABLE t TO o, n TO t", "t(id a b)", false},
		{"it is made anew in another form", orders, "", "DROP TABLE t\nCREATE TABLE t (id INT, b INT, a INT)", "t(id a b)", false},
		{"before a statement that went before: it is applied", orders, "05", "", "t(id b a)", false},
		{"after a statement that went before: it is not", orders, "14", "", "t(id a b)", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := "USE d; " + test.files
			if test.day != "" {
				text += "\n-- Dump completed on 2026-05-" + test.day + " 12:00:00\n"
			}
			files, err := dump.Load(strings.NewReader(text), "schema.sql")
			if err != nil {
				t.Fatal(err)
			}
			tracker := New(files, Detect)
			statement := func(sql string, day int) dump.Statement {
				return dump.Statement{Database: "d", SQL: sql, Ended: time.Date(2026, 5, day, 12, 0, 0, 0, time.UTC)}
			}
			if strings.Contains(test.name, "went before") {
				past := statement("ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a", 10)
				if err := tracker.Apply(decoder.Position{File: "log", Offset: 50}, past); err != nil {
					t.Fatal(err)
				}
			}
			for i, sql := range strings.Split(test.statement, "\n") {
				tracker.Foresee(decoder.Position{File: "log", Offset: int64(100 * (i + 1))}, statement(sql, 20))
			}
			got := ""
			if found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: mapOf("int+ int+ int+")}); err != nil {
				got = err.Error()
			} else {
				got, _, _ = strings.Cut(brief(found), " from ")
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if _, replaced := tracker.Replaced(dump.Name{Database: "d", Table: "t"}); replaced != test.replaced {
				t.Errorf("replaced: %v, want %v", replaced, test.replaced)
			}
		})
	}
}

// TestRanBefore: a statement whose transaction a dump names ran before it, whatever the definition looks like.
func TestRanBefore(t *testing.T) {
	for _, test := range []struct {
		ran  bool
		want string
	}{{false, "one of several that fit"}, {true, "t(id b a)"}} {
		files, err := dump.Load(strings.NewReader("USE d; CREATE TABLE t (id INT, a INT, b INT);"), "schema.sql")
		if err != nil {
			t.Fatal(err)
		}
		tracker := New(files, Detect)
		place := decoder.Position{File: "log", Offset: 100}
		tracker.RanBefore(map[decoder.Position]bool{place: test.ran}, time.Time{})
		tracker.Foresee(place, dump.Statement{Database: "d", SQL: "ALTER TABLE t RENAME COLUMN a TO b, RENAME COLUMN b TO a"})
		found, err := tracker.Table(context.Background(), schema.Ref{Database: "d", Table: "t", Map: mapOf("int+ int+ int+")})
		got := fmt.Sprint(err)
		if err == nil {
			got, _, _ = strings.Cut(brief(found), " from ")
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%v: got %s, want %s", test.ran, got, test.want)
		}
	}
}
