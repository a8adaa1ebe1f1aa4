package stats

import (
	"cmp"
	"slices"

	"binmend/decoder"
	"binmend/decoder/txn"
)

// pending is the current transaction.
type pending struct {
	number uint64
	open   bool
	Rows
	bytes    uint64
	logBytes uint64
	ddl      uint64
	payload  bool
	thread   uint32
	server   uint32
	gtid     decoder.Gtid
	hasGTID  bool
	maria    bool
	first    int64 // earliest timestamp of its events, seconds since 1970; 0: none yet
	last     int64 // the latest one
	announce int64 // timestamp of its GTID event
	touched  []touched
	tables   int // all of them, also those for which touched has no room
}

// touched is what a transaction does to one table.
type touched struct {
	*table
	Rows
}

// maxTouched bounds the tables of a transaction that are counted one by one.
const maxTouched = 256

// begin begins a transaction unless one is at hand.
func (p *pending) begin() {
	if p.open {
		return
	}
	*p = pending{number: p.number + 1, open: true, touched: p.touched[:0]}
}

// addEvent counts an event of the transaction.
func (p *pending) addEvent(e *decoder.Event) {
	if e.Inner == 0 {
		p.logBytes += uint64(e.Length)
	}
	if e.Type == decoder.EventTransactionPayload {
		p.payload = true
	} else {
		p.bytes += uint64(e.Length)
	}
	if at := int64(e.Timestamp); at != 0 {
		if p.first == 0 || at < p.first {
			p.first = at
		}
		p.last = max(p.last, at)
	}
	if p.server == 0 {
		p.server = e.ServerID
	}
}

func (p *pending) addGtid(e *decoder.Event, g decoder.Gtid) {
	p.gtid, p.hasGTID = g, true
	p.maria = e.Type == decoder.EventMariaGtid
	p.announce = int64(e.Timestamp)
	if p.thread == 0 {
		p.thread = g.ThreadID
	}
}

// touch counts rows of a table.
func (p *pending) touch(t *table, rows Rows) {
	p.Rows.addRows(rows)
	if t.at != p.number {
		t.at, t.slot = p.number, -1
		t.transactions++
		p.tables++
		if len(p.touched) < maxTouched {
			t.slot = len(p.touched)
			p.touched = append(p.touched, touched{table: t})
		}
	}
	if t.slot >= 0 {
		p.touched[t.slot].Rows.addRows(rows)
	}
}

const microsecond = 1_000_000

// maxClockSkew is how far the time of a statement may be from that of its commit, in seconds. A session that sets
// TIMESTAMP, as one that replays a log does, writes events with a time of its own choice.
const maxClockSkew = 24 * 3600

// commit is when the transaction was committed on the server that it was first written on, in seconds since 1970.
func (p *pending) commit() int64 {
	if p.gtid.OriginalCommit != 0 {
		return p.gtid.OriginalCommit / microsecond
	}
	return p.last
}

// seconds is how long the transaction took. Events have the time when their statement began, so that the last statement
// is not in it where the log does not say the time of the commit.
func (p *pending) seconds() int64 {
	end := p.last
	if at := p.gtid.OriginalCommit / microsecond; at > end && at-max(p.announce, p.last) <= maxClockSkew {
		end = at
	}
	return max(0, end-p.first)
}

// delay is how much later than on its first server the transaction was committed on the one whose log this is.
func (p *pending) delay() float64 {
	return max(0, float64(p.gtid.ImmediateCommit-p.gtid.OriginalCommit)/microsecond)
}

// mostTables is how many of a transaction's tables are listed.
const mostTables = 5

// record is the transaction's entry in the report.
func (p *pending) record(t *txn.Transaction) Transaction {
	r := Transaction{
		GTID: t.GTID.String(), File: t.Start.File, Start: t.Start.Offset, EndFile: t.End.File, End: t.End.Offset,
		ServerID: p.server, ThreadID: p.thread, Ending: t.Ending.String(), Committed: utc(p.commit()), Seconds: p.seconds(),
		Rows: p.Rows, Bytes: p.bytes, LogBytes: p.logBytes, DDL: p.ddl, TableMany: p.tables, Tables: []TableRows{},
	}
	slices.SortFunc(p.touched, func(a, b touched) int {
		return cmp.Or(cmp.Compare(b.Rows.Total(), a.Rows.Total()), cmp.Compare(a.database, b.database), cmp.Compare(a.table.table, b.table.table))
	})
	for _, t := range p.touched[:min(len(p.touched), mostTables)] {
		r.Tables = append(r.Tables, TableRows{t.database, t.table.table, t.Rows})
	}
	return r
}
