package changes

import (
	"context"
	"time"

	"binmend/decoder"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
	"binmend/schema/dump"
)

// executed says which transactions of the logs had run before a dump was written.
type executed struct {
	statements map[decoder.Position]bool // those of them that may be DDL
	begins     bool                      // the logs begin before the dump, or where it ends: no statement between them is missing
	next       time.Time                 // of the first transaction that is not one of them; zero where there is none
}

// dumped reads the logs for the GTIDs that the files name, once. What can't be read is not known.
func (d *Definitions) dumped() *executed {
	if d.executed != nil {
		return d.executed
	}
	d.executed = &executed{}
	if d.Files == nil || d.Files.Executed == nil || len(d.Logs.Names) == 0 {
		return d.executed
	}
	w, err := walk.Range{Logs: d.Logs}.Executed()
	if err != nil {
		return d.executed
	}
	defer w.Close()
	r := executedReader{executed: d.executed, ran: d.Files.Executed}
	_ = eachEvent(context.Background(), w, r.read) // the walk that reads the rows reports it
	return d.executed
}

// executedReader finds out which transactions of the logs had run.
type executedReader struct {
	*executed
	ran     *dump.Executed
	hasRun  bool // the current transaction
	isLater bool // a transaction has come, or the logs say what came before it
}

func (r *executedReader) read(e *decoder.Event) (more bool, err error) {
	switch {
	case e.Type == decoder.EventPreviousGtids && !r.isLater:
		set, err := e.PreviousGtids()
		r.begins = err == nil && r.ran.HasAll(set)
		return true, err
	case e.Type == decoder.EventMariaGtidList && !r.isLater:
		some, all := false, true
		err := e.EachOfGtidList(func(g gtid.GTID) { some, all = true, all && r.ran.Has(g) })
		r.begins = err == nil && some && all
		return true, err
	case e.IsGtid():
		return true, r.transaction(e)
	}
	if _, ok, err := ReadStatement(e); err != nil || !ok || !r.hasRun {
		return true, err
	}
	if r.statements == nil {
		r.statements = map[decoder.Position]bool{}
	}
	r.statements[e.Pos] = true
	return true, nil
}

// transaction begins a transaction.
func (r *executedReader) transaction(e *decoder.Event) error {
	g, err := e.Gtid()
	if err != nil {
		return err
	}
	r.hasRun = r.ran.Has(g.ID)
	r.begins = r.begins || !r.isLater && r.hasRun
	if !r.hasRun && r.next.IsZero() {
		r.next = time.Unix(int64(e.Timestamp), 0)
	}
	r.isLater = true
	return nil
}
