package list

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/where"
)

// Finder searches logs and prints what it finds.
type Finder struct {
	Range   walk.Range
	Judge   *Judge
	Printer Printer

	Shown      int  // transactions, or changes of a row
	Unreadable bool // a transaction was shown without some of its contents
	Wordless   int  // of Query: transactions with rows whose statements are not in the log
}

// GTID shows the transaction with a GTID. It opens only a few of the logs: see find.ByGTID.
func (f *Finder) GTID(id gtid.GTID) error {
	t, err := find.ByGTID(f.Range.Logs, id, decoder.Position{})
	if err != nil {
		return err
	}
	return f.show(t)
}

// Time shows, for each server's logs, the first transaction that begins at a time or later, in seconds since 1970. It is an error if
// no server has one.
func (f *Finder) Time(at uint32) error {
	var missing error
	for _, series := range f.Range.Series() {
		t, err := find.ByTime(series, at)
		if err == nil {
			err = f.show(t)
		} else if errors.Is(err, find.ErrNotFound) {
			missing, err = err, nil
		}
		if err != nil {
			return err
		}
	}
	if f.Shown == 0 {
		return missing
	}
	return nil
}

// show reads a transaction and prints it.
func (f *Finder) show(t txn.Transaction) error {
	w, err := f.Range.From(t.Start)
	if err != nil {
		return err
	}
	defer w.Close()
	var holds Contents
	for {
		e, step, err := w.Next()
		if err == io.EOF {
			return errors.New("the logs end before the transaction does")
		}
		if err != nil {
			return err
		}
		holds.AddEvent(e, step)
		if step.Ends() {
			return f.print(t, &holds, "")
		}
	}
}

func (f *Finder) print(t txn.Transaction, holds *Contents, statement string) error {
	f.Shown++
	f.Unreadable = f.Unreadable || holds.Unreadable
	shown := transactionOf(&t, holds)
	shown.Errant, shown.Statement = f.Judge.errant(&t), statement
	return f.Printer.Transaction(shown)
}

// Query shows the transactions that pass the filter and have a text in a statement. It reads the whole range.
func (f *Finder) Query(ctx context.Context, text string, wanted *filter.Filter) (*filter.Account, error) {
	q := &querySearch{Finder: f, text: find.NewText(text), run: wanted.NewRun(), all: wanted.IsZero()}
	w, err := f.Range.Transactions()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for e, err := range w.All(ctx) {
		if err == nil {
			err = q.addEvent(w, e)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, cmp.Or(q.endOpen(), err)
		}
	}
	return &q.run.Account, q.endOpen()
}

// querySearch shows transactions with a text in a statement, once their last event has been read.
type querySearch struct {
	*Finder
	text      *find.Text
	run       *filter.Run
	contents  Contents
	later     later  // rows that contents lacks
	matched   bool   // a statement with the text has been seen
	statement string // that statement, if the log only keeps it beside the rows
	rows      bool   // the transaction has rows without a statement beside them
	worded    bool   // the rows that follow have a statement before them

	unended unended
	all     bool // nothing is filtered
}

// endOpen shows a transaction with the text whose end has not come.
func (q *querySearch) endOpen() error {
	t, found := q.unended.take()
	if !found || !q.matched || !q.all && !q.run.KeptChange() {
		return nil
	}
	q.later.count(&q.contents)
	return q.print(t, &q.contents, q.statement)
}

// addEvent handles the next event; it returns io.EOF at the end.
func (q *querySearch) addEvent(w *walk.Walk, e *decoder.Event) error {
	step := w.Step()
	if step.Begins() {
		if err := q.endOpen(); err != nil {
			return err
		}
		q.matched, q.statement, q.rows, q.worded = false, "", false, false
	}
	q.unended.follow(w)
	verdict, err := q.run.AddEvent(e, step, w.Transaction())
	if err == nil {
		err = q.run.CheckKnown(e, step)
	}
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
	if step.Ends() && q.rows {
		q.Wordless++
	}
	if !step.Ends() || !q.matched || !q.run.KeptChange() {
		return nil
	}
	q.later.count(&q.contents)
	return q.print(w.Transaction(), &q.contents, q.statement)
}

