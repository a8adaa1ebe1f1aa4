package replica

import (
	"regexp"
	"strconv"
	"strings"
)

// RowChange is the kind of row event that failed.
type RowChange uint8

const (
	UnknownChange RowChange = iota // the message names no row event
	Write
	Update
	Delete
)

func (c RowChange) String() string {
	return [...]string{"unknown", "Write_rows", "Update_rows", "Delete_rows"}[c]
}

// Message is what an applier's message tells. The server writes (MySQL: rpl_rli_pdb.cc, log_event.cc; MariaDB:
// log_event_server.cc, rpl_rli.cc), the words "master" and "source" being of the version:
//
//	Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: WORKER. See …
//	WORKER: Worker 1 failed executing transaction 'GTID' at master log FILE, end_log_pos N[; CAUSE]
//	CAUSE:  Could not execute Write_rows event on table DB.TABLE; ENGINE, Error_code: N; [ENGINE, Error_code: N;]
//	        handler error NAME; the event's master log FILE, end_log_pos N[, Gtid D-S-N]
//	CAUSE:  Error 'TEXT' on query. Default database: 'DB'. Query: 'SQL'
//	ENGINE: Duplicate entry 'VALUE' for key 'KEY'      (in the language of the server)
//
// ENGINE is there once for each time that the engine refused a row: twice with the same words where MySQL 9.7 tried a row of
// Update_rows again.
// A worker that has just started names no FILE of its own; its CAUSE does. Every text is the server's, which quotes logs and
// schemas: none is fit for output as it stands. What the message does not tell is zero.
//
// Only ENGINE, DB, TABLE and SQL quote a log or a schema, so the parts before them are read from the front and those
// after them from the back.
type Message struct {
	Transaction string // as written: a GTID, ANONYMOUS or nothing
	Worker      bool   // the message is a worker's, or quotes one
	Event       Place  // file and end_log_pos of the event
	Change      RowChange
	Table       string // "db.table" as written, not quoted
	Value       string // 1062: the value of the key, its parts joined by "-"
	Key         string // 1062: "PRIMARY" or, from MySQL 8.0.19, "table.PRIMARY"
	Code        int    // of the engine's message; 0 when it names none
	Handler     string // HA_ERR_FOUND_DUPP_KEY
	Database    string // the default database of Query
	Query       string // the statement that failed, when no row event did; the server cuts long ones
	Cut         bool   // the server, or who pasted it, cut the message before its end
}

var (
	workerPart = regexp.MustCompile(`(?s)^(?:Coordinator stopped because there were error\(s\) in the worker\(s\)\. ` +
		`The most recent failure being: )?Worker \d+ failed executing transaction '([^']*)'` +
		`(?: at (?:master|source|relay) log ([^,]*), end_log_pos (\d+))?`)
	rowsPart  = regexp.MustCompile(`^Could not execute (Write|Update|Delete)_rows\w* event on table `)
	eventPart = regexp.MustCompile(`(?s); the event's (?:master|source) log ([^,]*), end_log_pos (\d+)` +
		`(?:, Gtid (\d+-\d+-\d+))?(?:, Internal MariaDB error code: \d+)?\s*$`)
	queryPart   = regexp.MustCompile(`(?s)^Error '.*' on query\. Default database: '(.*?)'\. Query: '(.*)'`)
	codePart    = regexp.MustCompile(`, Error_code: (?:MY-)?(\d+)(?:;|\.\.\.|…|$)`)
	handlerPart = regexp.MustCompile(`; handler error ([A-Z_<>a-z]+);`)
)

// readMessage takes a message apart. One that a terminal or a mail program wrapped is read as one line: of the ways to join its
// lines the one counts in which the most parts of a message are found.
func readMessage(message string) Message {
	best := readForm(message)
	if strings.Contains(message, "\n") {
		for _, form := range []string{strings.ReplaceAll(message, "\n", ""), strings.Join(strings.Fields(message), " ")} {
			if d := readForm(form); d.parts() > best.parts() {
				best = d
			}
		}
	}
	best.Event.File = logName(best.Event.File)
	return best
}

// parts is how many of a message's parts are there.
func (d *Message) parts() (n int) {
	for _, has := range []bool{d.Event != (Place{}), d.Change != UnknownChange, d.Key != "", d.Code != 0, d.Handler != "", d.Query != "",
		d.Table != "" && !strings.Contains(d.Table, "\n"), strings.TrimSpace(d.Transaction) == d.Transaction} {
		if has {
			n++
		}
	}
	return n
}

