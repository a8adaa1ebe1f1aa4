package endtoend

import (
	"os/exec"
	"regexp"
	"slices"
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

// asDoctor runs "binmend fix" as the doctor, and returns the GRANTs that its script says the account lacks.
func asDoctor(t *testing.T, p *servers.Pair) (fixed fixRun, lacks []string) {
	t.Helper()
	fixed = binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
	if fixed.exit != 0 {
		t.Fatalf("exit code %d\n%s", fixed.exit, fixed.stderr)
	}
	for _, m := range proposedGrant.FindAllStringSubmatch(fixed.script, -1) {
		lacks = append(lacks, m[1])
	}
	return fixed, lacks
}

// accountStates are how a replica may be closed to writers.
var accountStates = []string{"SET GLOBAL read_only = 0", "SET GLOBAL read_only = 1", "SET GLOBAL super_read_only = 1"}

// TestAccounts: what the script says of an account is what happens to it. One that may only read, one that lacks one of the
// privileges that the script names, and one that has them in another way than the script says, run it on every line; only who lacks
// nothing gets through, and then the rows are the source's.
func TestAccounts(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		m := accounts{pair: servers.StartPair(t, line, servers.Options{GTID: true})}
		states := accountStates
		if line.Flavor == servers.MariaDB || line == servers.MySQL56 {
			states = states[:2]
		}
		for _, m.state = range states {
			all := m.try(t, nil)
			fixed, _ := asDoctor(t, m.pair)
			for _, use := range []string{"sql_log_bin", "START", "the rows of shop.customers"} {
				if said, _, _ := strings.Cut(joined(fixed.script), "GRANT"); !strings.Contains(said, use) {
					t.Errorf("%s: the header does not say that the account can't have %s:\n%s", m.state, use, fixed.script)
				}
			}
			for left := range all {
				if lacks := m.try(t, slices.Delete(slices.Clone(all), left, left+1)); !slices.Equal(lacks, all[left:left+1]) {
					t.Errorf("%s: without %s alone the account lacks %q", m.state, all[left], lacks)
				}
			}
			if lacks := m.try(t, all); len(lacks) > 0 {
				t.Errorf("%s: with %q the account lacks %q", m.state, all, lacks)
			}
		}
		for _, grants := range otherAccounts(line) {
			m.try(t, grants)
		}
		t.Logf("%d accounts refused and %d let through, as the scripts said", m.refused, m.mended)
	})
}

// accounts tries one account after the other on a replica that is broken.
type accounts struct {
	pair            *servers.Pair
	state           string
	isBroken        bool
	refused, mended int
}

// try makes an account that may read, and more, and runs the script as it: that has to get through unless the script says that
// the account lacks something.
func (m *accounts) try(t *testing.T, grants []string) (lacks []string) {
	t.Helper()
	p := m.pair
	p.Replica.MustExec(t, accountStates[0])
	if !m.isBroken {
		p.Reset(t)
		breakShop(t, p)
	}
	p.Replica.MustExec(t, "SET sql_log_bin = 0; "+dropDoctor(p.Replica.Install.Line))
	createDoctor(t, p.Replica)
	p.Replica.MustExec(t, strings.Join(slices.Concat([]string{"SET sql_log_bin = 0"}, grants, []string{m.state}), ";\n"))
	fixed, lacks := asDoctor(t, p)
	complaint, ok := runAs(t, p.Replica, fixed.script)
	if m.isBroken = !ok; ok != (len(lacks) == 0) || !ok && !regexp.MustCompile("denied|read-only|read_only").MatchString(complaint) {
		t.Fatalf("%s, %q: the account lacks %q, and the client says: %s", m.state, grants, lacks, complaint)
	}
	if !ok {
		m.refused++
		return lacks
	}
	m.mended++
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
	return lacks
}

// dropDoctor drops the account if it exists, and its role.
func dropDoctor(line *servers.Line) string {
	switch line {
	case servers.MySQL56:
		return "GRANT USAGE ON *.* TO doctor@localhost; DROP USER doctor@localhost"
	case servers.MySQL57:
		return "DROP USER IF EXISTS doctor@localhost"
	}
	return "DROP USER IF EXISTS doctor@localhost; DROP ROLE IF EXISTS mender"
}

// otherAccounts have what a script needs, or some of it, by other privileges than those it proposes.
func otherAccounts(line *servers.Line) [][]string {
	const to = " TO doctor@localhost"
	rows := "GRANT INSERT, DELETE ON `sh%`.*" + to
	all := [][]string{{rows, "GRANT SUPER ON *.*" + to}, {"GRANT INSERT ON shop.*" + to, "GRANT DELETE ON *.*" + to}}
	switch {
	case line.Flavor == servers.MariaDB:
		all = append(all, []string{"CREATE ROLE mender", "GRANT INSERT, DELETE ON shop.* TO mender", "GRANT BINLOG ADMIN, REPLICATION SLAVE ADMIN, READ_ONLY ADMIN ON *.* TO mender",
			"GRANT mender" + to, "SET DEFAULT ROLE mender FOR doctor@localhost"})
	case line != servers.MySQL56 && line != servers.MySQL57:
		all = append(all, []string{rows, "GRANT SYSTEM_VARIABLES_ADMIN, REPLICATION_SLAVE_ADMIN, CONNECTION_ADMIN ON *.*" + to},
			[]string{"CREATE ROLE mender", "GRANT INSERT, DELETE ON shop.* TO mender", "GRANT SUPER ON *.* TO mender", "GRANT mender" + to, "ALTER USER doctor@localhost DEFAULT ROLE mender"})
	}
	return all
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
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
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

// TestStrictGTIDs: where gtid_strict_mode lets the applier not go on after statements that are logged, the script says so, and how it does.
func TestStrictGTIDs(t *testing.T) {
	p := servers.StartPair(t, servers.MariaDB1011, servers.Options{GTID: true, Args: []string{"--gtid-strict-mode=1"}})
	breakShop(t, p)
	if quiet := fixLive(t, p); strings.Contains(quiet.script, "gtid_strict_mode") {
		t.Errorf("where nothing is logged:\n%s", quiet.script)
	}
	fixed := fixLive(t, p, "--log-bin")
	cure := "SET GLOBAL gtid_strict_mode=0"
	if said := joined(fixed.script); !strings.Contains(said, "RISK: gtid_strict_mode is on") || !strings.Contains(said, cure) {
		t.Errorf("no RISK:\n%s", fixed.script)
	}
	p.Replica.MustExec(t, fixed.script)
	p.WaitError(t, 1950)
	p.Replica.MustExec(t, "STOP SLAVE; "+cure+"; START SLAVE")
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
}
