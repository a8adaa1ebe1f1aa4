package display

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a text safe for a terminal or a page: what can't be seen, moves the cursor or turns the direction of
// writing is written as an escape. Names and values come from logs and files.
func Printable(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteString(s[i : i+n])
		} else {
			q := strconv.QuoteToASCII(s[i : i+n])
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

// AppendPrintable appends what Printable makes of a text.
func AppendPrintable(dst []byte, s string) []byte { return append(dst, Printable(s)...) }

// Hidden lists the names that hold what can't be seen: a reviewer does not see which they are. They are Printable.
func Hidden(names ...string) (hidden []string) {
	for _, name := range names {
		if p := Printable(name); p != name {
			hidden = append(hidden, p)
		}
	}
	return hidden
}

// isPlain reports whether s is visible ASCII, as nearly all names are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// AppendOneLine appends what OneLine makes of a statement.
func AppendOneLine(dst, sql []byte, most int) []byte {
	if len(sql) <= most && isOneLine(sql) {
		return append(dst, sql...)
	}
	return append(dst, OneLine(sql, most)...)
}

// isOneLine reports whether a statement is visible ASCII with single blanks between.
func isOneLine(sql []byte) bool {
	blank := true // before the statement counts as one
	for _, b := range sql {
		if b < ' ' || b > '~' || b == ' ' && blank {
			return false
		}
		blank = b == ' '
	}
	return len(sql) == 0 || !blank
}

// OneLine is the beginning of a statement on one line: at most most bytes of it, blanks joined, made Printable.
func OneLine(sql []byte, most int) string {
	cut := len(sql) > most
	if cut {
		sql = sql[:most]
	}
	text := Printable(strings.Join(strings.Fields(strings.ToValidUTF8(string(sql), "?")), " "))
	if cut {
		text += " …"
	}
	return text
}
