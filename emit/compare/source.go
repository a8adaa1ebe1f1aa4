package compare

import (
	"bytes"
	"context"
	"errors"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/live"
)

// askSource asks the source for each row that differs. A row that is the same on the source and the replica is no difference: it
// was changed on the source without being logged, or later. If the log does not have all of a row, the source has the rest.
func (c *comparison) askSource(ctx context.Context) error {
	o := &c.options
	if o.Source == nil || c.result.differ.Len() == 0 {
		return nil
	}
	server, err := probe.Ask(ctx, o.Source, sqltext.For(o.Source.Version).ForReading())
	if err != nil {
		return err
	}
	a := sourceAsker{comparison: c, server: server, left: runs.New(memoryOf, o.Folder), known: map[string]*schema.Table{}, tables: o.Source.Tables()}
	err = c.result.differ.Each(func(key, value []byte) error {
		x, err := c.result.readDifference(bytes.Clone(key), bytes.Clone(value))
		if err != nil {
			return err
		}
		return a.addDifference(ctx, asked{key: bytes.Clone(key), Difference: x})
	})
	if err == nil {
		err = a.flush(ctx)
	}
	if err != nil {
		a.left.Close()
		return err
	}
	c.result.differ.Close()
	c.result.differ, c.result.Asked = a.left, o.Source.Name()
	return nil
}

// asked is a difference that the source is asked about.
type asked struct {
	*Difference
	key   []byte
	found *sqltext.Stored // the source's row, nil for none
}

type sourceAsker struct {
	*comparison
	server probe.Server
	tables *live.Tables
	known  map[string]*schema.Table // the source's tables by name; nil for one that differs from the replica's
	left   *runs.Sorter
	chunk  []asked
}

func (a *sourceAsker) addDifference(ctx context.Context, x asked) error {
	if n := len(a.chunk); n > 0 && (a.chunk[0].Table != x.Table || n == chunkRows) {
		if err := a.flush(ctx); err != nil {
			return err
		}
	}
	a.chunk = append(a.chunk, x)
	return nil
}

// tableOf is a table of the source, nil if its columns or its key differ from the replica's.
func (a *sourceAsker) tableOf(ctx context.Context, t *TableResult) (*schema.Table, *schema.Key, error) {
	name := t.Name.String()
	found, ok := a.known[name]
	if !ok {
		var err error
		found, err = a.tables.Table(ctx, schema.Ref{Database: t.Name.Database, Table: t.Name.Table})
		if err != nil && !errors.Is(err, live.ErrNoTable) {
			return nil, nil, err
		}
		a.known[name] = found
	}
	if found == nil || t.Key == nil || len(found.Columns) != len(t.Table.Table.Columns) {
		return nil, nil, nil
	}
	for i := range found.Columns {
		here, there := &t.Table.Table.Columns[i], &found.Columns[i]
		if here.Name != there.Name || here.Type != there.Type || here.Charset != there.Charset {
			return nil, nil, nil
		}
	}
	for i := range found.Keys {
		if k := &found.Keys[i]; k.Name == t.Key.Name && len(k.Parts) == len(t.Key.Parts) {
			return found, k, nil
		}
	}
	return nil, nil, nil
}

func (a *sourceAsker) flush(ctx context.Context) error {
	if len(a.chunk) == 0 {
		return nil
	}
	t, key, err := a.tableOf(ctx, a.chunk[0].Table)
	if err != nil {
		return err
	}
	if t != nil {
		if err := a.ask(ctx, t, key); err != nil {
			return err
		}
	}
	for i := range a.chunk {
		if err := a.settle(&a.chunk[i], t != nil); err != nil {
			return err
		}
	}
	a.chunk = a.chunk[:0]
	return nil
}

// ask reads the source's rows with the keys of the chunk.
func (a *sourceAsker) ask(ctx context.Context, t *schema.Table, key *schema.Key) error {
	questions := make([]probe.Question, len(a.chunk))
	for i, x := range a.chunk {
		row := x.Want
		if row == nil {
			row = x.Have
		}
		questions[i] = probe.Question{Absence: plan.Absence{Row: schema.Row{Table: t, Cells: make([]decoder.Cell, len(t.Columns))}, Key: key},
			Stored: &sqltext.Stored{Table: t, Literals: row.Literals}}
	}
	_, err := a.server.Rows(ctx, questions, func(n int, row *sqltext.Stored, _ bool) error {
		clone := row.Clone()
		clone.Table = a.chunk[n].Table.Table.Table
		a.chunk[n].found = &clone
		return nil
	})
	return err
}

// settle drops a difference, or keeps it with what the source says.
func (a *sourceAsker) settle(x *asked, isAsked bool) error {
	if !isAsked || x.Count > 0 {
		return a.left.AddRecord(x.key, x.record())
	}
	r := x.Table
	r.count(x.Difference, -1)
	switch {
	case x.found == nil && x.Kind == Missing, x.found != nil && x.Have != nil && isAlike(x.found, x.Have):
		r.AsSource++
		return nil
	case x.found == nil && x.Kind == Extra, x.found != nil && x.Want != nil && isAlike(x.found, x.Want):
		x.Source = SourceAgrees
		if x.found != nil && !x.IsMended() {
			x.Want, x.Source = x.found, SourceGave
		}
	case x.found != nil && x.Kind == Extra && x.Want == nil:
		x.Kind, x.Want, x.Source = Differs, x.found, SourceGave
	default:
		x.Source = SourceOther
	}
	r.count(x.Difference, 1)
	return a.left.AddRecord(x.key, x.record())
}

// isAlike reports whether two rows are equal in everything that is known of both.
func isAlike(a, b *sqltext.Stored) bool {
	for i := range a.Table.Columns {
		if a.Table.Columns[i].Assignable() && a.Literals[i] != nil && b.Literals[i] != nil && !bytes.Equal(a.Literals[i], b.Literals[i]) {
			return false
		}
	}
	return true
}
