package decoder

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/fault"
	"binmend/fixtures/octets"
)

// queryBody is the body of a QUERY event with two bytes of status variables.
func queryBody(database, sql string) []byte {
	head := []byte{7, 0, 0, 0, 60, 0, 0, 0, byte(len(database)), 0x26, 0x04, 2, 0, 1, 2}
	return append(append(append(head, database...), 0), sql...)
}

// compressed is a statement as MariaDB's Query_compressed holds it.
func compressed(sql string) string {
	return string([]byte{0x81, byte(len(sql))}) + string(octets.Zlib([]byte(sql)))
}

func TestQuery(t *testing.T) {
	for _, tc := range []struct {
		name          string
		kind          EventType
		database, sql string
		want          string
	}{
		{"a statement", EventQuery, "shop", "DELETE FROM t", "DELETE FROM t"},
		{"no database", EventQuery, "", "BEGIN", "BEGIN"},
		{"a zero byte in the statement", EventQuery, "d", "SELECT '\x00'", "SELECT '\x00'"},
		{"compressed", EventMariaQueryCompressed, "shop", compressed("DELETE FROM t"), "DELETE FROM t"},
	} {
		e := lastOf(t, buildFormat("10.11.2-MariaDB", nil), buildEvent(tc.kind, queryBody(tc.database, tc.sql)))
		q, err := e.Query()
		if err != nil || string(q.SQL) != tc.want || string(q.Database) != tc.database {
			t.Errorf("%s: %q in %q, %v", tc.name, q.SQL, q.Database, err)
		}
		if q.ThreadID != 7 || q.ExecTime != 60 || q.ErrorCode != 1062 || !bytes.Equal(q.Status, []byte{1, 2}) {
			t.Errorf("%s: got %+v", tc.name, q)
		}
	}
}

// LOAD DATA as a statement has fields of its own between the lengths and the status variables.
func TestQueryOfLoadData(t *testing.T) {
	const sql = "LOAD DATA INFILE 'f' INTO TABLE t"
	body := queryBody("shop", sql)
	file := []byte{9, 0, 0, 0, 17, 0, 0, 0, 20, 0, 0, 0, 1}
	load := buildEvent(EventExecuteLoadQuery, body[:13], file, body[13:])
	q, err := lastOf(t, buildFormat("8.0.30", nil), load).Query()
	if err != nil || string(q.SQL) != sql || string(q.Database) != "shop" || !bytes.Equal(q.Status, []byte{1, 2}) {
		t.Errorf("got %+v, %v", q, err)
	}
}

func TestSmallEvents(t *testing.T) {
	format := buildFormat("8.0.30", nil)
	if xid, err := lastOf(t, format, buildEvent(EventXid, []byte{8, 7, 6, 5, 4, 3, 2, 1})).Xid(); xid != 0x0102030405060708 || err != nil {
		t.Errorf("xid %#x, %v", xid, err)
	}
	rotate := buildEvent(EventRotate, []byte{4, 0, 0, 0, 0, 0, 0, 0}, []byte("bin.000002"))
	if r, err := lastOf(t, format, rotate).Rotate(); r != (Rotate{4, "bin.000002"}) || err != nil {
		t.Errorf("rotate %+v, %v", r, err)
	}
	xa := buildEvent(EventXAPrepare, []byte{1, 42, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0}, []byte("gtb"))
	if x, err := lastOf(t, format, xa).XAPrepare(); !x.OnePhase || x.FormatID != 42 || string(x.Gtrid) != "gt" || string(x.Bqual) != "b" || err != nil {
		t.Errorf("XA prepare %+v, %v", x, err)
	}
	long := strings.Repeat("x", 300)
	if sql := lastOf(t, format, buildEvent(EventRowsQuery, []byte{44}, []byte(long))).RowsQuery(); string(sql) != long {
		t.Errorf("rows query %q", sql)
	}
	if sql := lastOf(t, format, buildEvent(EventMariaAnnotateRows, []byte("DELETE"))).RowsQuery(); string(sql) != "DELETE" {
		t.Errorf("annotation %q", sql)
	}
	if sql := lastOf(t, format, buildEvent(EventRowsQuery)).RowsQuery(); len(sql) != 0 {
		t.Errorf("an empty rows query is %q", sql)
	}
}

