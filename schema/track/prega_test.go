package track

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestRowsBeforeGA reads the row events of MySQL 5.1 from before its first stable release, with the tables that the logs
// themselves create. The same statements ran on servers of before and after it, so that the rows have to be the same as
// in the log of 5.1.23, which TestDifferential compares with a server's own reader.
func TestRowsBeforeGA(t *testing.T) {
	corpus := filepath.Join("..", "..", "..", "shared", "corpus")
	after := filepath.Join(corpus, "mysql-5.1", "ver_5_1_23.001")
	if _, err := os.Stat(after); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	want := rowTexts(t, after)
	if len(want) == 0 {
		t.Fatalf("no row in %s", after)
	}
	for log, want := range map[string][]string{
		"mysql-5.1/ver_5_1_17.001":       want,
		"mysql-5.1/ver_5_1-telco.001":    want,
		"mysql-5.2/ver_5_1-wl2325_r.001": want,
		"mysql-5.1/bug32407.001":         {"INSERT test.t1 (1)", "INSERT test.t1 (1)"},
	} {
		t.Run(log, func(t *testing.T) {
			got := rowTexts(t, filepath.Join(corpus, log))
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// rowTexts returns the row changes of a log as text.
func rowTexts(t *testing.T, log string) (rows []string) {
	t.Helper()
	src := logfile.OpenFiles(log)
	defer src.Close()
	tracker := New(nil, Detect)
	r := decoder.NewReader(src)
	r.SetCompleter(schema.Completer(context.Background(), tracker))
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == decoder.EventQuery {
			q, err := e.Query()
			if err != nil {
				t.Fatal(err)
			}
			collations, _ := q.Collations()
			st := dump.Statement{Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL), Collations: collations}
			if err := tracker.Apply(e.Pos, st); err != nil {
				t.Fatal(err)
			}
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
			rows = append(rows, fmt.Sprintf("%s %s.%s%s%s", re.Kind, re.Map.Database, re.Map.Table, imageText(t, row.Before), imageText(t, row.After)))
		}
	}
	return rows
}

func imageText(t *testing.T, image decoder.Image) string {
	t.Helper()
	var b strings.Builder
	for i, c := range image {
		text, err := c.AppendText(nil)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString([]string{" (", ", "}[min(i, 1)])
		if c.State() == decoder.Null {
			text = []byte("NULL")
		}
		b.Write(text)
	}
	if len(image) > 0 {
		b.WriteString(")")
	}
	return b.String()
}
