package replay

import (
	"bytes"
	"path/filepath"
	"slices"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/fault"
	"binmend/decoder/words"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
)

// renderer writes chunks, one at a time; each goroutine has its own. It first writes the items of a chunk as pieces, and then composes
// these, in log order or the reverse.
type renderer struct {
	options *Options
	reader  changes.RowReader
	writer  rowWriter
	tables  cache.Cache[tableKey, *tableText]
	formats map[*decoder.Format]sqltext.Dialect
	format  *decoder.Format // of the last dialect asked for, which is spoken
	spoken  sqltext.Dialect

	homeless bool // the current statement's default database had been dropped

	results   *changes.Handover[result]
	chunk     *changes.Chunk // the current one
	pieces    []piece
	text      []byte            // of the pieces
	off       decoder.RowsFlags // the checks that are off after the composed text
	failed    error             // the error of handing over part of the chunk
	begun     bool              // part of the composed text was handed over
	streams   bool              // text is the composed text, not that of pieces
	notes     []byte            // of the current row
	merged    decoder.Image
	described *decoder.Format // of the chunk's last BINLOG statement
	context   sessionState    // the state of the session so far
	summary   Summary
	refused   []*fault.Error

	clocks words.Clocks
}

type tableKey struct {
	m *decoder.TableMap
	t *schema.Table
}

func (r *renderer) tableText(d sqltext.Dialect, item *changes.Item) *tableText {
	key := tableKey{item.Rows.Map, item.Table}
	if tt, ok := r.tables.Get(key); ok {
		return tt
	}
	tt := newTableText(d, r.rewritten(item.Rows.Map.Database), item.Rows.Map.Table, item.Table)
	r.tables.Put(key, tt, item.Rows.Map.Size()+item.Table.Size()+tt.size())
	return tt
}

// maxFormats bounds how many format descriptions have their dialect kept.
const maxFormats = 64

// dialect is the dialect of the server that the SQL is for; by default of the one that wrote the log.
func (r *renderer) dialect(f *decoder.Format) sqltext.Dialect {
	if f == r.format && f != nil {
		return r.spoken
	}
	d, ok := r.formats[f]
	if !ok {
		if r.formats == nil || len(r.formats) >= maxFormats {
			r.formats = map[*decoder.Format]sqltext.Dialect{}
		}
		d = r.options.dialect(f)
		r.formats[f] = d
	}
	r.format, r.spoken = f, d
	return d
}

// keepText bounds the memory that a renderer keeps between chunks.
const keepText = 4 << 20

// result is what rendering a chunk yields besides its text.
type result struct {
	summary Summary
	open    bool // the text ends inside a transaction
	goesOn  bool // the text continues that of the chunk before, even backward
	err     error
	refused []*fault.Error
}

// render writes a chunk to its Out, and hands over parts of it on the way. After an error, Out has what comes before it.
func (r *renderer) render(c *changes.Chunk) result {
	r.chunk = c
	r.clear()
	r.context, r.off, r.failed, r.described = sessionState{}, 0, nil, nil
	var err error
	at := &c.Items[0]
	for i := range c.Items {
		at = &c.Items[i]
		if err = r.item(c, i); err != nil {
			break
		}
	}
	if last := c.Transactions[len(c.Transactions)-1]; c.Items[len(c.Items)-1].Kind == changes.KindEnd || !r.keepsContext(&last) {
		r.leaveContext()
	}
	r.compose()
	c.Out = appendChecks(c.Out, r.off, 0)
	if r.failed != nil {
		err = r.failed
	}
	return result{r.summary, at.Kind != changes.KindEnd, r.begun, err, r.refused}
}

// clear removes the pieces.
func (r *renderer) clear() {
	r.pieces, r.text, r.notes = r.pieces[:0], r.text[:0], r.notes[:0]
	if cap(r.text) > keepText {
		r.text = nil
	}
	r.summary, r.refused = Summary{}, nil
}

// relieve hands over an event's rows written so far, if they are many, to bound the memory for their text.
func (r *renderer) relieve() error {
	if n := len(r.pieces); len(r.text) < changes.FlushBytes && n < maxPieces && (n == 0 || r.pieces[n-1].again == nil) {
		return nil
	}
	return r.handOver()
}

// handOver hands over what was written so far, in the chunk's turn.
func (r *renderer) handOver() error {
	r.compose()
	r.flush()
	r.clear()
	if r.failed != nil {
		return r.failed
	}
	return r.chunk.Err()
}

// maxPieces bounds the memory of pieces.
const maxPieces = 8192

