package replica

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Messages outside of any status: a line of the server's error log, an alert, the bare message. The servers write to
// their logs (MySQL: rpl_slave.cc, rpl_rli.cc; MariaDB: slave.cc, rpl_reporting.cc), after the time and the level:
//
//	Slave SQL: MESSAGE, Error_code: N                                    MySQL 5.1 to 5.6, MariaDB before 10.0
//	Slave SQL for channel 'NAME': MESSAGE, Error_code: N                 MySQL 5.7 and later, from 8.0.26 with Replica
//	Slave SQL: MESSAGE, [Gtid D-S-N, ]Internal MariaDB error code: N
//	Master 'NAME': Slave SQL: MESSAGE, …
//	… We stopped at log 'FILE' position N                                the place up to which all has been applied
var (
	logged = regexp.MustCompile(`(?:Master '([^']*)': )?(?:Slave|Replica) (SQL|I/O)(?: thread)?(?: for channel '([^']*)')?: (.*)$`)
	// How an applier's message begins that tells what failed.
	bare = regexp.MustCompile(`(?:Coordinator stopped because there were error\(s\)|Worker \d+ failed executing transaction '` +
		`|Could not execute (?:Write|Update|Delete)_rows\w* event on table |Error '[^\n]*' on query\. Default database: ')`)
	stoppedAt  = regexp.MustCompile(`We stopped at log '([^']*)' position (\d+)`)
	logTail    = regexp.MustCompile(`(?s), (?:Error_code: (?:MY-)?0*(\d+)|(?:Gtid [\d-]+, )?Internal MariaDB error code: (\d+))\s*$`)
	messageEnd = regexp.MustCompile(`(?s)the event's (?:master|source) log [^,]*, end_log_pos \d+(?:, Gtid \d+-\d+-\d+)?(?:, Internal MariaDB error code: \d+)?`)
)

// looseMessage reads the one failure that the messages in the text are about; nil if there is none. Messages about several transactions
// are an error: the text does not tell which of them still stands.
func looseMessage(text string) (*row, error) {
	var found *row
	var about Message
	for _, r := range messageRows(text) {
		d := readMessage(r.text("last_sql_error"))
		switch {
		case found == nil, !about.says(), r.has("last_io_errno") && !found.has("last_sql_error"):
			found, about = &r, d
		case !d.says() || d.sameFailure(about) && d.Table == about.Table:
			if len(r.text("last_sql_error")) > len(found.text("last_sql_error")) && d.says() {
				found, about = &r, d
			}
		default:
			return nil, noStatus(ErrMessages, fmt.Sprintf("messages of different failures, in lines %d and %d", found.line, r.line))
		}
	}
	if m := stoppedAt.FindStringSubmatch(text); m != nil && found != nil && about.Event == (Place{}) {
		_ = found.put(found.line, "relay_master_log_file", m[1])
		_ = found.put(found.line, "exec_master_log_pos", m[2])
	}
	return found, nil
}

// says reports whether a message says anything about the failing transaction.
func (d Message) says() bool { return d != (Message{}) }

// messageRows makes a row of every message in the text.
func messageRows(text string) (rows []row) {
	lines := strings.Split(text, "\n")
	for n := 0; n < len(lines); n++ {
		if m := logged.FindStringSubmatch(lines[n]); m != nil {
			if r, ok := loggedRow(n+1, m); ok {
				rows = append(rows, r)
				continue
			}
		}
		at := bare.FindStringIndex(lines[n])
		if at == nil {
			continue
		}
		message := lines[n][at[0]:]
		first := n
		for !messageEnd.MatchString(message) && n+1 < len(lines) && strings.TrimSpace(lines[n+1]) != "" && n-first < 40 {
			n++
			message += "\n" + lines[n]
		}
		if end := messageEnd.FindStringIndex(message); end != nil {
			message = message[:end[1]]
		}
		r := row{line: first + 1, cells: map[string]cell{}}
		_ = r.put(first+1, "last_sql_error", strings.TrimRight(message, " \t\"'`"))
		rows = append(rows, r)
	}
	return rows
}

// loggedRow makes a row of a line of the error log. A line that only says that a thread ends or starts makes none.
func loggedRow(n int, m []string) (r row, ok bool) {
	message, number := m[4], 0
	if tail := logTail.FindStringSubmatchIndex(message); tail != nil {
		number, _ = strconv.Atoi(group(message, tail, 1) + group(message, tail, 2))
		if !strings.Contains(message[tail[0]:], "Gtid") {
			message = message[:tail[0]]
		}
	}
	if number == 0 {
		number = numberIn(message)
	}
	if number == 0 {
		return r, false
	}
	r = row{line: n, cells: map[string]cell{}}
	thread := "sql"
	if m[2] == "I/O" {
		thread = "io"
	}
	_ = r.put(n, "last_"+thread+"_errno", strconv.Itoa(number))
	_ = r.put(n, "last_"+thread+"_error", message)
	if name := m[1] + m[3]; name != "" {
		_ = r.put(n, "channel_name", name)
	}
	return r, true
}
