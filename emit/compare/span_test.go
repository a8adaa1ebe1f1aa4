package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/schema/dump"
	"binmend/schema/replica"
)

// TestTold: what statements between the rows leave of what is known.
func TestTold(t *testing.T) {
	const keyed = "CREATE TABLE keyed (id INT NOT NULL PRIMARY KEY, u INT, v VARCHAR(20) CHARACTER SET utf8mb4, UNIQUE KEY uu (u))"
	put := func(id int, v string) modelChange {
		return modelChange{"keyed", nil, row{fmt.Sprint(id), fmt.Sprint(100 + id), "'" + v + "'"}}
	}
	change := func(id int, from, to string) modelChange {
		c := put(id, to)
		c.before = put(id, from).after
		return c
	}
	for _, tc := range []struct {
		name    string
		log     func(w *logWriter)
		applied uint64 // 0: all
		have    []row  // the replica's rows
		want    string // kinds and keys of the differences
		unknown uint64
	}{
		{"as in the log", func(w *logWriter) { w.transaction([]modelChange{put(1, "a")}) }, 0, []row{put(1, "a").after}, "", 0},
		{"rows of which the log knows nothing", func(w *logWriter) { w.transaction([]modelChange{put(1, "a")}) }, 0,
			[]row{put(1, "a").after, put(9, "x").after}, "", 0},
		{"a table that is made", func(w *logWriter) { w.ddl(keyed); w.transaction([]modelChange{put(1, "a")}) }, 0,
			[]row{put(1, "a").after, put(9, "x").after}, "extra 9", 0},
		{"a table that is perhaps made", func(w *logWriter) {
			w.ddl(strings.Replace(keyed, "TABLE", "TABLE IF NOT EXISTS", 1))
			w.transaction([]modelChange{put(1, "a")})
		}, 0, []row{put(1, "a").after, put(9, "x").after}, "", 0},
		{"a table that is emptied", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("TRUNCATE keyed")
			w.transaction([]modelChange{put(2, "b")})
		}, 0, []row{put(1, "a").after, put(2, "b").after}, "extra 1", 0},
		{"a table that is dropped and made", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("DROP TABLE keyed")
			w.ddl(keyed)
		}, 0, []row{put(1, "a").after}, "extra 1", 0},
		{"a table that is dropped and perhaps made", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("DROP TABLE keyed")
			w.ddl(strings.Replace(keyed, "TABLE", "TABLE IF NOT EXISTS", 1))
			w.transaction([]modelChange{put(2, "b")})
		}, 0, []row{put(1, "a").after, put(2, "c").after}, "differs 2, extra 1", 0},
		{"a database that is dropped, spelled otherwise", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("DROP DATABASE D")
		}, 0, nil, "missing 1", 0},
		{"a database that is dropped, spelled otherwise, of a replica with lower_case_table_names=1", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("DROP DATABASE D")
		}, 0, nil, "", 0},
		{"a table that is perhaps made in a database that is made, spelled otherwise, of a replica with lower_case_table_names=1", func(w *logWriter) {
			w.ddl("CREATE DATABASE D")
			w.ddl(strings.Replace(keyed, "TABLE", "TABLE IF NOT EXISTS", 1))
			w.transaction([]modelChange{put(1, "a")})
		}, 0, []row{put(1, "a").after, put(9, "x").after}, "extra 9", 0},
		{"a table that is given another's name", func(w *logWriter) {
			w.ddl("CREATE TABLE fresh LIKE keyed")
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("RENAME TABLE keyed TO old, fresh TO keyed")
			w.transaction([]modelChange{put(2, "b")})
		}, 0, []row{put(1, "a").after, put(2, "b").after}, "extra 1", 1}, // the replica has no table that is called old
		{"a statement that changes rows", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a"), put(2, "b")})
			w.ddl("UPDATE keyed SET v = 'x'")
			w.transaction([]modelChange{change(2, "x", "c")})
		}, 0, []row{put(1, "x").after, put(2, "d").after}, "differs 2", 1},
		{"a statement on another table", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("UPDATE other SET v = 'x'")
		}, 0, []row{put(1, "x").after}, "differs 1", 0},
		{"a statement that reads the table", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("REPLACE INTO other SELECT id, COUNT(*) FROM keyed")
			w.ddl("INSERT IGNORE `other` (a) VALUES ((SELECT MAX(id) FROM keyed)) ON DUPLICATE KEY UPDATE a = 1")
		}, 0, []row{put(1, "x").after}, "differs 1", 0},
		{"a statement that writes the table and reads another", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("REPLACE LOW_PRIORITY d.keyed SELECT * FROM other")
		}, 0, []row{put(1, "x").after}, "", 1},
		{"a statement that may change any table", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("CALL anything()")
		}, 0, []row{put(1, "x").after}, "", 1},
		{"a transaction that is not applied", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.transaction([]modelChange{change(1, "a", "b")})
			w.ddl("TRUNCATE keyed")
		}, 1, []row{put(1, "a").after}, "", 0},
		{"ALTER TABLE of another column", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a"), put(2, "b")})
			w.ddl("ALTER TABLE keyed MODIFY u INT DEFAULT 7")
			w.transaction([]modelChange{change(2, "b", "c")})
		}, 0, []row{{"1", "7", "'a'"}, put(2, "d").after}, "differs 2", 0},
		{"ALTER TABLE that drops a key of a column's name", func(w *logWriter) {
			w.ddl(strings.Replace(keyed, "UNIQUE KEY", "KEY v (u), UNIQUE KEY", 1))
			w.transaction([]modelChange{put(1, "a"), put(2, "b")})
			w.ddl("ALTER TABLE keyed MODIFY u INT DEFAULT 7, DROP KEY `v`")
			w.transaction([]modelChange{change(2, "b", "c")})
		}, 0, []row{{"1", "101", "'x'"}, put(2, "c").after}, "differs 1", 0},
		{"ALTER TABLE of the key", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a"), put(2, "b")})
			w.ddl("ALTER TABLE keyed DROP PRIMARY KEY, ADD PRIMARY KEY (id)")
			w.transaction([]modelChange{change(2, "b", "c")})
		}, 0, []row{put(1, "x").after, put(2, "d").after}, "differs 2", 2},
		{"an index", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.ddl("CREATE UNIQUE INDEX uu ON keyed (u)")
		}, 0, []row{put(1, "x").after}, "differs 1", 0},
		{"a holder of a value from before the key", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.transaction([]modelChange{{"keyed", put(1, "a").after, row{"1", "5", "'a'"}}})
			w.ddl("CREATE UNIQUE INDEX uu ON keyed (u)")
		}, 0, []row{{"1", "5", "'a'"}, {"9", "101", "'x'"}}, "", 0},
		{"a holder of a value that was another's", func(w *logWriter) {
			w.transaction([]modelChange{put(1, "a")})
			w.transaction([]modelChange{{"keyed", put(1, "a").after, row{"1", "5", "'a'"}}})
		}, 0, []row{{"1", "5", "'a'"}, {"9", "101", "'x'"}}, "extra 9", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files, err := dump.Load(strings.NewReader("USE d;\n"+modelSchema), "model.sql")
			if err != nil {
				t.Fatal(err)
			}
			w := newLogWriter()
			tc.log(w)
			applied := tc.applied
			if applied == 0 {
				applied = w.seq
			}
			m := &model{t: t, schema: files, files: t.TempDir(), tables: map[string]content{"keyed": {}}, statuses: []*replica.Status{statusUpTo(applied, "No")}}
			m.statuses[0].Filters.LowerCase = strings.Contains(tc.name, "lower_case_table_names=1")
			for _, r := range tc.have {
				m.tables["keyed"][r[0]] = r
			}
			found := compareModel(t, m, w.Bytes())
			defer found.Close()
			var got []string
			err = found.Each(func(x *Difference) error {
				row := x.Have
				if row == nil {
					row = x.Want
				}
				got = append(got, fmt.Sprintf("%s %s", x.Kind, row.Literals[0]))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if slices.Sort(got); strings.Join(got, ", ") != tc.want || found.NotJudged() != tc.unknown {
				t.Errorf("found %q and %d not judged, want %q and %d; %q", got, found.NotJudged(), tc.want, tc.unknown, found.Statements)
			}
		})
	}
}
