package replay

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
)

// maxShown bounds the statements shown in comments above a BINLOG statement.
const maxShown = 64 << 10

// binlogWriter writes the rows of one item as BINLOG statements, which servers apply as replicas do: no trigger fires, and every
// value has the bytes of the log. Each statement has its own table map.
type binlogWriter struct {
	*renderer
	shown   *rowWriter // writes the rows as SQL for the comment; nil for no comment
	item    *changes.Item
	whole   bool   // the event is written unchanged
	begun   int    // pieces before the item
	rows    []byte // collected for one event, unless whole
	room    []byte // whose end rows is, backward
	count   int    // of them
	omitted int    // rows that the comment leaves out
	checks  decoder.RowsFlags
}

// asBinlog writes the rows of an item as BINLOG statements.
func (r *renderer) asBinlog(c *changes.Chunk, item *changes.Item) error {
	t := c.TransactionOf(item)
	d := r.dialect(t.Format)
	w := binlogWriter{renderer: r, item: item, begun: len(r.pieces), checks: r.checksOff(d, item)}
	if r.keepsContext(t) {
		w.checks = 0 // no variable can be set there
	}
	if d.MariaDB() != (t.Format.Server.Flavor == decoder.MariaDB) {
		return w.refuse("its rows have to be given as BINLOG statements, as the table has triggers or no definition, and a server of the other flavour takes none")
	}
	if item.Table != nil && !r.options.AsBinlog {
		w.shown = &rowWriter{renderer: r, dialect: d, table: r.tableText(d, item), chunk: c, item: item}
	}
	if err := r.reader.Open(c, item); err != nil {
		return err
	}
	r.reader.Rows().Flags |= w.checks
	if item.Table != nil && item.Table.IsSequence() && !r.reader.Rows().HasAllColumns() {
		return r.rows(c, item) // servers take no such rows of a sequence in BINLOG (error 4085)
	}
	w.whole = !r.reader.Filters() && !r.options.backward && !r.reader.Rows().IsCompressed() // no server takes these in BINLOG (error 1730)
	for {
		row, err := r.reader.Next()
		if row == nil && ignoreEOF(err) == nil {
			break
		}
		if err != nil {
			return err
		}
		if err := w.row(row); err != nil {
			return err
		}
	}
	if w.count == 0 {
		return nil
	}
	return w.finish()
}

// row adds the last row read.
func (w *binlogWriter) row(row *decoder.Row) error {
	w.count++
	large := w.isLarge(row, true)
	if w.shown == nil || large || len(w.text)-w.from() > maxShown {
		w.omitted++
		w.summary.Rows++
	} else if err := w.shown.row(row); err != nil {
		return w.shown.refuse(err)
	}
	if w.whole {
		return nil
	}
	before, after := w.reader.Rows().Raw()
	switch {
	case large:
		return w.largeRow(before, after)
	case w.options.backward: // the newest row comes first, and its images are swapped
		w.prepend(before)
		w.prepend(after)
	default:
		w.rows = append(append(w.rows, before...), after...)
	}
	if len(w.rows) > maxShown {
		return w.finish()
	}
	return nil
}

// prepend puts an image before the rows. Their room is doubled when it is full, so that rows are not moved for each.
func (w *binlogWriter) prepend(image []byte) {
	free := len(w.room) - len(w.rows)
	if free < len(image) {
		room := make([]byte, 2*(len(w.rows)+len(image)))
		free = len(room) - len(w.rows)
		copy(room[free:], w.rows)
		w.room = room
	}
	free -= copy(w.room[free-len(image):], image)
	w.rows = w.room[free:]
}

// largeRow writes a large row as an event of its own, without copying it, after the rows before it.
func (w *binlogWriter) largeRow(before, after []byte) error {
	if w.count > 1 {
		w.count, w.omitted = w.count-1, w.omitted-1
		if err := w.finish(); err != nil {
			return err
		}
		w.count, w.omitted = 1, 1
	}
	if w.options.backward {
		before, after = after, before
	}
	return w.finish(before, after)
}

func (w *binlogWriter) from() int {
	if len(w.pieces) == w.begun {
		return len(w.text)
	}
	return w.pieces[w.begun].body.from
}

// finish writes the rows so far, or the given ones.
func (w *binlogWriter) finish(rows ...[]byte) error {
	if len(rows) == 0 {
		rows = [][]byte{w.rows}
	}
	comment := w.comment()
	event, err := w.event(rows)
	if err != nil {
		return w.refuse(err.Error())
	}
	size := 0
	event(func(piece []byte) { size += len(piece) })
	comment = w.noteSize(comment, size*4/3) // in base64
	p := piece{statement: true, checks: w.checks}
	write := func() error { return w.statement(comment, event) }
	if size >= largeText {
		p.again = write
		w.pieces = append(w.pieces, p)
	} else {
		w.keep(func() { err = write() }, p)
	}
	if err == nil {
		err = w.relieve()
	}
	w.begun, w.rows, w.count, w.omitted = len(w.pieces), w.rows[:0], 0, 0
	if w.options.backward {
		w.rows = nil
	}
	return err
}

