package repair

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/filter"
	"binmend/decoder/find"
	"binmend/decoder/gtid"
	"binmend/decoder/walk"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

// The fixture is a relay log of eight transactions: CREATE DATABASE, three CREATE TABLE, and the row changes of the last four,
// which begin at 1587, 1965, 2339 and 2662.
const (
	fixture = "../../fixtures/mysql-9.7/mixed/"
	source  = "b15e4f71-e566-11f1-89b6-02fc00000001:"
)

// mixed are the options for the fixture.
func mixed(t *testing.T) Options {
	t.Helper()
	files, err := dump.LoadFiles(fixture + "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	return Options{Files: files, Logs: walk.Logs{Names: []string{fixture + "relay.000002"}}}
}

// stoppedAt is a replica that stopped at the n-th transaction of the fixture and has applied a set of GTIDs.
func stoppedAt(t *testing.T, n int, executed string) stopped {
	t.Helper()
	id, err := gtid.Parse(fmt.Sprint(source, n))
	if err != nil {
		t.Fatal(err)
	}
	if executed != "" {
		executed = source + executed
	}
	return stopped{
		status:  &replica.Status{Flavor: decoder.MySQL, FlavorKnown: true, AutoPosition: true, ExecutedGTID: executed},
		failure: &replica.Failure{Number: 1062, GTID: id, Relay: replica.Place{File: "relay.000002", Pos: 1587}},
	}
}

func TestLocate(t *testing.T) {
	known := stoppedAt(t, 8, "1-7")
	receiver := stopped{status: known.status, failure: &replica.Failure{Thread: replica.Receiver, Number: 2003}}
	elsewhere := stoppedAt(t, 99, "1-98")
	advice, waiting := stoppedAt(t, 99, "1-98"), stoppedAt(t, 99, "1-98")
	advice.failure.Number, waiting.failure.Number = 1146, 1205
	other := stoppedAt(t, 8, "1-7")
	other.failure.Relay.File = "relay.000009"
	for _, test := range []struct {
		name    string
		options func(*Options)
		stopped stopped
		start   int64 // of the transaction
		reason  *fault.Reason
		err     error
		note    string
	}{
		{"by what the status says", nil, known, 2662, nil, nil, ""},
		{"by GTID, whatever the status says", func(o *Options) { o.GTID = stoppedAt(t, 6, "").failure.GTID }, known, 1965, nil, nil, ""},
		{"by an offset inside it", func(o *Options) { o.Start = 2418 }, stopped{}, 2339, nil, nil, ""},
		{"in another relay log than the status names", nil, other, 2662, nil, nil,
			"the status names the relay log relay.000009, which is not among those that were read; the transaction was found in relay.000002"},
		{"nothing names it", nil, stopped{}, 0, ErrWhichTransaction, nil, ""},
		{"no log", func(o *Options) { o.Logs.Names = nil }, known, 0, ErrNoLogs, nil, ""},
		{"an error of the receiver is in no log", nil, receiver, 0, nil, nil, ""},
		{"it is in another log", nil, elsewhere, 0, nil, walk.ErrNotFound, ""},
		{"where no row repairs the error, advice needs no log", nil, waiting, 0, nil, nil, "the transaction was not found"},
		{"a statement failed that is in another log", nil, advice, 0, nil, walk.ErrNotFound, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := mixed(t)
			if test.options != nil {
				test.options(&o)
			}
			p, err := locate(t.Context(), &o, test.stopped)
			switch {
			case test.reason != nil:
				if !errors.Is(err, test.reason) {
					t.Fatalf("error %v, want %v", err, test.reason)
				}
				return
			case !errors.Is(err, test.err):
				t.Fatalf("error %v, want %v", err, test.err)
			case err != nil:
				return
			}
			if p.Transaction.Start.Offset != test.start {
				t.Errorf("found at %d, want %d", p.Transaction.Start.Offset, test.start)
			}
			if notes := strings.Join(p.Notes, "\n"); !strings.HasPrefix(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

// Parallel appliers leave transactions before the failing one; what is applied is known by GTID only.
func TestRangeOf(t *testing.T) {
	inOrder, parallel := stoppedAt(t, 8, "1-7"), stoppedAt(t, 8, "1-5:7")
	anonymous := stoppedAt(t, 8, "")
	anonymous.status.Workers = make([]replica.Worker, 4)
	for _, test := range []struct {
		name        string
		ahead       int
		stopped     stopped
		isAnonymous bool
		from        int64
		wantAhead   int
		note        string
	}{
		{"one transaction", 0, parallel, false, 2662, 0, ""},
		{"one applier", 3, inOrder, false, 1587, 3, ""},
		{"parallel appliers", math.MaxInt, parallel, false, 1587, math.MaxInt, ""},
		{"parallel appliers without GTIDs", 3, anonymous, true, 2662, 0, "does not show which"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := mixed(t)
			o.Ahead = test.ahead
			p, err := locate(t.Context(), &o, test.stopped)
			if err != nil {
				t.Fatal(err)
			}
			if test.isAnonymous {
				p.Transaction.GTID = gtid.GTID{}
			}
			r, err := rangeOf(t.Context(), &o, test.stopped, p)
			if err != nil {
				t.Fatal(err)
			}
			if r.From.Offset != test.from || r.Failing.Offset != 2662 || r.Ahead != test.wantAhead || !strings.Contains(strings.Join(r.Notes, "\n"), test.note) {
				t.Errorf("got %+v, want from %d, %d ahead, note %q", r, test.from, test.wantAhead, test.note)
			}
		})
	}
	o := mixed(t)
	o.Ahead = 1
	if _, err := rangeOf(t.Context(), &o, stopped{}, &Place{}); !errors.Is(err, ErrAheadWithoutStatus) {
		t.Errorf("without a status: error %v", err)
	}
}

func TestGather(t *testing.T) {
	for _, test := range []struct {
		name         string
		options      func(*Options)
		stopped      stopped
		transactions []int64 // where they begin
		rows         int
		after, left  int // after the failing one: planned, and left out
		statements   int
		note         string
	}{
		{"the failing transaction", nil, stoppedAt(t, 8, "1-7"), []int64{2662}, 6, 0, 0, 0, ""},
		{"one ahead", func(o *Options) { o.Ahead = 1 }, stoppedAt(t, 5, "1-4"), []int64{1587, 1965}, 6, 1, 0, 0,
			"planned ahead: the failing transaction and 1 transaction after it"},
		{"all, but for what is applied", func(o *Options) { o.Ahead = math.MaxInt }, stoppedAt(t, 6, "1-4:7"), []int64{1587, 1965, 2662}, 12, 1, 1, 0,
			"planned ahead: the failing transaction and 1 transaction after it, without 1 that are applied already"},
		{"the failing one is planned even where the status counts it as applied", nil, stoppedAt(t, 8, "1-8"), []int64{2662}, 6, 0, 0, 0, ""},
		{"a range of offsets", func(o *Options) { o.Start, o.Stop = 1328, 1965 }, stopped{}, []int64{1328, 1587}, 3, 1, 0, 1,
			"1 statement logged as such, not as rows, and not covered by this repair: use shop; CREATE TABLE visits"},
		{"some tables", func(o *Options) { o.Tables = &filter.Filter{ExcludeTables: patterns(t, "shop.orders")} }, stoppedAt(t, 8, "1-7"), []int64{2662}, 5, 0, 0, 0,
			"only the tables that were asked for are repaired"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := mixed(t)
			if test.options != nil {
				test.options(&o)
			}
			g, r := gathered(t, &o, test.stopped)
			var begins []int64
			for _, x := range g.Transactions {
				begins = append(begins, x.Start.Offset)
			}
			if fmt.Sprint(begins) != fmt.Sprint(test.transactions) {
				t.Errorf("transactions at %v, want %v", begins, test.transactions)
			}
			if g.Rows != test.rows || g.After != test.after || g.AfterApplied != test.left || g.statementCount() != test.statements {
				t.Errorf("%d rows, %d after, %d applied, %d statements; want %d, %d, %d, %d", g.Rows, g.After, g.AfterApplied, g.statementCount(),
					test.rows, test.after, test.left, test.statements)
			}
			if notes := strings.Join(g.notes(r), "\n"); !strings.HasPrefix(notes, test.note) || test.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, test.note)
			}
		})
	}
}

func patterns(t *testing.T, text string) []filter.Pattern {
	t.Helper()
	p, err := filter.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return []filter.Pattern{p}
}

// placed is where the failing transaction is, and the range that a repair reads.
func placed(t *testing.T, o *Options, s stopped) (*Place, *Range) {
	t.Helper()
	p, err := locate(t.Context(), o, s)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rangeOf(t.Context(), o, s, p)
	if err != nil {
		t.Fatal(err)
	}
	return p, r
}

// gathered goes through the stages up to gather.
func gathered(t *testing.T, o *Options, s stopped) (*Gathered, *Range) {
	t.Helper()
	p, r := placed(t, o, s)
	g, err := (&subject{options: o, stopped: s, place: p}).gather(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return g, r
}

// TestGatherWalksOnce: a range is read from its beginning to its end, once, however many transactions it has; and before that once
// for the DDL in it, as the dump may be from after it, and once for the GTIDs that the dump names.
func TestGatherWalksOnce(t *testing.T) {
	o := mixed(t)
	o.Ahead = math.MaxInt
	s := stoppedAt(t, 5, "1-4")
	p, r := placed(t, &o, s)
	ends, atEnd := 0, false // the end of a file may be met twice
	p.Logs.Opener.Reading = func(_ string, read int64) error {
		if read == 3701 && !atEnd {
			ends++
		}
		atEnd = read == 3701
		return nil
	}
	if _, err := (&subject{options: &o, stopped: s, place: p}).gather(t.Context(), r); err != nil || ends != 3 {
		t.Errorf("the log was read to its end %d times: %v", ends, err)
	}
}

// TestGatherTornLog: a transaction that the logs do not hold whole is not planned, also where its rows were read before that
// was known.
func TestGatherTornLog(t *testing.T) {
	log, err := os.ReadFile(fixture + "relay.000002")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		length  int // of the log: its last transaction ends at 3701, its first rows are at 2882
		options func(*Options)
		stopped stopped
		ended   string
	}{
		{"still written, inside an event", 3000, func(o *Options) { o.Ahead = math.MaxInt }, stoppedAt(t, 7, "1-6"), ""},
		{"still written, between events", 2948, func(o *Options) { o.Ahead = math.MaxInt }, stoppedAt(t, 7, "1-6"), ""},
		{"a range of offsets", 2948, func(o *Options) { o.Start, o.Stop = 2339, 3701 }, stopped{},
			"the range ends at relay.000002:2662: the logs end inside the transaction after it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "relay.000002")
			if err := os.WriteFile(name, log[:test.length], 0o600); err != nil {
				t.Fatal(err)
			}
			o := mixed(t)
			o.Logs.Names = []string{name}
			test.options(&o)
			g, _ := gathered(t, &o, test.stopped)
			if len(g.Transactions) != 1 || g.Rows != 3 || g.Ended != test.ended {
				t.Errorf("%d transactions with %d rows, ended %q; want 1, 3, %q", len(g.Transactions), g.Rows, g.Ended, test.ended)
			}
			if p := g.plan(0); len(p.Absences)+len(p.Presences) != 0 {
				t.Errorf("%d absences and %d presences of a table without a key", len(p.Absences), len(p.Presences))
			}
		})
	}
}

