package replica

import (
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// readRows turns text of any form into rows: names of columns with their values. The forms may be mixed, as when a table
// of workers follows a status in the vertical form.
func readRows(text string) ([]row, error) {
	rows, text := cutJSON(text)
	lines, err := linesOf(withoutInserts(text))
	if err != nil {
		return nil, err
	}
	cutMailQuotes(lines)
	joinBoxes(lines)
	cutPrefixes(lines)
	text = strings.Join(lines, "\n")
	found, text := cutJSON(text) // that followed prefixes
	rows = append(rows, found...)
	marked, text := cutMarkup(text)
	rows = append(rows, marked...)
	if page.MatchString(text) {
		text = cutTags(text)
	}
	if lines, err = linesOf(text); err != nil {
		return nil, err
	}
	s := splitter{lines: cutLines(lines)}
	if err := s.split(); err != nil {
		return nil, err
	}
	if len(s.rows) == 0 && len(rows) == 0 {
		s = splitter{lines: lines, blanksSeparate: true}
		if err := s.split(); err != nil {
			return nil, err
		}
	}
	return append(rows, s.rows...), nil
}

// linesOf cuts a text into lines, up to a bound: a line takes many times its bytes in memory, and the status of a thousand channels
// has fewer.
func linesOf(text string) ([]string, error) {
	const most = 100_000
	if n := strings.Count(text, "\n"); n > most {
		return nil, noStatus(ErrNotStatus, fmt.Sprintf("%d lines, of which at most %d are read", n, most))
	}
	return strings.Split(text, "\n"), nil
}

// splitter cuts lines into rows.
type splitter struct {
	lines          []string
	rows           []row
	open           string // the column that following lines may belong to; "" for none
	fresh          bool   // the next column begins a row
	begin          int    // the line, from 1, in which that row begins; 0: in the column's
	blanksSeparate bool   // names and values have only blanks between them
}

// nameAndMark is a name with the mark between it and its value, as alerts put several into one line.
var nameAndMark = regexp.MustCompile("[\"'\\[{(]*" + word.String() + "[\"'\\])}]*\\s*(?::|=>?)")

// cutLines gives each column of a short text a line of its own, as an alert has all of them in one.
func cutLines(lines []string) (out []string) {
	const few = 3
	filled := 0
	for _, line := range lines {
		if strings.TrimSpace(line) != "" {
			filled++
		}
	}
	if filled > few {
		return lines
	}
	for _, line := range lines {
		from := 0
		for _, at := range nameAndMark.FindAllStringIndex(line, -1) {
			name := word.FindString(line[at[0]:at[1]])
			if shape, _ := columnShapeOf(name); shape != unknownColumn && at[0] > from {
				out = append(out, strings.TrimRight(line[from:at[0]], " ,;|{("))
				from = at[0]
			}
		}
		out = append(out, line[from:])
	}
	return out
}

func (s *splitter) split() error {
	s.fresh = true
	for n := 0; n < len(s.lines); n++ {
		line := s.lines[n]
		if h := headerOf(line); h != nil {
			end, err := s.table(h, n)
			if err != nil {
				return err
			}
			n, s.open, s.fresh = end-1, "", true
			continue
		}
		if err := s.line(n+1, line); err != nil {
			return err
		}
	}
	return nil
}

// The client's line between rows. A terminal may have put a prompt before it.
var rowSeparator = regexp.MustCompile(`\*{3,} *\d+\. row \*{3,}\W*$`)

func (s *splitter) line(n int, line string) error {
	if rowSeparator.MatchString(line) {
		s.open, s.fresh, s.begin = "", true, n
		return nil
	}
	if isNoise(line) {
		s.open = ""
		return nil
	}
	name, value, ok := s.cutColumn(line)
	if ok {
		return s.column(n, name, value)
	}
	if s.open == "" {
		return nil
	}
	r := s.rows[len(s.rows)-1]
	c := r.cells[s.open]
	if columns[s.open] == oneWord && !isRestOf(s.open, line) {
		s.open = ""
		return nil
	}
	c.value = append(c.value, line)
	r.cells[s.open] = c
	return nil
}

// isRestOf reports whether a line can be the rest of a value of one word.
func isRestOf(column, line string) bool {
	if strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
		return false
	}
	line = strings.TrimSpace(line)
	if strings.HasSuffix(column, "_pos") {
		return line != "" && strings.Trim(line, "0123456789") == ""
	}
	return line != "" && !strings.ContainsAny(line, " \t")
}

func (s *splitter) column(n int, name, value string) error {
	if s.fresh {
		begin := s.begin
		if begin == 0 {
			begin = n
		}
		s.rows = append(s.rows, row{line: begin, cells: map[string]cell{}})
		s.fresh, s.begin = false, 0
	}
	if err := s.rows[len(s.rows)-1].put(n, name, value); err != nil {
		return err
	}
	s.open = ""
	if shape, canon := columnShapeOf(name); shape == manyLines || shape == oneWord {
		s.open = canon
	}
	return nil
}

