package control_test

import (
	"slices"
	"strings"
	"testing"

	"binmend/emit/control"
	"binmend/emit/sqltext"
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
	sql := control.GuardSQL(sqltext.Dialect{}, guards)
	_, err := pair.Replica.Exec(sql)
	if stopped := err != nil; stopped == hold {
		t.Errorf("the guards stop: %v, want %v\n%s\n%v\n%s", stopped, !hold, sql, err, pair.Status(t))
	}
	saysWhy := func(g control.Guard) bool { return strings.Contains(err.Error(), "'binmend: "+g.Sentence+"'") }
	if !hold && err != nil && !slices.ContainsFunc(guards, saysWhy) {
		t.Errorf("no guard says why it stops: %v", err)
	}
}
