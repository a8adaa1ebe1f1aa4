package decoder

import (
	"errors"
	"strings"
	"testing"

	"binmend/decoder/fault"
)

// A table of 5.1's betas: an INT that may be NULL, a CHAR or VARCHAR that never is, an ENUM that may be.
func bareMap(text ColumnType) []byte {
	return buildEvent(EventTableMap, tableID7, noFlags, []byte{1, 'd', 0, 1, 't', 0, 3, byte(TypeLong), byte(text), byte(TypeString)})
}

func definitionOf(text ColumnType, packed bool) Completer {
	return func(*TableMap) (Definition, error) {
		return Definition{Packed: packed, Columns: []Column{
			{Type: TypeLong, Nullable: true},
			{Type: text, Length: 50, LenBytes: 1},
			{Type: TypeEnum, Length: 1, Nullable: true},
		}}, nil
	}
}

// TestPreGARows reads rows in the layouts that no log at hand has. A value stands for a NULL as well.
func TestPreGARows(t *testing.T) {
	write := func(body ...byte) []byte { return buildEvent(EventPreGAWriteRows, tableID7, endsStmt, body) }
	for _, tc := range []struct {
		name   string
		text   ColumnType
		packed bool
		event  []byte
		want   string
	}{
		{"no NULL", TypeString, false, write(3, 7, 0xf9, 5, 0, 0, 0, 1, 'x', 2), "→5,x,2"},
		{"the first NULL", TypeString, false, write(3, 7, 0xfb, 5, 0, 0, 0, 1, 'x', 2), "→NULL,x,2"},
		{"the last NULL", TypeString, false, write(3, 7, 0xfd, 5, 0, 0, 0, 1, 'x', 0), "→5,x,NULL"},
		{"packed, the first NULL", TypeVarchar, true, write(3, 7, 0xfd, 0, 0, 0, 0, 1, 'x', 2), "→NULL,x,2"},
		{"packed, the last NULL", TypeVarchar, true, write(3, 7, 0xfe, 5, 0, 0, 0, 1, 'x', 0), "→5,x,NULL"},
		{"a column absent", TypeString, false, write(3, 5, 0xf9, 5, 0, 0, 0, 2), "→5,absent,2"},
		{"two rows", TypeString, false, write(3, 7, 0xf9, 5, 0, 0, 0, 1, 'x', 2, 0xf9, 6, 0, 0, 0, 0, 1), "→5,x,2;→6,,1"},
		{"an update has one bitmap", TypeString, false, buildEvent(EventPreGAUpdateRows, tableID7, endsStmt,
			[]byte{3, 7, 0xf9, 5, 0, 0, 0, 1, 'x', 2, 0xf9, 6, 0, 0, 0, 1, 'y', 1}), "5,x,2→6,y,1"},
		{"a delete", TypeString, false, buildEvent(EventPreGADeleteRows, tableID7, endsStmt,
			[]byte{3, 7, 0xf9, 5, 0, 0, 0, 1, 'x', 2}), "5,x,2→"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := completed(t, definitionOf(tc.text, tc.packed), bareMap(tc.text), tc.event)
			rows, err := rowsOf(e)
			if got := strings.Join(rows, ";"); got != tc.want || err != nil {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
			re, err := e.Rows()
			if err != nil {
				t.Fatal(err)
			}
			if n, err := re.Count(); n != len(rows) || err != nil {
				t.Errorf("counted %d rows, %v; want %d", n, err, len(rows))
			}
		})
	}
}

// completed reads events of a beta of 5.1 with a completer, and returns the last.
func completed(t *testing.T, c Completer, events ...[]byte) *Event {
	t.Helper()
	log := builtLog(append([][]byte{buildFormat("5.1.17-beta", nil)}, events...))
	r := NewReader(&log)
	r.SetCompleter(c)
	var last *Event
	for len(log) > 0 {
		e, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		last = e
	}
	return last
}

// TestUndefinedRows: without a definition, or with one that does not fit, the rows of a bare table map are refused.
func TestUndefinedRows(t *testing.T) {
	define := func(columns ...Column) Completer {
		return func(*TableMap) (Definition, error) { return Definition{Columns: columns}, nil }
	}
	number, enum := Column{Type: TypeLong}, Column{Type: TypeEnum, Length: 1}
	for _, tc := range []struct {
		name     string
		complete Completer
		what     string
	}{
		{"no completer", nil, "nothing but the types of its columns, as servers before MySQL 5.1.18"},
		{"an unknown table", func(*TableMap) (Definition, error) { return Definition{}, errors.New("no such table") }, "no such table"},
		{"another number of columns", define(number), "its definition has 1 columns, the table map has 3"},
		{"another type", define(number, number, enum), "column 2: its definition says LONG, the table map STRING"},
		{"no character set", define(number, Column{Type: TypeString, Length: 100}, enum), "character set is missing"},
		{"an ENUM without size", define(number, Column{Type: TypeString, Length: 1, LenBytes: 1}, Column{Type: TypeEnum}), "ENUM of 0 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			row := buildEvent(EventPreGAWriteRows, tableID7, endsStmt, []byte{3, 7, 0xf9, 5, 0, 0, 0, 1, 'x', 2})
			e := completed(t, tc.complete, bareMap(TypeString), row)
			_, err := rowsOf(e)
			var log *fault.Error
			if !errors.Is(err, ErrUndefined) || !errors.As(err, &log) || !strings.Contains(log.What, tc.what) || log.Pos.File == "" {
				t.Errorf("error %v, want one that says %q", err, tc.what)
			}
			if m := e.reader.mapped(7).tm; !m.IsOpen() {
				t.Error("the table map counts as whole")
			}
		})
	}
}

// BIT is refused: some storage engines keep a part of it among the null bits.
func TestBitBeforeGA(t *testing.T) {
	raw := buildEvent(EventTableMap, tableID7, noFlags, []byte{1, 'd', 0, 1, 't', 0, 1, byte(TypeBit)})
	define := func(*TableMap) (Definition, error) {
		return Definition{Columns: []Column{{Type: TypeBit, Length: 9}}}, nil
	}
	_, err := rowsOf(completed(t, define, raw, buildEvent(EventPreGAWriteRows, tableID7, endsStmt, []byte{1, 1, 0xff, 1})))
	if !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "storage engine") {
		t.Errorf("error %v", err)
	}
}
