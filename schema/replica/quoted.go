package replica

import (
	"regexp"
	"strings"
)

// Graphical clients copy a row with its values as SQL writes them: MySQL Workbench below a line "# Name, Name", others as an INSERT.

// insertHead is what stands before the values of an INSERT.
var insertHead = regexp.MustCompile(`(?im)^[ \t]*INSERT\s+INTO\s+[^(;]{1,200}\(([^();']*)\)\s*VALUES?\s*\(`)

// withoutInserts leaves of an INSERT of a status the names, as a header, and the values below them.
func withoutInserts(text string) string {
	return insertHead.ReplaceAllStringFunc(text, func(head string) string {
		names := strings.Join(strings.Fields(insertHead.FindStringSubmatch(head)[1]), " ")
		if headerOf(names) == nil {
			return head // of a statement that failed
		}
		return names + "\n"
	})
}

// mostLines is how many lines a row of values may have: an error's text may show a statement of some.
const mostLines = 100

// quoted reads the rows below a header with commas whose values are in SQL's quotes. It returns the line after them.
func (s *splitter) quoted(h *header, n int) (end int, err error) {
	for end = n + 1; end < len(s.lines) && strings.HasPrefix(strings.TrimSpace(s.lines[end]), "'"); {
		text := strings.Join(s.lines[end:min(end+mostLines, len(s.lines))], "\n")
		cells, length := quotedCells(text, h.mark, len(h.names))
		if cells == nil {
			return end, s.odd(end, s.lines[end], "row of values in quotes")
		}
		if err := s.addCells(h, end, cells); err != nil {
			return end, err
		}
		end += 1 + strings.Count(text[:length], "\n")
	}
	return end, nil
}

var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', '0': 0, 'Z': 26}

// quotedCells are the first values of a text, and their length; nil if there are fewer than n, or one does not end.
func quotedCells(text, mark string, n int) (cells []string, length int) {
	i := 0
	for len(cells) < n {
		for i < len(text) && (text[i] == ' ' || text[i] == '\t') {
			i++
		}
		cell, size := quotedCell(text[i:])
		switch {
		case size > 0:
		case strings.HasPrefix(text[i:], "'"):
			return nil, 0 // it is not closed, or longer than mostLines
		default:
			cell, size = bareCell(text[i:], mark)
		}
		cells, i = append(cells, cell), i+size
		if len(cells) == n {
			break
		}
		if !strings.HasPrefix(text[i:], mark) {
			return nil, 0
		}
		i += len(mark)
	}
	return cells, i
}

// quotedCell is a value in quotes at the beginning of a text, and its size there; 0 if there is none.
func quotedCell(text string) (cell string, size int) {
	if text == "" || text[0] != '\'' {
		return "", 0
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			if escaped, ok := escapes[text[i]]; ok {
				b.WriteByte(escaped)
			} else {
				b.WriteByte(text[i])
			}
		case c != '\'':
			b.WriteByte(c)
		case i+1 < len(text) && text[i+1] == '\'':
			i++
			b.WriteByte(c)
		default:
			return b.String(), i + 1
		}
	}
	return "", 0
}

// bareCell is a number or NULL. It does not keep the text.
func bareCell(text, mark string) (cell string, size int) {
	size = strings.IndexAny(text, mark+"\n)")
	if size < 0 {
		size = len(text)
	}
	if cell = strings.TrimSpace(text[:size]); strings.EqualFold(cell, "NULL") {
		cell = ""
	}
	return strings.Clone(cell), size
}
