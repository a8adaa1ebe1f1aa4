package endtoend

import (
	"slices"
	"testing"

	"binmend/fixtures/servers"
)

// TestBreaksLive repairs the breaks of testdata/breaks and the values of testdata/values with nothing but a connection.
func TestBreaksLive(t *testing.T) { testBreaksLive(t) }

// TestBreaksProbed does so with what is left of the scripts after the replica was asked.
func TestBreaksProbed(t *testing.T) { testBreaksLive(t, "--probe") }

func testBreaksLive(t *testing.T, flags ...string) {
	all := slices.Concat(loadBreaks(t, "testdata/breaks"), loadBreaks(t, "testdata/values"))
	eachLine(t, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{Args: smallLogs, GTID: true, Workers: 4})
		for _, b := range all {
			if b.runsOn(line) && !t.Run(b.name, func(t *testing.T) { b.testLive(t, p, flags) }) {
				p.Reset(t)
			}
		}
	})
}

func (b *breakage) testLive(t *testing.T, p *servers.Pair, flags []string) {
	p.Source.MustExec(t, "CREATE DATABASE "+quoteName(b.database))
	b.run(t, p.Source, b.setup)
	p.Sync(t)
	b.run(t, p.Replica, "SET sql_log_bin = 0;\n"+b.drift)
	b.run(t, p.Source, b.change)
	if stop := p.Settle(t); !slices.Contains(b.errnos, stop.Errno) {
		t.Fatalf("want an error of %v, but %v", b.errnos, stop)
	}
	receive(t, p)
	fixed := binmend(t, "", append([]string{"fix", "-S", p.Replica.Socket, "-u", "root"}, flags...)...)
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
