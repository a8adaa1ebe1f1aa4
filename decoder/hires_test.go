package decoder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// TestHighResolutionTemporals reads a table of MariaDB's with a TIME, a DATETIME and a TIMESTAMP of each precision, as
// stored before MySQL 5.6's formats: columns 2, 3 and 4 have no fraction digits, 5, 6 and 7 have one, and so on.
func TestHighResolutionTemporals(t *testing.T) {
	want := []string{
		"12:34:56.123456 2024-02-29 23:59:59.123456 2024-02-29 23:59:58.654321",
		"838:59:59.000000 9999-12-31 23:59:59.999999 2038-01-19 03:14:07.999999",
		"-838:59:59.000000 0000-00-00 00:00:00.000000 0000-00-00 00:00:00.000000",
		"-00:00:01.500000 2024-00-15 10:00:00.500000 2001-09-09 01:46:40.900000",
	}
	for _, line := range []string{"mariadb-10.5", "mariadb-10.11", "mariadb-11.8"} {
		name := filepath.Join("..", "..", "shared", "corpus", line, "written", "old-temporals-with-fsp.binlog")
		if _, err := os.Stat(name); err != nil {
			t.Skip("no corpus of real logs beside the project")
		}
		r := decoder.NewReader(logfile.OpenFiles(name))
		r.SetCompleter(func(m *decoder.TableMap) (decoder.Definition, error) {
			columns := make([]decoder.Column, len(m.Columns))
			for i := range columns {
				columns[i].Scale = (i - 2) / 3
			}
			return decoder.Definition{Columns: columns}, nil
		})
		rows := inserted(t, r)
		if len(rows) != len(want) {
			t.Fatalf("%s: %d rows, want %d", name, len(rows), len(want))
		}
		for i, row := range rows {
			for fsp := 0; fsp <= 6; fsp++ {
				got := strings.Join(row[2+3*fsp:5+3*fsp], " ")
				if expected := truncated(want[i], fsp); got != expected {
					t.Errorf("%s, row %d: got %s, want %s", name, i+1, got, expected)
				}
			}
		}
	}
}

// truncated cuts the fractions of three values to that many digits.
func truncated(values string, fsp int) string {
	words := strings.Fields(values)
	for i, w := range words {
		if point := strings.IndexByte(w, '.'); point >= 0 {
			words[i] = strings.TrimSuffix(w[:point+1+fsp], ".")
		}
	}
	return strings.Join(words, " ")
}

// inserted returns the values of all inserted rows as text.
func inserted(t *testing.T, r *decoder.Reader) (rows [][]string) {
	t.Helper()
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type != decoder.EventWriteRowsV1 {
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
			var values []string
			for _, cell := range row.After {
				text, err := cell.AppendText(nil)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, string(text))
			}
			rows = append(rows, values)
		}
	}
	return rows
}
