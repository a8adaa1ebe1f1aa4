// Package fault is the error of all packages below cmd: what is wrong, where, and for what reason. A reason goes in with the
// facts that advice on it quotes; out comes a sentence that states them. It gives no advice: that names flags of the command
// line, which only cmd/app knows, in its table of advice by reason.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Reason is why something can't be done. Each package declares its own. errors.Is finds a reason and its parents in an error.
type Reason struct {
	text string
	of   *Reason
}

// NewReason makes a reason of its own, which is described by a few words.
func NewReason(text string) *Reason { return &Reason{text: text} }

// Kind makes a reason that is a kind of r.
func (r *Reason) Kind(text string) *Reason { return &Reason{text: text, of: r} }

// Of is the reason that r is a kind of; nil when there is none.
func (r *Reason) Of() *Reason { return r.of }

func (r *Reason) Error() string { return r.text }

// Unwrap lets errors.Is find the reason that r is a kind of.
func (r *Reason) Unwrap() error {
	if r.of == nil {
		return nil
	}
	return r.of
}

// Position is a real place in a file: the byte offset at which an event begins. It is not the end_log_pos of the
// event's header, which in a relay log is the source's and in files over 4 GiB wraps.
type Position struct {
	File   string // "" when there is no place
	Offset int64  // bytes from the beginning of the file
}

func (p Position) String() string { return fmt.Sprintf("%s:%d", p.File, p.Offset) }

// Error says what is wrong, where and why.
type Error struct {
	Reason *Reason // may be nil: then there is nothing to advise
	Pos    Position
	Event  string // the type of the event at Pos; "" when the trouble is not inside one
	About  string // what it is about, when that is not a place in a log: a table, a server, a folder, a line of a text
	What   string // what was expected and what was found; may be empty when Err says it
	Err    error  // the cause, whose text follows; may be nil
	Cause  error  // the cause, when What already describes it; may be nil
	Facts  Facts
}

// Facts are what advice quotes. Those that do not matter for the reason are zero.
type Facts struct {
	Whole      int64  // up to which offset the file can be read
	Begin, End int64  // offsets around Pos at which events begin
	Name       string // what a person has to name or look at: a database, a file, a program, a setting
	Grant      string // the statement that gives the missing privilege, up to TO
	First      string // the statement of the log that changed a table first
	Last       string // the one that changed it last
}

func (e *Error) Error() string {
	if e.Pos.File == "" {
		return e.Text()
	}
	return fmt.Sprintf("%s: offset %d: %s", e.Pos.File, e.Pos.Offset, e.Text())
}

// Text is the error without its position.
func (e *Error) Text() string {
	var parts []string
	if e.Event != "" {
		parts = append(parts, e.Event+" event")
	}
	parts = append(parts, e.About, e.What)
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ": ")
}

// Unwrap lets errors.Is find the reason, and errors.As the cause.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Reason != nil {
		all = append(all, e.Reason)
	}
	for _, cause := range []error{e.Err, e.Cause} {
		if cause != nil {
			all = append(all, cause)
		}
	}
	return all
}

// Texts is the text of an error, or those of joined ones, each once: what fails twice often fails of the same.
func Texts(err error) (list []string) {
	joined, _ := err.(interface{ Unwrap() []error })
	if joined == nil || fmt.Sprint(errors.Join(joined.Unwrap()...)) != err.Error() {
		return []string{err.Error()}
	}
	for _, e := range joined.Unwrap() {
		for _, text := range Texts(e) {
			if !slices.Contains(list, text) {
				list = append(list, text)
			}
		}
	}
	return list
}
