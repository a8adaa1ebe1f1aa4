package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// account is the ~/.my.cnf of the doctor.
const account = "[client]\nuser=doctor\npassword=\"" + secret + "\"\n"

// watchArgs watch sockets, each second.
func watchArgs(dir string, sockets ...string) []string {
	return []string{"watch", "--output-dir", dir, "-S", strings.Join(sockets, ","), "--interval", "1"}
}

// scripts are the names of the scripts in a folder, and of what is no log and no lock.
func scripts(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".log" && ext != ".lock" {
			names = append(names, e.Name())
		}
	}
	return names
}

// stem is what the names of an instance's files begin with.
func stem(s *servers.Server) string { return strings.ReplaceAll(s.Socket, "/", "_") }

// apply runs a script of the watcher as a person does, and waits until the replica has caught up.
func apply(t *testing.T, p *servers.Pair, path string) {
	t.Helper()
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Replica.Exec(string(script)); err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	p.Sync(t)
	if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("the replica's rows differ.\nsource:\n%s\nreplica:\n%s", source, replica)
	}
}

// TestWatch watches two replicas of different servers at once: each error gets its script, which mends the replica.
func TestWatch(t *testing.T) {
	for _, lines := range [][]*servers.Line{
		{servers.MySQL97, servers.MariaDB118},
		{servers.MySQL56, servers.MariaDB1011},
	} {
		t.Run(fmt.Sprintf("%s and %s", lines[0], lines[1]), func(t *testing.T) {
			t.Parallel()
			var pairs []*servers.Pair
			for _, line := range lines {
				p := servers.StartPair(t, line, servers.Options{GTID: true})
				createDoctor(t, p.Replica)
				p.Source.MustExec(t, shop)
				p.Sync(t)
				pairs = append(pairs, p)
			}
			testWatch(t, pairs[0], pairs[1])
		})
	}
}

func testWatch(t *testing.T, one, other *servers.Pair) {
	dir := filepath.Join(t.TempDir(), "made")
	notified := filepath.Join(t.TempDir(), "notified")
	args := append(watchArgs(dir, one.Replica.Socket, other.Replica.Socket), "--notify", "sh -c 'echo \"$2\" >>\"$1\"' sh "+notified)
	w := startProgram(t, account, args...)
	w.waitFor("msg=watching")
	told := ""
	breakAndMend := func(p *servers.Pair, errno int, drift, change string) {
		t.Helper()
		p.Drift(t, drift)
		p.Source.MustExec(t, change)
		p.WaitError(t, errno)
		path := w.line()
		name := regexp.MustCompile(fmt.Sprintf(`^%s\.\d{8}T\d{6}Z\.%d\.[\w.%%-]+\.sql$`, regexp.QuoteMeta(stem(p.Replica)), errno))
		if filepath.Dir(path) != dir || !name.MatchString(filepath.Base(path)) {
			t.Fatalf("the script is %s, want one of %s", path, name)
		}
		apply(t, p, path)
		told += path + "\n"
	}
	breakAndMend(one, 1062, "INSERT INTO shop.customers VALUES (4, 'x', '')", "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
	breakAndMend(other, 1032, "DELETE FROM shop.customers WHERE id = 1", "UPDATE shop.customers SET note = 'a' WHERE id = 1")
	breakAndMend(one, 1032, "DELETE FROM shop.customers WHERE id = 2", "DELETE FROM shop.customers WHERE id = 2")

	// Another watcher has no business here.
	second := startProgram(t, account, watchArgs(dir, other.Replica.Socket)...)
	if code := second.exit(); code != 2 || !strings.Contains(second.said(), other.Replica.Socket+" is being watched by another process") {
		t.Errorf("a second watcher: exit code %d\n%s", code, second.said())
	}

	// A server that goes and comes back.
	other.Replica.ShutDown(t)
	w.waitFor("not reached")
	other.Replica.StartAgain(t)
	other.StartReplica(t)
	w.waitFor("reached again")
	breakAndMend(other, 1062, "INSERT INTO shop.customers VALUES (9, 'x', '')", "INSERT INTO shop.customers VALUES (9, 'y', '')")

	// The watcher ends while an error stands; the next one knows its script.
	one.Drift(t, "DELETE FROM shop.customers WHERE id = 4")
	one.Source.MustExec(t, "DELETE FROM shop.customers WHERE id = 4")
	one.WaitError(t, 1032)
	path := w.line()
	w.waitFor("msg=notified instance=" + one.Replica.Socket + " script=" + path)
	if code := w.terminate(); code != 130 {
		t.Errorf("after SIGTERM: exit code %d, want 130", code)
	}
	all := scripts(t, dir)
	if len(all) != 5 {
		t.Errorf("files %q, want 5 scripts", all)
	}
	if text, err := os.ReadFile(notified); err != nil || string(text) != told+path+"\n" {
		t.Errorf("notified of\n%s, %v, want\n%s", text, err, told+path)
	}
	once := append(watchArgs(dir, one.Replica.Socket, other.Replica.Socket), "--once")
	again := startProgram(t, account, once...)
	if code := again.exit(); code != 1 || len(scripts(t, dir)) != 5 || !strings.Contains(again.said(), "its script is there") {
		t.Errorf("--once, with an error: exit code %d, files %q\n%s", code, scripts(t, dir), again.said())
	}
	apply(t, one, path)
	healthy := startProgram(t, account, once...)
	if code := healthy.exit(); code != 0 || len(scripts(t, dir)) != 5 {
		t.Errorf("--once, without an error: exit code %d, files %q\n%s", code, scripts(t, dir), healthy.said())
	}
}
