package app

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/emit/found"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
	"binmend/schema/where"
)

func (r *session) findCommand() *cli.Command {
	return &cli.Command{
		Name:      "find",
		Usage:     "tell where a GTID, a time, a statement or a row is, in many logs",
		ArgsUsage: "--gtid G | --time T | --query TEXT | --table DB.TABLE --key 'id=42' [flags] LOG...",
		Description: `  binmend find --gtid b15e4f71-e566-11f1-89b6-02fc00000001:8 /var/lib/mysql
  binmend find --time '2024-01-31 23:59:59' binlog.index
  binmend find --query 'delete from orders' binlog.0000*
  binmend find --table shop.orders --key id=42 --schema schema.sql binlog.0000*
  binmend find --table shop.orders --key id=42 --source-id 1 \
    -S /run/mysqld/mysqld.sock replica-bin.0000*

A LOG may be a folder or an index file: it stands for the logs in it.

--gtid finds one transaction: uuid:7, uuid:tag:7 or 0-1-7. Of a hundred logs at
most eight are opened: each log says which transactions came before it. --time
finds the first transaction that begins at a time (UTC) or later. It assumes that
a log holds none from after the time at which the second log behind it was begun.

--query finds every transaction with TEXT in a statement, also in the statements
that are logged beside rows (binlog_rows_query_log_events, Annotate_rows). The
case of letters from A to Z does not count.

--table with --key prints the history of a row: each change of it, who made it,
and what it changed. --key is a condition as in --where, best on the columns of
the primary key; text is compared as it is stored, the case of letters too. A row
that gets another key is followed under its new one; its changes before it had
this key are found by the key that it had then. Statements that name the table
are shown as well: they may have changed the row. The tables' definitions are
found as in "binmend fix".

With a replica's own binary logs this tells who wrote the row that conflicts. An
ERRANT transaction was not written by the source: give the source by --source-id
or --source-uuid, or else it is one that was first written on the server whose
log this is, where most others were not.

--json prints an object on each line, with values as SQL literals. Exit code 1:
nothing was found.

` + filterHelp + `
They and positions go with --query and --key.`,
		Flags: slices.Concat([]cli.Flag{
			&cli.StringFlag{Name: "gtid", Usage: "find the transaction `GTID`"},
			&cli.StringFlag{Name: "time", Usage: "find the first transaction at `TIME` or later"},
			&cli.StringFlag{Name: "query", Usage: "find transactions with `TEXT` in a statement"},
			&cli.StringFlag{Name: "key", Usage: "find the changes of the row that is so, of the one --table: 'id=42'"},
			&cli.StringSliceFlag{Name: "source-id", Usage: "the source is server `N`; may be repeated"},
			&cli.StringSliceFlag{Name: "source-uuid", Usage: "the source has the server_uuid `UUID`; may be repeated"},
			&cli.BoolFlag{Name: "json", Usage: "print JSON, one object a line", DisableDefaultText: true},
			schemaFlag(), schemaAtFlag(),
		}, positionFlags(), filterFlags(), readFlags(), connectionFlags()),
		Action: r.find,
	}
}

func (r *session) find(c *cli.Context) error {
	search, err := r.searchOf(c)
	if err != nil {
		return err
	}
	f, err := r.newFinder(c)
	if err != nil {
		return err
	}
	if err := search(c, f); err != nil || !f.unreadable {
		return err
	}
	return errReported
}

// searchOf is what the command line asks for.
func (r *session) searchOf(c *cli.Context) (search func(*cli.Context, *finder) error, err error) {
	var asked []string
	for flag, s := range map[string]func(*cli.Context, *finder) error{"gtid": r.findGTID, "time": r.findTime, "query": r.findQuery, "key": r.findRow} {
		if c.IsSet(flag) {
			asked, search = append(asked, "--"+flag), s
		}
	}
	switch {
	case len(asked) == 0:
		return nil, &usageError{text: "what is to be found?", hint: "give --gtid, --time, --query, or --table with --key"}
	case len(asked) > 1:
		slices.Sort(asked)
		return nil, &usageError{text: strings.Join(asked, " and ") + " together", hint: "ask for one at a time"}
	}
	return search, nil
}

// finder is what every search needs.
type finder struct {
	lr      walk.Range
	judge   *found.Judge
	printer found.Printer

	unreadable bool // a transaction was shown without all of what it holds
}

