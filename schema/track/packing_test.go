package track

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema/dump"
)

// TestPackedTables: what the DDL of a log makes of tables is the same where all of them are packed between any two statements.
func TestPackedTables(t *testing.T) {
	text, err := os.ReadFile("testdata/ddl.sql")
	if err != nil {
		t.Fatal(err)
	}
	follow := func(open int) (tables []string, packed int) {
		defer func(before int) { maxOpen = before }(maxOpen)
		maxOpen = open
		tracker := New(nil, Detect)
		for i, sql := range strings.Split(string(text), "\n") {
			_ = tracker.Apply(decoder.Position{File: "log", Offset: int64(i)}, dump.Statement{Database: "d", SQL: sql})
		}
		for _, l := range tracker.tables {
			if !l.isOpen {
				packed++
			}
		}
		tracker.Definitions(func(name dump.Name, def *dump.Definition, err error) {
			if err != nil {
				tables = append(tables, err.Error())
				return
			}
			sql, _ := def.SQL()
			tables = append(tables, fmt.Sprintf("%+v\n%s", def.Table, sql))
		})
		for _, of := range tracker.WithForeignKeys() {
			tables = append(tables, fmt.Sprintf("%s.%s %+v", of.Database, of.Name, of.ForeignKeys))
		}
		return tables, packed
	}
	want, _ := follow(1 << 30)
	got, packed := follow(0)
	if packed == 0 {
		t.Error("no table was packed")
	}
	for i := range max(len(want), len(got)) {
		if i >= min(len(want), len(got)) || !reflect.DeepEqual(want[i], got[i]) {
			t.Fatalf("open: %v\npacked: %v", want[min(i, len(want)):], got[min(i, len(got)):])
		}
	}
}
