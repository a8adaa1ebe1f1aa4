package endtoend

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// runAs feeds a script to the real client as the doctor, and returns what the client says of an error.
func runAs(t *testing.T, s *servers.Server, script string) (complaint string, ok bool) {
	t.Helper()
	client := s.Client("--user=doctor", "--password="+secret)
	client.Stdin = strings.NewReader(script)
	out, err := client.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatal(err)
	}
	return string(out), err == nil
}

// proposedGrant finds the GRANTs of a script.
var proposedGrant = regexp.MustCompile(`(?m)^-- +(GRANT .*;)$`)

// TestAccountOfTheScript: an account that may only read can't run the script; the script says so, and with what it proposes it
// can.
func TestAccountOfTheScript(t *testing.T) {
	everyLine(t, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		breakShop(t, p)
		p.Replica.MustExec(t, "SET GLOBAL read_only = 1")
		asked := func() fixRun {
			fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
			if fixed.exit != 0 {
				t.Fatalf("exit code %d\n%s", fixed.exit, fixed.stderr)
			}
			return fixed
		}
		before := asked()
		if complaint, ok := runAs(t, p.Replica, before.script); ok || !regexp.MustCompile("denied|read-only|read_only").MatchString(complaint) {
			t.Fatalf("an account that may only read ran the script, or failed otherwise: %s", complaint)
		}
		var grants []string
		for _, m := range proposedGrant.FindAllStringSubmatch(before.script, -1) {
			grants = append(grants, m[1])
		}
		p.Replica.MustExec(t, "SET sql_log_bin = 0;\n"+strings.Join(grants, "\n"))
		after := asked()
		if proposedGrant.MatchString(after.script) {
			t.Errorf("after %q:\n%s", grants, after.script)
		}
		if complaint, ok := runAs(t, p.Replica, after.script); !ok {
			t.Fatalf("after %q: %s\n%s", grants, complaint, after.script)
		}
		p.Sync(t)
		if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
			t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
		}
	})
}

// TestSuperReadOnly: the script takes super_read_only off, and sets it back.
func TestSuperReadOnly(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			breakShop(t, p)
			p.Replica.MustExec(t, "SET GLOBAL super_read_only = 1")
			again, _ := mendBy(t, p, servers.Stop{Errno: 1062}, func(t *testing.T) fixRun { return fixLive(t, p) })
			if again.Errno != 0 {
				t.Fatal(again)
			}
			if got := p.Replica.MustExec(t, "SELECT @@GLOBAL.super_read_only"); !strings.HasSuffix(got, "\n1\n") {
				t.Errorf("super_read_only after the script: %q", got)
			}
			if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
				t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
			}
		})
	}
}

// TestHalfPrivileged: with --no-sql-log-bin and --no-stop an account that may only change rows runs the script; somebody else starts
// the applier.
func TestHalfPrivileged(t *testing.T) {
	everyLine(t, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		p.Replica.MustExec(t, "SET sql_log_bin = 0; GRANT INSERT, DELETE ON shop.* TO doctor@localhost")
		breakShop(t, p)
		fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p", "--no-sql-log-bin", "--no-stop")
		if strings.Contains(fixed.script, "can't run the script") || strings.Count(joined(fixed.script), "RISK: the s") != 2 {
			t.Errorf("exit code %d\n%s%s", fixed.exit, fixed.script, fixed.stderr)
		}
		if complaint, ok := runAs(t, p.Replica, fixed.script); !ok {
			t.Fatalf("%s\n%s", complaint, fixed.script)
		}
		p.StartReplica(t)
		p.Sync(t)
		if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
			t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
		}
	})
}
