package script

import (
	"bytes"
	"fmt"
	"strings"

	"binmend/emit/display"
	"binmend/emit/sqltext"

	"github.com/fatih/color"
)

// writer writes the parts of a script. After the first error it writes nothing more.
type writer struct {
	out       partWriter
	dialect   sqltext.Dialect
	paint     paint
	buf       []byte
	why       *Cause // of the statement that comes next
	commented bool   // statements are written as comments
	err       error
}

// paint colours the text of a comment.
type paint struct {
	heading, risk, reason func(...any) string
}

// palette returns the colours, forced on or off: the caller has already looked at the terminal.
func palette(colored bool) paint {
	with := func(attributes ...color.Attribute) func(...any) string {
		c := color.New(attributes...)
		if colored {
			c.EnableColor()
		} else {
			c.DisableColor()
		}
		return c.SprintFunc()
	}
	return paint{with(color.FgCyan, color.Bold), with(color.FgRed, color.Bold), with(color.FgGreen)}
}

func (w *writer) write(kind Kind, b []byte) {
	if w.err == nil {
		w.err = w.out.writePart(kind, b, w.why)
	}
}

// line writes one comment line.
func (w *writer) line(text string) {
	w.buf = sqltext.AppendComment(w.buf[:0], text)
	w.write(Comment, w.buf)
}

// lines writes the comment lines in buf, each as a part.
func (w *writer) lines() {
	for line := range bytes.Lines(w.buf) {
		w.write(Comment, line)
	}
}

// blank writes an empty line.
func (w *writer) blank() { w.write(Comment, []byte{'\n'}) }

func (w *writer) heading(text string) { w.painted(Comment, w.paint.heading, "", text) }

func (w *writer) risk(format string, args ...any) {
	w.painted(Risk, w.paint.risk, "  ", "RISK: "+fmt.Sprintf(format, args...))
}

// painted writes a paragraph in a colour, which starts after each line's mark. Lines after the first are indented.
func (w *writer) painted(kind Kind, p func(...any) string, indent, text string) {
	w.buf = w.buf[:0]
	for i, line := range display.Wrap(text, sqltext.CommentWidth-len(indent)) {
		if i > 0 {
			line = indent + line
		}
		w.buf = append(append(append(w.buf, "-- "...), p(string(sqltext.AppendVisible(nil, line)))...), '\n')
	}
	w.write(kind, w.buf)
}

// text writes comment lines, wrapped.
func (w *writer) text(text string) { w.indented("", text) }

func (w *writer) indented(indent, text string) {
	w.buf = sqltext.AppendParagraph(w.buf[:0], indent, text)
	w.lines()
}

// field writes a line of the header: a label and a value, whose further lines are aligned.
func (w *writer) field(label, value string) {
	w.buf = sqltext.AppendField(w.buf[:0], label, value)
	w.lines()
}

// statement writes a statement; the text is the package's own or sqltext's.
func (w *writer) statement(sql string) {
	w.write(Command, []byte(sql+"\n"))
}

// rendered writes the statement that render appends.
func (w *writer) rendered(render func(dst []byte) ([]byte, error)) {
	if w.err != nil {
		return
	}
	w.buf, w.err = render(w.buf[:0])
	if w.err != nil {
		return
	}
	if w.commented {
		for statement := range strings.SplitSeq(string(w.buf), ";\n") {
			w.line(statement + ";")
		}
		return
	}
	if err := sqltext.CheckClient(w.buf); err != nil {
		w.err = fmt.Errorf("%s.%s: the next statement can't go through a client: %w", w.why.Database, w.why.Table, err)
		return
	}
	if note := sqltext.PacketNote(w.buf); note != "" {
		w.write(Risk, []byte(note))
	}
	w.buf = append(w.buf, ";\n"...)
	w.write(Statement, w.buf)
}

// breakOff ends a script that can't be completed, so that it commits nothing.
func (w *writer) breakOff() {
	message := sqltext.AppendComment(nil, "ERROR: "+w.err.Error())
	message = sqltext.AppendComment(message, "The script breaks off here. Nothing is committed and the applier is not restarted.")
	w.out.writePart(Comment, message, nil)
	w.out.writePart(Command, []byte("ROLLBACK;\n"), nil)
}

// unwrapped is the text of wrapped comment lines.
func unwrapped(comment []byte) string {
	var words []string
	for line := range bytes.Lines(comment) {
		words = append(words, strings.TrimSpace(strings.TrimPrefix(string(line), "-- ")))
	}
	return strings.TrimPrefix(strings.Join(words, " "), "RISK: ")
}
