package plan

import (
	"fmt"

	"binmend/decoder"
	"binmend/schema"
)

// Planner walks the row changes of whole transactions in log order. It keeps one entry for each distinct row and each distinct key
// value that they touch, and nothing else of the log: it copies the cells that it keeps.
//
// At each point it knows a virtual state of the source: the rows that the transactions have touched, as they are then. A changed row
// that was not known must have existed before, so it becomes a Presence. A key value that a row takes on and no known row has given
// up must have been free before, so it becomes an Absence.
//
// Two things on a server are not in a log and not known here. One is key values that the server finds equal although their bytes
// differ: they cost entries that were not needed, but never miss one that was (see the package comment). The other is the actions of
// foreign keys, which the replica repeats: they cost such entries too. A row without a unique value that such an action changed, and
// that is changed again, is not recognised: the plan asks for it as if it were another row.
//
// After an error a planner must not be used any more.
type Planner struct {
	tables         []*table // in order of appearance
	byName         map[tableName]*table
	bySchema       map[*schema.Table]*table // the same, by every definition passed in
	lineages       lineages
	absences       []absence
	unknownKeys    []absence
	contradictions []Contradiction
	update         decoder.Position // of the last event that updated a row
	updates        int              // how many events have
	arena          arena
	size           int            // bytes of all that is kept, but for the arena
	old, merged    []decoder.Cell // scratch: a row before and after a change
	value          []byte         // scratch: a key value
	row            []byte         // scratch: a row to be hashed
	touched        []*key         // scratch: the keys that a change touches
}

type tableName struct{ database, name string }

// absence is an Absence that does not yet know the rows to spare, or an UnknownKey.
type absence struct {
	lineage int // that takes on the key value
	key     *key
	cells   []decoder.Cell
	origin  Origin
}

// NewPlanner returns a planner that knows no row.
func NewPlanner() *Planner {
	return &Planner{byName: map[tableName]*table{}, bySchema: map[*schema.Table]*table{}}
}

// Insert adds the next change of the log, an inserted row.
func (p *Planner) Insert(t *schema.Table, after []decoder.Cell, o Origin) error {
	tb, err := p.table(t)
	if err != nil {
		return err
	}
	if tb.schema.IsHistory(after) {
		return nil
	}
	if after, err = tb.image(after); err != nil {
		return err
	}
	for c := range after {
		tb.merged[c] = after[c]
		if after[c].State() == decoder.Absent {
			tb.merged[c] = defaultCell(&t.Columns[c])
		}
	}
	id := p.addLineage(lineage{table: tb, origin: o})
	p.keep(id, tb.merged)
	for _, k := range tb.keys {
		p.takeOn(id, k, o)
	}
	p.place(id, tb.merged)
	return nil
}

// Update adds the next change of the log, a row before and after it. Columns that an image leaves out are taken from the other image
// and from earlier changes of the row.
func (p *Planner) Update(t *schema.Table, before, after []decoder.Cell, o Origin) error {
	tb, err := p.table(t)
	if err != nil {
		return err
	}
	becomesHistory := tb.schema.IsHistory(after)
	if before, err = tb.image(before); err != nil {
		return err
	}
	if after, err = tb.image(after); err != nil {
		return err
	}
	id, err := p.require(tb, before, o)
	if err != nil {
		return err
	}
	p.noteUpdate(id, o)
	p.lineages.at(id).overwrite(after)
	if becomesHistory {
		p.end(id)
		return nil
	}
	overlay(tb.old, before, p.lineages.at(id).now)
	tb.merge(after)
	p.change(id, tb.merged, o)
	if !tb.keepsName(before, tb.merged) {
		p.place(id, tb.merged)
	}
	return nil
}

// noteUpdate remembers which event updates a row, and the table when it is the second update of that row in the event.
func (p *Planner) noteUpdate(id int, o Origin) {
	if p.updates == 0 || o.Pos != p.update {
		p.update = o.Pos
		p.updates++
	}
	l := p.lineages.at(id)
	if l.update == p.updates && !l.table.identifies() {
		l.table.rewritten = true
	}
	l.update = p.updates
}

// Delete adds the next change of the log, a deleted row.
func (p *Planner) Delete(t *schema.Table, before []decoder.Cell, o Origin) error {
	tb, err := p.table(t)
	if err != nil {
		return err
	}
	if before, err = tb.image(before); err != nil {
		return err
	}
	id, err := p.require(tb, before, o)
	if err != nil {
		return err
	}
	p.end(id)
	return nil
}

// end removes a row from the walk.
func (p *Planner) end(id int) {
	l := p.lineages.at(id)
	for _, k := range l.table.keys {
		p.giveUp(id, k)
	}
	l.now = nil
}

// table is what is known of a table, with the scratch for a change of its rows.
func (p *Planner) table(t *schema.Table) (*table, error) {
	tb, err := p.tableOf(t)
	if err != nil {
		return nil, err
	}
	if n := len(tb.schema.Columns); n > len(p.old) {
		p.old, p.merged = make([]decoder.Cell, n), make([]decoder.Cell, n)
	}
	tb.old, tb.merged = p.old[:len(tb.schema.Columns)], p.merged[:len(tb.schema.Columns)]
	return tb, nil
}

func (p *Planner) tableOf(t *schema.Table) (*table, error) {
	if tb := p.bySchema[t]; tb != nil {
		return tb, nil
	}
	n := tableName{t.Database, t.Name}
	tb := p.byName[n]
	if tb == nil {
		var err error
		if tb, err = newTable(t); err != nil {
			return nil, err
		}
		p.tables = append(p.tables, tb)
		p.byName[n] = tb
	}
	if !sameShape(tb.schema, t) {
		return nil, fmt.Errorf("table %s changes its definition within the transactions to repair (%s, then %s); "+
			"repair those before the change first", t.FullName(), tb.schema.Source, t.Source)
	}
	p.bySchema[t] = tb
	p.size += t.Size()
	return tb, nil
}

func (p *Planner) addLineage(l lineage) int {
	p.size += lineageSize
	return p.lineages.add(l)
}
