package replica

import (
	"fmt"
	"regexp"
	"strings"
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

// border is a line of a box that only separates.
var border = regexp.MustCompile(`^[\s+|│├┼┤┌┬┐└┴┘─═╞╪╡:-]*[-─═][\s+|│├┼┤┌┬┐└┴┘─═╞╪╡:-]*$`)

// batchEscapes undoes what mysql --batch does to line breaks, tabs and back slashes.
var batchEscapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\0`, "\x00")