func (r *session) newFinder(c *cli.Context) (*finder, error) {
	lr, err := r.rangeOf(c)
	if err != nil {
		return nil, err
	}
	reader := flagReader{c: c}
	sources := found.Sources{Servers: reader.numbers("source-id"), UUIDs: reader.uuids("source-uuid")}
	if reader.err != nil {
		return nil, reader.err
	}
	lr.Logs = lr.ByName()
	f := &finder{lr: lr, judge: found.NewJudge(lr.Logs, sources), printer: found.Text(r.out)}
	if c.Bool("json") {
		f.printer = found.JSON(r.out)
	}
	return f, nil
}

func (r *flagReader) uuids(flag string) (list []gtid.UUID) {
	for _, text := range r.c.StringSlice(flag) {
		u, err := gtid.ParseUUID(text)
		if err != nil {
			r.fail(flag, err)
		}
		list = append(list, u)
	}
	return list
}

// refuseFilters: a search that reads no more than it must has nothing to filter.
func refuseFilters(c *cli.Context, search string) error {
	f, err := filterOf(c)
	if err == nil && (!f.IsZero() || givesOffsets(c)) {
		err = &usageError{text: "filters and positions do not go with " + search}
	}
	return err
}

func (r *session) findGTID(c *cli.Context, f *finder) error {
	if err := f.needsFiles("--gtid"); err != nil {
		return err
	}
	if err := refuseFilters(c, "--gtid"); err != nil {
		return err
	}
	id, err := gtid.Parse(c.String("gtid"))
	if err != nil {
		return &usageError{text: fmt.Sprintf("--gtid: %v", err), hint: "one GTID, as uuid:7, uuid:tag:7 or 0-1-7"}
	}
	t, err := find.ByGTID(f.lr.Logs, id, decoder.Position{})
	if err != nil {
		return orFinding(err)
	}
	return f.show(t)
}

func (r *session) findTime(c *cli.Context, f *finder) error {
	if err := f.needsFiles("--time"); err != nil {
		return err
	}
	if err := refuseFilters(c, "--time"); err != nil {
		return err
	}
	reader := flagReader{c: c}
	at := reader.datetime("time")
	if reader.err != nil {
		return reader.err
	}
	var missing error
	shown := 0
	for _, series := range f.lr.Logs.Series() {
		t, err := find.ByTime(series, at)
		switch {
		case errors.Is(err, find.ErrNotFound):
			missing = err
		case err != nil:
			return err
		default:
			shown++
			if err := f.show(t); err != nil {
				return err
			}
		}
	}
	if shown > 0 {
		return nil
	}
	return orFinding(missing)
}

func (f *finder) needsFiles(search string) error {
	if slices.Contains(f.lr.Names, standardInput) {
		return &usageError{text: search + " looks into logs here and there, so not into standard input", hint: "save it to a file first"}
	}
	return nil
}

// orFinding makes a finding of an error that says that nothing was found.
func orFinding(err error) error {
	if errors.Is(err, find.ErrNotFound) {
		return finding{err}
	}
	return err
}

// show prints a transaction, which it reads for that.
func (f *finder) show(t txn.Transaction) error {
	w, err := f.lr.Logs.From(t.Start)
	if err != nil {
		return err
	}
	defer w.Close()
	var holds contents
	for {
		e, step, err := w.Next()
		if err == io.EOF {
			return errors.New("the logs end before the transaction does")
		}
		if err != nil {
			return err
		}
		holds.add(e, step)
		if step.Ends() {
			return f.print(t, &holds, "")
		}
	}
}

func (f *finder) print(t txn.Transaction, holds *contents, statement string) error {
	f.unreadable = f.unreadable || holds.unreadable
	shown := transactionOf(&t, holds)
	shown.Errant, shown.Statement = f.judge.Errant(&t), statement
	return f.printer.Transaction(shown)
}

// findQuery reads everything.
func (r *session) findQuery(c *cli.Context, f *finder) error {
	text := c.String("query")
	if text == "" {
		return &usageError{text: "--query: expected a text, found none"}
	}
	lr, err := r.orderedRange(c)
	if err != nil {
		return err
	}
	w, err := lr.Transactions()
	if err != nil {
		return err
	}
	defer w.Close()
	chosen, err := filterOf(c)
	if err != nil {
		return err
	}
	if err := r.measure(chosen, lr); err != nil {
		return err
	}
	q := &querySearch{finder: f, text: find.NewText(text), run: chosen.NewRun()}
	err = r.each(w, q.add)
	if err == nil && q.shown == 0 {
		err = finding{fmt.Errorf("no statement with %q; %s", text, q.run.Account.String())}
	}
	return err
}