// TestGatherBounded: rows that take more memory than is allowed end the range, or are refused in the failing transaction.
func TestGatherBounded(t *testing.T) {
	o := mixed(t)
	s := stoppedAt(t, 7, "1-6")
	alone, _ := gathered(t, &o, s)
	o.Ahead, o.MaxMemory = math.MaxInt, uint64(alone.Planner.Size())+64<<10
	ended := false
	for ; !ended && alone.Planner.Size() < int(o.MaxMemory); o.MaxMemory -= 100 {
		g, _ := gathered(t, &o, s)
		if ended = len(g.Transactions) == 1; ended {
			want := "the range ends at relay.000002:2662, before rows that take more memory than is allowed together; run binmend again if the replica stops after it"
			if g.Ended != want || g.Rows != alone.Rows {
				t.Errorf("%d rows, ended %q; want %d, %q", g.Rows, g.Ended, alone.Rows, want)
			}
		}
	}
	if !ended {
		t.Error("no bound ends the range")
	}
	o.MaxMemory = uint64(alone.Planner.Size()) / 2
	p, r := placed(t, &o, s)
	if _, err := (&subject{options: &o, stopped: s, place: p}).gather(t.Context(), r); !errors.Is(err, ErrTooMuch) {
		t.Errorf("got %v", err)
	}
}

