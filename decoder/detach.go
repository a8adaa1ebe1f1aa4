package decoder

import "binmend/decoder/internal/bin"

// RowsTable is the table map that a row event belongs to; the rows are not looked at.
func (e *Event) RowsTable() (*TableMap, error) {
	if _, ok := rowsKind(e.Type); !ok {
		return nil, e.fail(ErrUnsupported, "expected a row event, found %s", e.Type)
	}
	c := bin.New(e.Body)
	id := e.tableID(&c)
	if c.Err() != nil {
		return nil, e.corrupt(c.Err())
	}
	m := e.reader.maps.get(id)
	if m == nil {
		return nil, e.noTableMap(id)
	}
	return m, nil
}

// RowsKind says what a row event does; ok is false for other events.
func (e *Event) RowsKind() (kind RowsKind, ok bool) { return rowsKind(e.Type) }

// DetachedRows is a row event that outlives the reader's next Next, for rows that are read by another goroutine or later.
type DetachedRows struct {
	Header
	Pos   Position
	Inner int // as in Event
	Kind  RowsKind
	Map   *TableMap

	format      *Format
	body        []byte
	maxInflated uint64
}

// Detach copies a row event. Its body is appended to buf, which is returned as well: the event lives as long as these
// bytes are left alone.
func (e *Event) Detach(buf []byte) (DetachedRows, []byte, error) {
	m, err := e.RowsTable()
	if err != nil {
		return DetachedRows{}, buf, err
	}
	begin := len(buf)
	buf = append(buf, e.Body...)
	kind, _ := e.RowsKind()
	return DetachedRows{Header: e.Header, Pos: e.Pos, Inner: e.Inner, Kind: kind, Map: m, format: e.Format,
		body: buf[begin:len(buf):len(buf)], maxInflated: e.reader.inflate.max}, buf, nil
}

// Clone copies an event, so that it outlives the reader's next Next. The copy's rows can't be read; Detach is for those.
func (e *Event) Clone() Event {
	copied := *e
	copied.Body = append([]byte(nil), e.Body...)
	copied.reader = &Reader{}
	copied.reader.inflate.max = e.reader.inflate.max
	copied.reader.payload.outer = e.reader.payload.outer
	return copied
}

// RowsDecoder reads detached row events, one at a time. Each goroutine needs one of its own; the zero value is ready.
type RowsDecoder struct {
	reader Reader
}

// Rows interprets a detached row event. What it returns lives until the next call.
func (d *RowsDecoder) Rows(r *DetachedRows) (*RowsEvent, error) {
	e := &d.reader.event
	*e = Event{Header: r.Header, Pos: r.Pos, Inner: r.Inner, Body: r.body, Format: r.format, reader: &d.reader}
	d.reader.inflate.max = r.maxInflated
	return e.rowsOf(r.Map)
}