// look looks at an event that passed the filter.
func (q *querySearch) look(e *decoder.Event, step txn.Step) error {
	q.collect(e, step)
	switch {
	case e.Type == decoder.EventRowsQuery, e.Type == decoder.EventMariaAnnotateRows:
		q.worded = true
	case e.IsRows():
		q.rows = q.rows || !q.worded
	}
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

// collect adds an event to the contents, in which changes stand in their order.
func (q *querySearch) collect(e *decoder.Event, step txn.Step) {
	switch {
	case step.Begins():
		q.later.forget()
	case !q.matched && q.later.add(e, step):
		return
	case e.IsRows(), isQuery(e), e.Type == decoder.EventExecuteLoadQuery:
		q.later.count(&q.contents)
	}
	q.contents.AddEvent(e, step)
}

// Row shows the changes of the rows that meet a condition, and the statements, from a stream of the changes of one table. fits is
// false when rows of the table were seen but none had the columns of the condition.
func (f *Finder) Row(ctx context.Context, s *changes.Stream, condition *where.Condition) (fits bool, err error) {
	h := &rowHistory{Finder: f, follower: newFollower(condition), tables: s.Filter.Tables}
	err = s.Run(ctx, 1, func(int, *changes.Chunk) error { return nil }, h.addChunk)
	for _, doubt := range s.Definitions.Doubts {
		err = errors.Join(err, f.Printer.Risk(doubt))
	}
	return !h.judged || h.follower.Fits(), err
}

// rowHistory shows the changes of a row, chunk by chunk in log order.
type rowHistory struct {
	*Finder
	follower *follower
	tables   []filter.Pattern // of the row; none means any table
	rows     changes.RowReader
	judged   bool // a row of the table has been seen
}

func (h *rowHistory) addChunk(c *changes.Chunk) error {
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
	kind := item.Rows.Kind
	if item.Table.HidesPeriod() {
		var isCurrent bool
		if kind, isCurrent = item.Table.CurrentKind(kind, row); !isCurrent {
			return nil
		}
		if kind != item.Rows.Kind {
			row = &decoder.Row{Before: row.Before}
		}
	}
	wanted, err := h.follower.wants(item.Table, t.Format.Server.Flavor, row)
	if err != nil || !wanted {
		return err
	}
	h.Shown++
	change := &Change{Place: h.place(t)}
	change.Event = &EventPlace{File: item.Rows.Pos.File, Offset: item.Rows.Pos.Offset, Row: h.rows.Number()}
	if err := change.setRow(h.dialect(t), item.Table, kind, row); err != nil {
		return err
	}
	return h.Printer.Change(change)
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
	if !h.mayChangeRow(&q, item.Event.Format.Server) {
		return nil
	}
	return h.Printer.Change(newStatement(h.place(t), q.SQL))
}

// printsBeginnings reports whether long values and statements are cut.
func (h *rowHistory) printsBeginnings() bool {
	_, isText := h.Printer.(*textPrinter)
	return isText
}

// dialect is the dialect of the literals. The part of a long one that is not printed is not kept.
func (h *rowHistory) dialect(t *changes.Transaction) sqltext.Dialect {
	d := sqltext.For(t.Format.Server)
	if h.printsBeginnings() {
		return d.Spilling(beginning)
	}
	return d
}

// beginning is a little more than what is printed of a long text.
func beginning(text []byte) []byte { return text[:min(len(text), 2*maxShown)] }

// mayChangeRow reports whether a statement may have changed the table or its rows. DDL on other tables, views and programs does not,
// even if it names the table; but ALTER TABLE … EXCHANGE PARTITION and … CONVERT TABLE move rows of the table that they name last.
func (h *rowHistory) mayChangeRow(q *decoder.Query, writer decoder.Version) bool {
	st := statement.Classify(q.SQL, statement.ContextOf(q, writer))
	if st.Kind != statement.DDL || st.Object == statement.DatabaseObject || len(h.tables) == 0 || st.Verb == statement.Alter && st.ChangesRows {
		return true
	}
	namesNone := true
	for o := range schema.ObjectsOf(q, st, writer) {
		namesNone = false
		t := filter.Table{Database: cmp.Or(o.Database, string(q.Database)), Name: o.Name}
		if slices.ContainsFunc(h.tables, func(p filter.Pattern) bool { return p.Matches(t) }) {
			return true
		}
	}
	return namesNone
}

// place is the place of a transaction whose end may not have been read.
func (h *rowHistory) place(t *changes.Transaction) Place {
	p := placeOf(&t.Transaction, t.Thread, h.Judge.errant(&t.Transaction))
	p.End, p.EndFile = 0, ""
	return p
}
