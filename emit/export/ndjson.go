package export

import (
	"context"
	"encoding/base64"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/jsonb"
	"binmend/decoder/words"
	"binmend/schema"
	"binmend/schema/changes"
)

// NDJSON writes each row change as one JSON object per line. Numbers keep all their digits. DECIMAL and temporal values are strings,
// as in SQL (TIMESTAMP in UTC); JSON is embedded; binary strings and geometries are base64. Text that is invalid in its character
// set is {"base64": …}.
func NDJSON(ctx context.Context, w io.Writer, s *changes.Stream, o Options) (Summary, error) {
	lines := make([]jsonLines, o.Workers)
	for i := range lines {
		lines[i].records.options, lines[i].records.filter = &o, s.Filter
	}
	var all Summary
	err := s.Run(ctx, o.Workers,
		func(worker int, c *changes.Chunk) error { return lines[worker].addChunk(c) },
		func(c *changes.Chunk) error {
			_, err := w.Write(c.Out)
			return err
		})
	for i := range lines {
		all.addSummary(lines[i].summary)
	}
	return all, err
}

// jsonLines makes the lines of chunks, in one goroutine.
type jsonLines struct {
	records records
	chunk   *changes.Chunk // in work
	tables  cache.Cache[*schema.Table, *jsonTable]
	file    string // the log of the last line
	origin  []byte // ,"source":…,"file":…,"offset": for it
	clocks  words.Clocks
	commits words.Clocks
	tail    []byte // what the last line says of its transaction
	tailOf  tail   // and what of
	nulls   []byte // columns of the line whose value is JSON's null, as JSON
	scratch []byte
	spill   func([]byte) []byte // for a large row, see largeLine; nil: lines are kept
	summary Summary
}

// jsonTable is a table with what its lines have in common as JSON, written once.
type jsonTable struct {
	begins  [len(changeOf)][]byte // of a line, by the kind of the change: up to the names of the table
	keys    [][]byte              // ,"column":
	key     []byte                // "primary_key":[…]
	columns []column

	compressed bool // values of a column may be larger than in the log
}

func (l *jsonLines) table(t *schema.Table) *jsonTable {
	j, ok := l.tables.Get(t)
	if !ok {
		j = newJSONTable(t)
		l.tables.Put(t, j, t.Size()+len(j.begins)*len(j.begins[0])+len(j.keys)*ofKey)
	}
	return j
}

// ofKey estimates the memory for a column's name and form.
const ofKey = 80

func newJSONTable(t *schema.Table) *jsonTable {
	j := &jsonTable{columns: columnsOf(t)}
	for kind, change := range changeOf {
		j.begins[kind] = appendTable(appendBegin(nil, change, t.Database), t.Name)
	}
	for i, name := range keyOf(t) {
		begin := `,`
		if i == 0 {
			begin = `,"primary_key":[`
		}
		j.key = appendString(append(j.key, begin...), name)
	}
	if j.key != nil {
		j.key = append(j.key, ']')
	}
	for i := range t.Columns {
		j.keys = append(j.keys, append(appendString([]byte{','}, t.Columns[i].Name), ':'))
		j.compressed = j.compressed || t.Columns[i].Compressed
	}
	return j
}

// appendString appends a name as a JSON string; invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	return jsonb.AppendString(dst, []byte(string([]rune(s))))
}

// appendBegin appends what each record begins with.
func appendBegin(dst []byte, change, database string) []byte {
	dst = strconv.AppendInt(append(dst, `{"version":`...), version, 10)
	dst = append(append(append(dst, `,"change":"`...), change...), '"')
	return appendString(append(dst, `,"database":`...), database)
}

func appendTable(dst []byte, table string) []byte {
	return appendString(append(dst, `,"table":`...), table)
}

// originOf is what a record says of its log, up to its offset in it.
func (l *jsonLines) originOf(r *record) []byte {
	if l.file != r.file || l.origin == nil {
		l.file, l.origin = r.file, l.origin[:0]
		if r.source != "" { // a label: nothing in it needs escaping
			l.origin = append(append(append(l.origin, `,"source":"`...), r.source...), '"')
		}
		l.origin = append(appendString(append(l.origin, `,"file":`...), r.file), `,"offset":`...)
	}
	return l.origin
}

func (l *jsonLines) addChunk(c *changes.Chunk) error {
	l.chunk = c
	s, err := l.records.each(c, l)
	l.summary.addSummary(s)
	return err
}

