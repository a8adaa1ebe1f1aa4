package decoder_test

import (
	"crypto/md5"
	"fmt"
	"strings"
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
	eachRow(t, logs, func(re *decoder.RowsEvent, _ *decoder.Row) { rows[re.Kind]++ })
	return rows
}

// eachRow reads all rows of sound logs.
func eachRow(t *testing.T, logs []string, visit func(*decoder.RowsEvent, *decoder.Row)) {
	t.Helper()
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
		for row, err := range re.All() {
			if err != nil {
				t.Fatal(err)
			}
			visit(re, row)
		}
	}
}

// MariaDB's COMPRESSED columns hold what the server says they hold, however it was compressed.
func TestCompressedColumns(t *testing.T) {
	for _, line := range []*servers.Line{servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.Name, func(t *testing.T) {
			s := servers.Start(t, line, servers.Options{Args: []string{"--log-bin-compress=ON", "--log-bin-compress-min-len=10"}})
			s.MustExec(t, `CREATE DATABASE d;
				CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(9000) COMPRESSED, w VARBINARY(200) COMPRESSED,
					t TINYTEXT COMPRESSED, b BLOB COMPRESSED, l LONGTEXT COMPRESSED);
				INSERT INTO d.t VALUES (1, '', '', '', '', ''), (2, 'a', x'00', 'é', x'ff', 'x'),
					(3, NULL, NULL, NULL, NULL, NULL),
					(4, REPEAT('ab', 4500), REPEAT(x'00', 200), REPEAT('日', 85), REPEAT(x'8000', 32767), REPEAT('long ', 100000));
				SET SESSION column_compression_zlib_wrap = ON;
				INSERT INTO d.t SELECT 5, v, w, t, b, l FROM d.t WHERE id = 4;
				SET SESSION column_compression_threshold = 1000000;
				INSERT INTO d.t SELECT 6, v, w, t, b, l FROM d.t WHERE id = 4;`)
			want := strings.Split(s.MustExec(t, `SELECT CONCAT_WS(' ', id, COALESCE(MD5(v), 'NULL'), COALESCE(MD5(w), 'NULL'),
				COALESCE(MD5(t), 'NULL'), COALESCE(MD5(b), 'NULL'), COALESCE(MD5(l), 'NULL')) AS r FROM d.t ORDER BY id`), "\n")[1:]
			var got []string
			eachRow(t, s.Binlogs(t), func(re *decoder.RowsEvent, row *decoder.Row) {
				sums := []string{text(row.After[0])}
				for _, cell := range row.After[1:] {
					sums = append(sums, sumOf(cell))
				}
				got = append(got, strings.Join(sums, " "))
			})
			if got, want := strings.Join(got, "\n"), strings.TrimSpace(strings.Join(want, "\n")); got != want {
				t.Errorf("MD5 sums of the values:\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func sumOf(c decoder.Cell) string {
	if c.State() == decoder.Null {
		return "NULL"
	}
	return fmt.Sprintf("%x", md5.Sum([]byte(text(c))))
}