// comment removes the SQL of the rows from the pieces and returns it as comment lines.
func (w *binlogWriter) comment() []byte {
	m := w.item.Rows.Map
	name := words.Table(m.Database, m.Table)
	if w.shown == nil {
		return sqltext.AppendComment(nil, fmt.Sprintf("%s, %s", w.item.Rows.Kind, words.Count(w.count, "row")+" of "+name))
	}
	why := "which fires no triggers of "
	if !w.item.Triggers && w.item.Table.SystemVersioned {
		why = "which keeps the history of "
	}
	dst := sqltext.AppendComment(nil, "As BINLOG, "+why+name+":")
	pieces := w.pieces[w.begun:]
	for i := range pieces {
		n := i
		if w.options.backward {
			n = len(pieces) - 1 - i
		}
		pieces[n].lenient = false
		var sql []byte
		sql = w.renderer.appendStatement(sql, pieces[n:n+1])
		for line := range bytes.Lines(sql) {
			dst = sqltext.AppendComment(dst, "  "+strings.TrimPrefix(string(bytes.TrimSuffix(line, []byte{'\n'})), "-- "))
		}
	}
	if w.omitted > 0 {
		dst = sqltext.AppendComment(dst, fmt.Sprintf("  and %d more", w.omitted))
	}
	w.pieces = w.pieces[:w.begun]
	return dst
}

// event returns an iterator over the pieces of the event with the rows.
func (w *binlogWriter) event(rows [][]byte) (func(yield func(piece []byte)), error) {
	re := w.reader.Rows()
	if w.whole {
		return re.EachOfRows, nil
	}
	if !w.options.backward {
		return func(yield func(piece []byte)) { re.EachOfSome(yield, rows...) }, nil
	}
	each := func(yield func(piece []byte)) error { return re.EachOfInverse(yield, rows...) }
	return func(yield func(piece []byte)) { _ = each(yield) }, each(func([]byte) {})
}

// statement writes the BINLOG statement of an event.
func (w *binlogWriter) statement(comment []byte, event func(yield func(piece []byte))) error {
	table, err := w.reader.Rows().AppendTableMap(nil, w.options.Rewrite[w.item.Rows.Map.Database])
	if err != nil {
		return w.refuse(err.Error())
	}
	w.text = append(append(w.text, comment...), "BINLOG '\n"...)
	w.text = appendBase64(w.text, table)
	var rest []byte // too short for a line
	event(func(piece []byte) {
		for len(rest)+len(piece) >= lineBytes {
			n := lineBytes - len(rest)
			rest = append(rest, piece[:n]...)
			w.text = w.spilled(appendBase64(w.text, rest))
			rest, piece = rest[:0], piece[n:]
		}
		rest = append(rest, piece...)
	})
	w.text = append(appendBase64(w.text, rest), "';\n"...)
	return nil
}

// describe writes the format description that BINLOG statements need, if the transaction has any. It must not be inside a
// transaction: servers set gtid_next with it.
func (r *renderer) describe(t *changes.Transaction) {
	if !r.options.AsBinlog && !r.needsFormat(t) || r.described == t.Format && !r.options.backward {
		return
	}
	r.described = t.Format
	setsNext := r.dialect(t.Format).MySQLSince(5, 6, 5)
	if setsNext && r.options.GTIDs { // after a transaction with a GTID no other statement runs (error 1837)
		r.text = append(r.text, automatic...)
	}
	r.text = append(appendBase64(append(r.text, "BINLOG '\n"...), t.Format.AppendEvent(nil)), "';\n"...)
	if setsNext && (!r.options.GTIDs || t.GTID.IsZero()) {
		r.text = append(r.text, automatic...)
	}
}

// automatic lets the server choose the next transaction's GTID.
const automatic = "SET SESSION GTID_NEXT='AUTOMATIC';\n"

// needsFormat reports whether a transaction has rows that are written as BINLOG or, if the chunk does not have all of it, whether it
// may have some.
func (r *renderer) needsFormat(t *changes.Transaction) bool {
	if !t.MayDoMore && !r.keepsContext(t) {
		return false
	}
	begins, ends := false, false
	for i := range r.chunk.Items {
		item := &r.chunk.Items[i]
		if r.chunk.Transactions[item.Transaction].Number != t.Number {
			continue
		}
		if item.Kind == changes.KindRows && (r.doesMore(item, t.Format) || r.keepsContext(t)) {
			return true
		}
		begins, ends = begins || item.Kind == changes.KindBegin, ends || item.Kind == changes.KindEnd
	}
	return !begins || !ends
}

// lineBytes is how much of an event stands in a line, as mysqlbinlog writes them: 76 digits.
const lineBytes = 57

// appendBase64 appends an event in lines.
func appendBase64(dst, event []byte) []byte {
	for len(event) > 0 {
		n := min(lineBytes, len(event))
		dst = append(base64.StdEncoding.AppendEncode(dst, event[:n]), '\n')
		event = event[n:]
	}
	return dst
}

func (w *binlogWriter) refuse(why string) error {
	m := w.item.Rows.Map
	return refusal(ErrTable, w.item.Rows.Pos, fmt.Sprintf("%s of %s", w.item.Rows.Kind, words.Table(m.Database, m.Table)), why)
}
