package replica

import (
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf8"
)

// header is the first line of a table whose columns stand side by side.
type header struct {
	names  []string
	mark   string // between the cells: a bar, a tab, a comma or a semicolon
	places []int  // of the bars, in characters
}

// headerOf reads a line as a header; nil if it is not one.
func headerOf(line string) *header {
	for _, mark := range []string{"|", "│", "\t", ",", ";"} {
		if marks := strings.Count(line, mark); marks == 0 || marks > mostColumns {
			continue
		}
		h := &header{mark: mark}
		cells := strings.Split(line, mark)
		if h.isBox() {
			cells = boxCells(line, mark)
			h.places = placesOf(line, mark)
		}
		known := 0
		for _, name := range cells {
			name = strings.Trim(strings.TrimPrefix(name, "# "), " \"'`*")
			if strings.ContainsAny(name, " :=") && name != "" {
				known = -len(cells)
				break
			}
			if shape, _ := columnShapeOf(name); shape != unknownColumn {
				known++
			}
			h.names = append(h.names, name)
		}
		if known*2 > len(h.names) && (known > 1 || h.isBox() && len(h.names) == 1 && strings.HasPrefix(strings.TrimSpace(line), mark)) {
			return h
		}
	}
	return nil
}

func (h *header) isBox() bool { return h.mark == "|" || h.mark == "│" }

// boxCells are the cells of a line in a box, or of Markdown with or without its outer bars.
func boxCells(line, mark string) []string {
	line = strings.TrimSpace(line)
	line = strings.TrimSuffix(strings.TrimPrefix(line, mark), mark)
	return strings.Split(line, mark)
}

func placesOf(line, mark string) (places []int) {
	n := 0
	for _, r := range line {
		if string(r) == mark {
			places = append(places, n)
		}
		n++
	}
	return places
}

// table reads the rows under the header in line n (from 0) and returns the line after them.
func (s *splitter) table(h *header, n int) (end int, err error) {
	if h.mark == "," || h.mark == ";" {
		return s.separated(h, n)
	}
	i, seen := n+1, 0
	for i < len(s.lines) {
		line := s.lines[i]
		switch {
		case h.isBox() && line == joined:
			i++
			continue
		case h.isBox() && border.MatchString(line):
			i++
			if seen > 0 && !followedByRow(s.lines, i, h) {
				return i, nil
			}
			continue
		case !strings.Contains(line, h.mark) || isNoise(line):
			if seen == 0 && strings.TrimSpace(line) != "" {
				return i, s.odd(i, line, "row under the names")
			}
			return i, nil
		}
		if seen > 0 && headerOf(line) != nil {
			return i, nil // the next table
		}
		cells, next := h.cells(s.lines, i)
		if cells == nil {
			return i, s.odd(i, line, fmt.Sprintf("row of %d values", len(h.names)))
		}
		if err := s.addCells(h, i, cells); err != nil {
			return i, err
		}
		seen++
		i = next
	}
	return i, nil
}

func followedByRow(lines []string, i int, h *header) bool {
	for i < len(lines) && lines[i] == joined {
		i++
	}
	return i < len(lines) && strings.Contains(lines[i], h.mark) && !border.MatchString(lines[i]) && headerOf(lines[i]) == nil
}

// addCells makes a row of the cells.
func (s *splitter) addCells(h *header, n int, cells []string) error {
	r := row{line: n + 1, cells: map[string]cell{}}
	for i, name := range h.names {
		if name == "" {
			continue
		}
		if err := r.put(n+1, name, cells[i]); err != nil {
			return err
		}
	}
	s.rows = append(s.rows, r)
	return nil
}

// cells reads a row that begins in line i. Line breaks in a value go on in the next lines; where a value has the mark
// itself, the places of the bars in the header tell. nil: the row does not fit the header.
func (h *header) cells(lines []string, i int) (cells []string, next int) {
	const mostOfValue = 200
	text := lines[i]
	for next = i + 1; ; next++ {
		cells = h.cut(text)
		switch {
		case len(cells) == len(h.names):
			return cells, next
		case len(cells) > len(h.names):
			return h.cutByPlace(text), next
		case next == len(lines), next-i > mostOfValue, headerOf(lines[next]) != nil, h.isBox() && border.MatchString(lines[next]),
			!h.isBox() && (strings.TrimSpace(lines[next]) == "" || isNoise(lines[next])):
			if h.isBox() || next > i+1 {
				return nil, next
			}
			return append(cells, make([]string, len(h.names)-len(cells))...), next // trailing tabs were lost
		}
		text += "\n" + lines[next]
	}
}

func (h *header) cut(text string) []string {
	if !h.isBox() {
		cells := strings.Split(text, "\t")
		for i, c := range cells {
			cells[i] = batchEscapes.Replace(c)
		}
		return cells
	}
	cells := boxCells(text, h.mark)
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	return cells
}

// cutByPlace cuts a row where the header has its bars. The client pads by characters.
func (h *header) cutByPlace(text string) []string {
	runes := []rune(text)
	var cells []string
	for i := 0; i+1 < len(h.places); i++ {
		from, to := h.places[i], h.places[i+1]
		if to >= len(runes) || string(runes[from]) != h.mark || string(runes[to]) != h.mark {
			return nil
		}
		cells = append(cells, strings.TrimSpace(string(runes[from+1:to])))
	}
	if len(cells) != len(h.names) {
		return nil
	}
	return cells
}

// separated reads values with commas or semicolons between them.
func (s *splitter) separated(h *header, n int) (end int, err error) {
	if n+1 < len(s.lines) && strings.HasPrefix(strings.TrimSpace(s.lines[n+1]), "'") {
		return s.quoted(h, n)
	}
	rest := strings.Join(s.lines[n:], "\n")
	r := csv.NewReader(strings.NewReader(rest))
	r.Comma, _ = utf8.DecodeRuneInString(h.mark)
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	seen, before, counted := 0, n, int64(0)
	for first := true; ; first = false {
		before += strings.Count(rest[counted:r.InputOffset()], "\n")
		counted = r.InputOffset()
		cells, err := r.Read()
		if first {
			continue
		}
		if err != nil || len(cells) != len(h.names) {
			if seen == 0 && before < len(s.lines) && strings.TrimSpace(s.lines[before]) != "" {
				return before, s.odd(before, s.lines[before], fmt.Sprintf("row of %d values", len(h.names)))
			}
			return max(before, n+1), nil
		}
		for i, c := range cells {
			if c == `\N` {
				cells[i] = ""
			}
		}
		if err := s.addCells(h, before, cells); err != nil {
			return before, err
		}
		seen++
	}
}

// odd is the error of a line that does not fit the form of those before it.
func (s *splitter) odd(i int, line, expected string) error {
	return noStatus(ErrNotStatus, fmt.Sprintf("a table with its columns side by side; line %d: expected a %s, found %d bytes of other text", i+1, expected, len(line)))
}

// mostColumns is more than the names of any status.
const mostColumns = 1000
