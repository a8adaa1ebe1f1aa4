package plan

// What the walk over the changes knows of rows: which there were before the transactions, which there are now, and what their keys are.

import (
	"crypto/sha256"
	"fmt"

	"binmend/decoder"
	"binmend/schema"
)

// require returns the row that a before image identifies, and makes it a Presence if it was not known.
func (p *Planner) require(tb *table, before []decoder.Cell, o Origin) (int, error) {
	id, err := p.find(tb, before)
	if err != nil {
		return 0, err
	}
	if id < 0 {
		return p.demand(tb, before, o), nil
	}
	p.lineages.at(id).place = 0
	p.learn(id, before, o)
	overlay(tb.merged, before, p.lineages.at(id).now)
	p.change(id, tb.merged, o) // a no-op, unless a foreign key's action changed the row
	return id, nil
}

// find returns the known row that a before image identifies, or -1.
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
	l := p.lineages.at(id)
	_, kind := p.keyValue(l.table.keys[0], l.now)
	return kind == whole
}

// findKeyless looks among the rows that no key value identifies. Any of several equal rows will do.
func (p *Planner) findKeyless(tb *table, before []decoder.Cell) (int, error) {
	if len(tb.alike) > 0 {
		digest := p.digest(tb.schema, before)
		for rows := tb.alike[digest]; len(rows) > 0; {
			last := rows[len(rows)-1]
			rows = rows[:len(rows)-1]
			tb.alike[digest] = rows
			if p.lineages.at(last.lineage).place == last.place {
				return last.lineage, nil
			}
		}
		delete(tb.alike, digest)
	}
	for _, v := range tb.vague {
		l := p.lineages.at(v.lineage)
		if l.place == v.place && mayEqual(v.cells, before) {
			return 0, fmt.Errorf("table %s: the log does not show whether this row is the one inserted at %s, row %d, "+
				"because it leaves out columns of that one (binlog_row_image)", tb.schema.FullName(), l.origin.Pos, l.origin.Row)
		}
	}
	return -1, nil
}

// place makes a row findable for its next change.
func (p *Planner) place(id int, cells []decoder.Cell) {
	l := p.lineages.at(id)
	tb := l.table
	if tb.isFindable(cells) {
		return
	}
	tb.places++
	l.place = tb.places
	entry := placed{lineage: id, place: l.place}
	p.size += placeSize
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

// digest leaves out generated columns, which follow from the others and are missing in some images, and columns that only the replica
// has.
func (p *Planner) digest(t *schema.Table, cells []decoder.Cell) [sha256.Size]byte {
	p.row = p.row[:0]
	for c := range cells {
		if isLogged(&t.Columns[c]) {
			p.row = appendCell(p.row, cells[c])
		}
	}
	return sha256.Sum256(p.row)
}

// demand adds a row that must have existed before the transactions.
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
		p.size += k.hold(v, id)
	}
	return id
}

// learn completes a row that existed before the transactions from a later image.
func (p *Planner) learn(id int, before []decoder.Cell, o Origin) {
	l := p.lineages.at(id)
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
			p.size += k.hold(v, id)
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
	l := p.lineages.at(id)
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

// keep stores the row's current values in the columns of unique keys.
func (p *Planner) keep(id int, next []decoder.Cell) {
	l := p.lineages.at(id)
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

// takeOn records that a row gets its current value of a key.
func (p *Planner) takeOn(id int, k *key, o Origin) {
	row := p.lineages.at(id).now
	v, kind := p.keyValue(k, row)
	switch kind {
	case null:
		return
	case unknown:
		p.unknownKeys = append(p.unknownKeys, absence{lineage: id, key: k, cells: row, origin: o})
		return
	}
	s := k.slotOf(v)
	switch {
	case k.local && kind == whole:
		if s == nil { // else it is said of an earlier row
			p.contradictions = append(p.contradictions, Contradiction{Row: schema.Row{Table: k.table, Cells: row}, Key: k.Key, Origin: o, Defaults: true})
		}
	case s == nil:
		p.size += absenceSize
		p.absences = append(p.absences, absence{lineage: id, key: k, cells: row, origin: o})
	case s.held && s.lineage != id && kind == whole && !k.functional:
		p.contradict(id, k, s, o)
	}
	p.size += k.hold(v, id)
}

// giveUp records that a row loses its current value of a key.
func (p *Planner) giveUp(id int, k *key) {
	l := p.lineages.at(id)
	l.gaveUp |= k.bit()
	if v, kind := p.keyValue(k, l.now); kind.settles() {
		k.release(v, id)
	}
}

func (p *Planner) contradict(id int, k *key, before *slot, o Origin) {
	p.contradictions = append(p.contradictions, Contradiction{Row: schema.Row{Table: k.table, Cells: p.lineages.at(id).now}, Key: k.Key,
		Origin: o, Holder: p.lineages.at(before.lineage).origin})
}

// keyValue is valid until the next call.
func (p *Planner) keyValue(k *key, cells []decoder.Cell) ([]byte, valueKind) {
	v, kind := k.value(p.value[:0], cells)
	p.value = v
	return v, kind
}
