package decoder

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/octets"
)

// mapEvent maps a table of n INT columns to an id.
func mapEvent(id uint64, table string, n int) []byte {
	post := append(binary.LittleEndian.AppendUint64(nil, id)[:6], 0, 0)
	name := append([]byte{byte(len(table))}, table...)
	width := append([]byte{0xfc}, binary.LittleEndian.AppendUint16(nil, uint16(n))...)
	return buildEvent(EventTableMap, post, []byte{1, 'd', 0}, name, []byte{0}, width,
		slices.Repeat([]byte{byte(TypeLong)}, n), []byte{0}, make([]byte, (n+7)/8))
}

// rowEvent inserts nothing but NULLs into the table of an id.
func rowEvent(id uint64, n int, flags byte) []byte {
	post := append(binary.LittleEndian.AppendUint64(nil, id)[:6], flags, 0)
	width := append([]byte{0xfc}, binary.LittleEndian.AppendUint16(nil, uint16(n))...)
	all := slices.Repeat([]byte{0xff}, (n+7)/8)
	return buildEvent(EventWriteRowsV1, post, width, all, all)
}

// A table under a new table id is the same table map; it is not parsed again.
func TestSameMapUnderAnotherID(t *testing.T) {
	log := builtLog{buildFormat("8.0.30", nil)}
	for id := range uint64(20_000) {
		log = append(log, mapEvent(id, "t", 60), rowEvent(id, 60, 1))
	}
	r := NewReader(&log)
	var first *TableMap
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		m, err := e.RowsTable()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = m
		}
		if m != first {
			t.Fatalf("table id %d has a table map of its own", e.TableID())
		}
	}
	if r.maps.bytes > maxMapped {
		t.Errorf("%d bytes of table maps, want at most %d", r.maps.bytes, maxMapped)
	}
}

// However many table maps a statement has, the rows of each of its tables are read by its own one, and memory is bounded.
func TestManyMapsInAStatement(t *testing.T) {
	const tables = 3000
	log := builtLog{buildFormat("8.0.30", nil)}
	width := func(id uint64) int { return 300 + int(id)%300 }
	for id := range uint64(tables) {
		log = append(log, mapEvent(id, fmt.Sprintf("t%d", id), width(id)))
	}
	for id := range uint64(tables) {
		log = append(log, rowEvent(id, width(id), byte(id/(tables-1))))
	}
	r := NewReader(&log)
	rows := 0
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		m, err := e.RowsTable()
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("t%d", e.TableID()); m.Table != want || len(m.Columns) != width(e.TableID()) {
			t.Fatalf("table id %d is %s with %d columns", e.TableID(), m.Table, len(m.Columns))
		}
		rows++
		parsed := 0
		for _, m := range r.maps.byID {
			if m.tm != nil {
				parsed += m.tm.Size()
			}
		}
		if parsed > maxMapped {
			t.Fatalf("%d bytes of parsed table maps, want at most %d", parsed, maxMapped)
		}
	}
	if rows != tables {
		t.Errorf("%d row events, want %d", rows, tables)
	}
}

// The table maps of a statement that are more than is kept are refused for that reason.
func TestTooManyMapsInAStatement(t *testing.T) {
	log := builtLog{buildFormat("8.0.30", nil)}
	const width = 4000
	for id := range uint64(maxMappedBody/width + 10) {
		log = append(log, mapEvent(id, fmt.Sprintf("t%d", id), width))
	}
	log = append(log, rowEvent(0, width, 1))
	for e, err := range NewReader(&log).All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		if _, err := e.RowsTable(); !errors.Is(err, ErrUnsupported) || !strings.Contains(err.Error(), "16 MiB") {
			t.Errorf("the rows of the first table: %v", err)
		}
	}
}

// A table map that a definition completed is not taken for another id: the table may have been altered since, in a way
// that table maps of its server do not show.
func TestCompletedMapsAreNotShared(t *testing.T) {
	asked := 0
	define := func(*TableMap) (Definition, error) {
		asked++
		return Definition{Columns: []Column{{Type: TypeDatetime, Scale: asked}}}, nil
	}
	format := buildFormat("10.0.38-MariaDB-log", nil)
	body := []byte{1, 'd', 0, 1, 't', 0, 1, byte(TypeDatetime), 0, 0}
	id := func(n byte) []byte { return []byte{n, 0, 0, 0, 0, 0, 0, 0} }
	log := builtLog{format, buildEvent(EventTableMap, id(7), body), buildEvent(EventTableMap, id(8), body),
		buildEvent(EventTableMap, id(7), body)}
	r := NewReader(&log)
	r.SetCompleter(define)
	var got []int
	for e, err := range r.All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == EventTableMap {
			m, _ := e.TableMap()
			got = append(got, m.Columns[0].Scale)
		}
	}
	if want := []int{1, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("fraction digits %v, want %v", got, want)
	}
}

// trustedLog is a log whose compressed values may inflate to as much as it says.
type trustedLog struct {
	builtLog
	most uint64
}

func (l *trustedLog) MaxInflated() uint64 { return l.most }

// The bound of a TrustedSource holds for the values of compressed columns as well.
func TestCompressedValueOfATrustedLog(t *testing.T) {
	const size = minInflated + 1<<20
	value := append(binary.BigEndian.AppendUint32([]byte{8<<4 | 4}, size), octets.Zlib(make([]byte, size))...)
	row := append([]byte{0}, binary.LittleEndian.AppendUint32(nil, uint32(len(value)))...)
	for _, tc := range []struct {
		most uint64
		want error
	}{{0, ErrTooLarge}, {size - 1, ErrTooLarge}, {size, nil}} {
		log := trustedLog{builtLog{buildFormat("10.11.6-MariaDB", nil), tableMapOf([]byte{byte(TypeBlobCompressed)}, []byte{4}, nil),
			buildEvent(EventWriteRowsV1, tableID7, endsStmt, []byte{1, 1}, row, value)}, tc.most}
		for e, err := range NewReader(&log).All() {
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
			r, err := re.Next()
			if err != nil {
				t.Fatal(err)
			}
			if text, err := r.After[0].AppendBytes(nil); !errors.Is(err, tc.want) || err == nil && len(text) != size {
				t.Errorf("at most %d: %d bytes, error %v, want %v", tc.most, len(text), err, tc.want)
			}
		}
	}
}
