package dump

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"binmend/decoder/statement"
)

// piece is one statement of a schema file, without its delimiter and without the comments that a server ignores.
type piece struct {
	text string
	line int // where it begins, from 1
	err  error
}

const (
	// maxStatement bounds what is kept of one statement. The largest table a server can show (4096 columns, 8192
	// partitions) is smaller.
	maxStatement = 4 << 20
	// chunk is how much is read at once.
	chunk = 256 << 10
	// lookAhead is the most that the splitter looks ahead of the next byte.
	lookAhead = 64
	// maxCommand bounds a line with a command of the client.
	maxCommand = 1024

	blanks = " \t\r\n\f\v"
)

var errTooLong = fmt.Errorf("the statement is longer than %d MiB", maxStatement>>20)

// splitter cuts a schema file into statements as the mysql client does: quotes, comments and DELIMITER are understood,
// statements are not. Rows (INSERT, REPLACE) are passed without being kept, so a dump with data costs little more than
// reading it.
type splitter struct {
	r          io.Reader
	buf        []byte
	start, end int // the unread part of buf
	readErr    error

	line      int
	delimiter []byte

	headerDatabase string    // from mysqldump's comment at the top
	completed      time.Time // from its comment at the end; of several dumps in the file, the last one
	firstCompleted time.Time // the first one of those
	begins         string    // the log that begins where the tables are as the file has them, from the comment of schema --at-each-log
	headers        int       // comments at the top
	finished       int       // statements, rows as well
	comments       []string  // with GTIDs, since the last statement

	kept    []byte
	begun   int // line on which the statement begins; 0 before its first character
	tooLong bool
	rows    bool // the statement carries rows: drop it
	judged  bool // rows is settled
}

func newSplitter(r io.Reader) *splitter {
	return &splitter{r: r, buf: make([]byte, chunk), line: 1, delimiter: []byte(";")}
}

// next returns the next statement that may define something; io.EOF after the last.
func (s *splitter) next() (piece, error) {
	for {
		st, err := s.statement()
		if err != nil {
			return piece{}, err
		}
		if st.err != nil || strings.TrimSpace(st.text) != "" {
			return st, nil
		}
	}
}

// statement reads up to the next delimiter; the statement is empty if it held rows or nothing at all.
func (s *splitter) statement() (piece, error) {
	s.kept, s.begun, s.tooLong, s.rows, s.judged = s.kept[:0], 0, false, false, false
	for {
		if s.begun == 0 {
			if command := s.clientCommand(); command.text != "" {
				return command, nil
			}
		}
		w := s.window()
		if len(w) == 0 {
			if s.readErr != io.EOF {
				return piece{}, s.readErr
			}
			if s.begun == 0 {
				return piece{}, io.EOF
			}
			return s.finish(), nil
		}
		s.take(s.plain(w))
		if w = s.window(); len(w) == 0 {
			continue
		}
		switch c := w[0]; {
		case bytes.HasPrefix(w, s.delimiter):
			s.start += len(s.delimiter)
			return s.finish(), nil
		case c == '\'' || c == '"' || c == '`':
			opened := s.line
			if !s.quoted(c) {
				st := s.finish()
				st.err = fmt.Errorf("the quote %c opened on line %d is never closed: what follows it could not be read", c, opened)
				return st, nil
			}
		case !isComment(w):
			s.take(1)
		case c == '/':
			s.coordinateComment("*/")
			s.start += 2
			s.skipTo("*/")
			s.pass(len("*/"))
			s.keep(' ')
		default:
			s.lineComment()
		}
	}
}

// isComment reports whether a comment begins that servers skip. One that they execute, /*! or /*M!, does not count; one that
// only a client reads (/*M!999999\- … */) does. It may go on after w.
func isComment(w []byte) bool {
	scanner := statement.NewScanner(w[:min(len(w), lookAhead)], statement.Context{})
	kind := scanner.Scan().Kind
	return kind == statement.Comment || kind == statement.Hint
}

