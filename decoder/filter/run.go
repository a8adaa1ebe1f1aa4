package filter

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/cache"
	"binmend/decoder/statement"
	"binmend/decoder/txn"
)

// Verdict says what to do with an event.
type Verdict uint8

const (
	Drop Verdict = iota
	Keep
	Stop // neither this event nor any later one is wanted
)

// Run applies a filter to the events of a log, in one pass. It keeps account of what it drops.
type Run struct {
	filter  *Filter
	started bool // Start has been reached
	dropped Condition
	kept    bool   // a change of the current transaction, or the transaction where the filter chooses whole ones
	thread  uint32 // of the current transaction; 0 when it is not known yet
	tables  cache.Cache[*decoder.TableMap, Condition]
	Account Account
}

// NewRun begins at the first event.
func (f *Filter) NewRun() *Run {
	return &Run{filter: f, started: f.Start == 0, tables: cache.Cache[*decoder.TableMap, Condition]{Bytes: maxVerdicts},
		Account: Account{unmatched: f.wishes()}}
}

// maxVerdicts bounds how many tables' verdicts are remembered.
const maxVerdicts = 1 << 20

// AddEvent judges the next event, with its place in its transaction t. Events outside of transactions are kept only when the
// filter wants everything. The events that frame a wanted transaction are kept even if none of its changes is.
func (r *Run) AddEvent(e *decoder.Event, step txn.Step, t txn.Transaction) (Verdict, error) {
	if step == txn.Outside {
		if r.filter.IsZero() {
			return Keep, nil
		}
		return Drop, nil
	}
	if step.Begins() {
		if r.filter.Stop != 0 && e.Timestamp >= r.filter.Stop {
			r.Account.stopped = true
			return Stop, nil
		}
		r.begin(e, t)
	}
	if err := r.gtid(e, t); err != nil {
		return Drop, err
	}
	q, err := r.query(e)
	if err != nil {
		return Drop, err
	}
	if r.dropped == NoCondition && len(r.filter.ThreadIDs) > 0 && r.thread == 0 && !precedesThread(e) {
		r.dropTransaction(ByThread)
	}
	if r.dropped != NoCondition {
		return Drop, nil
	}
	r.keepWhole()
	return r.change(e, q)
}

// Drops reports whether the current transaction is dropped as a whole.
func (r *Run) Drops() bool { return r.dropped != NoCondition }

// begin judges a transaction by what is known at its first event.
func (r *Run) begin(e *decoder.Event, t txn.Transaction) {
	r.Account.seeTransaction(e.Timestamp)
	r.dropped, r.thread, r.kept = NoCondition, 0, false
	if !r.started && e.Timestamp < r.filter.Start {
		r.dropTransaction(ByStart)
		return
	}
	r.started = true
	if len(r.filter.ServerIDs) > 0 && !slices.Contains(r.filter.ServerIDs, t.ServerID) {
		r.dropTransaction(ByServer)
		return
	}
	if !e.IsGtid() {
		r.dropTransaction(r.filter.wantsGTID(t.GTID))
	}
	if r.dropped == NoCondition && r.filter.NeedsSizes() && !r.filter.Sizes.Large(t.Number) {
		r.dropTransaction(BySize)
	}
}

// gtid judges a transaction by its GTID event.
func (r *Run) gtid(e *decoder.Event, t txn.Transaction) error {
	if !e.IsGtid() {
		return nil
	}
	g, err := e.Gtid()
	if err != nil {
		return err
	}
	r.learnThread(g.ThreadID)
	if r.dropped == NoCondition {
		r.dropTransaction(r.filter.wantsGTID(t.GTID))
	}
	return nil
}

// precedesThread reports whether an event may stand before the one that names the thread.
func precedesThread(e *decoder.Event) bool {
	return e.IsGtid() || e.Type == decoder.EventTransactionPayload
}

// query interprets a Query event, and learns the thread from it.
func (r *Run) query(e *decoder.Event) (*decoder.Query, error) {
	if e.Type != decoder.EventQuery && e.Type != decoder.EventMariaQueryCompressed {
		return nil, nil
	}
	q, _, err := statement.Of(e)
	if err != nil {
		return nil, err
	}
	r.learnThread(q.ThreadID)
	return q, nil
}

