package display

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable makes a text safe for a terminal or a page: characters that are invisible, move the cursor or change the direction of
// writing become escapes. Names and values come from logs and files.
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

// AppendPrintable is Printable, appended.
func AppendPrintable(dst []byte, s string) []byte { return append(dst, Printable(s)...) }

// Hidden lists the names with invisible characters, made Printable: a reviewer can't recognise them otherwise.
func Hidden(names ...string) (hidden []string) {
	for _, name := range names {
		if p := Printable(name); p != name {
			hidden = append(hidden, p)
		}
	}
	return hidden
}

// isPlain reports whether s is visible ASCII, as almost all names are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// AppendOneLine is OneLine, appended.
func AppendOneLine(dst, sql []byte, most int) []byte {
	if len(sql) <= most && isOneLine(sql) {
		return append(dst, sql...)
	}
	return append(dst, OneLine(sql, most)...)
}

// isOneLine reports whether a statement is visible ASCII with single blanks between.
func isOneLine(sql []byte) bool {
	blank := true // so that a leading blank is found too
	for _, b := range sql {
		if b < ' ' || b > '~' || b == ' ' && blank {
			return false
		}
		blank = b == ' '
	}
	return len(sql) == 0 || !blank
}

// OneLine is the beginning of a statement on one line: at most most bytes, runs of blanks joined, made Printable.
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
