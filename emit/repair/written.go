package repair

import (
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/schema"
	"binmend/schema/replica"
)

// An engine that does not roll back keeps what a transaction wrote before it failed, and when the applier starts again it writes all
// of that again. Rows with a unique value do not matter: the plan handles their values like any others. Rows without a key would
// exist twice. The log shows which were written: all before the failed event.

// Written is a row change of the failed transaction that a table without keys has kept. An INSERT has no row before, a DELETE none
// after.
type Written struct {
	Table         *schema.Table
	Before, After []decoder.Cell
	Origin        plan.Origin
}

// prefix collects the row changes of the failing transaction up to the failed event.
type prefix struct {
	message replica.Message
	rows    []Written
	failed  bool     // the failed event was reached
	unsure  []string // tables for which it is unknown what was written
}

func newPrefix(s stopped) prefix {
	if s.failure == nil {
		return prefix{}
	}
	return prefix{message: s.failure.Cause}
}

// meet looks at an event of the failing transaction, before its rows. matches: it has the table and the kind that the message names.
func (w *prefix) meet(e *decoder.Event, t *schema.Table, matches bool) {
	at := w.message.Event.Pos
	isFailing := at != 0 && e.EndLogPos == uint32(at) || at == 0 && matches
	if w.failed || !isFailing {
		return
	}
	w.failed = true
	if !t.RollsBack() && len(t.Keys) == 0 || at == 0 && len(w.rows) > 0 {
		w.unsure = append(w.unsure, t.FullName())
	}
}

// addRow adds a row of the last event.
func (w *prefix) addRow(t *schema.Table, row *decoder.Row, o plan.Origin) {
	if w.failed || t.RollsBack() || w.message.Change == replica.UnknownChange {
		return
	}
	name := row.Before
	if len(name) == 0 {
		name = row.After
	}
	if hasUniqueValue(t, name) {
		return
	}
	n := len(t.Columns)
	clone := func(cells []decoder.Cell) []decoder.Cell {
		var kept []decoder.Cell
		for _, cell := range cells[:min(n, len(cells))] {
			kept = append(kept, cell.Clone())
		}
		return kept
	}
	w.rows = append(w.rows, Written{Table: t, Before: clone(row.Before), After: clone(row.After), Origin: o})
}

// hasUniqueValue reports whether a key identifies the row.
func hasUniqueValue(t *schema.Table, cells []decoder.Cell) bool {
	return slices.ContainsFunc(t.Keys, func(key schema.Key) bool {
		return !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool {
			return part.Column < 0 || part.Column >= len(cells) || cells[part.Column].State() != decoder.Value
		})
	})
}

// kept are the changes that the replica has kept; a remark names tables where that is unknown.
func (w *prefix) kept() (rows []Written, remark string) {
	switch {
	case !w.failed && len(w.rows) > 0:
		t := w.rows[0].Table
		return nil, fmt.Sprintf("RISK: %s (%s) does not roll back, and which event failed is not known: rows that the transaction wrote there before "+
			"it failed will be there twice", display.Printable(t.FullName()), display.Printable(t.Engine))
	case len(w.unsure) > 0:
		return w.rows, fmt.Sprintf("RISK: %s does not roll back, and which rows of the event were written before it failed is not known: compare the "+
			"table with the source's afterwards", display.Printable(w.unsure[0]))
	}
	return w.rows, ""
}

// halves tells whether MySQL's applier can apply a transaction as a whole. Where it has a GTID, a statement on a table that does not roll
// back is committed by itself, and counts as the whole transaction: the statement after it is refused (error 1837), as is one that changes
// a table that rolls back as well (1785).
type halves struct {
	keeps, rollsBack *schema.Table
	isOver           bool // a statement is
	hasMore          bool // statements after that
}

func (h *halves) meet(e *decoder.Event, t *schema.Table) {
	if h.hasMore = h.hasMore || h.isOver; t.RollsBack() {
		h.rollsBack = t
	} else if h.keeps == nil {
		h.keeps = t
	}
	h.isOver = h.isOver || e.EndsStatement()
}

// check refuses a transaction of which the applier would commit a part.
func (h *halves) check(t txn.Transaction, v decoder.Version) error {
	if h.keeps == nil || h.rollsBack == nil && !h.hasMore || t.GTID.IsZero() || t.GTID.Flavor != gtid.MySQL || v.Flavor != decoder.MySQL {
		return nil
	}
	return &fault.Error{Reason: ErrHalves, What: fmt.Sprintf("the engine %s of %s does not roll back, so the replica can't apply %s as a whole: the applier stops again, with "+
		"error 1837 or 1785, and what it has committed until then counts as all of it", h.keeps.Engine, display.Printable(h.keeps.FullName()), t.GTID)}
}

// checkExecuted refuses a transaction that MySQL counts as executed, so that no applier runs it again: it was named by hand and is
// applied, or an empty one was put in its place, or tables that do not roll back have kept part of it. A position of MariaDB does not tell:
// the replica's own writes move it on in a domain of which an earlier transaction waits.
func checkExecuted(o *Options, s stopped, p *Place, tables []*schema.Table) error {
	if s.status == nil || s.status.Flavor != decoder.MySQL || p.Transaction.GTID.IsZero() {
		return nil
	}
	applied, err := s.status.Applied()
	if err != nil || !applied.Has(p.Transaction.GTID) {
		return err
	}
	isNamed := !o.GTID.IsZero() || p.Asked != 0
	for _, t := range tables {
		if !isNamed && !t.RollsBack() {
			return &fault.Error{Reason: ErrPartlyExecuted, What: fmt.Sprintf("the replica's gtid_executed has %s, of which only a part is applied: the "+
				"engine %s of %s does not roll back, so the part before the failure stays and the applier would pass over the rest",
				p.Transaction.GTID, t.Engine, display.Printable(t.FullName()))}
		}
	}
	return &fault.Error{Reason: ErrExecuted, What: fmt.Sprintf("by its status the replica has executed %s", p.Transaction.GTID)}
}
