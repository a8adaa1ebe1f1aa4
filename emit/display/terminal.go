package display

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Terminal returns a writer of SQL for a terminal. Names and statements of a log stand in it byte by byte; on a terminal, where
// nobody runs it, what moves the cursor, hides text or turns its direction is shown as its code point, <1B> or <202E>, and so
// is a line break in a name. Colours in comments pass: they are this program's, as what a log says in a comment is Printable.
func Terminal(w io.Writer) io.Writer { return &terminal{to: w} }

// JSONTerminal is Terminal for JSON: what is shown as its code point stands in a string, where \u and its code mean the same.
func JSONTerminal(w io.Writer) io.Writer { return &jsonTerminal{to: w} }

type jsonTerminal struct {
	to   io.Writer
	rest []byte // of a character that the last write has cut
	out  []byte
}

// Write writes what is whole of b.
func (t *jsonTerminal) Write(b []byte) (int, error) {
	text := append(t.rest, b...)
	t.out = t.out[:0]
	for len(text) > 0 && (utf8.FullRune(text) || len(text) >= utf8.UTFMax) {
		r, n := utf8.DecodeRune(text)
		if r == '\n' || unicode.IsPrint(r) && !(r == utf8.RuneError && n == 1) {
			t.out = append(t.out, text[:n]...)
		} else {
			for _, unit := range utf16.Encode([]rune{r}) {
				t.out = fmt.Appendf(t.out, "\\u%04x", unit)
			}
		}
		text = text[n:]
	}
	t.rest = append([]byte(nil), text...)
	if _, err := t.to.Write(t.out); err != nil {
		return 0, err
	}
	return len(b), nil
}

type terminal struct {
	to    io.Writer
	quote byte   // ' " or ` inside quoted text, - inside a comment line, 0 elsewhere
	last  byte   // before the byte at hand
	rest  []byte // of a character that the last write has cut
	out   []byte
}

// Write writes what is whole of b.
func (t *terminal) Write(b []byte) (int, error) {
	text := append(t.rest, b...)
	t.out = t.out[:0]
	for len(text) > 0 && (utf8.FullRune(text) || len(text) >= utf8.UTFMax) {
		r, n := utf8.DecodeRune(text)
		t.take(r, text[:n])
		text = text[n:]
	}
	t.rest = append([]byte(nil), text...)
	if _, err := t.to.Write(t.out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// take writes a character.
func (t *terminal) take(r rune, raw []byte) {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		t.out = fmt.Appendf(t.out, "<x%02X>", raw[0])
	case r == '\n' && t.quote != '`', r == '\t', r == 0x1b && t.quote == '-', unicode.IsPrint(r):
		t.out = append(t.out, raw...)
	default:
		t.out = fmt.Appendf(t.out, "<%02X>", r)
	}
	b := raw[0]
	switch {
	case t.quote == '-':
		if b == '\n' {
			t.quote = 0
		}
	case t.quote != 0:
		if b == t.quote {
			t.quote = 0
		}
	case b == '\'' || b == '"' || b == '`', b == '-' && t.last == '-':
		t.quote = b
	}
	t.last = b
}