// finish is the statement that was read.
func (s *splitter) finish() piece {
	if s.begun > 0 {
		s.finished++
	}
	st := piece{line: s.begun}
	switch {
	case s.tooLong:
		st.err = errTooLong
		st.text = string(s.kept[:256])
	case !s.rows:
		st.text = string(s.kept)
	}
	return st
}

// clientCommand reads the lines that the mysql client acts on by itself, without a delimiter: DELIMITER, and USE when
// the line has no delimiter. It returns the USE.
func (s *splitter) clientCommand() piece {
	for {
		s.passBlanks()
		w := s.fill(maxCommand)
		line := w
		if eol := bytes.IndexByte(w, '\n'); eol >= 0 {
			line = w[:eol]
		}
		word, argument, _ := strings.Cut(string(bytes.TrimSpace(line[:min(len(line), maxCommand)])), " ")
		argument, isWhole := commandArgument(strings.TrimSpace(argument))
		switch {
		case argument == "", !isWhole:
			return piece{}
		case strings.EqualFold(word, "DELIMITER"):
			s.delimiter = []byte(argument[:min(len(argument), lookAhead)])
			s.pass(len(line))
		case strings.EqualFold(word, "USE") && !bytes.Contains(line, s.delimiter):
			command := piece{text: word + " " + argument, line: s.line}
			s.pass(len(line))
			return command
		default:
			return piece{}
		}
	}
}

// commandArgument is the first word of a line, or a name in backquotes. Where that has a line break it is not whole.
func commandArgument(line string) (argument string, isWhole bool) {
	if !strings.HasPrefix(line, "`") {
		argument, _, _ = strings.Cut(line, " ")
		return argument, true
	}
	return line[:strings.LastIndexByte(line, '`')+1], strings.Count(line, "`")%2 == 0
}

// passBlanks passes what may stand between statements: white space, and the byte order mark of an editor.
func (s *splitter) passBlanks() {
	for {
		w := s.window()
		n := len(w) - len(bytes.TrimLeft(w, blanks+"\ufeff"))
		if n == 0 {
			return
		}
		s.pass(n)
	}
}

// special holds the bytes that can begin a quote or a comment.
var special = [256]bool{'\'': true, '"': true, '`': true, '#': true, '-': true, '/': true}

// plain counts the bytes of w before the next one that needs a look.
func (s *splitter) plain(w []byte) int {
	end := s.delimiter[0]
	for i, c := range w {
		if special[c] || c == end {
			return i
		}
	}
	return len(w)
}

// quoted takes a quoted string or name, whose opening quote is next; false when the file ends inside it.
func (s *splitter) quoted(quote byte) bool {
	s.take(1)
	for {
		w := s.window()
		if len(w) == 0 {
			return false
		}
		n, closed := statement.QuotedPart(w, quote)
		s.take(n)
		if closed {
			return true
		}
	}
}

// take moves n bytes of the window into the statement.
func (s *splitter) take(n int) {
	part := s.buf[s.start : s.start+n]
	if s.begun == 0 {
		blank := len(part) - len(bytes.TrimLeft(part, blanks))
		s.pass(blank)
		if part = part[blank:]; len(part) == 0 {
			return
		}
		s.begun = s.line
	}
	for len(part) > 0 && !s.rows {
		room := maxStatement - len(s.kept)
		if room <= 0 {
			s.tooLong = true
			break
		}
		// Judge by the first few bytes before megabytes of rows are copied.
		if !s.judged {
			room = min(room, lookAhead)
		}
		piece := part[:min(room, len(part))]
		s.kept = append(s.kept, piece...)
		s.pass(len(piece))
		part = part[len(piece):]
		s.judge()
	}
	s.pass(len(part))
}

// judge decides, once the first word is whole, whether the statement carries rows.
func (s *splitter) judge() {
	if s.judged {
		return
	}
	scanner := statement.NewScanner(s.kept, statement.Context{})
	word := scanner.Next()
	if word.End == len(s.kept) {
		return
	}
	s.judged = true
	s.rows = scanner.Is(word, "INSERT") || scanner.Is(word, "REPLACE")
}

