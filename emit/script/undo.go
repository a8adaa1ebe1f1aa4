package script

import (
	"crypto/sha256"
	"io"
	"slices"
	"strings"

	"binmend/emit/plan"
	"binmend/emit/repair"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// WriteUndo writes the script that undoes the repair's script, from the rows that the probe found: it removes the rows that were put,
// and puts back those that were removed or overwritten. It has the same guards and settings, and leaves the applier stopped. The
// repair must be a probed one.
func WriteUndo(w io.Writer, r *repair.Repair, o Options) error {
	o.Color = false
	return writeText(w, r, o, func(c *composer) { (&undo{c}).compose() })
}

// undo composes the script that undoes another one.
type undo struct{ *composer }

func (u *undo) compose() {
	f, r := &u.repair.Facts, &u.repair.Replica
	u.heading("binmend fix --undo: what takes the repair back")
	u.line("")
	u.field("Repair of", rangeText(f))
	u.field("Replica", serverText(r.Version, 0))
	u.field("Channel", r.Channel)
	u.field("GTID", gtidText(f, r))
	u.field("Rows of", u.repair.Probed.Server+", read before the repair")
	if !u.runs() {
		u.blank()
		u.text("The repair changes no row: there is nothing to take back.")
		return
	}
	u.conditions()
	u.begin()
	u.leaveWritten()
	u.rememberNumbers()
	u.removeRestored()
	u.removeAdded()
	u.writeAgain()
	u.putBack()
	u.removeTriggered()
	if u.err != nil {
		return
	}
	u.blank()
	u.statement("COMMIT;")
	u.protect()
	u.blank()
	u.statement(u.session().Restore())
	u.line("The applier is left stopped. To start it: " + strings.Join(u.commands.Restart(), " "))
}

// leaveWritten leaves out tables that triggers write and whose rows the script puts itself, between those that fire them.
func (u *undo) leaveWritten() {
	r := *u.repair
	r.Triggered = slices.DeleteFunc(slices.Clone(r.Triggered), func(w repair.Triggered) bool {
		return slices.ContainsFunc(u.plan.Tables, w.Table.IsNamedLike)
	})
	u.repair = &r
}

// conditions write when the script is right.
func (u *undo) conditions() {
	u.line("")
	u.heading("When to run it")
	u.indented("  ", "After the repair, as long as the transaction has not been applied; a guard sees to that. Once it is applied, the "+
		"rows of the repair are the source's, and those below are for reading: to put them back would stop the replica again.")
	u.indented("  ", "A row that somebody else changes between the repair and this script is lost.")
	u.line("")
	for i := range u.plan.Absences {
		u.incomplete(u.plan.Absences[i].Row.Table, u.repair.Probed.Absences[i].Unasked)
	}
	for i := range u.plan.Presences {
		u.incomplete(u.plan.Presences[i].Row.Table, u.repair.Probed.Presences[i].Unasked)
	}
	for _, t := range u.plan.Tables {
		u.textsOnly(t)
	}
}

func (u *undo) incomplete(t *schema.Table, unasked []*schema.Key) {
	for _, key := range unasked {
		u.risk("%s: by key %s the replica could not be asked. If the repair removes a row by it, that is not put back here.", t.FullName(), key.Name)
	}
}

// textsOnly warns about JSON documents whose text loses types.
func (u *undo) textsOnly(t *schema.Table) {
	for i := range t.Columns {
		if t.Columns[i].Type == schema.TypeJSON {
			u.risk("%s: a document of %s is put back by its text: a DECIMAL in it becomes a DOUBLE, a date a string.", t.FullName(), t.Columns[i].Name)
		}
	}
}

// removeAdded deletes the rows that the repair puts where there was none.
func (u *undo) removeAdded() {
	for i := range u.plan.Presences {
		p, seen := &u.plan.Presences[i], &u.repair.Probed.Presences[i]
		if seen.There || u.overwrites(p, seen.Rows) {
			continue
		}
		u.reason(p.Row.Table, p.Origin, "the repair adds this row")
		u.rendered(func(dst []byte) ([]byte, error) {
			if p.Key != nil {
				return u.dialect.AppendDelete(dst, schema.KeyedRow{Row: p.Row, Key: p.Key}, nil)
			}
			return u.dialect.AppendDeleteOne(dst, p.Row)
		})
	}
}

// overwrites reports whether a REPLACE overwrites a row, which is then put back by a REPLACE too.
func (u *undo) overwrites(p *plan.Presence, rows []sqltext.Stored) bool {
	for i := range rows {
		if p.Key != nil && !p.Key.WithoutOverlaps && u.hasKeyValue(p, &rows[i]) {
			return true
		}
	}
	return false
}

// putBack puts the rows that the repair removes or overwrites.
func (u *undo) putBack() { u.eachRemoved(u.putRow) }

// eachRemoved calls f with each row that the repair removes or overwrites, once.
func (u *undo) eachRemoved(f func(plan.Origin, *sqltext.Stored)) {
	done := map[[sha256.Size]byte]bool{}
	each := func(o plan.Origin, rows []sqltext.Stored) {
		for i := range rows {
			if id := rows[i].ID(); !done[id] {
				done[id] = true
				f(o, &rows[i])
			}
		}
	}
	probed := u.repair.Probed
	for i := range probed.Restored {
		each(probed.Restored[i].Origin, probed.Restored[i].Rows)
	}
	for i := range u.plan.Absences {
		each(u.plan.Absences[i].Origin, probed.Absences[i].Rows)
	}
	for i := range u.plan.Presences {
		each(u.plan.Presences[i].Origin, probed.Presences[i].Rows)
	}
	for i := range probed.Orphans {
		each(probed.Orphans[i].Origin, []sqltext.Stored{probed.Orphans[i].Row})
	}
}

func (u *undo) putRow(o plan.Origin, row *sqltext.Stored) {
	u.reason(row.Table, o, "the repair removes or overwrites this row")
	u.lenient(row.NeedsLenientMode(), func() {
		u.rendered(func(dst []byte) ([]byte, error) { return u.dialect.AppendReplaceStored(dst, row) })
	})
}

// writeRemoved writes the rows that a probed repair's script removes or overwrites, each as an INSERT, to be kept. They are not meant
// to be run as a whole: a row that conflicts with the source's is only for reading.
func writeRemoved(w io.Writer, r *repair.Repair, o Options) error {
	o.Color = false
	return writeText(w, r, o, func(c *composer) { (&undo{c}).composeRemoved() })
}

func (u *undo) composeRemoved() {
	u.heading("binmend fix --keep: rows of the replica that the repair removes or overwrites")
	u.field("Repair of", rangeText(&u.repair.Facts))
	u.field("Rows of", u.repair.Probed.Server+", read before the repair")
	u.text("To put one back, after the transaction has been applied: set the values that the source's row needs to others, and run " +
		"its INSERT alone, in a session with SET sql_log_bin=0, time_zone='+00:00', sql_mode=''.")
	u.blank()
	u.statement(u.session().Names())
	u.eachRemoved(func(o plan.Origin, row *sqltext.Stored) {
		u.reason(row.Table, o, "the repair removes or overwrites this row")
		u.rendered(func(dst []byte) ([]byte, error) { return u.dialect.AppendInsertStored(dst, row) })
	})
}
