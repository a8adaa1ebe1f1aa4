package replay

import (
	"binmend/decoder"
	"binmend/schema/changes"
)

// A value of some megabytes becomes two to six times as much text, and a statement as much again. So the text of a large row or
// statement is not kept with the others. A large row is written twice: first without keeping the text, to see whether it can be
// written and what notes it needs; then part by part to the output.

// largeText is the size from which a row or statement is large, and of the parts in which its text is handed over. Tests make it
// smaller.
var largeText = changes.FlushBytes

// isLarge reports whether the last row read is large. compressed: its values may be larger than in the log.
func (r *renderer) isLarge(row *decoder.Row, compressed bool) bool {
	return (compressed || r.reader.Rows().RowSize() >= largeText) && row.ContentLength() >= largeText
}

// largeRow writes a large row as a piece without text. What was written before is handed over first: then it is the chunk's turn, and
// no other goroutine inflates the values of a large row at the same time.
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

// anew returns the function that writes a part of a large row to the output.
func (w *rowWriter) anew(write func() error) func() error {
	dialect, long := w.dialect, w.long
	return func() error {
		kept := w.dialect
		w.dialect, w.large, w.long, w.quiet = dialect.Spilling(w.spilled), true, long, true
		err := write()
		w.dialect, w.large, w.long, w.quiet = kept, false, false, false
		if err != nil {
			return w.refuse(err)
		}
		return nil
	}
}

// appendAgain runs again, which appends its text.
func (r *renderer) appendAgain(dst []byte, again func() error) []byte {
	kept := r.text
	r.text, r.streams = dst, true
	if err := again(); err != nil && r.failed == nil {
		r.failed = err
	}
	dst, r.text, r.streams = r.text, kept, false
	return dst
}

// spilled hands over text for the chunk's Out once there is enough, and returns the rest. The text of pieces stays: their spans are
// places in it.
func (r *renderer) spilled(text []byte) []byte {
	if !r.streams || len(text) < largeText {
		return text
	}
	r.chunk.Out = text
	r.flush()
	return text[:0]
}

// largeStatement writes a large statement to the output, after what was composed before it.
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
