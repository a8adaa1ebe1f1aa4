package txn_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// event makes an event of 100 bytes.
func event(kind decoder.EventType, body ...byte) decoder.Event {
	return decoder.Event{Header: decoder.Header{Type: kind, Length: 100}, Body: body, Format: &decoder.Format{}}
}

func query(sql string) decoder.Event {
	return event(decoder.EventQuery, append(make([]byte, 4+4+1+2+2+1), sql...)...)
}

// mariaGtid makes MariaDB's GTID event 0-0-7.
func mariaGtid(flags byte) decoder.Event {
	body := binary.LittleEndian.AppendUint64(nil, 7)
	body = append(binary.LittleEndian.AppendUint32(body, 0), flags)
	if flags&xaPrepared != 0 {
		body = append(body, 1, 0, 0, 0, 1, 0, 'a')
	}
	return event(decoder.EventMariaGtid, body...)
}

func xaPrepare(onePhase byte) decoder.Event {
	return event(decoder.EventXAPrepare, append([]byte{onePhase}, make([]byte, 12)...)...)
}

var (
	gtid       = event(decoder.EventGtid, make([]byte, 25)...)
	begin      = query("BEGIN")
	commit     = query("COMMIT")
	rollback   = query("ROLLBACK")
	ddl        = query("CREATE TABLE t (a INT)")
	insert     = query("INSERT INTO t VALUES (1)")
	xaStart    = query("XA START X'61',X'',1")
	xaEnd      = query("XA END X'61',X'',1")
	xaCommit   = query("XA COMMIT X'61',X'',1")
	ctas       = query("CREATE TABLE `t` (\n  `a` int\n) START TRANSACTION")
	tableMap   = event(decoder.EventTableMap)
	rows       = event(decoder.EventWriteRows, 7, 0, 0, 0, 0, 0, 0, 0)
	lastRows   = event(decoder.EventWriteRows, 7, 0, 0, 0, 0, 0, 1, 0)
	xid        = event(decoder.EventXid, make([]byte, 8)...)
	intvar     = event(decoder.EventIntvar)
	annotate   = event(decoder.EventMariaAnnotateRows)
	rowsQuery  = event(decoder.EventRowsQuery, 0)
	loadBegin  = event(decoder.EventBeginLoadQuery)
	loadRun    = event(decoder.EventExecuteLoadQuery)
	rotate     = event(decoder.EventRotate, append(make([]byte, 8), "bin.000002"...)...)
	viewChange = event(decoder.EventViewChange)
	incident   = event(decoder.EventIncident)
)

const (
	standalone = decoder.MariaGtidStandalone
	xaPrepared = decoder.MariaGtidPreparedXA
)

