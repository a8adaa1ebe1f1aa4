package decoder_test

import (
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
)

// Rows that a server wrote with no column, or with all of them where others would leave them out, are counted as the
// server counts them.
func TestRowsOfDefaults(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.Name, func(t *testing.T) {
			s := servers.Start(t, line, servers.Options{RowImage: "MINIMAL"})
			s.MustExec(t, `CREATE DATABASE d; USE d;
				CREATE TABLE plain (a INT DEFAULT 5, b VARCHAR(10) DEFAULT 'x');
				CREATE TABLE keyed (id INT PRIMARY KEY AUTO_INCREMENT, a INT DEFAULT 5);
				INSERT INTO plain VALUES (); INSERT INTO plain () VALUES ();
				BEGIN; INSERT INTO plain VALUES (); INSERT INTO plain VALUES (); COMMIT;
				INSERT INTO keyed VALUES (), ();
				UPDATE keyed SET a = 6; UPDATE plain SET a = 6;
				DELETE FROM keyed; DELETE FROM plain;`)
			want := map[decoder.RowsKind]int{decoder.Insert: 6, decoder.Update: 6, decoder.Delete: 6}
			got := countRows(t, s.Binlogs(t))
			for kind, n := range want {
				if got[kind] != n {
					t.Errorf("%d rows of %s, want %d", got[kind], kind, n)
				}
			}
		})
	}
}

func countRows(t *testing.T, logs []string) map[decoder.RowsKind]int {
	t.Helper()
	rows := make(map[decoder.RowsKind]int)
	f := logfile.OpenFiles(logs...)
	defer f.Close()
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		re, err := e.Rows()
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range re.All() {
			if err != nil {
				t.Fatal(err)
			}
			rows[re.Kind]++
		}
	}
	return rows
}