// keep adds one byte that the file does not have.
func (s *splitter) keep(c byte) {
	if s.begun > 0 && len(s.kept) < maxStatement {
		s.kept = append(s.kept, c)
	}
}

// lineComment passes a comment up to the end of its line. mysqldump's header has one that names the database:
//
//	-- Host: localhost    Database: shop
func (s *splitter) lineComment() {
	s.coordinateComment("\n")
	w := s.window()
	if date, found := bytes.CutPrefix(w, []byte("-- Dump completed on ")); found {
		s.complete(date)
	}
	if bytes.HasPrefix(w, []byte("-- The tables as ")) {
		if log, found := strings.CutPrefix(s.restOfLine(), "-- The tables as they are where "); found {
			s.begins, _ = strings.CutSuffix(log, " begins")
		}
	}
	if bytes.HasPrefix(w, []byte("-- Host: ")) {
		s.headers++
		line := s.restOfLine()
		if _, database, found := strings.Cut(line, "Database: "); found {
			database, _, _ = strings.Cut(database, "    Table: ") // MySQL Shell
			s.headerDatabase = strings.TrimSpace(database)
		}
	}
	if bytes.HasPrefix(w, []byte("-- Database: `")) { // phpMyAdmin
		_, quoted, _ := strings.Cut(strings.TrimSpace(s.restOfLine()), ": ")
		s.headers++
		s.headerDatabase = strings.ReplaceAll(quoted[1:max(1, len(quoted)-1)], "``", "`")
	}
	if date, found := bytes.CutPrefix(w, []byte("-- Dump end time: ")); found { // mysqlpump
		if at, err := time.Parse(time.ANSIC, string(date[:min(len(date), len(time.ANSIC))])); err == nil {
			s.ended(at)
		}
	}
	s.skipTo("\n")
}

// restOfLine is what is left of a line, up to a bound. Nothing of it is read.
func (s *splitter) restOfLine() string {
	line, _, _ := strings.Cut(string(s.fill(maxCommand)[:min(maxCommand, s.end-s.start)]), "\n")
	return line
}

// complete reads the date of a dump's last line. mysqldump fills the hour with a space, mariadb-dump with a zero.
func (s *splitter) complete(date []byte) {
	text, _, _ := strings.Cut(string(date[:min(len(date), len("2006-01-02 15:04:05"))]), "\n")
	day, hour, _ := strings.Cut(text, " ")
	if at, err := time.Parse("2006-01-02 15:4:05", day+" "+strings.TrimSpace(hour)); err == nil {
		s.ended(at)
	}
}

// ended notes when a dump ended.
func (s *splitter) ended(at time.Time) {
	before := s.firstCompleted
	s.firstCompleted, s.completed = at, later(s.completed, at)
	if !before.IsZero() {
		s.firstCompleted = earlier(before, at)
	}
}

// skipTo passes bytes up to where stop begins, or to the end of the file.
func (s *splitter) skipTo(stop string) {
	for {
		w := s.window()
		n := bytes.Index(w, []byte(stop))
		if n >= 0 {
			s.pass(n)
			return
		}
		// The window's last bytes may be the first ones of stop.
		n = len(w) - len(stop) + 1
		if n <= 0 || s.readErr != nil {
			s.pass(len(w))
			if s.readErr != nil {
				return
			}
			continue
		}
		s.pass(n)
	}
}

// pass drops up to n bytes of the window.
func (s *splitter) pass(n int) {
	n = min(n, s.end-s.start)
	s.line += bytes.Count(s.buf[s.start:s.start+n], []byte{'\n'})
	s.start += n
}

// window is the unread part of the buffer. It is shorter than lookAhead only at the end of the file.
func (s *splitter) window() []byte { return s.fill(lookAhead) }

// fill reads until the window has n bytes or the file ends.
func (s *splitter) fill(n int) []byte {
	for s.end-s.start < n && s.readErr == nil {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
		var got int
		got, s.readErr = s.r.Read(s.buf[s.end:])
		s.end += got
	}
	return s.buf[s.start:s.end]
}
