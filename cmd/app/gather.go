package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/changes"
)

// gathered is what the wanted transactions do: their row changes, as a planner takes them, and what is no row change.
type gathered struct {
	planner      *plan.Planner
	definedBy    schema.Resolver
	transactions []txn.Transaction
	writer       decoder.Version // of the format description in force
	rows         int
	statements   []string // statements that were logged as such, the first few
	more         int      // statements beyond those
	filtered     string   // what a filter of tables removed; "" without one
}

// maxStatements bounds the statements that are kept; they are only shown.
const maxStatements = 20

// gather reads the target's transactions and plans their row changes.
func (t *target) gather(ctx context.Context, tables *changes.Definitions) (*gathered, error) {
	if err := t.endBeforeAltered(ctx); err != nil {
		return nil, err
	}
	begin := t.first.Start
	if t.from.File != "" {
		begin = t.from
	}
	w, err := t.logs.From(begin)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	w.SetCompleter(schema.Completer(ctx, tables))
	g := gatherer{ctx: ctx, definitions: tables, run: t.tables.NewRun(), gathered: &gathered{planner: plan.NewPlanner(), definedBy: tables}}
	for skip := false; ; {
		e, step, err := w.Next()
		switch {
		case err == io.EOF && t.stop.File != "":
			return g.done(t), nil
		case err == io.EOF:
			return nil, errors.New("the logs end before the transaction does")
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case step == txn.Outside:
			g.passOver(e)
			continue
		case step.Begins():
			skip = t.skips.has(w.Transaction())
			g.ownDDL = t.from.File != "" && w.Transaction().Start != t.first.Start
		}
		if skip {
			continue
		}
		verdict, err := g.run.Add(e, step, w.Transaction())
		if err != nil {
			return nil, err
		}
		if err := g.add(e, verdict); err != nil {
			return nil, err
		}
		if step.Ends() {
			g.transactions = append(g.transactions, w.Transaction())
			if t.done(w.Transaction().End) {
				return g.done(t), nil
			}
		}
	}
}

type gatherer struct {
	ctx         context.Context
	definitions *changes.Definitions
	run         *filter.Run
	tables      cache.Cache[*decoder.TableMap, *schema.Table]
	ownDDL      bool // --ahead: a statement of the transaction at hand is DDL that the applier runs when it comes to it
	*gathered
}

// done is all that was gathered.
func (g *gatherer) done(t *target) *gathered {
	if !t.tables.IsZero() {
		g.filtered = g.run.Account.String()
	}
	return g.gathered
}

func (g *gatherer) add(e *decoder.Event, verdict filter.Verdict) error {
	g.writer = e.Format.Server
	changed, err := g.definitions.Follow(e)
	if err != nil {
		return err
	}
	if changed {
		g.tables.Clear()
	}
	if verdict == filter.Drop {
		return nil
	}
	if e.IsRows() {
		return g.addRows(e)
	}
	text, err := statementText(e)
	if err != nil || text == "" || g.ownDDL {
		return err
	}
	g.addStatement(text)
	return nil
}

// passOver takes an event that belongs to no transaction. One that this program does not know may hold changes all the
// same, unless the server says that it may be ignored.
func (g *gatherer) passOver(e *decoder.Event) {
	switch {
	case e.Type == decoder.EventIncident:
		g.addStatement(fmt.Sprintf("Incident at %d: the source's log has a gap here", e.Pos.Offset))
	case e.IsUnknown():
		g.addStatement(fmt.Sprintf("%s at %d, which is unknown", e.Type, e.Pos.Offset))
	}
}

func (g *gatherer) addRows(e *decoder.Event) error {
	re, err := e.Rows()
	if err != nil {
		return err
	}
	if s, made := g.definitions.Creator(re.Map); made {
		g.definitions.Remark(fmt.Sprintf("rows of %s are not covered: the %s makes the table, and the replica does not have it before that",
			tableName(re.Map), s))
		return nil
	}
	t, err := g.table(re.Map, e.Pos)
	if err != nil {
		return err
	}
	for row, err := range re.All() {
		if err != nil {
			return err
		}
		o := plan.Origin{Pos: short(e.Pos), Type: e.Type, Row: re.Number(), Transaction: len(g.transactions) + 1}
		switch re.Kind {
		case decoder.Insert:
			err = g.planner.Insert(t, row.After, o)
		case decoder.Update:
			err = g.planner.Update(t, row.Before, row.After, o)
		case decoder.Delete:
			err = g.planner.Delete(t, row.Before, o)
		}
		if err != nil {
			return fmt.Errorf("%s at offset %d: row %d: %w", e.Pos.File, e.Pos.Offset, o.Row, err)
		}
		g.rows++
	}
	return nil
}

// short is a position with the file's last element only, as the header of a script names the files whole.
func short(p decoder.Position) decoder.Position {
	if p.File != "" {
		p.File = filepath.Base(p.File)
	}
	return p
}

// table finds the definition of a table map's table, and makes sure that it fits.
func (g *gatherer) table(m *decoder.TableMap, pos decoder.Position) (*schema.Table, error) {
	if t, ok := g.tables.Get(m); ok {
		return t, nil
	}
	t, err := g.definitions.Table(g.ctx, schema.Ref{Database: m.Database, Table: m.Table, Map: m, Pos: pos})
	if err != nil {
		return nil, err
	}
	if err := schema.Verify(t, m); err != nil {
		return nil, err
	}
	g.tables.Put(m, t, m.Size()+t.Size())
	return t, nil
}

func (g *gatherer) addStatement(text string) {
	if len(g.statements) == maxStatements {
		g.more++
		return
	}
	g.statements = append(g.statements, text)
}

// firstVersion is the version in the first format description of the logs, and whether it is a relay log: then the version
// is the replica's own.
func firstVersion(logs walk.Logs) (v decoder.Version, relay bool, err error) {
	f, err := logs.Opener.Open(logs.Names[0])
	if err != nil {
		return v, false, err
	}
	defer f.Close()
	e, err := decoder.NewReader(f).Next()
	if err != nil {
		return v, false, err
	}
	return e.Format.Server, e.Flags&decoder.FlagRelayLog != 0, nil
}
