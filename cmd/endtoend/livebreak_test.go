package endtoend

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"binmend/fixtures/servers"
)

// TestBreaksLive repairs the breaks of testdata/breaks and the values of testdata/values with nothing but a connection.
func TestBreaksLive(t *testing.T) {
	testBreaksLive(t, servers.AllLines(), func(t *testing.T, p *servers.Pair, _ *breakage) fixRun { return fixLive(t, p) })
}

// TestBreaksProbed does so with what is left of the scripts after the replica was asked. Before that it takes each repair
// back: then the replica has what it had before.
func TestBreaksProbed(t *testing.T) { testBreaksLive(t, servers.Lines(), fixAndUndo) }

// fixer gets the script for a replica that a break has stopped.
type fixer func(*testing.T, *servers.Pair, *breakage) fixRun

func testBreaksLive(t *testing.T, lines []*servers.Line, fix fixer) {
	all := slices.Concat(loadBreaks(t, "testdata/breaks"), loadBreaks(t, "testdata/values"))
	servers.On(t, lines, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{Args: smallLogs, GTID: true, Workers: 4})
		for _, b := range all {
			if b.runsOn(line) && !t.Run(b.name, func(t *testing.T) { b.testLive(t, p, fix) }) {
				p.Reset(t)
			}
		}
	})
}

func (b *breakage) testLive(t *testing.T, p *servers.Pair, fix fixer) {
	p.Source.MustExec(t, "CREATE DATABASE "+quoteName(b.database))
	b.run(t, p.Source, b.setup)
	p.Sync(t)
	b.run(t, p.Replica, "SET sql_log_bin = 0;\n"+b.drift)
	b.run(t, p.Source, b.change)
	if stop := p.Settle(t); !slices.Contains(b.errnos, stop.Errno) {
		t.Fatalf("want an error of %v, but %v", b.errnos, stop)
	}
	fixed := fix(t, p, b)
	if fixed.exit != 0 || fixed.stderr != "" {
		t.Fatalf("exit code %d\n%s\n%s", fixed.exit, fixed.stderr, fixed.script)
	}
	if _, err := p.Replica.Exec(fixed.script); err != nil {
		t.Fatalf("the script: %v\n%s", err, fixed.script)
	}
	if again := p.Settle(t); again.Errno != 0 {
		t.Fatalf("after the script: %v\n%s", again, fixed.script)
	}
	if source, replica := p.Source.Contents(t, b.database), p.Replica.Contents(t, b.database); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
}

// fixAndUndo returns the script of a probed replica. It has been run, but for the restart, and taken back.
func fixAndUndo(t *testing.T, p *servers.Pair, b *breakage) fixRun {
	t.Helper()
	receive(t, p)
	return undone(t, p, b, []string{"fix", "-S", p.Replica.Socket, "-u", "root"})
}

// restart is the statement of a script that starts the applier.
var restart = regexp.MustCompile(`(?m)^START (SLAVE|REPLICA)`)

// undone runs binmend with an undo script beside, and its script but for the restart, and takes that back.
func undone(t *testing.T, p *servers.Pair, b *breakage, args []string) fixRun {
	t.Helper()
	undoFile := filepath.Join(t.TempDir(), "undo.sql")
	fixed := binmend(t, "", append(args, "--undo", undoFile)...)
	undo, err := os.ReadFile(undoFile)
	if err != nil {
		t.Fatalf("%v\nexit code %d\n%s", err, fixed.exit, fixed.stderr)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the script that takes the repair back:\n%s", undo)
		}
	})
	before := b.everything(t, p.Replica)
	repair := restart.Split(fixed.script, 2)[0]
	for _, sql := range []string{repair, string(undo)} {
		if _, err := p.Replica.Exec(sql); err != nil {
			t.Fatalf("%v\n%s", err, sql)
		}
	}
	if after := b.everything(t, p.Replica); after != before {
		t.Errorf("the repair and the script that takes it back are not nothing.\nbefore:\n%s\nafter:\n%s", before, after)
	}
	return fixed
}

// unsummed are the breaks with tables whose CHECKSUM TABLE is not that of their rows: MySQL 9.7 gives another one each time
// when a key is over an array, and that of a versioned table counts its history.
var unsummed = []string{"functional", "versioned"}

// everything is the contents of the tables of a break, with their checksums.
func (b *breakage) everything(t *testing.T, s *servers.Server) string {
	t.Helper()
	text := s.Contents(t, b.database)
	if slices.Contains(unsummed, b.name) {
		return text
	}
	rows, err := s.DB().Query("SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type <> 'VIEW' ORDER BY 1", b.database)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		text += s.MustExec(t, "CHECKSUM TABLE "+quoteName(b.database)+"."+quoteName(table))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return text
}
