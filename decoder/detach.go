package decoder

// DetachedRows is a row event that outlives the reader's next Next, to be read later or by another goroutine.
type DetachedRows struct {
	Header
	Pos   Position
	Inner int // as in Event
	Kind  RowsKind
	Map   *TableMap

	flags       RowsFlags
	format      *Format
	body        []byte
	mapBody     string // of the table map after its id
	maxInflated uint64
}

// Flags are the event's flags: how the session that made the changes was set (MySQL source: Rows_event; MariaDB source:
// Rows_log_event).
func (r *DetachedRows) Flags() RowsFlags { return r.flags }

// Detach copies a row event, whose table map is m, to d. It appends the body to buf, which it returns: the copy is valid until
// these bytes are overwritten.
func (e *Event) Detach(d *DetachedRows, m *TableMap, buf []byte) []byte {
	begin := len(buf)
	buf = append(buf, e.Body...)
	e.Lend(d, m)
	d.body = buf[begin:len(buf):len(buf)]
	return buf
}

// Lend is Detach without a copy of the body: another goroutine may read the rows until the reader's next Next.
func (e *Event) Lend(d *DetachedRows, m *TableMap) {
	head := e.rowsHead()
	if head.table != nil {
		d.mapBody = head.table.body
	}
	d.Header, d.Pos, d.Inner, d.Map = e.Header, e.Pos, e.Inner, m
	d.Kind, _ = e.RowsKind()
	d.flags = head.flags
	d.format, d.body, d.maxInflated = e.Format, e.Body, e.reader.inflate.max
}

// Unfolded estimates the bytes that reading an event takes: its body, and what that inflates to. For a damaged body it is the
// body alone.
func (e *Event) Unfolded() int {
	var data []byte
	switch {
	case e.Type == EventMariaQueryCompressed:
		data, _ = e.compressedQuery()
	case e.isCompressedRows() && e.IsRows():
		if m, err := e.RowsTable(); err == nil {
			data, _ = e.reader.rows.readHead(e, m)
		}
	}
	if len(data) == 0 {
		return len(e.Body)
	}
	return len(e.Body) + int(inflatedLength(data))
}

// Clone copies an event, so that it outlives the reader's next Next. The rows of the copy can't be read: use Detach for that.
func (e *Event) Clone() Event {
	copied := *e
	copied.Body = append([]byte(nil), e.Body...)
	copied.reader = &Reader{}
	copied.reader.inflate.max = e.reader.inflate.max
	copied.reader.payload.outer = e.reader.payload.outer
	return copied
}

// RowsDecoder reads detached row events, one at a time. Each goroutine needs its own; the zero value is ready.
type RowsDecoder struct {
	reader Reader
}

// Rows interprets a detached row event. What it returns lives until the next call.
func (d *RowsDecoder) Rows(r *DetachedRows) (*RowsEvent, error) {
	e := &d.reader.event
	e.Header, e.Pos, e.Inner, e.Body, e.Format, e.reader = r.Header, r.Pos, r.Inner, r.body, r.format, &d.reader
	d.reader.inflate.max, d.reader.head.known = r.maxInflated, false
	re, err := e.rowsOf(r.Map)
	if err == nil {
		re.mapBody = r.mapBody
	}
	return re, err
}

// Release frees the memory that a large compressed event took, and the rows read last with it.
func (d *RowsDecoder) Release() { d.reader.inflate.release() }
