package list

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/where"
)

// Options say what Events lists.
type Options struct {
	Range       walk.Range
	Filter      *filter.Filter
	Where       *where.Condition     // only row events with such a row; nil for all
	Definitions *changes.Definitions // of the tables: for Where, and to count the rows of old logs

	Transactions bool // one line for each transaction instead of each event
	JSON         bool
	Hexdump      bool  // below each event its bytes, with what they mean
	Paint        Paint // of the listing for people
}

// Outcome is what remains to be said after a listing.
type Outcome struct {
	Unreadable bool            // an event or a transaction was listed without its contents
	Account    *filter.Account // nil when everything is wanted
}

// Events lists the events of a range, or its transactions. After an error, what was read before it is listed.
func Events(ctx context.Context, out io.Writer, o Options) (Outcome, error) {
	w, err := o.Range.Events()
	if err != nil {
		return Outcome{}, err
	}
	defer w.Close()
	if o.Definitions.Files != nil || o.Definitions.Live != nil {
		w.SetCompleter(schema.Completer(ctx, o.Definitions))
	}
	l := &listing{Options: o, out: out}
	switch {
	case !o.Filter.IsZero() || o.Where != nil:
		err = l.wanted(ctx, w)
	case o.Transactions || o.Hexdump || o.Range.HasStdin() || o.Range.Feed != nil:
		err = l.each(ctx, w, l.addEvent)
		err = cmp.Or(l.endOpen(true), err)
	default:
		err = l.inPages(ctx, w)
	}
	if !o.JSON {
		err = interrupted(out, err, l.whole)
	}
	return l.outcome, err
}

// interrupted notes in a listing that an interrupt ended it. whole is the end of the last transaction that was read whole; the zero
// Position for none.
func interrupted(out io.Writer, err error, whole decoder.Position) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	last := "no transaction was read whole"
	if whole.File != "" {
		last = "the last whole transaction ends at " + display.Printable(whole.String())
	}
	fmt.Fprintln(out, "# interrupted: "+last)
	return err
}

// listing prints the records of one listing.
type listing struct {
	Options
	out     io.Writer
	outcome Outcome
	whole   decoder.Position // where the last whole transaction ends
	file    string           // whose heading was printed last
	event   Event
	holds   Contents
	line    []byte // scratch
	columns columns
	unended unended // when transactions are listed
}

// endOpen lists a transaction whose end has not come.
func (l *listing) endOpen(isWanted bool) error {
	t, found := l.unended.take()
	if !found || !isWanted {
		return nil
	}
	return l.printTransaction(&t)
}