// A body that ends too early is an error that names the field.
func TestShortBodies(t *testing.T) {
	for _, tc := range []struct {
		kind EventType
		body []byte
		read func(*Event) error
		what string
	}{
		{EventQuery, queryBody("shop", "")[:12], func(e *Event) error { _, err := e.Query(); return err }, "length of the status variables at byte 11 needs 2 bytes, 1 are left"},
		{EventQuery, queryBody("shop", "")[:17], func(e *Event) error { _, err := e.Query(); return err }, "database name"},
		{EventExecuteLoadQuery, queryBody("shop", "")[:20], func(e *Event) error { _, err := e.Query(); return err }, "file of LOAD DATA"},
		{EventBeginLoadQuery, queryBody("shop", "4\t4\n"), func(e *Event) error { _, err := e.Query(); return err }, "expected a statement, found Begin_load_query"},
		{EventMariaQueryCompressed, queryBody("shop", "\x81\x09none"), func(e *Event) error { _, err := e.Query(); return err }, "compressed statement"},
		{EventMariaQueryCompressed, queryBody("shop", "plain"), func(e *Event) error { _, err := e.Query(); return err }, "expected a compression header, found 0x70"},
		{EventXid, []byte{1}, func(e *Event) error { _, err := e.Xid(); return err }, "xid"},
		{EventRotate, []byte{1}, func(e *Event) error { _, err := e.Rotate(); return err }, "position"},
		{EventRotate, append(make([]byte, 8), bytes.Repeat([]byte("x"), 513)...), func(e *Event) error { _, err := e.Rotate(); return err }, "at most 512 bytes"},
		{EventXAPrepare, []byte{1, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}, func(e *Event) error { _, err := e.XAPrepare(); return err }, "gtrid"},
		{EventGtid, []byte{1, 2}, func(e *Event) error { _, err := e.Gtid(); return err }, "UUID"},
		{EventGtidTagged, []byte{4}, func(e *Event) error { _, err := e.Gtid(); return err }, "version 1 of the serialization format"},
		{EventMariaGtid, []byte{4}, func(e *Event) error { _, err := e.Gtid(); return err }, "sequence number"},
		{EventXid, make([]byte, 8), func(e *Event) error { _, err := e.Gtid(); return err }, "expected a GTID event, found Xid"},
		{EventXid, make([]byte, 8), func(e *Event) error { _, err := e.TableMap(); return err }, "expected a Table_map event, found Xid"},
	} {
		err := tc.read(lastOf(t, buildFormat("10.11.2-MariaDB", nil), buildEvent(tc.kind, tc.body)))
		var e *fault.Error
		if !errors.As(err, &e) || !strings.Contains(e.What, tc.what) || e.Reason == nil || e.Event != tc.kind.String() {
			t.Errorf("%s %x: error %v, want one that says %q and what to do", tc.kind, tc.body, err, tc.what)
		}
	}
}

// FuzzBodies: whatever the body of whatever event, reading it ends without a panic.
func FuzzBodies(f *testing.F) {
	for _, seed := range []struct {
		kind EventType
		body []byte
	}{
		{EventQuery, queryBody("shop", "BEGIN")},
		{EventMariaQueryCompressed, queryBody("shop", "\x81\x05xxxxx")},
		{EventTableMap, append(append([]byte{}, tableID7...), append([]byte{0, 0}, tableBody...)...)},
		{EventWriteRows, append(append([]byte{}, tableID7...), 1, 0, 2, 0, 2, 3, 0, 5, 0, 0, 0, 1, 'x')},
		{EventPartialUpdateRows, append(append([]byte{}, tableID7...), 1, 0, 2, 0, 2, 3, 3, 0, 5, 0, 0, 0, 1, 'x', 1, 0)},
		{EventGtidTagged, []byte{2, 100, 22, 0, 2, 2}},
		{EventTransactionPayload, []byte{payloadCompression, 1, 0, payloadSize, 1, 0, payloadEnd}},
		{EventXAPrepare, make([]byte, 13)},
	} {
		f.Add(byte(seed.kind), seed.body)
	}
	for _, body := range bodiesOfCorpus(f) {
		f.Add(body[0], body[1:])
	}
	f.Fuzz(func(t *testing.T, kind byte, body []byte) {
		if EventType(kind) == EventFormatDescription {
			t.Skip("FuzzReader has them")
		}
		log := builtLog{buildFormat("8.0.30", nil), tableMapEvent(tableID7), buildEvent(EventType(kind), body)}
		switch {
		case EventType(kind).isPreGA():
			log[0], log[1] = buildFormat("5.1.17-beta", nil), bareMap(TypeString)
		case EventType(kind) >= EventMariaAnnotateRows:
			log[0] = buildFormat("10.11.2-MariaDB", nil)
		}
		r := NewReader(&log)
		r.SetCompleter(definitionOf(TypeString, false))
		for e, err := range r.All() {
			if err != nil {
				return
			}
			e.Query()
			e.Rotate()
			e.Xid()
			e.XAPrepare()
			e.Gtid()
			e.RowsQuery()
			e.End()
			if e.IsRows() {
				_, err = rowsOf(e)
			}
			var known *fault.Error
			if err != nil && (!errors.As(err, &known) || known.What == "") {
				t.Fatalf("error %v does not say where and what", err)
			}
		}
	})
}

// bodiesOfCorpus returns some small bodies of each type of event in the real logs at hand, each after its type.
func bodiesOfCorpus(f *testing.F) (bodies [][]byte) {
	f.Helper()
	found := map[byte]int{}
	for _, root := range []string{"../fixtures", "../../shared/corpus"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || strings.Contains(path, "encrypt") {
				return err
			}
			log, err := os.ReadFile(path)
			if err != nil || !bytes.HasPrefix(log, []byte("\xfebin")) {
				return err
			}
			for log = log[magicLength:]; len(log) >= headerLength; {
				h := ParseHeader(log)
				if h.Length < headerLength || int64(h.Length) > int64(len(log)) {
					break
				}
				if kind := byte(h.Type); found[kind] < 10 && h.Length < 1000 {
					found[kind]++
					bodies = append(bodies, append([]byte{kind}, log[headerLength:h.Length]...))
				}
				log = log[h.Length:]
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			f.Fatal(err)
		}
	}
	return bodies
}