// logName is the name of a log without blanks from line breaks; "" for anything else, such as a redacted name. Every log's name ends
// in a number.
func logName(name string) string {
	name = strings.Join(strings.Fields(name), "")
	if !numberedLog.MatchString(name) {
		return ""
	}
	return name
}

var numberedLog = regexp.MustCompile(`.\.[0-9]{6,}$`)

func readForm(message string) Message {
	var d Message
	cause := message
	if m := workerPart.FindStringSubmatchIndex(message); m != nil {
		d.Worker = true
		d.Transaction = group(message, m, 1)
		d.Event = place(group(message, m, 2), group(message, m, 3))
		cause = strings.TrimPrefix(message[m[1]:], "; ")
	}
	if m := rowsPart.FindStringSubmatchIndex(cause); m != nil {
		d.Change = map[string]RowChange{"Write": Write, "Update": Update, "Delete": Delete}[group(cause, m, 1)]
		d.readRows(cause[m[1]:])
	}
	if m := queryPart.FindStringSubmatch(cause); m != nil {
		d.Database, d.Query = m[1], m[2]
		d.Code = numberIn(cause[:strings.Index(cause, "' on query. Default database: '")])
	}
	return d
}

// alertTail is what an alert has after the message and a bar, as with Nagios.
var alertTail = regexp.MustCompile(`(end_log_pos \d+) \|[^']*$`)

// readRows reads what follows "Could not execute … event on table ".
func (d *Message) readRows(s string) {
	s = alertTail.ReplaceAllString(s, "$1")
	if m := eventPart.FindStringSubmatch(s); m != nil {
		if at := place(m[1], m[2]); d.Event == (Place{}) || d.Event == (Place{Pos: at.Pos}) {
			d.Event = at
		}
		if m[3] != "" {
			d.Transaction = m[3]
		}
	}
	var engine string
	whole := false
	d.Table, engine, whole = cutTable(s)
	d.Cut = !whole || !eventPart.MatchString(s)
	if m := handlerPart.FindAllStringSubmatch(engine, -1); m != nil {
		d.Handler = m[len(m)-1][1]
	}
	if !whole {
		d.Table = ""
	}
	if at := codePart.FindAllStringSubmatchIndex(engine, -1); at != nil {
		d.Code, _ = strconv.Atoi(strings.TrimLeft(group(engine, at[0], 1), "0"))
		engine = engine[:at[len(at)-1][0]]
		d.Value, d.Key = duplicateEntry(engine)
	}
}

// warningsPart is what MariaDB puts before the engine's message: warnings of columns that only the replica's table has.
var warningsPart = regexp.MustCompile(`(?:; [^;]*, Error_code: (?:MY-)?\d+)+$`)

// cutTable splits "db.table; engine's message". A table's name may hold "; " itself, so the known beginnings of the
// engine's messages are looked for first.
func cutTable(s string) (table, engine string, ok bool) {
	for _, begin := range []string{"; Duplicate entry '", "; Can't find record in '"} {
		if table, engine, ok := strings.Cut(s, begin); ok {
			return warningsPart.ReplaceAllString(table, ""), begin[2:] + engine, true
		}
	}
	return strings.Cut(s, "; ")
}

// duplicateEntry reads the value and the key of "Duplicate entry 'VALUE' for key 'KEY'". In other languages of the
// server the value is the first quoted text and the key the last one.
func duplicateEntry(engine string) (value, key string) {
	if rest, ok := strings.CutPrefix(engine, "Duplicate entry '"); ok {
		if i := strings.LastIndex(rest, "' for key '"); i >= 0 {
			key, _, _ = strings.Cut(rest[i+len("' for key '"):], "', ")
			value, key = rest[:i], strings.TrimSuffix(key, "'")
			if again := strings.LastIndex(value, "' for key '"+key+"', Error_code: "); again >= 0 {
				if _, last, ok := strings.Cut(value[again:], "; Duplicate entry '"); ok {
					value = last
				}
			}
			return value, key
		}
		return "", ""
	}
	parts := strings.Split(engine, "'")
	if strings.HasPrefix(engine, "Can't find record") || len(parts) < 5 {
		return "", ""
	}
	return strings.Join(parts[1:len(parts)-3], "'"), parts[len(parts)-2]
}

func group(s string, m []int, n int) string {
	if m[2*n] < 0 {
		return ""
	}
	return s[m[2*n]:m[2*n+1]]
}

// place reads a file and a position. FIRST stands for a file that the server does not know (MySQL: RPL_LOG_NAME).
func place(file, pos string) Place {
	n, _ := strconv.ParseUint(pos, 10, 64)
	if file = strings.TrimSpace(file); file == "FIRST" {
		file = ""
	}
	return Place{File: file, Pos: n}
}
