package plan

import (
	"crypto/sha256"
	"fmt"

	"binmend/decoder"
	"binmend/schema"
)

// Planner walks the row changes of whole transactions in log order. It keeps one entry for each distinct row and for
// each distinct key value that they touch, and nothing else of the log: cells that it is given are borrowed, those that
// it has to keep are copied.
//
// What it knows at each point is a virtual state of the source: the rows that the transactions have touched, as they
// are then. A row that is changed but was not yet known must have been there before, so it becomes a Presence. A key
// value that a row takes on and that no known row has given up must have been free before, so it becomes an Absence.
//
// Two things that happen on a server are not in a log and not known here. Key values that the server takes for equal
// though their bytes differ cost entries that were not needed, never one that was (see the package comment). So do the
// actions of foreign keys, which the replica's own repeat; but a row without a unique value that such an action changed,
// and that is then changed again, is not recognized and asked for as if it were another one.
//
// After an error a planner is of no more use.
type Planner struct {
	tables         []*table // in order of appearance
	byName         map[tableName]*table
	bySchema       map[*schema.Table]*table // the same, by each definition that has been passed in
	lineages       []lineage
	absences       []absence
	unknownKeys    []UnknownKey
	contradictions []Contradiction
	update         decoder.Position // of the last event that updated a row
	updates        int              // how many events have
	arena          arena
	value          []byte // scratch: a key value
	row            []byte // scratch: a row to be hashed
	touched        []*key // scratch: the keys that a change touches
}

type tableName struct{ database, name string }

// absence is an Absence that does not yet know the rows to spare.
type absence struct {
	lineage int // that takes the key value on
	key     *key
	cells   []decoder.Cell
	origin  Origin
}

// NewPlanner returns a planner that knows of no row.
func NewPlanner() *Planner {
	return &Planner{byName: map[tableName]*table{}, bySchema: map[*schema.Table]*table{}}
}

// Insert takes the next change of the log, an inserted row.
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

// Update takes the next change of the log, a row before and after it. What an image leaves out is taken from the other
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
	p.lineages[id].overwrite(after)
	if becomesHistory {
		p.end(id)
		return nil
	}
	overlay(tb.old, before, p.lineages[id].now)
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
	l := &p.lineages[id]
	if l.update == p.updates && !l.table.identifies() {
		l.table.rewritten = true
	}
	l.update = p.updates
}

// Delete takes the next change of the log, a deleted row.
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

// end takes a row out of the walk.
func (p *Planner) end(id int) {
	l := &p.lineages[id]
	for _, k := range l.table.keys {
		p.giveUp(id, k)
	}
	l.now = nil
}

func (p *Planner) table(t *schema.Table) (*table, error) {
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
			"repair those before the change first", name(t), tb.schema.Source, t.Source)
	}
	p.bySchema[t] = tb
	return tb, nil
}

// require returns the row that a before image names, and sees to it that it is there.
func (p *Planner) require(tb *table, before []decoder.Cell, o Origin) (int, error) {
	id, err := p.find(tb, before)
	if err != nil {
		return 0, err
	}
	if id < 0 {
		return p.demand(tb, before, o), nil
	}
	p.lineages[id].place = 0
	p.learn(id, before, o)
	overlay(tb.merged, before, p.lineages[id].now)
	p.change(id, tb.merged, o) // nothing, unless a foreign key's action changed the row
	return id, nil
}

// find returns the known row that a before image names, or -1.
func (p *Planner) find(tb *table, before []decoder.Cell) (int, error) {
	primaryKnown := false
	for _, k := range tb.keys {
		if k.functional {
			continue
		}
		v, kind := p.keyValue(k, before)
		if kind != whole {
			continue
		}
		s := k.slotOf(v)
		if s != nil && s.held && !(primaryKnown && p.hasPrimaryValue(s.lineage)) {
			return s.lineage, nil
		}
		primaryKnown = primaryKnown || k.Primary
	}
	return p.findKeyless(tb, before)
}

func (p *Planner) hasPrimaryValue(id int) bool {
	l := &p.lineages[id]
	_, kind := p.keyValue(l.table.keys[0], l.now)
	return kind == whole
}

// findKeyless looks among the rows that no key value identifies. Equal ones are as good as each other.
func (p *Planner) findKeyless(tb *table, before []decoder.Cell) (int, error) {
	if len(tb.alike) > 0 {
		digest := p.digest(tb.schema, before)
		for rows := tb.alike[digest]; len(rows) > 0; {
			last := rows[len(rows)-1]
			rows = rows[:len(rows)-1]
			tb.alike[digest] = rows
			if p.lineages[last.lineage].place == last.place {
				return last.lineage, nil
			}
		}
		delete(tb.alike, digest)
	}
	for _, v := range tb.vague {
		l := &p.lineages[v.lineage]
		if l.place == v.place && mayEqual(v.cells, before) {
			return 0, fmt.Errorf("table %s: the log does not show whether this row is the one inserted at %s, row %d, "+
				"because it leaves out columns of that one (binlog_row_image)", name(tb.schema), l.origin.Pos, l.origin.Row)
		}
	}
	return -1, nil
}