// querySearch shows the transactions with a text in a statement, when their last event comes.
type querySearch struct {
	*finder
	text      *find.Text
	run       *filter.Run
	contents  contents
	matched   bool   // a statement with the text has been seen
	statement string // that one, when it only stands beside rows
	shown     int
}

func (q *querySearch) add(w *walk.Walk, e *decoder.Event, step txn.Step) error {
	if step.Begins() {
		q.matched, q.statement = false, ""
	}
	verdict, err := q.run.Add(e, step, w.Transaction())
	if err != nil {
		return err
	}
	switch verdict {
	case filter.Stop:
		return io.EOF
	case filter.Keep:
		if err := q.look(e, step); err != nil {
			return err
		}
	}
	if !step.Ends() || !q.matched || !q.run.KeptChange() {
		return nil
	}
	q.shown++
	return q.print(w.Transaction(), &q.contents, q.statement)
}

// look takes an event that the filter wants.
func (q *querySearch) look(e *decoder.Event, step txn.Step) error {
	q.contents.add(e, step)
	if q.matched || step == txn.Outside {
		return nil
	}
	statement, err := q.text.In(e)
	q.matched = statement != nil
	if !isQuery(e) {
		q.statement = string(statement)
	}
	return err
}

// findRow prints the history of a row.
func (r *session) findRow(c *cli.Context, f *finder) error {
	tables := c.StringSlice("table")
	if len(tables) != 1 || strings.ContainsAny(tables[0], "*?") || !strings.Contains(tables[0], ".") {
		return &usageError{text: "--key needs one --table", hint: "for example --table shop.orders --key id=42"}
	}
	condition, err := where.Parse(c.String("key"))
	if err != nil {
		return &usageError{text: "--key: " + err.Error(), hint: "for example --key id=42, or --key 'shop=3 and number=42'"}
	}
	lr, err := r.orderedRange(c)
	if err != nil {
		return err
	}
	s, err := r.changesOf(c, lr)
	if err != nil {
		return err
	}
	defer s.Close()
	h := &rowHistory{finder: f, follower: found.NewFollower(condition)}
	err = s.Run(r.ctx, 1, func(int, *changes.Chunk) error { return nil }, h.add)
	if err == nil && h.shown == 0 {
		err = h.nothing(tables[0], condition, s.Account())
	}
	return err
}

// nothing says why no change was found.
func (h *rowHistory) nothing(table string, condition *where.Condition, seen *filter.Account) error {
	if h.judged && !h.follower.Fits() {
		return finding{fmt.Errorf("%s has no such column as in %s", table, condition)}
	}
	return finding{fmt.Errorf("no change of a row of %s with %s; %s", table, condition, seen)}
}

// rowHistory shows the changes of a row, chunk by chunk in log order.
type rowHistory struct {
	*finder
	follower *found.Follower
	rows     changes.RowReader
	judged   bool // a row of the table has been seen
	shown    int
}

func (h *rowHistory) add(c *changes.Chunk) error {
	for i := range c.Items {
		item := &c.Items[i]
		t := c.TransactionOf(item)
		var err error
		switch item.Kind {
		case changes.KindStatement:
			err = h.addStatement(t, item)
		case changes.KindRows:
			err = h.rows.All(c, item, func(row *decoder.Row) error { return h.addRow(t, item, row) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *rowHistory) addRow(t *changes.Transaction, item *changes.Item, row *decoder.Row) error {
	h.judged = true
	wanted, err := h.follower.Wants(item.Table, row)
	if err != nil || !wanted {
		return err
	}
	h.shown++
	change := &found.Change{Place: h.place(t)}
	change.Event = &found.EventPlace{File: item.Rows.Pos.File, Offset: item.Rows.Pos.Offset, Row: h.rows.Number()}
	if err := change.SetRow(sqltext.For(t.Format.Server), item.Table, item.Rows.Kind, row); err != nil {
		return err
	}
	return h.printer.Change(change)
}

func (h *rowHistory) addStatement(t *changes.Transaction, item *changes.Item) error {
	text, err := display.Statement(item.Event)
	if err != nil || text == "" {
		return err
	}
	q, err := item.Event.Query()
	if err != nil {
		return err
	}
	return h.printer.Change(found.NewStatement(h.place(t), string(q.SQL)))
}

// place is that of a transaction whose end may not have been read.
func (h *rowHistory) place(t *changes.Transaction) found.Place {
	p := found.PlaceOf(&t.Transaction, t.Thread, h.judge.Errant(&t.Transaction))
	p.End, p.EndFile = 0, ""
	return p
}