func (l *jsonLines) takeRow(r *record, t *schema.Table, row *decoder.Row) (err error) {
	c, j := l.chunk, l.table(t)
	if (j.compressed || l.records.rows.Rows().RowSize() >= largeLine) && row.ContentLength() >= largeLine {
		return l.largeLine(c, r, j, row)
	}
	begin := len(c.Out)
	if c.Out, err = l.appendLine(c.Out, r, j, row); err != nil {
		c.Out = c.Out[:begin]
		return err
	}
	return l.flushFull()
}

func (l *jsonLines) takeDDL(r *record) error {
	out := appendBegin(l.chunk.Out, r.change, r.database)
	if r.table != "" {
		out = appendTable(out, r.table)
	}
	out = l.appendPlace(out, r)
	out = appendString(append(out, `,"statement":`...), r.statement)
	l.chunk.Out = append(out, '}', '\n')
	return l.flushFull()
}

// flushFull hands over the lines if they are many.
func (l *jsonLines) flushFull() error {
	if len(l.chunk.Out) < changes.FlushBytes {
		return nil
	}
	return flush(l.chunk)
}

// flush hands over the lines made so far of a chunk: memory is bounded by the size of the lines, not by the number of rows.
func flush(c *changes.Chunk) error {
	if err := c.Flush(); err != nil {
		return err
	}
	return c.Err()
}

// appendPlace appends where a record comes from: its place in the log, and its transaction.
func (l *jsonLines) appendPlace(dst []byte, r *record) []byte {
	dst = strconv.AppendInt(append(dst, l.originOf(r)...), r.offset, 10)
	if r.row != 0 {
		dst = strconv.AppendInt(append(dst, `,"row":`...), int64(r.row), 10)
	}
	if of := r.tail(); l.tailOf != of || l.tail == nil {
		l.tail, l.tailOf = l.appendTail(l.tail[:0], r), of
	}
	return append(dst, l.tail...)
}

// tail is what the records of a transaction have in common.
type tail struct {
	transaction    int
	key, gtid      string
	time           uint32
	commit         int64
	server, thread uint32
}

func (r *record) tail() tail {
	return tail{r.transaction, r.key, r.gtid, r.time, r.commit, r.server, r.thread}
}

func (l *jsonLines) appendTail(dst []byte, r *record) []byte {
	dst = strconv.AppendInt(append(dst, `,"transaction":`...), int64(r.transaction), 10)
	if r.gtid != "" {
		dst = append(append(append(dst, `,"gtid":"`...), r.gtid...), '"')
	}
	dst = l.clocks.Append(append(dst, `,"time":"`...), int64(r.time))
	dst[len(dst)-len("T15:04:05")] = 'T'
	dst = strconv.AppendUint(append(dst, `Z","server_id":`...), uint64(r.server), 10)
	if r.thread != 0 {
		dst = strconv.AppendUint(append(dst, `,"thread_id":`...), uint64(r.thread), 10)
	}
	dst = append(dst, `,"transaction_key":`...)
	if r.key == r.gtid {
		dst = append(append(append(dst, '"'), r.key...), '"')
	} else {
		dst = appendString(dst, r.key)
	}
	if r.commit != 0 {
		dst = l.appendMicroseconds(append(dst, `,"commit_time":"`...), r.commit)
		dst = append(dst, `Z"`...)
	}
	return dst
}

// appendMicroseconds appends a time given in microseconds since 1970, as RFC 3339 has it up to the zone.
func (l *jsonLines) appendMicroseconds(dst []byte, t int64) []byte {
	at := time.UnixMicro(t)
	dst = l.commits.Append(dst, at.Unix())
	dst[len(dst)-len("T15:04:05")] = 'T'
	fraction := strconv.AppendInt(dst, 1e6+int64(at.Nanosecond()/1e3), 10) // its 1 makes way for the point
	fraction[len(dst)] = '.'
	return fraction
}

func (l *jsonLines) appendLine(dst []byte, r *record, t *jsonTable, row *decoder.Row) (_ []byte, err error) {
	dst = l.appendPlace(append(dst, t.begins[r.kind]...), r)
	dst = append(dst, t.key...)
	l.nulls = l.nulls[:0]
	if len(row.Before) > 0 {
		if dst, err = l.appendImage(dst, "before", t, row.Before); err != nil {
			return dst, err
		}
	}
	if len(row.After) > 0 {
		if dst, err = l.appendImage(dst, "after", t, row.After); err != nil {
			return dst, err
		}
	}
	if len(l.nulls) > 0 {
		dst = append(append(append(dst, `,"json_null":[`...), l.nulls[1:]...), ']')
	}
	return append(dst, '}', '\n'), nil
}