// each calls list for every event of a walk, until it returns io.EOF.
func (l *listing) each(ctx context.Context, w *walk.Walk, list func(*walk.Walk, *decoder.Event) error) error {
	for e, err := range w.All(ctx) {
		if err != nil {
			return err
		}
		if w.Step().Ends() {
			l.whole = w.Transaction().End
		}
		switch err := list(w, e); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
	return nil
}

// wanted lists the events that pass the filter and the condition. The lines of a transaction are held back until one of its changes
// passes.
func (l *listing) wanted(ctx context.Context, w *walk.Walk) error {
	choice := newChoice(l.Filter.NewRun(), l.Where, l.Definitions)
	l.outcome.Account = &choice.run.Account
	out, shown := l.out, ""
	var held bytes.Buffer
	l.out = &held
	endOpen := func() error {
		l.out = out
		defer func() { l.out = &held }()
		return l.endOpen(choice.keptChange())
	}
	err := l.each(ctx, w, func(w *walk.Walk, e *decoder.Event) error {
		if w.Step().Begins() {
			if err := endOpen(); err != nil {
				return err
			}
			held.Reset()
			l.file = shown
		}
		verdict, err := choice.addEvent(ctx, w, e)
		switch {
		case err != nil:
			return err
		case verdict == filter.Stop:
			return io.EOF
		case verdict == filter.Keep:
			err = l.addEvent(w, e)
		}
		if err == nil && choice.keptChange() {
			shown = l.file
			_, err = held.WriteTo(out)
		}
		return err
	})
	return cmp.Or(endOpen(), err)
}

// addEvent prints an event, or the transaction that ends with it.
func (l *listing) addEvent(w *walk.Walk, e *decoder.Event) error {
	if l.Transactions {
		return l.addToTransaction(w, e)
	}
	l.event.Read(e, w.Step(), w.Number())
	l.outcome.Unreadable = l.outcome.Unreadable || l.event.failed != nil
	if err := l.print(&l.event); err != nil || !l.Hexdump {
		return err
	}
	return hexdump(l.out, e)
}

// print prints the record of an event.
func (l *listing) print(of *Event) error {
	if l.JSON {
		return of.WriteJSON(l.out)
	}
	if err := l.heading(of.File, eventHead); err != nil {
		return err
	}
	l.line = of.appendLine(l.line[:0], &l.columns)
	switch {
	case of.failed != nil:
		l.line = l.Paint.line(l.Paint.warn, l.line)
	case of.begins:
		l.line = l.Paint.line(l.Paint.head, l.line)
	}
	_, err := l.out.Write(l.line)
	return err
}

func (l *listing) addToTransaction(w *walk.Walk, e *decoder.Event) error {
	step := w.Step()
	if err := e.CheckKnown(); err != nil {
		return err
	}
	if step.Begins() {
		if err := l.endOpen(true); err != nil {
			return err
		}
	}
	l.holds.AddEvent(e, step)
	l.outcome.Unreadable = l.outcome.Unreadable || l.holds.Unreadable
	l.unended.follow(w)
	if !step.Ends() {
		return nil
	}
	t := w.Transaction()
	return l.printTransaction(&t)
}

// printTransaction prints the record of a transaction.
func (l *listing) printTransaction(t *txn.Transaction) error {
	if l.JSON {
		return JSON(l.out).Transaction(transactionOf(t, &l.holds))
	}
	if err := l.heading(t.Start.File, transactionHead); err != nil {
		return err
	}
	l.line = l.appendTransaction(l.line[:0], t)
	if t.Ending == txn.RolledBack || t.Ending == txn.Open {
		l.line = l.Paint.line(l.Paint.warn, l.line)
	}
	_, err := l.out.Write(l.line)
	return err
}

// heading prints a file's name and the column heads before the file's first line.
func (l *listing) heading(file, columns string) error {
	if file == l.file {
		return nil
	}
	l.file = file
	_, err := fmt.Fprintf(l.out, "%s\n%s\n", l.Paint.heading("# "+display.Printable(file)), l.Paint.heading(columns[:len(columns)-1]))
	return err
}

const transactionHead = "     START        END  ON THE SOURCE                     TIME (UTC)           " +
	"GTID                                       ENDS BY     ROWS\n"

// appendTransaction appends a transaction on a line for people.
func (l *listing) appendTransaction(b []byte, t *txn.Transaction) []byte {
	b = append(l.columns.appendOffset(b, t.Start.Offset), ' ')
	if t.Ending == txn.Open {
		b = append(b, "         -"...)
	} else if t.End.File == t.Start.File {
		b = l.columns.appendOffset(b, t.End.Offset)
	} else {
		b = fmt.Appendf(b, "%10s", fmt.Sprintf("%s:%d", display.Printable(filepath.Base(t.End.File)), t.End.Offset))
	}
	b = append(b, "  "...)
	column := len(b)
	if t.SourceEnd != 0 || t.Ending == txn.Open && t.SourceStart != 0 {
		b = append(display.AppendPrintable(b, t.SourceFile), ' ')
		b = strconv.AppendUint(b, uint64(t.SourceStart), 10)
	}
	b = append(b, '-')
	if t.SourceEnd != 0 {
		b = strconv.AppendUint(b, uint64(t.SourceEnd), 10)
	}
	b = l.columns.appendClock(append(pad(b, column, 32), "  "...), t.Time)
	b = append(b, "  "...)
	column = len(b)
	if t.GTID.IsZero() {
		b = append(b, '-')
	} else {
		b = t.GTID.AppendText(b)
	}
	b = appendLeft(append(pad(b, column, 42), ' '), t.Ending.String(), 11)
	b = appendInShort(append(b, ' '), l.holds.Changes)
	return append(bytes.TrimRight(b, " "), '\n')
}

// choice chooses events by a filter, and row events also by a condition on their rows.
type choice struct {
	run   *filter.Run
	judge *changes.Judge // nil without a condition
	kept  bool           // with a condition: a row event of the current transaction
}

func newChoice(run *filter.Run, condition *where.Condition, tables *changes.Definitions) *choice {
	c := &choice{run: run}
	if condition != nil {
		c.judge = &changes.Judge{Where: condition, Definitions: tables, Account: &run.Account}
	}
	return c
}

// keptChange reports whether a change of the current transaction is wanted.
func (c *choice) keptChange() bool {
	if c.judge == nil {
		return c.run.KeptChange()
	}
	return c.kept
}

// addEvent judges the next event of a walk.
func (c *choice) addEvent(ctx context.Context, w *walk.Walk, e *decoder.Event) (filter.Verdict, error) {
	verdict, err := c.run.AddEvent(e, w.Step(), w.Transaction())
	if err == nil {
		err = c.run.CheckKnown(e, w.Step())
	}
	if err != nil || c.judge == nil {
		return verdict, err
	}
	if w.Step().Begins() {
		c.kept = false
	}
	changed, err := c.judge.Definitions.Follow(e)
	if changed {
		c.judge.Forget()
	}
	if err != nil || verdict != filter.Keep {
		return verdict, err
	}
	return c.byRows(ctx, e, w.Step())
}

// byRows judges an event that passed the filter. A condition on rows never passes a statement.
func (c *choice) byRows(ctx context.Context, e *decoder.Event, step txn.Step) (filter.Verdict, error) {
	if step == txn.Outside || e.Type == decoder.EventTableMap {
		return filter.Drop, nil
	}
	if !e.IsRows() {
		text, err := display.Statement(e)
		if err != nil || text == "" {
			return filter.Keep, err
		}
		c.run.Account.RemoveStatement()
		return filter.Drop, nil
	}
	re, err := e.Rows()
	if err != nil {
		return filter.Drop, err
	}
	matcher, err := c.judge.Matcher(ctx, e, re.Map)
	if err != nil {
		return filter.Drop, err
	}
	n, err := c.judge.Count(matcher, re)
	if err != nil || n == 0 {
		return filter.Drop, err
	}
	c.kept = true
	return filter.Keep, nil
}