// place makes a row findable for the change that comes next to it.
func (p *Planner) place(id int, cells []decoder.Cell) {
	l := &p.lineages[id]
	tb := l.table
	if tb.isFindable(cells) {
		return
	}
	tb.places++
	l.place = tb.places
	entry := placed{lineage: id, place: l.place}
	if tb.isComplete(cells) {
		digest := p.digest(tb.schema, cells)
		tb.alike[digest] = append(tb.alike[digest], entry)
		if !tb.isKeyUnknown(cells) {
			return
		}
	}
	entry.cells = p.arena.row(len(cells))
	for c := range cells {
		entry.cells[c] = p.arena.cell(cells[c])
	}
	tb.vague = append(tb.vague, entry)
}

// digest leaves out generated columns, which follow from the others and which not every image has, and those that only the
// replica has.
func (p *Planner) digest(t *schema.Table, cells []decoder.Cell) [sha256.Size]byte {
	p.row = p.row[:0]
	for c := range cells {
		if isLogged(&t.Columns[c]) {
			p.row = appendCell(p.row, cells[c])
		}
	}
	return sha256.Sum256(p.row)
}

// demand makes known a row that must have been there before the transactions.
func (p *Planner) demand(tb *table, before []decoder.Cell, o Origin) int {
	found := p.arena.row(len(before))
	var fates []fate
	for c := range before {
		found[c] = p.arena.cell(before[c])
		if !known(found[c]) && fates == nil {
			fates = make([]fate, len(before))
		}
	}
	id := p.addLineage(lineage{table: tb, origin: o, found: found, fates: fates, now: found})
	for _, k := range tb.keys {
		v, kind := p.keyValue(k, found)
		if !kind.settles() {
			continue
		}
		if s := k.slotOf(v); s != nil && kind == whole && !k.functional {
			p.contradict(id, k, s, o)
		}
		k.hold(v, id)
	}
	return id
}

// learn completes a row that was there before the transactions by what a later image tells of it.
func (p *Planner) learn(id int, before []decoder.Cell, o Origin) {
	l := &p.lineages[id]
	learned := false
	for c := range l.fates {
		if l.fates[c] == lasts && !known(l.found[c]) && known(before[c]) {
			l.found[c] = p.arena.cell(before[c])
			l.now[c] = l.found[c]
			learned = true
		}
	}
	if !learned {
		return
	}
	for _, k := range l.table.keys {
		if v, kind := p.keyValue(k, l.found); kind.settles() && k.slotOf(v) == nil {
			k.hold(v, id)
			if k.touched(l.found, l.now) {
				k.release(v, id)
			}
		}
		if _, kind := p.keyValue(k, l.now); kind.settles() {
			p.takeOn(id, k, o)
		}
	}
}

// change gives a known row new values.
func (p *Planner) change(id int, next []decoder.Cell, o Origin) {
	l := &p.lineages[id]
	p.touched = p.touched[:0]
	for _, k := range l.table.keys {
		if k.touched(l.now, next) {
			p.touched = append(p.touched, k)
		}
	}
	if len(p.touched) == 0 {
		return
	}
	for _, k := range p.touched {
		p.giveUp(id, k)
	}
	p.keep(id, next)
	for _, k := range p.touched {
		p.takeOn(id, k, o)
	}
}

// keep stores the columns of unique keys as the row has them now.
func (p *Planner) keep(id int, next []decoder.Cell) {
	l := &p.lineages[id]
	row := p.arena.row(len(next))
	for _, c := range l.table.reads {
		switch {
		case !known(next[c]):
		case l.now != nil && sameCell(l.now[c], next[c]):
			row[c] = l.now[c]
		default:
			row[c] = p.arena.cell(next[c])
		}
	}
	l.now = row
}

// takeOn is a row getting its present value of a key.
func (p *Planner) takeOn(id int, k *key, o Origin) {
	row := p.lineages[id].now
	v, kind := p.keyValue(k, row)
	switch kind {
	case null:
		return
	case unknown:
		p.unknownKeys = append(p.unknownKeys,
			UnknownKey{Row: schema.Row{Table: k.table, Cells: row}, Key: k.Key, Needs: k.missing(row), Origin: o})
		return
	}
	s := k.slotOf(v)
	switch {
	case s == nil:
		p.absences = append(p.absences, absence{lineage: id, key: k, cells: row, origin: o})
	case s.held && s.lineage != id && kind == whole && !k.functional:
		p.contradict(id, k, s, o)
	}
	k.hold(v, id)
}

// giveUp is a row losing its present value of a key.
func (p *Planner) giveUp(id int, k *key) {
	l := &p.lineages[id]
	l.gaveUp |= k.bit()
	if v, kind := p.keyValue(k, l.now); kind.settles() {
		k.release(v, id)
	}
}

func (p *Planner) contradict(id int, k *key, before *slot, o Origin) {
	p.contradictions = append(p.contradictions, Contradiction{Row: schema.Row{Table: k.table, Cells: p.lineages[id].now}, Key: k.Key,
		Origin: o, Holder: p.lineages[before.lineage].origin})
}

// keyValue is valid until the next call.
func (p *Planner) keyValue(k *key, cells []decoder.Cell) ([]byte, valueKind) {
	v, kind := k.value(p.value[:0], cells)
	p.value = v
	return v, kind
}

func (p *Planner) addLineage(l lineage) int {
	p.lineages = append(p.lineages, l)
	return len(p.lineages) - 1
}
