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
func Terminal(w io.Writer) io.Writer {
	return &characters{to: w, appendShown: new(sqlText).appendShown}
}

// JSONTerminal is Terminal for JSON: what is shown as its code point stands in a string, where \u and its code mean the same.
func JSONTerminal(w io.Writer) io.Writer { return &characters{to: w, appendShown: appendShownJSON} }

// characters is a writer that is given whole characters, however the writes before it cut them.
type characters struct {
	to          io.Writer
	appendShown func(dst []byte, r rune, raw []byte) []byte
	rest        []byte // of a character that the last write has cut
	out         []byte
}

// Write writes what is whole of b.
func (c *characters) Write(b []byte) (int, error) {
	text := append(c.rest, b...)
	c.out = c.out[:0]
	for len(text) > 0 && (utf8.FullRune(text) || len(text) >= utf8.UTFMax) {
		r, n := utf8.DecodeRune(text)
		c.out = c.appendShown(c.out, r, text[:n])
		text = text[n:]
	}
	c.rest = append([]byte(nil), text...)
	if _, err := c.to.Write(c.out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// appendShownJSON appends a character of JSON.
func appendShownJSON(dst []byte, r rune, raw []byte) []byte {
	if r == '\n' || unicode.IsPrint(r) && !(r == utf8.RuneError && len(raw) == 1) {
		return append(dst, raw...)
	}
	for _, unit := range utf16.Encode([]rune{r}) {
		dst = fmt.Appendf(dst, "\\u%04x", unit)
	}
	return dst
}

// sqlText knows where in SQL a character stands.
type sqlText struct {
	quote byte // ' " or ` inside quoted text, - inside a comment line, 0 elsewhere
	last  byte // before the byte at hand
}

// appendShown appends a character of SQL.
func (t *sqlText) appendShown(dst []byte, r rune, raw []byte) []byte {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		dst = fmt.Appendf(dst, "<x%02X>", raw[0])
	case r == '\n' && t.quote != '`', r == '\t', r == 0x1b && t.quote == '-', unicode.IsPrint(r):
		dst = append(dst, raw...)
	default:
		dst = fmt.Appendf(dst, "<%02X>", r)
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
	return dst
}
