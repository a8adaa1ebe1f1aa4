package changes_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/where"
)

const folder = "../../fixtures/mysql-9.7/mixed"

// stream reads the log of the case "mixed", whose DDL creates its tables.
func stream(t *testing.T, f *filter.Filter, condition string) *changes.Stream {
	t.Helper()
	logs := walk.Logs{Names: []string{filepath.Join(folder, "relay.000002")}}
	w, err := logs.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	o := changes.Options{Events: w, Definitions: &changes.Definitions{Logs: logs}, Filter: f}
	if condition != "" {
		if o.Where, err = where.Parse(condition); err != nil {
			t.Fatal(err)
		}
	}
	return changes.NewStream(o)
}

// list says in a word what each item is.
func list(t *testing.T, s *changes.Stream, workers int) string {
	t.Helper()
	readers := make([]changes.RowReader, workers)
	var out strings.Builder
	err := s.Run(context.Background(), workers,
		func(worker int, c *changes.Chunk) error {
			for i := range c.Items {
				item := &c.Items[i]
				var err error
				if c.Out, err = describe(c.Out, c, item, &readers[worker]); err != nil {
					return err
				}
			}
			return nil
		},
		func(c *changes.Chunk) error {
			_, err := out.Write(c.Out)
			return err
		})
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String())
}

func describe(dst []byte, c *changes.Chunk, item *changes.Item, rows *changes.RowReader) ([]byte, error) {
	t := c.TransactionOf(item)
	switch item.Kind {
	case changes.KindBegin:
		return fmt.Appendf(dst, "%d(", t.Number), nil
	case changes.KindEnd:
		return fmt.Appendf(dst, ") %s\n", t.Ending), nil
	case changes.KindStatement:
		q, err := item.Event.Query()
		return fmt.Appendf(dst, " %.12s", q.SQL), err
	case changes.KindRows:
		n := 0
		err := rows.All(c, item, func(*decoder.Row) error { n++; return nil })
		return fmt.Appendf(dst, " %s:%s:%d", item.Table.Name, item.Rows.Kind, n), err
	}
	return fmt.Appendf(dst, " kind %d", item.Kind), nil
}

const everything = `1( CREATE DATAB) statement
2( CREATE TABLE) statement
3( CREATE TABLE) statement
4( CREATE TABLE) statement
5( customers:INSERT:3) committed
6( orders:INSERT:3) committed
7( visits:INSERT:3) committed
8( customers:INSERT:1 customers:UPDATE:1 orders:UPDATE:1 customers:DELETE:1 customers:INSERT:1 visits:DELETE:1) committed`

func TestStream(t *testing.T) {
	for _, tc := range []struct {
		name      string
		filter    filter.Filter
		condition string
		want      string
	}{
		{"everything", filter.Filter{}, "", everything},
		{"deletes", filter.Filter{Kinds: filter.Deletes}, "", "8( customers:DELETE:1 visits:DELETE:1) committed"},
		{"rows of an id", filter.Filter{}, "id = 1 and email like '%'", "5( customers:INSERT:1) committed\n8( customers:INSERT:0 customers:UPDATE:0 customers:DELETE:0 customers:INSERT:0) committed"},
		{"no such column", filter.Filter{}, "nothing = 4", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := stream(t, &tc.filter, tc.condition)
			if got := list(t, s, 2); tc.condition == "" && got != tc.want {
				t.Errorf("found\n%s\nwant\n%s", got, tc.want)
			} else if tc.condition != "" && !strings.HasSuffix(got, tc.want) {
				t.Errorf("found\n%s\nwant at the end\n%s", got, tc.want)
			}
			if got := s.Account().IsEmpty(); got != (tc.want == "") {
				t.Errorf("IsEmpty is %v: %s", got, s.Account())
			}
		})
	}
}

// TestWorkers: the number of workers makes no difference.
func TestWorkers(t *testing.T) {
	for _, workers := range []int{1, 3} {
		if got := list(t, stream(t, nil, ""), workers); got != everything {
			t.Errorf("%d workers: found\n%s", workers, got)
		}
	}
}

// TestUnwantedTablesNeedNoDefinition: without the DDL in the log and without files, the tables are unknown.
func TestUnwantedTablesNeedNoDefinition(t *testing.T) {
	logs := walk.Logs{Names: []string{filepath.Join(folder, "relay.000002")}}
	files, err := dump.Load(strings.NewReader("CREATE TABLE visits (page VARCHAR(20), seconds DOUBLE) CHARSET=utf8mb4;"), "visits.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ table, want string }{
		{"shop.visits", "visits:INSERT:3\nvisits:DELETE:1\n"},
		{"*", "`shop`.`customers` is not in visits.sql"},
	} {
		pattern, err := filter.ParsePattern(tc.table)
		if err != nil {
			t.Fatal(err)
		}
		w, err := logs.From(decoder.Position{File: logs.Names[0], Offset: 1587})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		s := changes.NewStream(changes.Options{Events: w, Definitions: &changes.Definitions{Files: files},
			Filter: &filter.Filter{Tables: []filter.Pattern{pattern}}})
		var got strings.Builder
		var rows changes.RowReader
		err = s.Run(context.Background(), 1, func(_ int, c *changes.Chunk) error {
			for i := range c.Items {
				if item := &c.Items[i]; item.Kind == changes.KindRows {
					if err := rows.Open(c, item); err != nil {
						return err
					}
					for {
						if _, err := rows.Next(); err == io.EOF {
							break
						} else if err != nil {
							return err
						}
					}
					fmt.Fprintf(&got, "%s:%s:%d\n", item.Table.Name, item.Rows.Kind, rows.Number())
				}
			}
			return nil
		}, func(*changes.Chunk) error { return nil })
		if err != nil {
			got.Reset()
			got.WriteString(err.Error())
		}
		if !strings.Contains(got.String(), tc.want) {
			t.Errorf("--table %s: found\n%s\nwant\n%s", tc.table, got.String(), tc.want)
		}
	}
}

// TestTornLog: what is whole comes before the error.
func TestTornLog(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join(folder, "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	torn := filepath.Join(t.TempDir(), "torn")
	if err := os.WriteFile(torn, whole[:2600], 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := walk.Logs{Names: []string{torn}}.From(decoder.Position{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s := changes.NewStream(changes.Options{Events: w, Definitions: &changes.Definitions{}})
	items := 0
	err = s.Run(context.Background(), 2, func(int, *changes.Chunk) error { return nil }, func(c *changes.Chunk) error {
		items += len(c.Items)
		return nil
	})
	if err == nil || items != 6*3 {
		t.Errorf("%d items before the error %v", items, err)
	}
}
