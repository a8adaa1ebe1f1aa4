// Package optionfile reads the option files of MySQL and MariaDB programs: plain ones, such as ~/.my.cnf, with the files
// that they include, and the login file of mysql_config_editor. In goes a file; out come the options of the wanted groups,
// in their order: a later one overrides an earlier one. It knows no option and no default.
//
// The rules are those of the servers' own reader (MySQL source: mysys/my_default.cc, by name search_default_file_with_ext):
// # begins a comment anywhere outside quotes, ; only at the begin of a line; quotes around a value go away; \b \t \n \r
// \\ \s \" and \' are escapes, and any other back slash stays. !include FILE and !includedir DIR stand for what they name.
package optionfile

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"binmend/decoder/fault"
)

// Option is one option.
type Option struct {
	Group    string
	Name     string // with - for _, and without loose-
	Value    string
	HasValue bool // the option stands with =, though nothing may follow
	File     string
	Line     int
}

// The reasons why a file can't be read.
var (
	ErrSyntax = fault.NewReason("not an option file")
	ErrLogin  = fault.NewReason("not a login file")
)

// syntaxError is the error of a line that an option file does not have.
func syntaxError(file string, line int, what string) error {
	return &fault.Error{Reason: ErrSyntax, About: fmt.Sprintf("%s:%d", file, line), What: what}
}

// maxLine is the longest line that is read; the client's own bound is 4096.
const maxLine = 64 << 10

// Read returns the options of the wanted groups of one text; name is for messages, which never quote a value. It follows
// no !include and !includedir: Load does.
func Read(r io.Reader, name string, groups ...string) ([]Option, error) {
	var options []Option
	p := parser{groups: groups, into: &options, include: func(string, string, int) error { return nil }}
	if err := p.read(r, name); err != nil {
		return nil, err
	}
	return options, nil
}

// parser gathers the options of a file.
type parser struct {
	groups  []string
	into    *[]Option
	include func(directive, file string, line int) error // takes a line that begins with !
}

func (p *parser) read(r io.Reader, name string) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	group, n := "", 0
	for lines.Scan() {
		n++
		line := strings.TrimFunc(lines.Text(), isSpace)
		switch {
		case line == "", line[0] == '#', line[0] == ';':
		case line[0] == '!':
			if err := p.include(line[1:], name, n); err != nil {
				return err
			}
		case line[0] == '[':
			inner, _, closed := strings.Cut(line[1:], "]")
			if !closed {
				return syntaxError(name, n, "a group without ]")
			}
			group = strings.TrimFunc(inner, isSpace)
		case group == "":
			return syntaxError(name, n, "an option before the first [group]")
		case slices.Contains(p.groups, group):
			o := readOption(line)
			o.Group, o.File, o.Line = group, name, n
			*p.into = append(*p.into, o)
		}
	}
	if err := lines.Err(); err == bufio.ErrTooLong {
		return syntaxError(name, n+1, fmt.Sprintf("a line of more than %d bytes", maxLine))
	} else if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
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