func TestIsAtOrAfter(t *testing.T) {
	at := func(file string, pos uint64) replica.Place { return replica.Place{File: file, Pos: pos} }
	for _, test := range []struct {
		a, b replica.Place
		want bool
	}{
		{at("bin.000002", 4), at("bin.000002", 4), true},
		{at("bin.000002", 4), at("bin.000002", 5), false},
		{at("bin.1000000", 4), at("bin.999999", 5), true},
		{at("bin.999999", 5), at("bin.1000000", 4), false},
		{at("other.000009", 5), at("bin.000001", 4), false},
	} {
		if got := isAtOrAfter(test.a, test.b); got != test.want {
			t.Errorf("%v and %v: got %v", test.a, test.b, got)
		}
	}
}

// TestGatherStopsBeforeGap: a log that is missing ends the range, whatever the order in which the others are given.
func TestGatherStopsBeforeGap(t *testing.T) {
	log, err := os.ReadFile(fixture + "relay.000002")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	before, after := filepath.Join(dir, "relay.000002"), filepath.Join(dir, "relay.000004")
	for _, name := range []string{before, after} {
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, names := range [][]string{{before, after}, {after, before}} {
		o := mixed(t)
		o.Logs.Names, o.Ahead = names, math.MaxInt
		g, _ := gathered(t, &o, stoppedAt(t, 7, "1-6"))
		want := "the range ends at relay.000002:3701, because relay.000003 is missing between relay.000002 and relay.000004; " +
			"give what is missing, or run binmend again if the replica stops after it"
		if g.Ended != want || g.After != 1 {
			t.Errorf("%v: %d transactions ahead, ended %q", names, g.After, g.Ended)
		}
	}
}

// TestCandidates: a status that names no place is refused, with the transactions that have the change of its message.
func TestCandidates(t *testing.T) {
	for _, test := range []struct {
		name    string
		message replica.Message
		applied string
		want    string // the transactions that are named
	}{
		{"one", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "5"}, "1-4", "relay.000002:2662 (" + source + "8)"},
		{"one that is not applied", replica.Message{Change: replica.Write, Table: "shop.customers"}, "1-7", "relay.000002:2662 (" + source + "8)"},
		{"several", replica.Message{Change: replica.Write, Table: "shop.customers"}, "1-4",
			"relay.000002:1587 (" + source + "5), relay.000002:2662 (" + source + "8)"},
		{"none", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "55"}, "1-4", ""},
		{"nothing to go by", replica.Message{}, "1-4", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, s := mixed(t), stoppedAt(t, 8, test.applied)
			s.failure = &replica.Failure{Number: 1062, Cause: test.message}
			_, err := locate(t.Context(), &o, s)
			if !errors.Is(err, replica.ErrNoPlace) {
				t.Fatalf("error %v", err)
			}
			var e *fault.Error
			if errors.Is(err, ErrCandidates) != (test.want != "") || errors.As(err, &e) && e.Facts.Name != test.want {
				t.Errorf("error %v names %q, want %q", err, e.Facts.Name, test.want)
			}
		})
	}
}

