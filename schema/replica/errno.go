package replica

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"binmend/decoder/fault"
)

// threadError reads a thread's error under the columns of its number and of its message. The number may be missing or be
// unreadable: then the message tells. unknown says why neither does; "" when the error, or that there is none, is known.
func (r row) threadError(numbers, messages []string) (e ThreadError, unknown string) {
	e.Message = r.text(present(r, messages)...)
	read := false
	for _, name := range numbers {
		if !r.has(name) {
			continue
		}
		text := r.text(name)
		n, ok := errorNumber(text)
		switch {
		case !ok && unknown == "":
			unknown = fmt.Sprintf("%s is %s, not a number", printed(name), quote(firstLine(text)))
		case ok && n != 0:
			e.Number = n
			return e, ""
		case ok:
			read = true
		}
	}
	if e.Number = numberIn(e.Message); e.Number != 0 {
		return e, ""
	}
	switch {
	case unknown != "":
		return e, unknown
	case e.Message != "":
		return e, fmt.Sprintf("%s has a text that names no error number", printed(messages[0]))
	case !read:
		return e, printed(numbers[0]) + " is missing"
	}
	return e, ""
}

// present are the columns with a value, so that an empty one does not hide another.
func present(r row, names []string) (out []string) {
	for _, name := range names {
		if r.text(name) != "" {
			out = append(out, name)
		}
	}
	return out
}

// printed is a column's name as servers print it.
func printed(canon string) string {
	words := strings.Split(canon, "_")
	for i, w := range words {
		switch w {
		case "sql", "io":
			words[i] = strings.ToUpper(w)
		case "":
		default:
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, "_")
}

var numberForm = regexp.MustCompile(`^[^0-9A-Za-z]*(?:MY-|ER)?(\d{1,9})(?:[^0-9.].*)?$`)

// errorNumber reads 1062, MY-001062, "1062" and 1062 (ER_DUP_ENTRY).
func errorNumber(text string) (n int, ok bool) {
	m := numberForm.FindStringSubmatch(text)
	if m == nil || strings.Contains(text, ",") {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

var (
	statedCode = regexp.MustCompile(`\b(?:Error_code: (?:MY-)?|MariaDB error code: |ERROR |errno[:= ]+)0*(\d{1,9})\b`)
	// What the servers say without a number, in English.
	wordings = []struct {
		begin  string
		number int
	}{
		{"Duplicate entry '", 1062},
		{"Can't find record in '", 1032},
	}
)

// numberIn is the error number that a message states, or that its words stand for; 0 if neither tells one.
func numberIn(message string) int {
	if m := statedCode.FindStringSubmatch(message); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	for _, w := range wordings {
		if strings.Contains(message, w.begin) {
			return w.number
		}
	}
	return 0
}

// noNumber is the error of a status in which whether there is an error, and which, can't be read.
func noNumber(s *Status) error {
	what := "no error number in the status"
	if s.Channel != "" {
		what += " of channel " + quote(s.Channel)
	}
	return &fault.Error{Reason: ErrNoNumber, What: what + ": " + s.unknown()}
}
