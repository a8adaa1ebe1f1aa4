package display

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Terminal returns a writer of SQL for a terminal. SQL has names and statements of a log byte by byte. On a terminal, where nobody
// runs it, characters that move the cursor, hide text or change its direction are shown as code points, <1B> or <202E>, and so is
// a line break in a name. Colours in comments pass: they are this program's own, because log text in comments is Printable.
func Terminal(w io.Writer) io.Writer {
	return &characters{to: w, appendShown: new(sqlText).appendShown}
}

// JSONTerminal is Terminal for JSON: such a character can only be in a string, and is written there as \u and its code.
func JSONTerminal(w io.Writer) io.Writer { return &characters{to: w, appendShown: appendShownJSON} }

// characters is a writer that passes on whole characters, even if writes cut them.
type characters struct {
	to          io.Writer
	appendShown func(dst []byte, r rune, raw []byte) []byte
	rest        []byte // the beginning of a character that the last write has cut
	out         []byte
}

// Write writes the whole characters of b.
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

// sqlText tracks where in SQL the next character is.
type sqlText struct {
	quote byte // ' " or ` inside quoted text, - inside a comment line, 0 elsewhere
	last  byte // before the current byte
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