// flush hands over what was composed, in the middle of a transaction.
func (r *renderer) flush() {
	if r.failed != nil {
		return
	}
	r.results.Give(r.chunk, result{summary: r.summary, open: true, goesOn: r.begun, refused: r.refused})
	r.summary, r.refused, r.begun = Summary{}, nil, true
	r.failed = r.chunk.Flush()
}

// appendSpan appends a part of a piece. A large one is handed over without copying.
func (r *renderer) appendSpan(dst []byte, s span) []byte {
	part := r.part(s)
	if len(part) < changes.FlushBytes || r.options.backward {
		return append(dst, part...)
	}
	r.chunk.Out = dst
	r.flush()
	r.chunk.Out = part
	r.flush()
	return dst[:0]
}

func (r *renderer) item(c *changes.Chunk, i int) error {
	item := &c.Items[i]
	t := c.TransactionOf(item)
	var err error
	switch item.Kind {
	case changes.KindRows:
		err = r.rowsOf(c, item, t)
	case changes.KindBegin:
		if next := i + 1; next < len(c.Items) && c.Items[next].Kind == changes.KindRows && r.context.entered {
			r.leaveContext()
			r.keep(func() { r.text = append(r.text, '\n') }, piece{})
		}
		r.begin(t)
		err = r.refuseInterleaved(t)
	case changes.KindEnd:
		r.summary.Transactions++
		err = r.end(t)
	default:
		err = r.statement(t, item)
	}
	refused := asRefusal(err)
	if refused == nil || !r.options.backward {
		return err
	}
	r.refused = append(r.refused, refused)
	r.notes = r.notes[:0]
	return nil
}

// rowsOf writes the rows of an item in the right form.
func (r *renderer) rowsOf(c *changes.Chunk, item *changes.Item, t *changes.Transaction) error {
	if r.options.backward && item.Table != nil && item.Table.IsSequence() {
		return nil // as with AUTO_INCREMENT, the next value is not data
	}
	keeps := r.keepsContext(t)
	if !keeps {
		r.leaveContext()
	}
	if keeps || r.options.AsBinlog || r.doesMore(item, t.Format) {
		return r.asBinlog(c, item)
	}
	return r.rows(c, item)
}

// doesMore reports whether a server does more than the rows of an item say when they are given as SQL: it fires triggers, or writes
// its own history.
func (r *renderer) doesMore(item *changes.Item, f *decoder.Format) bool {
	return item.Triggers || item.Table != nil && item.Table.SystemVersioned && r.dialect(f).MariaDB()
}

// keepsContext reports whether the transaction may hold only BINLOG rows and COMMIT: it began with a CREATE TABLE … START TRANSACTION
// (MySQL error 3977), which keeps table and rows under one GTID.
func (r *renderer) keepsContext(t *changes.Transaction) bool {
	return t.FillsTable && r.options.GTIDs && !r.options.backward
}

// begin writes what stands before a transaction.
func (r *renderer) begin(t *changes.Transaction) {
	if r.options.backward {
		r.keep(func() { r.text = append(r.text, "COMMIT;\n\n"...) }, piece{closes: true})
		return
	}
	r.keep(func() {
		r.title(t)
		r.describe(t)
		if r.options.GTIDs {
			r.text = appendNextGTID(r.text, t)
		}
		if t.Opened && !t.FillsTable || t.XA && r.becomesPlain(t) { // CREATE TABLE … START TRANSACTION would end one
			r.text = append(r.text, "BEGIN;\n"...)
		}
	}, piece{opens: true})
}

// keep adds a piece with the text that write appends, if any.
func (r *renderer) keep(write func(), p piece) {
	p.body.from = len(r.text)
	write()
	if p.body.to = len(r.text); p.body.to > p.body.from {
		r.pieces = append(r.pieces, p)
	}
}

// title writes the comment that says which transaction follows.
func (r *renderer) title(t *changes.Transaction) {
	b := append(r.text, "-- "...)
	b = sqltext.AppendVisible(b, filepath.Base(t.Start.File))
	b = strconv.AppendInt(append(b, ':'), t.Start.Offset, 10)
	if t.Time != 0 {
		b = r.clocks.Append(append(b, ' '), int64(t.Time))
	}
	b = strconv.AppendUint(append(b, " server "...), uint64(t.ServerID), 10)
	if t.Thread != 0 {
		b = strconv.AppendUint(append(b, " thread "...), uint64(t.Thread), 10)
	}
	if !t.GTID.IsZero() {
		b = t.GTID.AppendText(append(b, " GTID "...))
	}
	r.text = append(b, '\n')
}

// dropEmpty drops the marks of transactions without any change left.
func (r *renderer) dropEmpty() {
	n := 0
	for i := range r.pieces {
		if p := &r.pieces[i]; p.closes && n > 0 && r.pieces[n-1].opens {
			n--
			continue
		}
		if n < i { // nearly always all are kept, and none moves
			r.pieces[n] = r.pieces[i]
		}
		n++
	}
	r.pieces = r.pieces[:n]
}