// Each case is a sequence of events, where each of them stands, and how the transactions end.
func TestTracker(t *testing.T) {
	for _, tc := range []struct {
		name    string
		events  []decoder.Event
		steps   string // a letter for each event: . outside, F first, i inside, L last, W whole
		endings string // of each transaction
	}{
		{"rows", []decoder.Event{begin, tableMap, rows, lastRows, xid}, "FiiiL", "committed"},
		{"rows with a GTID", []decoder.Event{gtid, begin, rowsQuery, tableMap, lastRows, tableMap, lastRows, xid}, "FiiiiiiL", "committed"},
		{"rows of a table without transactions", []decoder.Event{gtid, begin, tableMap, lastRows, commit}, "FiiiL", "committed"},
		{"rolled back", []decoder.Event{begin, tableMap, lastRows, rollback}, "FiiL", "rolled back"},
		{"savepoints", []decoder.Event{begin, query("SAVEPOINT a"), insert, query("ROLLBACK TO a"), xid}, "FiiiL", "committed"},
		{"rows without BEGIN", []decoder.Event{tableMap, rows, lastRows, tableMap, lastRows}, "FiLFL", "statement statement"},
		{"DDL", []decoder.Event{ddl, ddl}, "WW", "statement statement"},
		{"DDL with a GTID", []decoder.Event{gtid, ddl, gtid, ddl}, "FLFL", "statement statement"},
		{"a statement with its variables", []decoder.Event{intvar, insert, insert}, "FLW", "statement statement"},
		{"LOAD DATA", []decoder.Event{loadBegin, intvar, loadRun}, "FiL", "statement"},
		{"LOAD DATA in a transaction", []decoder.Event{gtid, begin, loadBegin, loadRun, xid}, "FiiiL", "committed"},
		{"BEGIN in other cases", []decoder.Event{query("begin"), insert, query("Commit")}, "FiL", "committed"},
		{"CREATE TABLE … SELECT", []decoder.Event{gtid, ctas, tableMap, lastRows, xid}, "FiiiL", "committed"},
		{"CREATE TABLE … SELECT after a BEGIN", []decoder.Event{gtid, begin, ctas, tableMap, lastRows, xid}, "FiiiiL", "committed"},
		{"CREATE TABLE … SELECT without a GTID", []decoder.Event{ctas, tableMap, lastRows, xid, ddl}, "FiiLW", "committed statement"},
		{"a procedure that begins a transaction", []decoder.Event{query("CREATE PROCEDURE p() START TRANSACTION"), ddl}, "WW", "statement statement"},
		{"XA", []decoder.Event{gtid, xaStart, tableMap, lastRows, xaEnd, xaPrepare(0), gtid, xaCommit}, "FiiiiLFL", "prepared statement"},
		{"XA in one phase", []decoder.Event{gtid, xaStart, tableMap, lastRows, xaEnd, xaPrepare(1)}, "FiiiiL", "committed"},
		{"MariaDB", []decoder.Event{mariaGtid(0), annotate, tableMap, lastRows, xid}, "FiiiL", "committed"},
		{"MariaDB, several statements", []decoder.Event{mariaGtid(0), insert, tableMap, lastRows, commit}, "FiiiL", "committed"},
		{"MariaDB, DDL", []decoder.Event{mariaGtid(standalone), ddl, mariaGtid(standalone), intvar, insert}, "FLFiL", "statement statement"},
		{"MariaDB, rows alone", []decoder.Event{mariaGtid(standalone), tableMap, lastRows}, "FiL", "statement"},
		{"MariaDB, XA", []decoder.Event{mariaGtid(xaPrepared), tableMap, lastRows, xaEnd, xaPrepare(0), mariaGtid(standalone), xaCommit}, "FiiiLFL", "prepared statement"},
		{"a file's own events do not interrupt", []decoder.Event{begin, tableMap, rotate, lastRows, xid, rotate}, "Fi.iL.", "committed"},
		{"group replication", []decoder.Event{gtid, begin, viewChange, commit}, "FiiL", "committed"},
		{"an incident", []decoder.Event{gtid, incident, incident}, "FLW", "statement statement"},
		{"cut before a GTID", []decoder.Event{gtid, begin, tableMap, gtid, ddl}, "FiiFL", "open statement"},
		{"cut before a BEGIN", []decoder.Event{begin, tableMap, begin, lastRows, xid}, "FiFiL", "open committed"},
		{"cut before MariaDB's GTID", []decoder.Event{mariaGtid(0), tableMap, mariaGtid(standalone), ddl}, "FiFL", "open statement"},
		{"cut at the end", []decoder.Event{gtid, begin, tableMap}, "Fii", "open"},
		{"a GTID alone", []decoder.Event{gtid, gtid, begin, xid}, "FFiL", "open committed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			steps, endings := follow(t, new(txn.Tracker), tc.events)
			if steps != tc.steps || endings != tc.endings {
				t.Errorf("steps %s, endings %s; want %s, %s", steps, endings, tc.steps, tc.endings)
			}
		})
	}
}

// Reading that begins anywhere knows nothing until an event tells.
func TestLostTracker(t *testing.T) {
	for _, tc := range []struct {
		name   string
		events []decoder.Event
		steps  string
	}{
		{"inside a transaction", []decoder.Event{tableMap, lastRows, xid, begin, tableMap, lastRows, xid}, "...FiiL"},
		{"at a GTID", []decoder.Event{gtid, ddl}, "FL"},
		{"at a BEGIN", []decoder.Event{begin, insert, commit}, "FiL"},
		{"at MariaDB's GTID", []decoder.Event{mariaGtid(0), tableMap, lastRows, xid}, "FiiL"},
		{"at a statement that may be part of a transaction", []decoder.Event{insert, insert, begin}, "..F"},
		{"before a prepared transaction's end", []decoder.Event{lastRows, xaEnd, xaPrepare(0), ddl}, "...W"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if steps, _ := follow(t, txn.NewLostTracker(), tc.events); steps != tc.steps {
				t.Errorf("steps %s, want %s", steps, tc.steps)
			}
		})
	}
}

