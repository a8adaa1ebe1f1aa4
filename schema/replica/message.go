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

// details are what an applier's message tells. The server writes (MySQL: rpl_rli_pdb.cc, log_event.cc; MariaDB:
// log_event_server.cc, rpl_rli.cc), the words "master" and "source" being of the version:
//
//	Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: WORKER. See …
//	WORKER: Worker 1 failed executing transaction 'GTID' at master log FILE, end_log_pos N[; CAUSE]
//	CAUSE:  Could not execute Write_rows event on table DB.TABLE; ENGINE, Error_code: N; [ENGINE, Error_code: N;]
//	        handler error NAME; the event's master log FILE, end_log_pos N[, Gtid D-S-N]
//	CAUSE:  Error 'TEXT' on query. Default database: 'DB'. Query: 'SQL'
//	ENGINE: Duplicate entry 'VALUE' for key 'KEY'      (in the language of the server)
//
// A worker that has just started names no FILE of its own; its CAUSE does.
//
// Only ENGINE, DB, TABLE and SQL quote a log or a schema, so the parts before them are read from the front and those
// after them from the back.
type details struct {
	transaction string // as written: a GTID, ANONYMOUS or nothing
	worker      bool   // the message is a worker's, or quotes one
	event       Place  // file and end_log_pos of the event
	change      RowChange
	table       string // "db.table" as written, not quoted
	duplicate   string // the value of the key, as the server prints it
	key         string
	query       string
}

var (
	workerPart = regexp.MustCompile(`(?s)^(?:Coordinator stopped because there were error\(s\) in the worker\(s\)\. ` +
		`The most recent failure being: )?Worker \d+ failed executing transaction '([^']*)'` +
		`(?: at (?:master|source|relay) log ([^,]*), end_log_pos (\d+))?`)
	rowsPart  = regexp.MustCompile(`^Could not execute (Write|Update|Delete)_rows\w* event on table `)
	eventPart = regexp.MustCompile(`(?s); the event's (?:master|source) log ([^,]*), end_log_pos (\d+)` +
		`(?:, Gtid (\d+-\d+-\d+))?(?:, Internal MariaDB error code: \d+)?\s*$`)
	queryPart = regexp.MustCompile(`(?s)^Error '.*' on query\. Default database: '(.*?)'\. Query: '(.*)'`)
	codePart  = regexp.MustCompile(`, Error_code: (?:MY-)?\d+;`)
)

// readMessage takes a message apart. A message that a terminal wrapped is read as one line.
func readMessage(message string) details {
	var d details
	for _, form := range []string{message, strings.ReplaceAll(message, "\n", ""), strings.Join(strings.Fields(message), " ")} {
		d = readForm(form)
		if d.event != (Place{}) || !strings.Contains(message, "\n") {
			break
		}
	}
	return d
}

func readForm(message string) details {
	var d details
	cause := message
	if m := workerPart.FindStringSubmatchIndex(message); m != nil {
		d.worker = true
		d.transaction = group(message, m, 1)
		d.event = place(group(message, m, 2), group(message, m, 3))
		cause = strings.TrimPrefix(message[m[1]:], "; ")
	}
	if m := rowsPart.FindStringSubmatchIndex(cause); m != nil {
		d.change = map[string]RowChange{"Write": Write, "Update": Update, "Delete": Delete}[group(cause, m, 1)]
		d.readRows(cause[m[1]:])
	}
	if m := queryPart.FindStringSubmatch(cause); m != nil {
		d.query = m[2]
	}
	return d
}

// readRows reads what follows "Could not execute … event on table ".
func (d *details) readRows(s string) {
	if m := eventPart.FindStringSubmatch(s); m != nil {
		if at := place(m[1], m[2]); d.event == (Place{}) || d.event == (Place{Pos: at.Pos}) {
			d.event = at
		}
		if m[3] != "" {
			d.transaction = m[3]
		}
	}
	var engine string
	d.table, engine, _ = cutTable(s)
	if at := codePart.FindAllStringIndex(engine, -1); at != nil {
		engine = engine[:at[len(at)-1][0]]
		d.duplicate, d.key = duplicateEntry(engine)
	}
}

// cutTable splits "db.table; engine's message". A table's name may hold "; " itself, so the known beginnings of the
// engine's messages are looked for first.
func cutTable(s string) (table, engine string, ok bool) {
	for _, begin := range []string{"; Duplicate entry '", "; Can't find record in '"} {
		if table, engine, ok := strings.Cut(s, begin); ok {
			return table, begin[2:] + engine, true
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
			return rest[:i], strings.TrimSuffix(key, "'")
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
