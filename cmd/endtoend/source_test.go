package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// startSource starts a pair whose source lets accounts with a password in without TLS: MySQL since 8.0 has to show them its
// RSA key for that.
func startSource(t *testing.T, line *servers.Line, o servers.Options) *servers.Pair {
	t.Helper()
	if line == servers.MySQL8015 || line == servers.MySQL8031 || line == servers.MySQL97 {
		o.Args = append(slices.Clone(o.Args), "--caching-sha2-password-auto-generate-rsa-keys=ON")
	}
	p := servers.StartPair(t, line, o)
	createDoctor(t, p.Replica)
	p.Source.MustExec(t, "SET sql_log_bin = 0; CREATE USER reader@'%' IDENTIFIED BY 'readers'; "+
		"GRANT REPLICATION SLAVE ON *.* TO reader@'%'; CREATE USER guest@'%' IDENTIFIED BY 'guests'")
	return p
}

// replicaOnly are the arguments for a replica whose relay logs are out of reach.
func replicaOnly(t *testing.T, p *servers.Pair) []string {
	t.Helper()
	return []string{"fix", "-S", p.Replica.Socket, "-u", "doctor", "-p", "--relay-log-dir", t.TempDir()}
}

// sourceArgs name a server as the source; the account has the least privilege, REPLICATION SLAVE.
func sourceArgs(s *servers.Server) []string {
	return []string{"--source-host=127.0.0.1", "--source-port=" + portOf(s), "--source-user=reader", "--source-password=readers",
		"--source-get-server-public-key"}
}

func portOf(s *servers.Server) string { return strconv.Itoa(s.Port) }

// breakLater lets the replica stop after other transactions of a second log, with one more after it.
func breakLater(t *testing.T, p *servers.Pair) {
	t.Helper()
	p.Source.MustExec(t, "FLUSH BINARY LOGS")
	breakShop(t, p)
	p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (99, 'later', '')")
}

// TestFixFromSource repairs a stopped replica whose relay logs are out of reach, from its source's log.
func TestFixFromSource(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		for _, s := range setupsOf(line) {
			t.Run(s.name, func(t *testing.T) { testFixFromSource(t, startSource(t, line, s.options)) })
		}
	})
}

func testFixFromSource(t *testing.T, p *servers.Pair) {
	breakLater(t, p)
	fixed := binmend(t, "", append(replicaOnly(t, p), sourceArgs(p.Source)...)...)
	if fixed.exit != 0 || fixed.stderr != "" {
		t.Fatalf("exit code %d\n%s\n%s", fixed.exit, fixed.stderr, fixed.script)
	}
	where := positionOf(t, fixed.script)
	for _, want := range []string{
		fmt.Sprintf("\n-- Range:       %s to ", where),
		fmt.Sprintf(" of the source 127.0.0.1:%d", p.Source.Port),
		fmt.Sprintf("\n-- Source log:  %s", where),
		"\n-- bin.000002:",
	} {
		if !strings.Contains(fixed.script, want) {
			t.Errorf("expected %q in\n%s", want, fixed.script)
		}
	}
	if _, err := p.Replica.Exec(fixed.script); err != nil {
		t.Fatalf("%v\n%s", err, fixed.script)
	}
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
}

// positionOf is where the script says that the range begins, in the source's log.
func positionOf(t *testing.T, script string) string {
	t.Helper()
	_, rest, _ := strings.Cut(script, "\n-- Range:       ")
	where, _, ok := strings.Cut(rest, " to ")
	if !ok {
		t.Fatalf("no range in\n%s", script)
	}
	return where
}

// TestFixFromSourceByHand has no connection to the replica: its pasted status and a dump, or a GTID alone.
func TestFixFromSourceByHand(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		p := startSource(t, line, servers.Options{GTID: true})
		breakLater(t, p)
		dir := t.TempDir()
		status, schema := filepath.Join(dir, "status.txt"), filepath.Join(dir, "schema.sql")
		for name, text := range map[string]string{status: p.Status(t), schema: p.Replica.SchemaDump(t, "shop")} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		live := binmend(t, "", append(replicaOnly(t, p), sourceArgs(p.Source)...)...)
		for name, args := range map[string][]string{
			"status": {"--status", status},
			"gtid":   {"--gtid", field(live.script, "GTID")},
		} {
			args = slices.Concat([]string{"fix", "--schema", schema}, args, sourceArgs(p.Source))
			got := binmend(t, "", args...)
			if got.exit != 0 || statementsOf(got.script) != statementsOf(live.script) {
				t.Errorf("%s: exit code %d\n%s\n%s\nwant the statements of\n%s", name, got.exit, got.stderr, got.script, live.script)
			}
		}
	})
}

