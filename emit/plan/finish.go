package plan

import (
	"crypto/sha256"

	"binmend/schema"
)

// Plan is everything that must hold before the changes taken so far.
func (p *Planner) Plan() *Plan {
	pl := p.Presences()
	p.addAbsences(pl, p.spared(func(l *lineage) bool { return l.isRefused() }))
	return pl
}

// Absences is the part of the plan that prevents duplicate keys (error 1062). It puts no row back, so its entries spare every row
// that the transactions need.
func (p *Planner) Absences() *Plan {
	pl := &Plan{Tables: p.schemas()}
	p.addAbsences(pl, p.spared(func(*lineage) bool { return true }))
	return pl
}

// Presences is the part of the plan that prevents missing rows (error 1032).
func (p *Planner) Presences() *Plan {
	pl := &Plan{Tables: p.schemas(), Rewritten: p.rewritten()}
	counts := map[alikeRows]int{}
	for i := range p.lineages.n {
		l := p.lineages.at(i)
		if l.found == nil {
			continue
		}
		row, key := schema.Row{Table: l.table.schema, Cells: l.found}, l.table.identity(l.found)
		needs, fill := l.missing()
		if len(needs) > 0 {
			pl.Refusals = append(pl.Refusals,
				Refusal{Row: row, Key: key, Needs: needs, Fill: fill, Origin: l.origin, Deleted: l.now == nil})
			continue
		}
		count := 0
		if key == nil {
			alike := alikeRows{l.table, p.digest(row.Table, l.found)}
			counts[alike]++
			count = counts[alike]
		}
		pl.Presences = append(pl.Presences, Presence{Row: row, Key: key, Count: count, Origin: l.origin, Fill: fill})
	}
	return pl
}

type alikeRows struct {
	table  *table
	digest [sha256.Size]byte
}

// rewritten are the tables of Plan.Rewritten.
func (p *Planner) rewritten() (tables []*schema.Table) {
	for _, tb := range p.tables {
		if tb.rewritten {
			tables = append(tables, tb.schema)
		}
	}
	return tables
}

func (p *Planner) schemas() []*schema.Table {
	var tables []*schema.Table
	for _, tb := range p.tables {
		tables = append(tables, tb.schema)
	}
	return tables
}

func (p *Planner) addAbsences(pl *Plan, spared map[*key]*spares) {
	for _, a := range p.absences {
		pl.Absences = append(pl.Absences, Absence{Row: schema.Row{Table: a.key.table, Cells: a.cells}, Key: a.key.Key, Origin: a.origin,
			Spare: spared[a.key].with(a.lineage)})
	}
	for _, a := range p.unknownKeys {
		if _, kind := p.keyValue(a.key, a.cells); kind != unknown {
			continue // a later image told the rest, and the value became an Absence
		}
		pl.UnknownKeys = append(pl.UnknownKeys, UnknownKey{Row: schema.Row{Table: a.key.table, Cells: a.cells}, Key: a.key.Key,
			Needs: a.key.missing(a.cells), Origin: a.origin, Own: p.lineages.at(a.lineage).own()})
	}
	pl.Contradictions = p.contradictions
}

// spares are the rows that a DELETE for a key must not touch.
type spares struct {
	// rows may have had a value that another row takes on, judged by bytes.
	rows []schema.KeyedRow
	// own are the rows that may only conflict with their own new value, on a replica where they have it already.
	own map[int]schema.KeyedRow
}

func (s *spares) with(lineage int) []schema.KeyedRow {
	if s == nil {
		return nil
	}
	if row, ok := s.own[lineage]; ok {
		return append(s.rows[:len(s.rows):len(s.rows)], row)
	}
	return s.rows
}

// spared finds, for each key, the rows to spare: among those that existed before the transactions and gave up their value of the
// key. A row that kept its value existed on the source together with the row that takes on another.
func (p *Planner) spared(choose func(*lineage) bool) map[*key]*spares {
	all := map[*key]*spares{}
	for id := range p.lineages.n {
		l := p.lineages.at(id)
		if l.found == nil || l.gaveUp == 0 {
			continue
		}
		chosen := choose(l)
		if !chosen && !l.table.schema.IsDelicate() {
			continue
		}
		row := l.own()
		for _, k := range l.table.keys {
			if l.gaveUp&k.bit() == 0 {
				continue
			}
			s := all[k]
			if s == nil {
				s = &spares{own: map[int]schema.KeyedRow{}}
				all[k] = s
			}
			// A row of a delicate table is spared even if it is not chosen: it is changed in place.
			if _, kind := p.keyValue(k, l.found); chosen && (kind == unknown || kind.settles() && !k.exact) {
				s.rows = append(s.rows, row)
			} else {
				s.own[id] = row
			}
		}
	}
	return all
}

// own is the row as the transactions found it, with the key that identifies it.
func (l *lineage) own() schema.KeyedRow {
	if l.found == nil {
		return schema.KeyedRow{}
	}
	return schema.KeyedRow{Row: schema.Row{Table: l.table.schema, Cells: l.found}, Key: l.table.identity(l.found)}
}

func (l *lineage) isRefused() bool {
	needs, _ := l.missing()
	return len(needs) > 0
}

// missing lists the columns, of a row that the transactions found, whose values the log does not have: those that matter, and those
// that do not.
func (l *lineage) missing() (needs, fill []int) {
	for c, fate := range l.fates {
		if column := &l.table.schema.Columns[c]; known(l.found[c]) || !column.Assignable() || column.Local {
			continue
		}
		isLost := fate == overwritten || fate == lasts && l.now == nil
		if isLost && l.table.isFillable(c) && l.table.identity(l.found) != nil {
			fill = append(fill, c)
		} else {
			needs = append(needs, c)
		}
	}
	return needs, fill
}

// isFillable reports whether an arbitrary value, NULL if the column allows it, can't conflict with another row's.
func (tb *table) isFillable(column int) bool {
	for _, k := range tb.keys {
		if !k.dependsOn(column) {
			continue
		}
		if !tb.schema.Columns[column].Nullable || !k.isPart(column) {
			return false
		}
	}
	return true
}