// Lines that clients, servers and shells print around rows.
var noise = []*regexp.Regexp{
	regexp.MustCompile(`^(mysql|mariadb|MySQL|MariaDB)\b[^>]*> `),
	regexp.MustCompile(`^(mysql|mariadb|MySQL|MariaDB)\b[^>]*>$`),
	regexp.MustCompile(`^\s+(-|'|"|/\*|` + "`" + `)>`),
	regexp.MustCompile(`^\d+ rows? in set\b`),
	regexp.MustCompile(`^(Empty set|Query OK)\b`),
	regexp.MustCompile(`^ERROR(:| \d+)`),
	regexp.MustCompile(`^(mysql|mariadb): \[`),
	regexp.MustCompile(`^(Note|Warning|Error) \(Code \d+\):`),
	regexp.MustCompile(`^(Bye|Connection id:.*|Current database:.*|No connection\. Trying to reconnect.*)$`),
	regexp.MustCompile(`^\[?[\w.-]+@[\w.-]+[ :][^$#]*[$#]( |$)`),
	regexp.MustCompile("^```"),
}

func isNoise(line string) bool {
	for _, re := range noise {
		if re.MatchString(line) {
			return true
		}
	}
	return false
}

const bullets = " \t>*•·–—-+\"'`([{|│#$"

var valueMark = regexp.MustCompile(`=>|->|→|:=|[:=|│\t]`)

// cutColumn splits a line "   Some_Name: value". Before the name there may be blanks, bullets, quotes and brackets; between
// it and the value =, an arrow, | or a tab.
func (s *splitter) cutColumn(line string) (name, value string, ok bool) {
	body := strings.TrimLeft(line, bullets)
	mark := valueMark
	if s.blanksSeparate {
		mark = blanks
	}
	at := mark.FindStringIndex(body)
	if at == nil {
		return "", "", false
	}
	name = strings.Trim(body[:at[0]], " \t*\"'`)]}")
	if shape, _ := columnShapeOf(name); shape == unknownColumn {
		return "", "", false
	}
	quoted := len(line) > len(body) && strings.ContainsAny(line[len(line)-len(body)-1:len(line)-len(body)], `"'`)
	separator := body[at[0]:at[1]]
	value = body[at[1]:]
	if separator == ":" && strings.HasPrefix(value, "** ") { // bold names of Markdown
		value = value[3:]
	}
	return name, cleanValue(value, separator, quoted), true
}

// cleanValue takes off what the form of the text puts around a value.
func cleanValue(value, mark string, quoted bool) string {
	if mark != ":" || quoted {
		value = strings.TrimSpace(value)
	}
	value = strings.TrimPrefix(value, " ")
	if mark == "|" || mark == "│" {
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(value, "|"), "│"))
	}
	trimmed := strings.TrimSpace(value)
	if quoted {
		trimmed = strings.TrimSpace(strings.TrimRight(trimmed, ",}]"))
	}
	if n := len(trimmed); n >= 2 && trimmed[0] == trimmed[n-1] && strings.IndexByte("\"'`", trimmed[0]) >= 0 {
		if trimmed[0] == '"' {
			return strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n", `\t`, "\t", `\u0027`, "'").Replace(trimmed[1 : n-1])
		}
		return strings.NewReplacer(`\'`, "'", "''", "'").Replace(trimmed[1 : n-1])
	}
	if quoted {
		return trimmed
	}
	return value
}

// header is the first line of a table whose columns stand side by side.
type header struct {
	names  []string
	mark   string // between the cells: a bar, a tab, a comma or a semicolon
	places []int  // of the bars, in characters
}

// mostColumns is more than the names of any status.
const mostColumns = 1000

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

// border is a line of a box that only separates.
var border = regexp.MustCompile(`^[\s+|│├┼┤┌┬┐└┴┘─═╞╪╡:-]*[-─═][\s+|│├┼┤┌┬┐└┴┘─═╞╪╡:-]*$`)

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

// batchEscapes undoes what mysql --batch does to line breaks, tabs and back slashes.
var batchEscapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\0`, "\x00")

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

// joinBoxes puts together the lines of a box that a terminal wrapped: its border tells how many lines each of them fills. Blanks at
// their ends, which mail cuts off, are put back up to a bound: a wide border above short lines would make gigabytes of them.
func joinBoxes(lines []string) {
	const mostBlanks = 4 << 20
	blanks := 0
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "+-") {
			continue
		}
		k := 1
		for continuesBorder(lines, i+k-1) {
			k++
		}
		if k == 1 {
			continue
		}
		width := utf8.RuneCountInString(lines[i])
		for i+k <= len(lines) && strings.HasPrefix(lines[i], "+-") || i+k <= len(lines) && strings.HasPrefix(lines[i], "|") {
			var whole strings.Builder
			whole.WriteString(lines[i])
			n := utf8.RuneCountInString(lines[i])
			for j := 1; j < k; j++ {
				if short := width*j - n; short > 0 {
					if blanks += short; blanks > mostBlanks {
						return
					}
					whole.WriteString(strings.Repeat(" ", short))
					n += short
				}
				whole.WriteString(lines[i+j])
				n += utf8.RuneCountInString(lines[i+j])
				lines[i+j] = joined
			}
			lines[i] = whole.String()
			i += k
		}
	}
}

// joined stands for a line that was put to the end of one before.
const joined = "\x00"

var onlyBorder = regexp.MustCompile(`^[-+]+$`)

// continuesBorder reports whether the line after a border is a part of the same one, and not the border of the next box.
func continuesBorder(lines []string, i int) bool {
	return i+1 < len(lines) && onlyBorder.MatchString(lines[i+1]) && !(strings.HasSuffix(lines[i], "+") && strings.HasPrefix(lines[i+1], "+"))
}
