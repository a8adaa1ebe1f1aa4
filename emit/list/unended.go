package list

import (
	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
)

// unended follows a walk for a transaction whose end has not come, because the logs end or break off before it, or another one begins.
type unended struct {
	begun txn.Transaction // Number is 0 for none
}

// follow takes the last event of the walk.
func (u *unended) follow(w *walk.Walk) {
	switch step := w.Step(); {
	case step.Ends():
		u.begun.Number = 0
	case step.Begins(), step == txn.Inside && u.begun.Number == 0:
		u.begun = w.Transaction()
	}
}

// take returns the transaction as one without an end, if there is one, and forgets it.
func (u *unended) take() (t txn.Transaction, found bool) {
	t, found = u.begun, u.begun.Number != 0
	u.begun.Number = 0
	t.Ending, t.End, t.SourceEnd = txn.Open, decoder.Position{File: t.Start.File}, 0
	return t, found
}