// compose appends the statements made from the pieces to the chunk's Out, with several rows per statement as Options.Batch allows.
// Backward it begins with the last one.
func (r *renderer) compose() {
	if r.options.backward {
		slices.Reverse(r.pieces)
	}
	if !r.options.GTIDs {
		r.dropEmpty()
	}
	dst := r.chunk.Out
	r.begun = false
	for i := 0; i < len(r.pieces); {
		if p := &r.pieces[i]; p.form != text || p.statement {
			dst = appendChecks(dst, r.off, p.checks)
			r.off = p.checks
		}
		n, size := 1, r.pieces[i].body.length()
		for n < r.options.Batch && i+n < len(r.pieces) && r.joins(&r.pieces[i], &r.pieces[i+n]) {
			if size += r.pieces[i+n].body.length(); size > longRow {
				break
			}
			n++
		}
		dst = r.appendStatement(dst, r.pieces[i:i+n])
		i += n
	}
	if r.options.backward { // the next piece composed is the one before it
		dst, r.off = appendChecks(dst, r.off, 0), 0
	}
	r.chunk.Out = dst
}

// joins reports whether two rows can share a statement.
func (r *renderer) joins(a, b *piece) bool {
	if a.form != b.form || a.form == text || a.table != b.table || a.checks != b.checks || a.lenient || b.lenient ||
		a.again != nil || b.again != nil {
		return false
	}
	switch a.form {
	case insertRow:
		return slices.Equal(a.named, b.named)
	case updateRow:
		return len(a.key) > 0 && slices.Equal(a.key, b.key) && bytes.Equal(r.part(a.set), r.part(b.set))
	}
	return len(a.key) > 0 && slices.Equal(a.key, b.key)
}

func (r *renderer) part(s span) []byte { return r.text[s.from:s.to] }

func (r *renderer) appendStatement(dst []byte, run []piece) []byte {
	first := &run[0]
	if first.form == text {
		return r.appendBody(dst, first)
	}
	dst = r.appendSpan(dst, first.note)
	if first.before != nil {
		dst = r.appendAgain(dst, first.before)
	}
	if first.lenient {
		dst = append(append(dst, session.SetMode(session.LenientMode)...), '\n')
	}
	t := first.table
	switch first.form {
	case insertRow:
		dst = r.appendInsert(dst, run)
	case updateRow:
		dst = append(append(append(dst, "UPDATE "...), t.name...), " SET "...)
		if first.setAgain != nil {
			dst = r.appendAgain(dst, first.setAgain)
		} else {
			dst = r.appendSpan(dst, first.set)
		}
		dst = r.appendWhere(dst, run)
	case deleteRow:
		dst = append(append(dst, "DELETE FROM "...), t.name...)
		dst = r.appendWhere(dst, run)
	}
	dst = append(dst, ";\n"...)
	if first.lenient {
		dst = append(append(dst, session.SetMode(session.StrictMode)...), '\n')
	}
	return dst
}

func (r *renderer) appendBody(dst []byte, p *piece) []byte {
	if p.again != nil {
		return r.appendAgain(dst, p.again)
	}
	return r.appendSpan(dst, p.body)
}

func (r *renderer) appendInsert(dst []byte, run []piece) []byte {
	t := run[0].table
	if len(run[0].named) == len(t.assigned) {
		dst = append(dst, t.insert...)
	} else {
		dst = t.appendInsert(dst, run[0].named)
	}
	for i := range run {
		if i > 0 {
			dst = append(dst, ",\n  "...)
		}
		dst = r.appendBody(dst, &run[i])
	}
	return dst
}

func (r *renderer) appendWhere(dst []byte, run []piece) []byte {
	dst = append(dst, " WHERE "...)
	switch key := run[0].key; {
	case len(key) == 0:
		return append(r.appendBody(dst, &run[0]), " LIMIT 1"...)
	case len(run) == 1 && len(key) == 1:
		dst = append(dst, run[0].table.equals[key[0]]...)
		return r.appendBody(dst, &run[0])
	case len(run) == 1:
		return r.appendBody(dst, &run[0])
	case len(key) == 1:
		dst = append(append(dst, run[0].table.names[key[0]]...), " IN ("...)
		return append(r.appendList(dst, run, ", "), ')')
	}
	return append(r.appendList(append(dst, '('), run, ") OR ("), ')')
}

func (r *renderer) appendList(dst []byte, run []piece, separator string) []byte {
	for i := range run {
		if i > 0 {
			dst = append(dst, separator...)
		}
		dst = r.appendBody(dst, &run[i])
	}
	return dst
}
