package decoder

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// A table `d`.`t` (a INT NOT NULL, b VARCHAR(10)) with the table id 7.
var (
	tableID7  = []byte{7, 0, 0, 0, 0, 0}
	noFlags   = []byte{0, 0}
	endsStmt  = []byte{1, 0}
	tableBody = []byte{
		1, 'd', 0, 1, 't', 0, 2, // names and number of columns
		byte(TypeLong), byte(TypeVarchar), 2, 10, 0, // types and metadata
		2, // nullable bits
	}
	rowBody = []byte{2, 3, 0, 5, 0, 0, 0, 1, 'x'} // columns, present bits, null bits, 5, 'x'
)

func tableMapEvent(id []byte) []byte { return buildEvent(EventTableMap, id, noFlags, tableBody) }

// rowsOf reads all rows of an event.
func rowsOf(e *Event) (rows []string, err error) {
	re, err := e.Rows()
	if err != nil {
		return nil, err
	}
	for row, err := range re.All() {
		if err != nil {
			return rows, err
		}
		rows = append(rows, rowText(row.Before)+"→"+rowText(row.After))
	}
	return rows, nil
}

func rowText(image Image) string {
	var values []string
	for _, c := range image {
		text, _ := c.AppendText(nil)
		switch c.State() {
		case Absent:
			text = []byte("absent")
		case Null:
			text = []byte("NULL")
		}
		values = append(values, string(text))
	}
	return strings.Join(values, ",")
}

// Row events of every version and kind, as far as real logs of the tests have them not.
func TestRowEvents(t *testing.T) {
	modern := buildFormat("8.0.30", nil)
	for _, tc := range []struct {
		name   string
		events [][]byte
		want   string
	}{
		{"version 1", [][]byte{buildFormat("5.5.9", nil), tableMapEvent(tableID7),
			buildEvent(EventWriteRowsV1, tableID7, endsStmt, rowBody)}, "→5,x"},
		{"version 2", [][]byte{modern, tableMapEvent(tableID7),
			buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0}, rowBody)}, "→5,x"},
		{"version 2 with extra row information", [][]byte{modern, tableMapEvent(tableID7),
			buildEvent(EventDeleteRows, tableID7, endsStmt, []byte{5, 0, 1, 3, 0}, rowBody)}, "5,x→"},
		{"table ids of 4 bytes", [][]byte{
			buildFormat("5.1.9", map[EventType]byte{EventTableMap: 6, EventUpdateRowsV1: 6}), tableMapEvent(tableID7[:4]),
			buildEvent(EventUpdateRowsV1, tableID7[:4], endsStmt, []byte{2, 1, 2, 0, 5, 0, 0, 0, 1})}, "5,absent→absent,NULL"},
		{"an INSERT of defaults only", [][]byte{modern, tableMapEvent(tableID7),
			buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0, 2, 0})}, "→absent,absent"},
		{"a DELETE without rows", [][]byte{modern, tableMapEvent(tableID7),
			buildEvent(EventDeleteRows, tableID7, endsStmt, []byte{2, 0, 2, 3})}, ""},
		{"a table id that also means none", [][]byte{modern, tableMapEvent([]byte{0xff, 0xff, 0xff, 0, 0, 0}),
			buildEvent(EventWriteRows, []byte{0xff, 0xff, 0xff, 0, 0, 0}, endsStmt, []byte{2, 0}, rowBody)}, "→5,x"},
		{"a second event of the statement", [][]byte{modern, tableMapEvent(tableID7),
			buildEvent(EventWriteRows, tableID7, noFlags, []byte{2, 0}, rowBody),
			buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0}, rowBody)}, "→5,x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows, err := rowsOf(lastOf(t, tc.events...))
			if got := strings.Join(rows, ";"); got != tc.want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

// What is wrong with a row event is said with what was expected.
func TestBadRowEvents(t *testing.T) {
	modern := buildFormat("8.0.30", nil)
	write := func(body ...byte) []byte { return buildEvent(EventWriteRows, tableID7, endsStmt, body) }
	for _, tc := range []struct {
		name   string
		events [][]byte
		kind   error
		what   string
	}{
		{"no table map", [][]byte{modern, write(2, 0)}, ErrNoTableMap, "expected a Table_map event"},
		{"a table map of the statement before", [][]byte{modern, tableMapEvent(tableID7), write(append([]byte{2, 0}, rowBody...)...), write(2, 0)},
			ErrNoTableMap, "expected a Table_map event"},
		{"another number of columns", [][]byte{modern, tableMapEvent(tableID7), write(2, 0, 3, 7)}, ErrCorrupt, "expected 2 columns"},
		{"extra row information of one byte", [][]byte{modern, tableMapEvent(tableID7), write(1, 0)}, ErrCorrupt, "extra row information"},
		{"cut in the bitmap", [][]byte{modern, tableMapEvent(tableID7), write(2, 0, 2)}, ErrCorrupt, "columns present"},
		{"bytes for no column", [][]byte{modern, tableMapEvent(tableID7), write(2, 0, 2, 0, 9)}, ErrCorrupt, "none is present"},
		{"a value cut", [][]byte{modern, tableMapEvent(tableID7), write(2, 0, 2, 3, 0, 5, 0)}, ErrCorrupt, "row 1 of table `d`.`t`: value"},
		{"of 5.1's betas, after a table map of its stable releases", [][]byte{buildFormat("5.1.15", nil), tableMapEvent(tableID7),
			buildEvent(EventPreGAWriteRows, tableID7, endsStmt, rowBody)}, ErrUnsupported, "with a table map of a later server"},
		{"no row event", [][]byte{modern, buildEvent(EventXid, make([]byte, 8))}, ErrUnsupported, "expected a row event, found Xid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := rowsOf(lastOf(t, tc.events...))
			if !errors.Is(err, tc.kind) || !strings.Contains(err.Error(), tc.what) {
				t.Errorf("error %v, want %v with %q", err, tc.kind, tc.what)
			}
		})
	}
}

// After an error no row follows, and the error stays.
func TestErrorStays(t *testing.T) {
	e := lastOf(t, buildFormat("8.0.30", nil), tableMapEvent(tableID7), buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0, 2, 3, 0}))
	re, err := e.Rows()
	if err != nil {
		t.Fatal(err)
	}
	_, first := re.Next()
	_, second := re.Next()
	if first == nil || first == io.EOF || second == nil || second.Error() != first.Error() {
		t.Errorf("errors %v and %v", first, second)
	}
}

// A row event without a table has no rows and ends the statement.
func TestDummyRowEvent(t *testing.T) {
	dummy := buildEvent(EventWriteRows, []byte{0xff, 0xff, 0xff, 0, 0, 0}, endsStmt, []byte{2, 0})
	modern := buildFormat("8.0.30", nil)
	if e := lastOf(t, modern, tableMapEvent(tableID7), dummy); e.IsRows() {
		t.Error("it is called a row event")
	}
	after := lastOf(t, modern, tableMapEvent(tableID7), dummy, buildEvent(EventWriteRows, tableID7, endsStmt, []byte{2, 0}, rowBody))
	if _, err := after.Rows(); !errors.Is(err, ErrNoTableMap) {
		t.Errorf("the statement's table maps are still valid: %v", err)
	}
}
