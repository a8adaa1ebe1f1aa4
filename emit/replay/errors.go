package replay

import (
	"fmt"
	"io"
	"path/filepath"

	"binmend/decoder"
)

// RefusedError is a change that can't be written as SQL, or not be taken back.
type RefusedError struct {
	Pos  decoder.Position
	What string // of the log
	Why  string
	Do   string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s:%d: %s: %s", filepath.Base(e.Pos.File), e.Pos.Offset, e.What, e.Why)
}

// Hint says what to do.
func (e *RefusedError) Hint() string { return e.Do }

// NotInvertibleError says that a range can't be rolled back: nothing was written.
type NotInvertibleError struct {
	Refused []*RefusedError // the first of them
	Count   int
}

func (e *NotInvertibleError) Error() string {
	text := "the range can't be rolled back: "
	for i, r := range e.Refused {
		if i > 0 {
			text += "; "
		}
		text += r.Error()
	}
	if more := e.Count - len(e.Refused); more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// Hint says what to do about the first of them.
func (e *NotInvertibleError) Hint() string { return e.Refused[0].Do }

// openEndError: the logs end inside a transaction.
type openEndError struct{}

func (openEndError) Error() string {
	return "the last transaction is not complete: the logs end before it does"
}

// Hint says what to do.
func (openEndError) Hint() string {
	return "give the log after the last one as well; where there is none, --stop-position leaves the transaction out"
}

// maxRefused bounds the refusals that are kept.
const maxRefused = 10

// refuse makes the error of a row that can't be written.
func (w *rowWriter) refuse(err error) error {
	refused, ok := err.(*RefusedError)
	if !ok {
		refused = &RefusedError{Why: err.Error(), Do: "leave the table out with --exclude-table, or give its right definition with --schema"}
	}
	t := w.table.table
	refused.Pos = w.item.Rows.Pos
	refused.What = fmt.Sprintf("%s of `%s`.`%s`, row %d", w.item.Rows.Kind, w.item.Rows.Map.Database, t.Name, w.reader.Number())
	return refused
}

// notLogged is the error of a column that the row image leaves out.
func (w *rowWriter) notLogged(ordinal int) error {
	return &RefusedError{Why: fmt.Sprintf("the log does not hold column %s", w.table.table.Columns[ordinal].Name),
		Do: "the log was written with binlog_row_image=MINIMAL or NOBLOB, or with partial JSON; read the values from the source or a backup"}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
