package replica

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// row is one row of a result set that the client printed vertically.
type row struct {
	line         int // of the text, from 1
	cells        map[string]cell
	replicaWords bool
}

// cell is a value of a row: what follows the column's name, and the lines after it that belong to it.
type cell struct {
	line  int
	value []string
}

type rowKind uint8

const (
	otherRow rowKind = iota
	statusRow
	workerRow
	coordinatorRow
	versionRow
)

// kind tells by its columns which statement printed the row. People cut columns out, so a few have to do.
func (r row) kind() rowKind {
	switch {
	case r.has("worker_id"):
		return workerRow
	case r.has("relay_log_file"), r.has("last_sql_errno"), r.has("last_sql_error"), r.has("slave_sql_running"),
		r.has("last_errno"), r.has("relay_master_log_file"), r.has("last_io_errno"), r.has("slave_io_state"):
		return statusRow
	case r.has("received_transaction_set"):
		return otherRow // replication_connection_status
	case r.has("last_error_message"):
		return coordinatorRow
	case r.has("@@version"), r.has("version()"):
		return versionRow
	default:
		return otherRow
	}
}

func (r row) has(name string) bool {
	_, ok := r.cells[name]
	return ok
}

// text is the value of the first of the columns that the row has, without surrounding white space.
func (r row) text(names ...string) string {
	for _, n := range names {
		if c, ok := r.cells[n]; ok {
			if v := strings.TrimSpace(strings.Join(c.value, "\n")); v != "NULL" {
				return v
			}
			return ""
		}
	}
	return ""
}

// packed is a value in which white space means nothing: a GTID set.
func (r row) packed(name string) string {
	return strings.Join(strings.Fields(r.text(name)), "")
}

// number is an unsigned number; 0 when it is none.
func (r row) number(name string) uint64 {
	n, err := strconv.ParseUint(r.text(name), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r row) threadError(number, message string) ThreadError {
	return ThreadError{Number: int(min(r.number(number), 1<<31-1)), Message: r.text(message)}
}

// The client's line between rows. A terminal may have put a prompt before it.
var rowSeparator = regexp.MustCompile(`\*{3,} *\d+\. row \*{3,}\s*$`)

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
}

func isNoise(line string) bool {
	for _, re := range noise {
		if re.MatchString(line) {
			return true
		}
	}
	return false
}

// splitter cuts text into rows.
type splitter struct {
	rows []row
	open string // the column that following lines may belong to; "" for none
}

func splitRows(text string) ([]row, error) {
	var s splitter
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		line = strings.TrimRight(line, "\r")
		if err := s.line(n, line); err != nil {
			return nil, err
		}
	}
	return s.rows, nil
}

func (s *splitter) line(n int, line string) error {
	if rowSeparator.MatchString(line) {
		s.rows = append(s.rows, row{line: n, cells: map[string]cell{}})
		s.open = ""
		return nil
	}
	if isNoise(line) {
		s.open = ""
		return nil
	}
	name, value, ok := cutColumn(line)
	canon, modern := canonical(name)
	switch shape := columns[canon]; {
	case ok && shape != unknownColumn:
		return s.column(n, canon, value, shape, modern)
	case s.open != "":
		r := s.rows[len(s.rows)-1]
		c := r.cells[s.open]
		c.value = append(c.value, line)
		r.cells[s.open] = c
	}
	return nil
}

func (s *splitter) column(n int, name, value string, shape columnShape, modern bool) error {
	if len(s.rows) == 0 {
		s.rows = append(s.rows, row{line: n, cells: map[string]cell{}})
	}
	r := &s.rows[len(s.rows)-1]
	if before, ok := r.cells[name]; ok {
		return &DuplicateError{What: "column " + name, First: before.line, Second: n, Advice: keepOneColumn}
	}
	r.cells[name] = cell{line: n, value: []string{value}}
	r.replicaWords = r.replicaWords || modern
	s.open = ""
	if shape == manyLines {
		s.open = name
	}
	return nil
}

// cutColumn splits a line "   Some_Name: value". Blanks and the marks of quoted mail may stand before the name.
func cutColumn(line string) (name, value string, ok bool) {
	line = strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == '>' || r == '\ufeff' })
	name, value, ok = strings.Cut(line, ":")
	if !ok || name == "" || strings.IndexFunc(name, notInName) >= 0 {
		return "", "", false
	}
	if value != "" && value[0] != ' ' && value[0] != '\t' {
		return "", "", false
	}
	return name, strings.TrimPrefix(value, " "), true
}

func notInName(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '@' || r == '(' || r == ')')
}
