package txn

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// role is what an event means for its transaction.
type role uint8

const (
	nothing           role = iota // belongs to the file, not to a transaction
	announce                      // a GTID event; what follows shows what the transaction is
	announceOpened                // a GTID event that is also the BEGIN (MariaDB)
	envelope                      // holds a whole transaction, compressed
	begin                         // BEGIN or XA START
	beginOrPart                   // CREATE TABLE … START TRANSACTION, which MySQL 8.0.21 and later may put after a BEGIN
	part                          // part of a change
	partEndsStatement             // the last row event of a statement
	query                         // a statement or incident: part of the transaction after a BEGIN, otherwise one of its own
	endCommit
	endRollback
	endPrepare
)

// begins reports whether the event begins a transaction, whatever came before it.
func (r role) begins() bool { return r == announce || r == announceOpened || r == begin }

// ends reports whether the event ends a transaction, whatever came before it.
func (r role) ends() bool { return r == endCommit || r == endRollback || r == endPrepare }

func roleOf(e *decoder.Event) (role, error) {
	switch e.Type {
	case decoder.EventGtid, decoder.EventAnonymousGtid, decoder.EventGtidTagged:
		return announce, nil
	case decoder.EventMariaGtid:
		g, err := e.Gtid()
		if g.Flags&decoder.MariaGtidStandalone != 0 {
			return announce, err
		}
		return announceOpened, err
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		return queryRole(e)
	case decoder.EventXid:
		return endCommit, nil
	case decoder.EventXAPrepare:
		return prepareRole(e)
	case decoder.EventExecuteLoadQuery, decoder.EventIncident:
		return query, nil
	case decoder.EventTransactionPayload:
		return envelope, nil
	case decoder.EventTableMap, decoder.EventIntvar, decoder.EventRand, decoder.EventUserVar,
		decoder.EventRowsQuery, decoder.EventMariaAnnotateRows, decoder.EventBeginLoadQuery, decoder.EventAppendBlock,
		decoder.EventDeleteFile, decoder.EventViewChange:
		return part, nil
	}
	if e.IsRows() {
		if e.EndsStatement() {
			return partEndsStatement, nil
		}
		return part, nil
	}
	return nothing, nil
}

// prepareRole distinguishes XA PREPARE from XA COMMIT ONE PHASE, which is logged as the same event.
func prepareRole(e *decoder.Event) (role, error) {
	x, err := e.XAPrepare()
	if x.OnePhase {
		return endCommit, err
	}
	return endPrepare, err
}

func queryRole(e *decoder.Event) (role, error) {
	_, st, err := statement.Of(e)
	if err != nil {
		return nothing, err
	}
	switch {
	case st.Verb == statement.Begin, st.Verb == statement.XAStart:
		return begin, nil
	case st.OpensTransaction:
		return beginOrPart, nil
	case st.Verb == statement.Commit:
		return endCommit, nil
	case st.Verb == statement.Rollback:
		return endRollback, nil
	}
	return query, nil
}
