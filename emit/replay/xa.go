package replay

import (
	"fmt"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
)

// becomesPlain reports whether an XA transaction is written as a plain one, in place of its XA PREPARE, and its XA COMMIT or XA
// ROLLBACK is left out. That is so if other transactions stand between the two, and the session can do nothing else while prepared
// (error 1399), as on all servers except MySQL from 8.0.29 on; or if it can't get its GTID meanwhile (MariaDB error 1953). The rows
// come out the same: until its end nobody else could change them.
func (r *renderer) becomesPlain(t *changes.Transaction) bool {
	return t.Outcome.Ending != txn.Open && (!t.Outcome.Next && !r.freeWhenPrepared(t) || r.setsMariaGTIDs(t))
}

func (r *renderer) setsMariaGTIDs(t *changes.Transaction) bool {
	return r.options.GTIDs && t.GTID.Flavor == gtid.MariaDB
}

// freeWhenPrepared reports whether a session can do something else after XA PREPARE.
func (r *renderer) freeWhenPrepared(t *changes.Transaction) bool {
	return r.dialect(t.Format).MySQLSince(8, 0, 29)
}

// refuseInterleaved refuses a transaction after XA PREPARE of another one whose outcome is unknown.
func (r *renderer) refuseInterleaved(t *changes.Transaction) error {
	switch {
	case r.options.backward:
		return nil
	case t.Ends.Ending != txn.Open && r.setsMariaGTIDs(t) && !r.becomesPlain(t):
		return refusal(ErrClient, t.Start, "transaction", "it ends an XA transaction, which was not known when that was written, and its GTID can't be set then")
	case t.Pending == (decoder.Position{}), r.freeWhenPrepared(t):
		return nil
	}
	return refusal(ErrClient, t.Start, "transaction", fmt.Sprintf("the XA transaction at %s:%d is prepared and not ended in the range; until it is, one session "+
		"can run nothing else on this server", filepath.Base(t.Pending.File), t.Pending.Offset))
}

// end writes the end of a transaction.
func (r *renderer) end(t *changes.Transaction) error {
	if !r.options.backward {
		r.keep(func() { r.appendEnd(t) }, piece{closes: true})
		return nil
	}
	r.keep(func() {
		r.title(t)
		r.describe(t)
		r.text = append(r.text, "BEGIN;\n"...)
	}, piece{opens: true})
	return r.refuseUncommitted(t)
}

func (r *renderer) appendEnd(t *changes.Transaction) {
	ending := t.Ending
	if t.XA {
		ending = txn.Open // its own statements end it
		if r.becomesPlain(t) {
			ending = t.Outcome.Ending
		}
	}
	switch ending {
	case txn.Committed:
		r.text = append(r.text, "COMMIT;\n"...)
	case txn.RolledBack:
		r.text = append(r.text, "ROLLBACK;\n"...)
	}
	if r.keepsContext(t) {
		r.appendLeaveAll(r.dialect(t.Format))
	}
	r.text = append(r.text, '\n')
}

// refuseUncommitted refuses to take back a transaction that was not committed within the range. Of one that was rolled back nothing
// is left but the rows of tables without transactions, if the stream knows which.
func (r *renderer) refuseUncommitted(t *changes.Transaction) error {
	isRolledBack := t.Ending == txn.RolledBack || t.Ending == txn.Prepared && t.Outcome.Ending == txn.RolledBack
	switch {
	case isRolledBack && r.options.lasting:
		return nil
	case t.Ending == txn.Prepared && t.Outcome.Ending == txn.Open:
		return refusal(ErrNotCommitted, t.Start, "transaction", "it is prepared, and nothing in the range says what became of it")
	case isRolledBack:
		return refusal(ErrNotCommitted, t.Start, "transaction", "it did not end in COMMIT, so what became of its changes is not known")
	}
	return nil
}

// xaStatement handles the statements of an XA transaction that has become a plain one: it writes none. For XA COMMIT and XA ROLLBACK a
// comment says so, and an empty transaction takes the GTID. done is false for all other statements.
func (r *renderer) xaStatement(t *changes.Transaction, q *decoder.Query, st statement.Statement) (done bool) {
	switch {
	case !r.becomesPlain(t):
		return false
	case t.XA:
		return st.Verb == statement.XAStart || st.Verb == statement.XAEnd
	}
	r.text = sqltext.AppendComment(r.text, brief(q.SQL)+" is in the log here; its transaction stands above as a plain one.")
	if r.options.GTIDs && !r.dialect(t.Format).MariaDB() { // which logs no empty transaction
		r.text = append(r.text, "BEGIN;\nCOMMIT;\n"...)
	}
	return true
}
