package repair

import (
	"context"
	"strings"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/emit/advice"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/replica"
)

// maxEvidence bounds the rows of the failing event that are kept for advice.
const maxEvidence = 100

// advise finds out what to say about an error that changing rows does not remove: an error of a statement, or one that rows don't
// repair. nil: there is nothing to add to the error number. Unknown tables are no error here.
func advise(ctx context.Context, o *Options, s stopped, p *Place, v decoder.Version) (*advice.Advice, error) {
	isNamed := !o.GTID.IsZero() || o.Start != 0 || o.Stop != 0 // then the message may be about another transaction
	if s.failure == nil || isNamed || s.needsRows() && s.failure.Cause.Change != replica.UnknownChange {
		return nil, nil
	}
	w := witness{in: advice.Input{Dialect: sqltext.For(v), Errno: s.failure.Number, Text: s.failure.Message, Message: s.failure.Cause}}
	if !s.needsRows() {
		w.cause = causeOf(o, s) // else the walk for the plan looks for it
	}
	w.tables = definitions(o, p, &Range{From: p.Transaction.Start, Failing: p.Transaction.Start})
	w.in.Table = func(database, name string) *schema.Table {
		return w.table(ctx, schema.Ref{Database: database, Table: name})
	}
	if p.Transaction.Start.File != "" {
		if err := w.walk(ctx, p); err != nil {
			return nil, err
		}
	}
	return advice.For(w.in), nil
}

// witness looks for the failed change in the failing transaction.
type witness struct {
	in     advice.Input
	cause  *cause
	tables *changes.Definitions
}

// table is a table as the replica has it, or nil.
func (w *witness) table(ctx context.Context, ref schema.Ref) *schema.Table {
	t, err := w.tables.Table(ctx, ref)
	if err != nil {
		return nil
	}
	return t
}

func (w *witness) walk(ctx context.Context, p *Place) error {
	logs, err := p.Logs.From(p.Transaction.Start)
	if err != nil {
		return err
	}
	defer logs.Close()
	logs.SetCompleter(schema.Completer(ctx, w.tables))
	for {
		e, step, err := logs.Next()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return nil // there is less to say
		case step == txn.Outside:
			continue
		}
		switch err := w.meet(ctx, e); {
		case err != nil:
			return err
		case step.Ends():
			return w.cause.check(p.Transaction)
		}
	}
}

func (w *witness) meet(ctx context.Context, e *decoder.Event) error {
	if e.IsRows() {
		return w.meetRows(ctx, e)
	}
	if err := w.cause.meetStatement(e); err != nil {
		return err
	}
	q, err := e.Query()
	if err != nil || statement.Read(&q, e.Format.Server).IsFrame() {
		return nil // also for an event of another type
	}
	w.in.Statements++
	if w.in.Message.Query == "" && w.in.Statements == 1 || w.in.Message.Query != "" && isQuoted(w.in.Message.Query, string(q.SQL)) {
		w.in.Statement = &advice.Statement{SQL: string(q.SQL), Database: string(q.Database), Context: statement.ContextOf(&q, e.Format.Server)}
	}
	return nil
}

// meetRows keeps the rows of the failed event, found by its end, which the message names, or else by its table and kind.
func (w *witness) meetRows(ctx context.Context, e *decoder.Event) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	w.cause.meet(re)
	w.cause.passOver()
	m := &w.in.Message
	w.in.Writes = append(w.in.Writes, advice.Name{Database: re.Map.Database, Table: re.Map.Table})
	isOther := m.Event.Pos != 0 && uint32(m.Event.Pos) != e.EndLogPos || m.Table != "" && !strings.EqualFold(m.Table, re.Map.Database+"."+re.Map.Table) ||
		kinds[m.Change] != re.Kind && m.Table != ""
	if isOther || m.Query != "" {
		return nil
	}
	t := w.table(ctx, schema.Ref{Database: re.Map.Database, Table: re.Map.Table, Map: re.Map, Pos: e.Pos})
	if t == nil || schema.VerifyReplica(t, re.Map) != nil {
		return nil
	}
	if w.in.Rows == nil {
		w.in.Rows = &advice.Rows{Table: t}
	}
	for row, err := range re.All() {
		if err != nil || len(w.in.Rows.Before) >= maxEvidence {
			return err
		}
		before, after := w.literals(t, row.Before, nil), w.literals(t, row.After, row.Before)
		w.in.Rows.Before, w.in.Rows.After = append(w.in.Rows.Before, before), append(w.in.Rows.After, after)
	}
	return nil
}

// literals are the values of an image, completed from the other image.
func (w *witness) literals(t *schema.Table, image, other []decoder.Cell) []string {
	row := make([]string, len(t.Columns))
	for i := range row {
		cell := cellOf(image, i)
		if cell.State() == decoder.Absent {
			cell = cellOf(other, i)
		}
		if cell.State() == decoder.Absent {
			continue
		}
		if literal, err := w.in.Dialect.AppendLiteral(nil, &t.Columns[i], cell); err == nil {
			row[i] = string(literal)
		}
	}
	return row
}

func cellOf(image []decoder.Cell, i int) decoder.Cell {
	if i < len(image) {
		return image[i]
	}
	return decoder.Cell{}
}
