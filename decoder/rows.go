package decoder

import (
	"errors"
	"io"
	"iter"
	"math/bits"
	"slices"

	"binmend/decoder/fault"
	"binmend/decoder/internal/bin"
	"binmend/decoder/jsonb"
	"binmend/decoder/words"
)

// RowsKind says what a row event does.
type RowsKind uint8

const (
	Insert RowsKind = iota
	Update
	Delete
)

func (k RowsKind) String() string { return [...]string{"INSERT", "UPDATE", "DELETE"}[k] }

// Row is one row change. It is reused: it and its cells are valid until the next row is read.
type Row struct {
	Before Image // empty for INSERT
	After  Image // empty for DELETE
}

// ContentLength is the length of the row's values in bytes, with those of COMPRESSED columns inflated.
func (r *Row) ContentLength() (n int) {
	for _, image := range [...]Image{r.Before, r.After} {
		for i := range image {
			n += image[i].ContentLength()
		}
	}
	return n
}

// Image is a row before or after a change: one cell for each column of the table map.
type Image []Cell

// RowsEvent is a WRITE_ROWS, UPDATE_ROWS or DELETE_ROWS event of any version. It is reused, and valid until the reader's next
// Next.
type RowsEvent struct {
	Kind  RowsKind
	Map   *TableMap
	Flags RowsFlags
	Extra []byte // extra row information of version 2 events (partition ids, NDB), uninterpreted

	ev      *Event
	data    bin.Cursor
	before  imagePlan
	after   imagePlan
	partial bool // PARTIAL_UPDATE_ROWS
	preGA   bool // of MySQL 5.1 before its first stable release
	bare    bool // the event holds one row that takes no bytes
	row     Row
	mapBody string // of the table map after its id; of detached rows only

	rawBefore, rawEnd int // lengths in raw

	number int
	raw    []byte // from the last row read on; see Raw
	json   []byte // documents rebuilt from JSON diffs for the current row
}

// imagePlan is a column bitmap of the event and how many bits are set in it.
type imagePlan struct {
	present []byte
	columns int // number of bits set
	all     bool
}

// errEmptyRow ends an event that would go on for ever: bytes are left, but no column is present.
var errEmptyRow = errors.New("expected a column, the event says that none is present")

// rowsKinds has, for each type of row events, its kind and 1.
var rowsKinds = [256]uint8{
	EventWriteRowsV1: 1 + uint8(Insert), EventWriteRows: 1 + uint8(Insert), EventMariaWriteRowsCompressed1: 1 + uint8(Insert),
	EventMariaWriteRowsCompressed: 1 + uint8(Insert), EventPreGAWriteRows: 1 + uint8(Insert),
	EventUpdateRowsV1: 1 + uint8(Update), EventUpdateRows: 1 + uint8(Update), EventPartialUpdateRows: 1 + uint8(Update),
	EventMariaUpdateRowsCompressed1: 1 + uint8(Update), EventMariaUpdateRowsCompressed: 1 + uint8(Update),
	EventPreGAUpdateRows: 1 + uint8(Update),
	EventDeleteRowsV1:    1 + uint8(Delete), EventDeleteRows: 1 + uint8(Delete), EventMariaDeleteRowsCompressed1: 1 + uint8(Delete),
	EventMariaDeleteRowsCompressed: 1 + uint8(Delete), EventPreGADeleteRows: 1 + uint8(Delete),
}

// rowsKind returns what a row event does; ok is false for other events.
func rowsKind(t EventType) (RowsKind, bool) {
	kind := rowsKinds[t]
	if kind == 0 {
		return 0, false
	}
	return RowsKind(kind - 1), true
}

// Rows interprets a row event (MySQL source: Rows_event).
//
//	bytes    field
//	6 or 4   table id (4 when the post-header length is 6)
//	2        flags
//	2        length of the extra row information, itself included; version 2 only
//	n        extra row information
//	lenenc   number of columns
//	(c+7)/8  columns present in the before image (INSERT: in the after image)
//	(c+7)/8  columns present in the after image; UPDATE only, and not in the types 20 to 22, whose images have the same
//	rest     rows; MariaDB's compressed events hold them compressed
//
// With MySQL's binlog_row_image=MINIMAL, an INSERT of nothing but defaults has no column present: its row takes no bytes. The
// server writes one such row per event and refuses a statement with more of them.
func (e *Event) Rows() (*RowsEvent, error) {
	m, err := e.RowsTable()
	if err != nil {
		return nil, err
	}
	return e.rowsOf(m)
}

// rowsOf interprets a row event whose table map is m.
func (e *Event) rowsOf(m *TableMap) (*RowsEvent, error) {
	re := &e.reader.rows
	data, err := re.readHead(e, m)
	if err != nil {
		return nil, err
	}
	if e.isCompressedRows() {
		if data, err = e.reader.inflate.inflate(data); err != nil {
			return nil, e.inflateError("compressed rows", err)
		}
	}
	re.data = bin.New(data)
	re.data.Fail(re.notDefined())
	re.bare = re.Kind == Insert && re.before.columns == 0 && len(data) == 0
	return re, nil
}

