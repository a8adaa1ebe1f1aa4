package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/changes"
)

func (r *session) eventsCommand() *cli.Command {
	return &cli.Command{
		Name:      "events",
		Usage:     "list what is in a log, with offsets",
		ArgsUsage: "[flags] LOG...",
		Description: `  binmend events relay-bin.000002
  binmend events --transactions relay-bin.000002 relay-bin.000003
  binmend events --start-position 1965 --stop-position 2339 relay-bin.000002
  binmend events --json relay-bin.000002 | jq 'select(.rows > 1000)'
  ssh replica cat /var/lib/mysql/relay-bin.000002 | binmend events -
  binmend events --keyring component_keyring_file binlog.000007
  binmend events --file-key keys.txt mariadb-bin.000007

OFFSET and END are real offsets in the file: use them as --start-position and
--stop-position. SOURCE END is end_log_pos, a position in the source's log, as
error messages name it.

` + filterHelp + `

Encrypted logs are read with copies of the server's key files: --keyring is the
file of component_keyring_file (MySQL), --file-key what
file_key_management_filename names (MariaDB).

With --force it goes on behind damage, at the next event that its checksum
proves, says what it passed over, and ends with exit code 1.

--where lists the row events that have such a row, and needs the tables'
definitions: from --schema, a server, CREATE TABLE in the logs, or
binlog_row_metadata=FULL. Without it they are needed only to count rows of old
logs that do not tell how long values are: MySQL before 5.1.18, and MariaDB's
TIME, DATETIME and TIMESTAMP in the formats of before 10.1.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.BoolFlag{Name: "transactions", Usage: "one line for each transaction instead of each event", DisableDefaultText: true},
			&cli.BoolFlag{Name: "json", Usage: "print JSON, one object a line", DisableDefaultText: true},
			forceFlag(),
		}, changeFlags()),
		Action: r.events,
	}
}

func (r *session) events(c *cli.Context) error {
	lr, err := r.orderedRange(c)
	if err != nil {
		return err
	}
	w, err := lr.Events()
	if err != nil {
		return err
	}
	defer w.Close()
	opened := &changeStream{}
	defer opened.Close()
	definitions, err := r.tablesOf(c, lr, opened)
	if err != nil {
		return err
	}
	if definitions.Files != nil || definitions.Live != nil {
		w.SetCompleter(schema.Completer(r.ctx, definitions))
	}
	l := eventList{out: r.out}
	list := l.lister(c.Bool("transactions"), c.Bool("json"))
	if err := r.eachWanted(c, &l, w, lr, definitions, list); err != nil {
		if c.Bool("json") {
			return err
		}
		return r.endList(err)
	}
	if l.unreadable || r.gaps > 0 {
		return errReported
	}
	return nil
}

// lister prints what it is to print of an event.
type lister func(w *walk.Walk, e *decoder.Event, step txn.Step) error

// eachWanted is each for the events that the filter and the condition of the command line want. The lines of a transaction are
// held back until one of its changes is wanted.
func (r *session) eachWanted(c *cli.Context, l *eventList, w *walk.Walk, lr walk.Range, tables *changes.Definitions, list lister) error {
	f, err := filterOf(c)
	if err != nil {
		return err
	}
	condition, err := conditionOf(c)
	if err != nil {
		return err
	}
	if f.IsZero() && condition == nil {
		return r.each(w, list)
	}
	if err := r.measure(f, lr); err != nil {
		return err
	}
	run := f.NewRun()
	choice := newEventChoice(run, condition, tables)
	out, shown := l.out, ""
	var held bytes.Buffer
	l.out = &held
	err = r.each(w, func(w *walk.Walk, e *decoder.Event, step txn.Step) error {
		if step.Begins() {
			held.Reset()
			l.file = shown
		}
		verdict, err := choice.add(r.ctx, w, e, step)
		switch {
		case err != nil:
			return err
		case verdict == filter.Stop:
			return io.EOF
		case verdict == filter.Keep:
			err = list(w, e, step)
		}
		if err == nil && choice.keptChange() {
			shown = l.file
			_, err = held.WriteTo(out)
		}
		return err
	})
	if err == nil && run.Account.IsEmpty() {
		return emptyAnswer(&run.Account)
	}
	return err
}

// each calls list for every event of a walk, until it returns io.EOF, and stops at Ctrl-C.
func (r *session) each(w *walk.Walk, list lister) error {
	for e, err := range w.All(r.ctx) {
		if err != nil {
			return err
		}
		if w.Step().Ends() {
			r.whole = w.Transaction().End
		}
		switch err := list(w, e, w.Step()); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
	return nil
}

// endList says in a listing why it ends, when that is Ctrl-C.
func (r *session) endList(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	last := "no transaction was read whole"
	if r.whole.File != "" {
		last = "the last whole transaction ends at " + printable(r.whole.String())
	}
	fmt.Fprintln(r.out, "# interrupted: "+last)
	return err
}

// eventList prints one line for each event.
type eventList struct {
	out        io.Writer
	file       string
	unreadable bool   // an event was listed without what it holds
	line       []byte // scratch
}

const eventLine = "%10s %10s %10s  %-19s  %-20s %s\n"

// add writes what eventLine would, without its cost: logs have millions of events.
func (l *eventList) add(_ *walk.Walk, e *decoder.Event, _ txn.Step) error {
	l.heading(e.Pos.File, eventLine, "OFFSET", "END", "SOURCE END", "TIME (UTC)", "EVENT", "")
	b := l.line[:0]
	if e.Inner > 0 {
		b = appendRight(b, "+", int64(e.Inner), 10)
		b = append(b, "           "...)
	} else {
		b = append(appendRight(b, "", e.Pos.Offset, 10), ' ')
		b = appendRight(b, "", e.End(), 10)
	}
	b = append(b, ' ')
	if e.EndLogPos == 0 {
		b = append(b, "         -"...)
	} else {
		b = appendRight(b, "", int64(e.EndLogPos), 10)
	}
	b = appendLeft(append(b, "  "...), clock(e.Timestamp), 19)
	b = appendLeft(append(b, "  "...), e.Type.String(), 20)
	b = append(b, ' ')
	b = l.appendDetail(b, e)
	l.line = append(bytes.TrimRight(b, " "), '\n')
	_, err := l.out.Write(l.line)
	return err
}

func (l *eventList) appendDetail(b []byte, e *decoder.Event) []byte {
	detail, err := describe(e)
	if err != nil {
		l.unreadable = true
		return append(append(b, "can't be read: "...), reason(err)...)
	}
	return append(b, detail...)
}

// appendRight appends a number in a column of the given width, to the right.
func appendRight(b []byte, sign string, n int64, width int) []byte {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], n, 10)
	for i := len(sign) + len(text); i < width; i++ {
		b = append(b, ' ')
	}
	return append(append(b, sign...), text...)
}

// appendLeft appends a text in a column of the given width, to the left.
func appendLeft(b []byte, text string, width int) []byte {
	b = append(b, text...)
	for i := len(text); i < width; i++ {
		b = append(b, ' ')
	}
	return b
}

// heading names a file and the columns before the file's first line.
func (l *eventList) heading(file, format string, columns ...any) {
	if file == l.file {
		return
	}
	l.file = file
	fmt.Fprintln(l.out, "# "+printable(file))
	fmt.Fprint(l.out, strings.TrimRight(fmt.Sprintf(format, columns...), " \n")+"\n")
}

// reason is an error without the place, which stands at the beginning of the line.
func reason(err error) string {
	var log *fault.Error
	if errors.As(err, &log) {
		return printable(log.What)
	}
	return printable(err.Error())
}

// describe says in a few words what an event holds.
func describe(e *decoder.Event) (string, error) {
	switch {
	case e.IsGtid():
		g, err := e.Gtid()
		return g.ID.String(), err
	case e.IsRows():
		return describeRows(e)
	}
	switch e.Type {
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		q, err := e.Query()
		return inDatabase(q.Database) + brief(q.SQL), err
	case decoder.EventRowsQuery, decoder.EventMariaAnnotateRows:
		return brief(e.RowsQuery()), nil
	case decoder.EventTableMap:
		m, err := e.TableMap()
		if err != nil || m == nil {
			return "", err
		}
		return tableName(m) + " (table id " + strconv.FormatUint(e.TableID(), 10) + ")", nil
	case decoder.EventXid:
		x, err := e.Xid()
		return "COMMIT /* xid=" + strconv.FormatUint(x, 10) + " */", err
	case decoder.EventRotate:
		to, err := e.Rotate()
		return fmt.Sprintf("to %s at %d", printable(to.File), to.Position), err
	case decoder.EventFormatDescription:
		return printable(e.Format.Server.Text), nil
	}
	return "", nil
}

func describeRows(e *decoder.Event) (string, error) {
	re, err := countRows(e)
	if err != nil {
		return "", err
	}
	return tableName(re.Map) + ": " + strings.ToLower(re.Kind.String()) + " of " + count(re.Number(), "row"), nil
}

func tableName(m *decoder.TableMap) string { return printable(m.Database + "." + m.Table) }

func inDatabase(db []byte) string {
	if len(db) == 0 {
		return ""
	}
	return "use " + printable(string(db)) + "; "
}

// brief is the beginning of a statement on one line.
func brief(sql []byte) string { return display.OneLine(sql, 200) }

// count is "1 row" or "2 rows".
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// transactionList prints one line for each transaction.
type transactionList struct {
	*eventList
	contents
}

const transactionLine = "%10s %10s  %-32s  %-19s  %-42s %-11s %s\n"

func (l *transactionList) add(w *walk.Walk, e *decoder.Event, step txn.Step) error {
	l.contents.add(e, step)
	l.eventList.unreadable = l.eventList.unreadable || l.contents.unreadable
	if !step.Ends() {
		return nil
	}
	t := w.Transaction()
	l.heading(t.Start.File, transactionLine, "START", "END", "ON THE SOURCE", "TIME (UTC)", "GTID", "ENDS BY", "ROWS")
	line := fmt.Sprintf(transactionLine, fmt.Sprint(t.Start.Offset), endOf(&t), sourceOf(&t),
		clock(t.Time), orDash(t.GTID.String()), t.Ending, l.contents.String())
	_, err := fmt.Fprintln(l.out, strings.TrimRight(line, " \n"))
	return err
}

// endOf is a transaction's end; with the file when it is another than the one it began in.
func endOf(t *txn.Transaction) string {
	if t.End.File != t.Start.File {
		return fmt.Sprintf("%s:%d", printable(filepath.Base(t.End.File)), t.End.Offset)
	}
	return fmt.Sprint(t.End.Offset)
}

// sourceOf is the transaction's place in the source's own log.
func sourceOf(t *txn.Transaction) string {
	if t.SourceEnd == 0 {
		return "-"
	}
	return fmt.Sprintf("%s %d-%d", printable(t.SourceFile), t.SourceStart, t.SourceEnd)
}

// clock is a timestamp of an event header; the receiver's own events have none.
func clock(timestamp uint32) string {
	if timestamp == 0 {
		return "-"
	}
	return time.Unix(int64(timestamp), 0).UTC().Format(time.DateTime)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