// appendImage appends an object with the columns that the image holds.
func (l *jsonLines) appendImage(dst []byte, name string, t *jsonTable, cells []decoder.Cell) (_ []byte, err error) {
	dst = append(append(append(dst, `,"`...), name...), `":{`...)
	first := true
	for i := range min(len(t.columns), len(cells)) {
		v, state, key := &cells[i], cells[i].State(), t.keys[i]
		if state != decoder.Null && state != decoder.Value {
			continue
		}
		if first {
			key, first = key[1:], false // without the comma
		}
		dst = append(dst, key...)
		if state == decoder.Null {
			dst = append(dst, "null"...)
			continue
		}
		if t.columns[i].form == formJSON && isJSONNull(v.Raw()) {
			l.nulls = append(append(append(l.nulls, `,"`...), name...), '.')
			l.nulls = append(l.nulls, t.keys[i][2:len(t.keys[i])-1]...)
		}
		if dst, err = l.appendValue(dst, &t.columns[i], v); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// isJSONNull reports whether a stored document is null, which is no SQL NULL: a literal whose value is 0, or nothing at all, which
// MySQL reads as null.
func isJSONNull(stored []byte) bool {
	return len(stored) == 0 || len(stored) == 2 && stored[0] == 4 && stored[1] == 0
}

func (l *jsonLines) appendValue(dst []byte, c *column, v *decoder.Cell) (_ []byte, err error) {
	if l.spill != nil && v.ContentLength() > partBytes && c.mayBeLarge() {
		return l.appendLarge(dst, c, *v)
	}
	switch c.form {
	case formInt:
		return strconv.AppendInt(dst, v.Int64(), 10), nil
	case formUint:
		return strconv.AppendUint(dst, v.Uint64(), 10), nil
	case formYear:
		return strconv.AppendUint(dst, year(*v), 10), nil
	case formFloat:
		return appendFloat(dst, float64(v.Float32()), 32)
	case formDouble:
		return appendFloat(dst, v.Float64(), 64)
	case formDecimal, formDate, formDatetime, formTimestamp:
		dst, err = v.AppendText(append(dst, '"'))
		return append(dst, '"'), err
	case formPlain:
		dst, err = c.appendPlain(append(dst, '"'), *v)
		return append(dst, '"'), err
	case formName:
		var ok bool
		if l.scratch, ok = c.appendName(l.scratch[:0], *v); !ok {
			return strconv.AppendUint(dst, v.Uint64(), 10), nil
		}
		return jsonb.AppendString(dst, l.scratch), nil
	case formText:
		text, ok, err := l.text(c, v)
		if err != nil {
			return dst, err
		}
		if !ok {
			return append(appendBase64(append(dst, `{"base64":`...), text), '}'), nil
		}
		return jsonb.AppendString(dst, text), nil
	case formJSON:
		if len(v.Raw()) == 0 { // MySQL reads this as null
			return append(dst, "null"...), nil
		}
		return v.AppendText(dst)
	case formVector:
		return c.appendVector(dst, v.Raw())
	}
	if c.Type != schema.TypeBinary && !isCompressed(*v) {
		return appendBase64(dst, v.Raw()), nil
	}
	l.makeScratch()
	l.scratch, err = c.appendBytes(l.scratch, *v)
	return appendBase64(dst, l.scratch), err
}

// text is appendText without a copy if the value is UTF-8 already.
func (l *jsonLines) text(c *column, v *decoder.Cell) (_ []byte, ok bool, err error) {
	if c.isUTF8() && !isCompressed(*v) {
		return v.Raw(), utf8.Valid(v.Raw()), nil
	}
	l.makeScratch()
	l.scratch, ok, err = c.appendText(l.scratch, *v)
	return l.scratch, ok, err
}

// makeScratch empties the scratch, and frees what a large value took.
func (l *jsonLines) makeScratch() {
	if l.scratch = l.scratch[:0]; cap(l.scratch) > maxScratch {
		l.scratch = nil
	}
}

const maxScratch = 1 << 20

func appendBase64(dst, data []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), data), '"')
}

func (c *column) appendVector(dst, stored []byte) ([]byte, error) {
	n, err := c.vectorLength(stored)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendFloat(dst, float64(vectorElement(stored, i)), 32); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