// follow gives the events to a tracker.
func follow(t *testing.T, tracker *txn.Tracker, events []decoder.Event) (steps, endings string) {
	t.Helper()
	var all []string
	for i := range events {
		e := events[i]
		e.Pos = decoder.Position{File: "bin.000001", Offset: int64(100 * i)}
		step, err := tracker.AddEvent(&e)
		if err != nil {
			t.Fatal(err)
		}
		steps += string(".FiLW"[step])
		if step.Begins() {
			all = append(all, "")
		}
		if step == txn.Outside {
			continue
		}
		cur := tracker.Current()
		if cur.Number != len(all) || cur.End.Offset != e.End() || tracker.Open() == step.Ends() {
			t.Errorf("event %d: transaction %+v, open %v", i, cur, tracker.Open())
		}
		all[len(all)-1] = cur.Ending.String()
	}
	return steps, strings.Join(all, " ")
}

// In every real log each GTID begins a transaction, and each transaction ends before the next begins. The relay logs of a
// replica are read together.
func TestRealLogs(t *testing.T) {
	logs := make(map[string][]string)
	for _, root := range []string{"../../fixtures", "../../../shared/corpus"} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || strings.Contains(path, "corrupt") {
				return err
			}
			group := path
			if strings.HasPrefix(d.Name(), "relay") {
				group = filepath.Dir(path)
			}
			if f, err := logfile.Open(path); err == nil {
				f.Close()
				logs[group] = append(logs[group], path)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	for group, names := range logs {
		checkTransactions(t, group, logfile.OpenFiles(names...))
	}
}

// endsOpen names the logs that end inside a transaction.
var endsOpen = map[string]bool{
	"mysql-bin.aurora-padding": true, // it ends after its first BEGIN
	"ver_5_1-wl2325_s.001":     true, // an alpha of 5.2, whose row events have other flags
}

func checkTransactions(t *testing.T, name string, logs *logfile.Files) {
	t.Helper()
	defer logs.Close()
	var tracker txn.Tracker
	gtids, begun := 0, 0
	for e, err := range decoder.NewReader(logs).All() {
		if err != nil {
			return // what can't be read is for other tests
		}
		open := tracker.Open()
		step, err := tracker.AddEvent(e)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		if e.IsGtid() {
			gtids++
		}
		if step.Begins() {
			begun++
		}
		if open && step.Begins() {
			t.Errorf("%s: a %s event at %d begins a transaction inside another", name, e.Type, e.Pos.Offset)
		}
	}
	if number := tracker.Current().Number; number != begun || gtids > 0 && gtids != begun {
		t.Errorf("%s: %d transactions begun, %d numbered, %d GTIDs", name, begun, number, gtids)
	}
	if tracker.Open() && !endsOpen[filepath.Base(name)] {
		t.Errorf("%s: the last transaction is open", name)
	}
}

// Transactions of a relay log have their place in the source's log; those of a compressed transaction end with it.
func TestPlaces(t *testing.T) {
	for _, tc := range []struct{ dir, log string }{
		{"mysql-5.6/mixed", "relay.000002"},
		{"mysql-9.7/mixed", "relay.000002"},
		{"mysql-9.7/compressed", "relay.000002"},
		{"mariadb-10.11/mixed", "relay.000002"},
		{"mariadb-11.8/mixed", "relay.000002"},
	} {
		logs := logfile.OpenFiles(filepath.Join("../../fixtures", tc.dir, tc.log))
		defer logs.Close()
		var tracker txn.Tracker
		last := txn.Transaction{}
		for e, err := range decoder.NewReader(logs).All() {
			if err != nil {
				t.Fatal(err)
			}
			step, err := tracker.AddEvent(e)
			if err != nil {
				t.Fatal(err)
			}
			if !step.Ends() {
				continue
			}
			cur := tracker.Current()
			length := cur.End.Offset - cur.Start.Offset
			if cur.SourceFile != "bin.000001" || int64(cur.SourceEnd-cur.SourceStart) != length || cur.SourceEnd == 0 {
				t.Errorf("%s: a transaction of %d bytes is from %d to %d of %q", tc.dir, length, cur.SourceStart, cur.SourceEnd, cur.SourceFile)
			}
			if cur.Start.Offset < last.End.Offset || last.Number != 0 && cur.SourceStart != last.SourceEnd {
				t.Errorf("%s: transaction %+v is not after %+v", tc.dir, cur, last)
			}
			last = cur
		}
		if last.Number == 0 {
			t.Errorf("%s: no transaction", tc.dir)
		}
	}
}
