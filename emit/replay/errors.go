package replay

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/words"
	"binmend/emit/sqltext"
)

// The reasons why changes can't be written as SQL, or not be taken back. All but the last two are kinds of ErrRefused.
var (
	ErrRefused      = fault.NewReason("a change that can't be written as SQL, or not be taken back")
	ErrTable        = ErrRefused.Kind("a table whose rows can't be written")
	ErrNoLiteral    = ErrRefused.Kind("a value that no SQL of the server makes")
	ErrNotLogged    = ErrRefused.Kind("a value that the log does not hold")
	ErrNotCommitted = ErrRefused.Kind("a transaction that did not end in COMMIT")
	ErrLoad         = ErrRefused.Kind("a change that SQL can't hold")
	ErrNoInverse    = ErrRefused.Kind("a statement that has no inverse")
	ErrClient       = ErrRefused.Kind("a statement that a client may misread")
	ErrLeftOut      = ErrRefused.Kind("a statement of tables that are wanted and others that are not")
	ErrVariable     = ErrRefused.Kind("a user variable that can't be written")

	ErrNotInvertible = fault.NewReason("the range can't be rolled back") // nothing was written
	ErrOpenEnd       = fault.NewReason("the logs end inside a transaction")
)

// refusal is the error for a change that can't be written; about is its name in the log.
func refusal(reason *fault.Reason, pos decoder.Position, about, why string) *fault.Error {
	return &fault.Error{Reason: reason, About: fmt.Sprintf("%s:%d: %s", filepath.Base(pos.File), pos.Offset, about), What: why}
}

// asRefusal returns an error as a refusal, nil if it is something else.
func asRefusal(err error) *fault.Error {
	if refused, ok := err.(*fault.Error); ok && errors.Is(refused, ErrRefused) {
		return refused
	}
	return nil
}

// refusals are the changes of a range that can't be taken back.
type refusals struct {
	first []*fault.Error
	more  int // beyond those
}

func (r *refusals) add(all []*fault.Error) {
	kept := min(len(all), maxRefused-len(r.first))
	r.first = append(r.first, all[:kept]...)
	r.more += len(all) - kept
}

// err is the error for the range, nil if all of it can be taken back.
func (r *refusals) err() error {
	if len(r.first) == 0 {
		return nil
	}
	var all []string
	for _, refused := range r.first {
		all = append(all, refused.Error())
	}
	if r.more > 0 {
		all = append(all, fmt.Sprintf("and %d more", r.more))
	}
	return &fault.Error{Reason: ErrNotInvertible, About: "the range can't be rolled back", What: strings.Join(all, "; "), Cause: r.first[0]}
}

var errOpenEnd = &fault.Error{Reason: ErrOpenEnd, What: "the last transaction is not complete: the logs end before it does"}

// maxRefused bounds the refusals that are kept.
const maxRefused = 10

// refuse makes the error of a row that can't be written.
func (w *rowWriter) refuse(err error) error {
	reason, why := ErrTable, err.Error()
	if refused := asRefusal(err); refused != nil {
		reason, why = refused.Reason, refused.What
	} else if errors.Is(err, sqltext.ErrNoLiteral) {
		reason = ErrNoLiteral
	} else if errors.Is(err, decoder.ErrTooLarge) {
		reason = decoder.ErrTooLarge
	}
	about := fmt.Sprintf("%s of %s, row %d", w.item.Rows.Kind, words.Table(w.item.Rows.Map.Database, w.table.table.Name), w.reader.Number())
	return refusal(reason, w.item.Rows.Pos, about, why)
}

// notLogged is the error for a column that the row image leaves out.
func (w *rowWriter) notLogged(ordinal int) error {
	return &fault.Error{Reason: ErrNotLogged, What: "the log does not hold column " + w.table.table.Columns[ordinal].Name}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