// readHead reads what stands before the rows, which it returns.
func (re *RowsEvent) readHead(e *Event, m *TableMap) (rows []byte, err error) {
	re.reset(e, m)
	if rows, ok := re.readUsualHead(e.Body); ok {
		return rows, nil
	}
	c := bin.New(e.Body)
	e.tableID(&c)
	re.Flags = RowsFlags(c.Uint16("flags"))
	if re.isVersion2() {
		re.Extra = readExtra(&c)
	}
	width := c.LenEnc("number of columns")
	if c.Err() == nil && width != uint64(len(re.Map.Columns)) {
		return nil, e.fail(ErrCorrupt, "expected %d columns as in the table map of %s, found %d",
			len(re.Map.Columns), words.Table(re.Map.Database, re.Map.Table), width)
	}
	re.before.read(c.Bytes((width+7)/8, "columns present"), int(width))
	re.after = re.before
	if re.hasTwoBitmaps() {
		re.after.read(c.Bytes((width+7)/8, "columns present after"), int(width))
	}
	return c.Rest(), e.corrupt(c.Err())
}

// readUsualHead is readHead for nearly all events: of version 2, without extra information, of a table with less than 251 columns. ok is
// false for others, and for damage.
func (re *RowsEvent) readUsualHead(body []byte) (rows []byte, ok bool) {
	const flags, extra, columns, bitmaps = 6, 8, 10, 11
	width := len(re.Map.Columns)
	first := bitmaps + (width+7)/8
	end := first
	if re.hasTwoBitmaps() {
		end += first - bitmaps
	}
	if !re.isVersion2() || width > 250 || len(body) < end || bin.Uint16At(body, extra) != columns-extra || int(body[columns]) != width {
		return nil, false
	}
	re.Flags, re.Extra = RowsFlags(bin.Uint16At(body, flags)), body[columns:columns:columns]
	re.before.read(body[bitmaps:first:first], width)
	if first < end {
		re.after.read(body[first:end:end], width)
	} else {
		re.after.read(body[bitmaps:first:first], width)
	}
	return body[end:len(body):len(body)], true
}

// hasTwoBitmaps reports whether the event says of each image which columns are present.
func (re *RowsEvent) hasTwoBitmaps() bool { return re.Kind == Update && !re.preGA }

// HasAllColumns reports whether each row image has all columns of the table.
func (re *RowsEvent) HasAllColumns() bool { return re.before.all && re.after.all }

// isCompressedRows reports whether the rows of a row event are compressed, as MariaDB's log_bin_compress has it.
func (e *Event) isCompressedRows() bool { return e.Type >= EventMariaWriteRowsCompressed1 }

// reset begins with another event. What readHead and rowsOf set in any case is left.
func (re *RowsEvent) reset(e *Event, m *TableMap) {
	re.Kind, _ = rowsKind(e.Type)
	re.ev, re.Map, re.Extra = e, m, nil
	re.partial, re.preGA, re.bare, re.number = e.Type == EventPartialUpdateRows, e.Type.isPreGA(), false, 0
	re.json = re.json[:0]
}

func (re *RowsEvent) isVersion2() bool {
	return re.ev.Format.PostHeaderLength(re.ev.Type) == 10
}

func readExtra(c *bin.Cursor) []byte {
	n := c.Uint16("length of the extra row information")
	if c.Err() == nil && n < 2 {
		c.Fail(&bin.ShortError{Field: "extra row information", Offset: c.Offset(), Need: 2, Have: int(n)})
		return nil
	}
	return c.Bytes(uint64(n-2), "extra row information")
}

func (e *Event) noTableMap(id uint64) error {
	if t := &e.reader.maps; t.dropped == t.statement+1 {
		return e.fail(ErrUnsupported, "the Table_map events of its statement take more than %d MiB, which is not kept in memory", maxMappedBody>>20)
	}
	return e.fail(ErrNoTableMap, "expected a Table_map event for its table id before it in the same statement, found none")
}

// read reads the bitmap of the columns that are present, in place: this is done for each event.
func (p *imagePlan) read(present []byte, width int) {
	p.present, p.columns, p.all = present, 0, false
	if present == nil {
		return
	}
	for i, b := range present {
		if left := width - 8*i; left < 8 { // ignore the bits after the last column
			b &= 1<<left - 1
		}
		p.columns += bits.OnesCount8(b)
	}
	p.all = p.columns == width
}