// learnThread keeps the first thread that is named in a transaction.
func (r *Run) learnThread(id uint32) {
	if r.thread != 0 || id == 0 {
		return
	}
	r.thread = id
	if r.dropped == NoCondition && len(r.filter.ThreadIDs) > 0 && !slices.Contains(r.filter.ThreadIDs, id) {
		r.dropTransaction(ByThread)
	}
}

func (r *Run) dropTransaction(c Condition) {
	if r.dropped = c; c != NoCondition {
		r.Account.removed[c].transactions++
	}
}

// change judges an event of a wanted transaction.
func (r *Run) change(e *decoder.Event, q *decoder.Query) (Verdict, error) {
	switch {
	case e.IsRows():
		return r.rows(e)
	case e.Type == decoder.EventTableMap:
		m, err := e.TableMap()
		if err != nil || m == nil {
			return Drop, err
		}
		return verdict(r.table(m)), nil
	case q != nil:
		return r.statement(e)
	}
	return Keep, nil
}

// CheckKnown is an error if an event of the range, outside of what is known of transactions, may hold changes that are not seen.
func (r *Run) CheckKnown(e *decoder.Event, step txn.Step) error {
	if step != txn.Outside || !r.started {
		return nil
	}
	return e.CheckKnown()
}

// statement judges a statement. BEGIN, COMMIT and the like are kept with their transaction.
func (r *Run) statement(e *decoder.Event) (Verdict, error) {
	q, st, err := statement.Of(e)
	if err != nil || st.Kind == statement.Control {
		return Keep, err
	}
	c := r.filter.wantsStatement(q, st, e.Format.Server)
	r.Account.seeStatement(c)
	if len(r.Account.unmatched) > 0 {
		r.matchNames(q, e.Format.Server)
	}
	return r.keepChange(c), nil
}

func verdict(c Condition) Verdict {
	if c == NoCondition {
		return Keep
	}
	return Drop
}

// AddRows is AddEvent for a row event inside a transaction.
func (r *Run) AddRows(e *decoder.Event) (Verdict, error) {
	if r.dropped == NoCondition && len(r.filter.ThreadIDs) > 0 && r.thread == 0 {
		r.dropTransaction(ByThread)
	}
	if r.dropped != NoCondition {
		return Drop, nil
	}
	return r.rows(e)
}

func (r *Run) rows(e *decoder.Event) (Verdict, error) {
	m, err := e.RowsTable()
	if err != nil {
		return Drop, err
	}
	kind, _ := e.RowsKind()
	c := r.table(m)
	if c == NoCondition && r.filter.Kinds != 0 && r.filter.Kinds&kindOf[kind] == 0 {
		c = ByKind
	}
	r.Account.seeRows(c)
	return r.keepChange(c), nil
}

func (r *Run) keepChange(c Condition) Verdict {
	r.kept = r.kept || c == NoCondition
	return verdict(c)
}

// KeptChange reports whether a change of the current transaction was kept, not only what frames it. Of a filter that chooses whole transactions
// it is also true for one without changes, such as an XA COMMIT.
func (r *Run) KeptChange() bool { return r.kept }

// keepWhole keeps a transaction that a filter of whole ones has not dropped, as soon as that is known.
func (r *Run) keepWhole() {
	f := r.filter
	if r.kept || r.dropped != NoCondition || !f.choosesWhole() || len(f.ThreadIDs) > 0 && r.thread == 0 {
		return
	}
	r.kept = true
	r.Account.whole++
}

// table judges a table map, once.
func (r *Run) table(m *decoder.TableMap) Condition {
	if c, ok := r.tables.Get(m); ok {
		return c
	}
	t := Table{m.Database, m.Table}
	c := r.filter.wantsTable(t)
	r.tables.Put(m, c, m.Size())
	r.Account.seeTable(t)
	r.Account.match(t)
	return c
}

// Thread is the thread that ran the current transaction, 0 while the log has not named it.
func (r *Run) Thread() uint32 { return r.thread }
