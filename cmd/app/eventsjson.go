package app

import (
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/found"
)

// lister is how the listing is written: by event or by transaction, for people or for programs.
func (l *eventList) lister(transactions, json bool) lister {
	switch {
	case transactions && json:
		return (&jsonTransactions{eventList: l}).add
	case transactions:
		return (&transactionList{eventList: l}).add
	case json:
		return l.addJSON
	}
	return l.add
}

// addJSON prints one object for each event.
func (l *eventList) addJSON(w *walk.Walk, e *decoder.Event, step txn.Step) error {
	of := found.EventOf(e, step, w.Transaction().Number)
	l.unreadable = l.unreadable || of.Unreadable != ""
	return of.WriteJSON(l.out)
}

// jsonTransactions prints one object for each transaction, as find does.
type jsonTransactions struct {
	*eventList
	contents contents
}

func (l *jsonTransactions) add(w *walk.Walk, e *decoder.Event, step txn.Step) error {
	l.contents.add(e, step)
	l.unreadable = l.unreadable || l.contents.unreadable
	if !step.Ends() {
		return nil
	}
	t := w.Transaction()
	return found.JSON(l.out).Transaction(transactionOf(&t, &l.contents))
}

// transactionOf is a transaction as it is printed.
func transactionOf(t *txn.Transaction, holds *contents) *found.Transaction {
	of := &found.Transaction{Place: found.PlaceOf(t, holds.thread, ""), Ending: t.Ending.String(), Changes: holds.does()}
	if t.SourceEnd != 0 && t.SourceFile != "" && t.SourceFile != filepath.Base(t.Start.File) {
		of.Source = &found.Source{File: t.SourceFile, Start: t.SourceStart, End: t.SourceEnd}
	}
	return of
}