// Next reads the next row; io.EOF ends. After an error no more rows can be read.
func (re *RowsEvent) Next() (*Row, error) {
	if re.data.Err() != nil {
		return nil, re.failed(re.data.Err())
	}
	bare := re.bare
	if re.data.Len() == 0 && !bare {
		return nil, io.EOF
	}
	re.bare = false
	re.number++
	left, begin := re.data.Len(), re.data.Offset()
	re.raw = re.data.Peek()
	re.json = re.json[:0]
	re.row.Before, re.row.After = re.row.Before[:0], re.row.After[:0]
	if re.Kind != Insert {
		re.row.Before = re.readImage(re.row.Before, &re.before, nil)
	}
	re.rawBefore = re.data.Offset() - begin
	if re.Kind != Delete {
		re.row.After = re.readImage(re.row.After, &re.after, re.readPartialBits())
	}
	re.rawEnd = re.data.Offset() - begin
	if re.data.Len() == left && !bare {
		re.data.Fail(errEmptyRow)
	}
	if err := re.data.Err(); err != nil {
		return nil, re.failed(err)
	}
	if re.partial {
		if err := re.applyDiffs(); err != nil {
			re.data.Fail(err)
			return nil, re.failed(err)
		}
	}
	return &re.row, nil
}

// RowSize is how many bytes the last row read takes in the event.
func (re *RowsEvent) RowSize() int { return re.rawEnd }

// Number is the number of the last row read, from 1.
func (re *RowsEvent) Number() int { return re.number }

// All iterates over the rows; an error comes last, with a nil row.
func (re *RowsEvent) All() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		for {
			row, err := re.Next()
			if err == io.EOF {
				return
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (re *RowsEvent) failed(err error) error {
	reason := ErrCorrupt
	var undefined *fault.Error
	if errors.As(err, &undefined) {
		return re.ev.fail(undefined.Reason, "table %s: %v", words.Table(re.Map.Database, re.Map.Table), err)
	} else if re.ev.Format.Server.Flavor == MariaDB && re.Map.hasOldTemporals() {
		reason = ErrPrecision
	}
	return re.ev.fail(reason, "row %d of table %s: %v", re.number, words.Table(re.Map.Database, re.Map.Table), err)
}

// readImage reads one row image: null bits for the columns present, then their values.
func (re *RowsEvent) readImage(cells Image, p *imagePlan, diffs []byte) Image {
	if re.preGA {
		return re.readRecord(cells, p)
	}
	nulls := re.data.Bytes(uint64(p.columns+7)/8, "null bits")
	if re.data.Err() != nil {
		return cells
	}
	begin, rest := len(cells), re.data.Peek()
	cells = slices.Grow(cells, len(re.Map.rowPlan))[:begin+len(re.Map.rowPlan)]
	left, present, json := len(rest), 0, 0
	for i := range re.Map.rowPlan {
		plan, cell := &re.Map.rowPlan[i], &cells[begin+i]
		isDiff := false
		if diffs != nil && plan.col.Type == TypeJSON {
			isDiff = bit(diffs, json)
			json++
		}
		if !p.all && !bit(p.present, i) {
			*cell = Cell{}
			continue
		}
		if present++; bit(nulls, present-1) {
			*cell = Cell{col: plan.col, state: Null}
			continue
		}
		value, after, ok := plan.split(rest)
		if !ok { // the cursor says what is missing
			re.data.Bytes(uint64(left-len(rest)), "values")
			plan.read(&re.data)
			return cells[:begin]
		}
		cell.col, cell.data, cell.state, rest = plan.col, value, Value, after
		if isDiff {
			cell.state = Diffs
		}
	}
	re.data.Bytes(uint64(left-len(rest)), "values")
	return cells
}

// readPartialBits reads what stands before the after image of a PARTIAL_UPDATE_ROWS event.
//
//	bytes    field
//	lenenc   value options; 1: partial JSON
//	(j+7)/8  with partial JSON, one bit for each of the table's j JSON columns: the column holds diffs
//
// The bits count every JSON column, also those that the image leaves out.
func (re *RowsEvent) readPartialBits() []byte {
	if !re.partial || re.data.LenEnc("value options")&1 == 0 {
		return nil
	}
	n := 0
	for i := range re.Map.Columns {
		if re.Map.Columns[i].Type == TypeJSON {
			n++
		}
	}
	return re.data.Bytes(uint64(n+7)/8, "partial JSON bits")
}

// applyDiffs turns the diffs of the after image into whole documents, if the before image has the documents.
func (re *RowsEvent) applyDiffs() error {
	for i := range re.row.After {
		after := &re.row.After[i]
		if after.state != Diffs || re.row.Before[i].state != Value {
			continue
		}
		begin := len(re.json)
		var err error
		if re.json, err = jsonb.Apply(re.json, re.row.Before[i].data, after.data); err != nil {
			return err
		}
		after.data, after.state = re.json[begin:len(re.json):len(re.json)], Value
	}
	return nil
}
