package probe

import (
	"context"
	"slices"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// askDisplaced asks which other rows a REPLACE removes: rows that share a value of another unique key with its row.
func (p *prober) askDisplaced(ctx context.Context) error {
	var all groups
	for i := range p.whole.Presences {
		x := &p.whole.Presences[i]
		for k := range x.Row.Table.Keys {
			key := &x.Row.Table.Keys[k]
			switch {
			case !p.presences[i].needed || key == x.Key:
			case isWhole(x.Row, key):
				all.addMember(x.Row.Table, key, i)
			case isUnknown(x, key):
				p.presences[i].Unasked = append(p.presences[i].Unasked, key)
			}
		}
	}
	for _, g := range all.list {
		unasked, err := g.ask(ctx, p.server, p.presenceQuestion(g.key), func(i int, row *sqltext.Stored, _ bool) { p.displaced(i, row) })
		if err != nil {
			return err
		}
		keepUnasked(p.presences, unasked, g.key)
	}
	return nil
}

func (p *prober) displaced(i int, row *sqltext.Stored) {
	id := row.ID()
	if wanted, ok := p.wanted[id]; ok && wanted != i {
		p.keep(wanted)
	}
	for r := range p.presences[i].Rows {
		if p.presences[i].Rows[r].ID() == id {
			return
		}
	}
	p.presences[i].addRow(row)
}

// isWhole reports whether the row has a value of the key that another row may have too.
func isWhole(row schema.Row, key *schema.Key) bool {
	return everyColumn(key, func(column int, mayBeNull bool) bool {
		state := row.Cells[column].State()
		return state == decoder.Value || state == decoder.Null && mayBeNull
	})
}

// isUnknown reports whether the row may have an unknown value of the key. A column to be filled gets NULL if a key needs it.
func isUnknown(x *plan.Presence, key *schema.Key) bool {
	return everyColumn(key, func(column int, mayBeNull bool) bool {
		return mayBeNull || x.Row.Cells[column].State() != decoder.Null && !slices.Contains(x.Fill, column)
	})
}

// everyColumn reports whether holds is true for every column that the key reads; an expression may turn NULL into a value.
func everyColumn(key *schema.Key, holds func(column int, mayBeNull bool) bool) bool {
	for i := range key.Parts {
		part := &key.Parts[i]
		if part.Column >= 0 && !holds(part.Column, false) {
			return false
		}
		for _, column := range part.Columns {
			if !holds(column, true) {
				return false
			}
		}
	}
	return true
}
