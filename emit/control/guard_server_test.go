package control_test

import (
	"strings"
	"testing"

	"binmend/emit/control"
	"binmend/fixtures/servers"
)

// TestNotAppliedOnServers asks a replica that has stopped whether the guard holds, and asks again when it has stopped at the
// next transaction: there a script for the first one would remove a row of the source.
func TestNotAppliedOnServers(t *testing.T) {
	for _, line := range servers.Lines() {
		for _, setup := range []struct {
			name    string
			options servers.Options
		}{
			{"positions", servers.Options{}},
			{"positions, four appliers", servers.Options{Workers: 4}},
			{"GTIDs", servers.Options{GTID: true}},
		} {
			t.Run(line.String()+"/"+setup.name, func(t *testing.T) {
				pair := servers.SharedPair(t, line, setup.options)
				pair.Reset(t)
				c := breakReplica(t, pair)
				guards, blind, risk := c.NotApplied()
				if len(guards) == 0 {
					t.Fatalf("no guard; risk: %s", risk)
				}
				expectGuards(t, pair, guards, true)
				for _, statement := range []string{c.Stop(), c.Start()} { // no cure: the same error comes back
					pair.Replica.MustExec(t, statement)
				}
				pair.WaitError(t, 1062)
				expectGuards(t, pair, guards, true)

				pair.Drift(t, "INSERT INTO shop.t VALUES (3, 'replica'); DELETE FROM shop.t WHERE id = 2;")
				pair.Replica.MustExec(t, c.Start())
				pair.WaitError(t, 1062)
				if got := value(t, pair.Replica, "SELECT v FROM shop.t WHERE id = 2"); got != "source" {
					t.Fatalf("the first transaction is not applied: %q", got)
				}
				if blind != "" && value(t, pair.Replica, "SELECT "+blind) == "1" {
					return // the server can't tell, and the script says so
				}
				expectGuards(t, pair, guards, false)
			})
		}
	}
}

// expectGuards runs guards as a script does.
func expectGuards(t *testing.T, pair *servers.Pair, guards []control.Guard, hold bool) {
	t.Helper()
	_, err := pair.Replica.Exec(control.GuardSQL(guards))
	if stopped := err != nil; stopped == hold {
		t.Errorf("the guards stop: %v, want %v\n%s\n%v\n%s", stopped, !hold, control.GuardSQL(guards), err, pair.Status(t))
	}
	if sentence := guards[len(guards)-1].Sentence; !hold && err != nil && !strings.Contains(err.Error(), "'binmend: "+sentence+"'") {
		t.Errorf("the guard does not say why it stops: %v\nwant: %s", err, sentence)
	}
}
