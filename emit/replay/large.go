package replay

import (
	"binmend/decoder"
	"binmend/schema/changes"
)

// A value of some megabytes becomes two to six times as much text, and a statement as much again. The text of a large row or statement
// is therefore not kept with the others. A large row is written twice: first to see whether it can be, and what is to be said
// of it, while its text is thrown away; then part by part to where it goes.

// largeText is the size of a row or statement from which it is large, and of the parts in which its text is handed over. Tests make it
// smaller.
var largeText = changes.FlushBytes

// isLarge reports whether the row last read is large. compressed says that its values may be larger than in the log.
func (r *renderer) isLarge(row *decoder.Row, compressed bool) bool {
	return (compressed || r.reader.Rows().RowSize() >= largeText) && row.ContentLength() >= largeText
}

// largeRow writes a large row as a piece that holds no text. What was written before is handed over first: then it is the chunk's turn,
// and no other goroutine inflates the values of a large row at the same time.
func (w *rowWriter) largeRow(row *decoder.Row) error {
	if err := w.handOver(); err != nil {
		return err
	}
	kept := w.dialect
	w.large, w.long, w.from, w.thrown = true, row.ContentLength() >= longRow, len(w.text), 0
	w.dialect = kept.Spilling(func(text []byte) []byte {
		w.thrown += len(text)
		return text[:0]
	})
	err := w.row(row)
	w.dialect, w.large, w.long, w.quiet = kept, false, false, false
	return err
}

// anew returns what writes a part of a large row where it goes.
func (w *rowWriter) anew(write func() error) func() error {
	dialect, long := w.dialect, w.long
	return func() error {
		kept := w.dialect
		w.dialect, w.large, w.long, w.quiet = dialect.Spilling(w.spilled), true, long, true
		err := write()
		w.dialect, w.large, w.long, w.quiet = kept, false, false, false
		return err
	}
}

// appendAgain appends what again writes.
func (r *renderer) appendAgain(dst []byte, again func() error) []byte {
	kept := r.text
	r.text = dst
	if err := again(); err != nil && r.failed == nil {
		r.failed = err
	}
	dst, r.text = r.text, kept
	return dst
}

// spilled hands over text that goes to the chunk's Out, when it is enough, and returns what is left of it.
func (r *renderer) spilled(text []byte) []byte {
	if len(text) < largeText {
		return text
	}
	r.chunk.Out = text
	r.flush()
	return text[:0]
}

// largeStatement writes a large statement where it goes, after what was composed before it.
func (r *renderer) largeStatement(t *changes.Transaction, e *decoder.Event) error {
	if err := r.handOver(); err != nil {
		return err
	}
	r.chunk.Out = appendChecks(r.chunk.Out, r.off, 0)
	r.off = 0
	var err error
	r.chunk.Out = r.appendAgain(r.chunk.Out, func() error {
		err = r.query(t, e)
		return nil
	})
	if err == nil {
		err = r.failed
	}
	return err
}