// field is a field of the script's header.
func field(script, name string) string {
	_, rest, _ := strings.Cut(script, "\n-- "+name+":")
	value, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(value)
}

// statementsOf are the statements that change rows.
func statementsOf(script string) string {
	var out strings.Builder
	for line := range strings.Lines(script) {
		if strings.HasPrefix(line, "DELETE ") || strings.HasPrefix(line, "REPLACE ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// TestFixFromSourceAhead repairs with one script what stops the replica at once and what would stop it two logs later.
func TestFixFromSourceAhead(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		for _, options := range []servers.Options{{}, {GTID: true, Workers: 4}} {
			t.Run(fmt.Sprintf("%+v", options), func(t *testing.T) {
				p := startSource(t, line, options)
				breakShop(t, p)
				p.Drift(t, "DELETE FROM shop.customers WHERE id = 1")
				p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (20, 't', ''); FLUSH BINARY LOGS; FLUSH BINARY LOGS; "+
					"UPDATE shop.customers SET note = 'late' WHERE id = 1; INSERT INTO shop.customers VALUES (21, 'u', '')")
				receive(t, p)
				args := append(replicaOnly(t, p), sourceArgs(p.Source)...)
				if one := binmend(t, "", append(args, "--ahead=1")...); one.exit != 0 || strings.Contains(one.script, "bin.000003") {
					t.Errorf("one ahead: exit code %d\n%s\n%s", one.exit, one.stderr, one.script)
				}
				all := binmend(t, "", append(args, "--ahead=all")...)
				if all.exit != 0 || !strings.Contains(joined(all.script), "and 3 transactions after it") {
					t.Fatalf("exit code %d\n%s\n%s", all.exit, all.stderr, all.script)
				}
				if _, err := p.Replica.Exec(all.script); err != nil {
					t.Fatalf("%v\n%s", err, all.script)
				}
				p.Sync(t)
				if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
					t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
				}
			})
		}
	})
}

// TestFixFromSourceRefusals: each way in which a source can't supply the log is an error with advice.
func TestFixFromSourceRefusals(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := startSource(t, line, servers.Options{GTID: true})
		breakLater(t, p)
		check := func(name string, args []string, want ...string) {
			t.Helper()
			got := binmend(t, "", slices.Concat(replicaOnly(t, p), sourceArgs(p.Source), args)...)
			if got.exit != 2 && got.exit != 64 || got.script != "" {
				t.Errorf("%s: exit code %d\n%s\n%s", name, got.exit, got.stderr, got.script)
			}
			for _, w := range want {
				if !strings.Contains(got.stderr, w) {
					t.Errorf("%s: expected %q in\n%s", name, w, got.stderr)
				}
			}
		}
		check("wrong password", []string{"--source-password=wrong"}, "the source: no connection to", "1045", "--source-user")
		check("nobody there", []string{"--source-port=1"}, "connection refused", "hint: ")
		check("no privilege", []string{"--source-user=guest", "--source-password=guests"}, "GRANT REPLICATION SLAVE ON *.*")
		check("another server", []string{"--source-socket=" + p.Replica.Socket, "--source-host=localhost", "--source-user=root", "--source-password="},
			"is not the replica's source: expected ", "hint: the replica's status names 127.0.0.1:")
		check("no certificate", []string{"--source-ssl-ca=/nowhere.pem"}, "ssl-ca: open /nowhere.pem")
		p.Source.MustExec(t, "FLUSH BINARY LOGS; FLUSH BINARY LOGS; FLUSH BINARY LOGS")
		for p.Source.MustExec(t, "PURGE BINARY LOGS TO 'bin.000004'"); len(p.Source.Binlogs(t)) > 2; {
			p.Source.MustExec(t, "PURGE BINARY LOGS TO 'bin.000004'")
		}
		check("purged", nil, "1236", "purged")
	})
}

// TestFixFromSourceLeavesNothing looks for temporary files after a run that ends well and one that does not.
func TestFixFromSourceLeavesNothing(t *testing.T) {
	p := startSource(t, servers.MariaDB118, servers.Options{})
	breakLater(t, p)
	args := append(replicaOnly(t, p), sourceArgs(p.Source)...)
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, last := range []string{"--error=1062", "--error=7"} {
		binmend(t, "", append(args, last)...)
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s left %v, %v", last, left, err)
		}
	}
}