// TestLocateOvertaken: a status of MariaDB whose position executed is that of another transaction than the one of its message.
func TestLocateOvertaken(t *testing.T) {
	const dir = "../../fixtures/mariadb-11.8/mixed/"
	text, err := os.ReadFile(dir + "status.txt")
	if err != nil {
		t.Fatal(err)
	}
	files, err := dump.LoadFiles(dir + "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	applied := "" // gtid_slave_pos, which SHOW SLAVE STATUS alone does not have
	locateAt := func(exec uint64, received uint64) (*Place, error) {
		statuses, err := replica.Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Files: files, Logs: walk.Logs{Names: []string{dir + "relay.000002"}}, Statuses: statuses}
		s, err := readStopped(t.Context(), &o)
		if err != nil {
			t.Fatal(err)
		}
		if s.failure.Applied, err = gtid.ParseList(applied); err != nil {
			t.Fatal(err)
		}
		if exec != 0 {
			s.failure.Exec.Pos, s.failure.Relay.Pos = exec, 4
		}
		if received != 0 {
			s.status.Read.Pos = received
		}
		return locate(t.Context(), &o, s)
	}
	failed, err := locateAt(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	first, err := find.At(failed.Logs, decoder.Position{File: failed.Logs.Names[0], Offset: 0})
	if err != nil {
		t.Fatal(err)
	}
	overtaken, err := locateAt(uint64(first.SourceStart), 0)
	if err != nil || overtaken.Transaction.GTID != failed.Transaction.GTID || len(overtaken.Notes) != 1 {
		t.Errorf("found %s, want %s, with a note: %q (%v)", overtaken.Transaction.GTID, failed.Transaction.GTID, overtaken.Notes, err)
	}
	for _, test := range []struct {
		name string
		exec uint64
		gtid string // of the replica: without the domain of the transaction that failed
	}{
		{"all that was received", 1 << 20, ""},
		{"all that was received, and another domain", 1 << 20, "7-1-1"},
		{"the position of another domain", uint64(first.SourceStart), "7-1-1"},
	} {
		applied = test.gtid
		if got, err := locateAt(test.exec, 0); err != nil || got.Transaction.GTID != failed.Transaction.GTID {
			t.Errorf("%s: found %s, want %s (%v)", test.name, got.Transaction.GTID, failed.Transaction.GTID, err)
		}
	}
	applied = ""
	if cut, err := locateAt(uint64(first.SourceStart), 1<<20); err != nil || cut.Transaction.GTID != first.GTID {
		t.Errorf("the logs do not hold all that was received: found %s, want %s, that of the position (%v)", cut.Transaction.GTID, first.GTID, err)
	}
}
