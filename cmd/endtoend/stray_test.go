package endtoend

import (
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// stray is a replica with a row in the way that the source has too, under another key.
type stray struct {
	name    string
	drift   string
	change  string // on the source; the first transaction stops the replica
	behind  string // on the source, and not received by the replica
	source  bool   // the source is asked
	want    string // what the script says
	differs bool   // the script alone can't make the replica equal
}

var strays = []stray{
	{
		name:   "without a source",
		drift:  "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		want: "CHECK: if the source has a row with id = 2, only its other value has drifted here, and this statement loses it. On the source: " +
			"SELECT * FROM `shop`.`customers` WHERE `id` = 2;",
		differs: true,
	}, {
		name:   "with the source",
		drift:  "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		source: true,
		want:   "the source has it so, and has not changed it since",
	}, {
		name:   "changed later",
		drift:  "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', ''); UPDATE shop.customers SET email = 'later@example.org', note = 'x' WHERE id = 2",
		want:   "the source had it so at the time: event relay",
	}, {
		name:   "deleted later",
		drift:  "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', ''); DELETE FROM shop.customers WHERE id = 2",
		source: true,
		want:   "the source had it so at the time: event relay",
	}, {
		name:   "made later",
		drift:  "INSERT INTO shop.customers VALUES (9, 'new@example.org', '')",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', ''); INSERT INTO shop.customers VALUES (9, 'nine@example.org', '')",
		source: true,
		want:   "the source did not have a row with id = 9 at the time: event relay",
	}, {
		name:   "not on the source",
		drift:  "INSERT INTO shop.customers VALUES (9, 'new@example.org', '')",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		source: true,
		want:   "the source does not have a row with id = 9 DELETE",
	}, {
		name:   "the source is ahead",
		drift:  "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		behind: "UPDATE shop.customers SET note = 'ahead' WHERE id = 2",
		source: true,
		want:   "the source has it so now. Not all that the source has logged is at hand",
	}, {
		name:   "the source is ahead and has lost it",
		drift:  "INSERT INTO shop.customers VALUES (9, 'new@example.org', '')",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		behind: "UPDATE shop.customers SET note = 'ahead' WHERE id = 3",
		source: true,
		want:   "the source does not have a row with id = 9 now; whether it had one at the time is not known",
	}, {
		name:   "the primary key has drifted",
		drift:  "UPDATE shop.customers SET id = 4 WHERE id = 2",
		change: "INSERT INTO shop.customers VALUES (4, 'new@example.org', '')",
		source: true,
		want:   "a row is in the way that the source has too, with email = 'bob@example.org'",
	}, {
		name:   "in the way of a row that is missing",
		drift:  "DELETE FROM shop.customers WHERE id = 2; UPDATE shop.customers SET email = 'bob@example.org' WHERE id = 3",
		change: "UPDATE shop.customers SET note = 'y' WHERE id = 2",
		source: true,
		want:   "a row is in the way that the source has too, with id = 3",
	},
}

// TestProbeStrays is the trap of every such repair: the row in the way lives on the source, and only the value that is in
// the way has drifted.
func TestProbeStrays(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{Args: smallLogs, GTID: true})
		createAsker(t, p.Source)
		for _, s := range strays {
			t.Run(s.name, func(t *testing.T) { s.test(t, p) })
			p.Reset(t)
		}
	})
}

// createAsker makes the account that a source is asked with, with the least privileges, as the README gives them.
func createAsker(t *testing.T, s *servers.Server) {
	t.Helper()
	monitor := "REPLICATION CLIENT"
	if s.Install.Line.Flavor == servers.MariaDB {
		monitor = "BINLOG MONITOR"
	}
	s.MustExec(t, "SET sql_log_bin = 0; CREATE USER asker@localhost; GRANT SELECT ON shop.* TO asker@localhost; GRANT "+monitor+" ON *.* TO asker@localhost")
}

func (s *stray) test(t *testing.T, p *servers.Pair) {
	p.Source.MustExec(t, shop+"INSERT INTO shop.customers VALUES (3, 'cy@example.org', 'third')")
	p.Sync(t)
	p.Drift(t, s.drift)
	p.Source.MustExec(t, s.change)
	if stop := p.Settle(t); stop.Errno == 0 {
		t.Fatal("the replica has not stopped")
	}
	receive(t, p)
	flags := []string{"--probe"}
	if s.source {
		flags = append(flags, "--source-socket", p.Source.Socket, "--source-user", "asker")
	}
	if s.behind != "" {
		p.Replica.MustExec(t, strings.Replace(stopApplier(p.Replica), "SQL_THREAD", "IO_THREAD", 1))
		p.Source.MustExec(t, s.behind)
	}
	b := &breakage{name: s.name, database: "shop"}
	fixed := undone(t, p, b, append([]string{"fix", "-S", p.Replica.Socket, "-u", "root"}, flags...))
	if fixed.exit != 0 || !strings.Contains(joined(fixed.script), s.want) {
		t.Errorf("exit code %d; want the script to say %q\n%s\n%s", fixed.exit, s.want, fixed.stderr, fixed.script)
	}
	if _, err := p.Replica.Exec(fixed.script); err != nil {
		t.Fatalf("%v\n%s", err, fixed.script)
	}
	if s.behind != "" {
		p.StartReplica(t)
	}
	if again := p.Settle(t); again.Errno != 0 {
		t.Fatalf("%v\n%s", again, fixed.script)
	}
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica != s.differs {
		t.Errorf("source:\n%s\nreplica:\n%s\n%s", source, replica, fixed.script)
	}
}

// TestProbeMinimal: of a row that the log can't rebuild nothing is needed when the replica has it. What a later transaction
// changes of a stray row is not told by a MINIMAL image.
func TestProbeMinimal(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true, RowImage: "MINIMAL"})
		p.Source.MustExec(t, shop)
		p.Sync(t)
		p.Drift(t, "UPDATE shop.customers SET email = 'new@example.org' WHERE id = 2")
		p.Source.MustExec(t, "BEGIN; INSERT INTO shop.customers VALUES (4, 'new@example.org', ''); UPDATE shop.customers SET note = 'x' WHERE id = 1; COMMIT; "+
			"UPDATE shop.customers SET note = 'y' WHERE id = 2")
		p.WaitError(t, 1062)
		if whole := fixLive(t, p, "--no-probe"); whole.exit != 1 || !strings.Contains(whole.stderr, "1 row can't be rebuilt from the log") {
			t.Errorf("exit code %d\n%s", whole.exit, whole.stderr)
		}
		probed := fixLive(t, p, "--probe")
		if probed.exit != 0 || probed.stderr != "" {
			t.Errorf("exit code %d\n%s", probed.exit, probed.stderr)
		}
		for _, want := range []string{
			"1 row that can't be rebuilt from the log and that the replica has",
			"may concern a row with id = 2, and the log does not show what the source had before. On the source: SELECT * FROM `shop`.`customers` WHERE `id` = 2;",
		} {
			if !strings.Contains(joined(probed.script), want) {
				t.Errorf("the script does not say %q\n%s", want, probed.script)
			}
		}
	})
}
