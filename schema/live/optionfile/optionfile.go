// Package optionfile reads the option files of MySQL and MariaDB programs, such as ~/.my.cnf. In goes a file; out come
// the options of the wanted groups, in the order of the file: a later one overrides an earlier one. It follows no
// !include and !includedir, which server packages use in the files under /etc and people do not in their own.
//
// The rules are those of the servers' own reader (MySQL source: mysys/my_default.cc, by name search_default_file_with_ext):
// # begins a comment anywhere outside quotes, ; only at the begin of a line; quotes around a value go away; \b \t \n \r
// \\ \s \" and \' are escapes, and any other back slash stays.
package optionfile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Option is one option.
type Option struct {
	Group    string
	Name     string // with - for _, and without loose-
	Value    string
	HasValue bool // the option stands with =, though nothing may follow
	Line     int
}

// SyntaxError: a line is none of an option file.
type SyntaxError struct {
	File   string
	Line   int
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Hint says what to do.
func (e *SyntaxError) Hint() string {
	return "an option file has lines [group], name=value and # comment; mysql --print-defaults shows how the client reads it"
}

// maxLine is the longest line that is read; the client's own bound is 4096.
const maxLine = 64 << 10

// Read returns the options of the wanted groups; name is for messages, which never quote a value.
func Read(r io.Reader, name string, groups ...string) ([]Option, error) {
	var options []Option
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	group, n := "", 0
	for lines.Scan() {
		n++
		line := strings.TrimFunc(lines.Text(), isSpace)
		switch {
		case line == "", strings.ContainsRune("#;!", rune(line[0])):
		case line[0] == '[':
			inner, _, closed := strings.Cut(line[1:], "]")
			if !closed {
				return nil, &SyntaxError{name, n, "a group without ]"}
			}
			group = strings.TrimFunc(inner, isSpace)
		case group == "":
			return nil, &SyntaxError{name, n, "an option before the first [group]"}
		case slices.Contains(groups, group):
			o := readOption(line)
			o.Group, o.Line = group, n
			options = append(options, o)
		}
	}
	if err := lines.Err(); err == bufio.ErrTooLong {
		return nil, &SyntaxError{name, n + 1, fmt.Sprintf("a line of more than %d bytes", maxLine)}
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return options, nil
}

// readOption reads name=value, or a name alone.
func readOption(line string) Option {
	name, value, has := strings.Cut(uncommented(line), "=")
	name = strings.ReplaceAll(strings.TrimFunc(name, isSpace), "_", "-")
	name = strings.TrimPrefix(name, "loose-")
	return Option{Name: name, Value: unescape(unquote(strings.TrimFunc(value, isSpace))), HasValue: has}
}

// uncommented cuts off the comment at the end of a line: what follows a # that stands outside quotes.
func uncommented(line string) string {
	var quote byte
	escaped := false
	for i := range len(line) {
		c := line[i]
		switch {
		case (c == '\'' || c == '"') && !escaped:
			if quote == 0 {
				quote = c
			} else if quote == c {
				quote = 0
			}
		case c == '#' && quote == 0:
			return line[:i]
		}
		escaped = quote != 0 && c == '\\' && !escaped
	}
	return line
}

func unquote(value string) string {
	if n := len(value); n >= 2 && (value[0] == '\'' || value[0] == '"') && value[n-1] == value[0] {
		return value[1 : n-1]
	}
	return value
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 's': ' ', '"': '"', '\'': '\'', '\\': '\\'}

func unescape(value string) string {
	var b strings.Builder
	for i := 0; i < len(value); i++ {
		if value[i] == '\\' && i+1 < len(value) {
			if c, ok := escapes[value[i+1]]; ok {
				b.WriteByte(c)
				i++
				continue
			}
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// isSpace is the white space of C.
func isSpace(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' }
