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

// maxShown bounds the text of the statements that stand in comments above a BINLOG statement.
const maxShown = 64 << 10

// binlogWriter writes the rows of one item as BINLOG statements, which servers apply as replicas do: no trigger fires, and
// every value is the bytes of the log. Each is a statement of its own with its table map.
type binlogWriter struct {
	*renderer
	shown   *rowWriter // writes the rows as SQL for the comment; nil: there is none
	item    *changes.Item
	begun   int    // pieces before the item
	rows    []byte // that were collected for one event
	count   int    // of them
	omitted int    // rows that the comment leaves out
	checks  decoder.RowsFlags
}

// asBinlog writes the rows of an item as BINLOG statements.
func (r *renderer) asBinlog(c *changes.Chunk, item *changes.Item) error {
	t := c.TransactionOf(item)
	d := r.dialect(t.Format)
	w := binlogWriter{renderer: r, item: item, begun: len(r.pieces), checks: checksOff(d, item.Rows.Flags())}
	if r.keepsContext(t) {
		w.checks = 0 // nothing can be set there
	}
	if d.MariaDB() != (t.Format.Server.Flavor == decoder.MariaDB) {
		return w.refuse("its rows have to be given as BINLOG statements, as the table has triggers, and a server of the other flavour takes none")
	}
	if item.Table != nil && !r.options.AsBinlog {
		w.shown = &rowWriter{renderer: r, dialect: d, table: r.tableText(d, item), chunk: c, item: item}
	}
	if err := r.reader.Open(c, item); err != nil {
		return err
	}
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
	return w.finish(!r.reader.Filters() && !r.backward)
}

// row takes the row that was read last.
func (w *binlogWriter) row(row *decoder.Row) error {
	before, after := w.reader.Rows().Raw()
	if w.backward { // the newest row comes first, and its images change places
		both := append(append(make([]byte, 0, len(before)+len(after)+len(w.rows)), after...), before...)
		w.rows = append(both, w.rows...)
	} else {
		w.rows = append(append(w.rows, before...), after...)
	}
	w.count++
	if w.shown == nil || len(w.text)-w.from() > maxShown {
		w.omitted++
		w.summary.Rows++
	} else if err := w.shown.row(row); err != nil {
		return w.shown.refuse(err)
	}
	if w.backward && len(w.rows) > maxShown { // else each row would move all those before it
		return w.finish(false)
	}
	return nil
}

func (w *binlogWriter) from() int {
	if len(w.pieces) == w.begun {
		return len(w.text)
	}
	return w.pieces[w.begun].body.from
}

// finish writes the rows so far. whole: they are all of the event.
func (w *binlogWriter) finish(whole bool) error {
	comment := w.comment()
	statement, err := w.statement(whole)
	if err != nil {
		return w.refuse(err.Error())
	}
	w.keep(func() { w.text = append(append(w.text, comment...), statement...) }, piece{statement: true, checks: w.checks})
	err = w.relieve()
	w.begun, w.rows, w.count, w.omitted = len(w.pieces), nil, 0, 0
	return err
}

// comment takes the SQL of the rows back out of the pieces, as comment lines.
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
		if w.backward {
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

// statement is the BINLOG statement of the rows so far.
func (w *binlogWriter) statement(whole bool) ([]byte, error) {
	re := w.reader.Rows()
	dst := []byte("BINLOG '\n")
	event, err := re.AppendTableMap(nil, w.options.Rewrite[w.item.Rows.Map.Database])
	if err != nil {
		return nil, err
	}
	dst = appendBase64(dst, event)
	if whole && !re.IsCompressed() { // no server takes these in BINLOG (error 1730)
		event = re.AppendRows(event[:0])
	} else if event, err = re.AppendSome(event[:0], w.rows, w.backward); err != nil {
		return nil, err
	}
	return append(appendBase64(dst, event), "';\n"...), nil
}

// describe writes the format description that BINLOG statements need before them, where there are some in the transaction. It may
// not stand inside a transaction: servers set gtid_next with it.
func (r *renderer) describe(t *changes.Transaction) {
	if !r.options.AsBinlog && !r.needsFormat(t) || r.described == t.Format && !r.backward {
		return
	}
	r.described = t.Format
	r.text = append(appendBase64(append(r.text, "BINLOG '\n"...), t.Format.AppendEvent(nil)), "';\n"...)
	if r.dialect(t.Format).MySQLSince(5, 6, 5) && !r.options.GTIDs {
		r.text = append(r.text, "SET SESSION GTID_NEXT='AUTOMATIC';\n"...)
	}
}

// needsFormat reports whether a transaction has rows that are written as BINLOG, as far as the chunk says; where it does not have
// all of the transaction, whether it may have some.
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

// appendBase64 appends an event in lines as mysqlbinlog writes them.
func appendBase64(dst, event []byte) []byte {
	const lineBytes = 57 // 76 digits
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
