package endtoend

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"binmend/fixtures/forms"
	"binmend/fixtures/servers"
)

// account is the ~/.my.cnf of the doctor.
const account = "[client]\nuser=doctor\npassword=\"" + secret + "\"\n"

// watchArgs watch sockets, each second.
func watchArgs(dir string, sockets ...string) []string {
	return []string{"watch", "--output-dir", dir, "-S", strings.Join(sockets, ","), "--interval", "1"}
}

// scripts are the names of all files in a folder other than logs and locks.
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
		{servers.MySQL57, servers.MariaDB114},
		{servers.MySQL8015, servers.MySQL8031},
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

// TestWatchAdvice: an error that no row repairs gets a script too: what it means and what is safe.
func TestWatchAdvice(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{})
		createDoctor(t, p.Replica)
		p.Source.MustExec(t, shop)
		p.Sync(t)
		dir := t.TempDir()
		look := func(errno int) {
			t.Helper()
			w := startProgram(t, account, append(watchArgs(dir, p.Replica.Socket), "--once")...)
			path := w.line()
			script, err := os.ReadFile(path)
			if code := w.exit(); code != 1 || err != nil || !strings.Contains(path, fmt.Sprintf("Z.%d.bin.000001_", errno)) ||
				!strings.Contains(string(script), "-- What is safe") {
				t.Errorf("exit code %d, %s: %v\n%s", code, path, err, script)
			}
		}
		p.Drift(t, "DROP TABLE shop.customers")
		p.Source.MustExec(t, "DELETE FROM shop.customers WHERE id = 1")
		p.WaitError(t, 1146)
		look(1146)
		p.StopReplica(t)
		p.Drift(t, shop[strings.Index(shop, "CREATE TABLE"):])
		p.Replica.MustExec(t, "SET GLOBAL server_id = 1") // the source's
		p.Source.MustExec(t, "DELETE FROM shop.customers WHERE id = 2")
		p.StartReplica(t)
		stop := p.Settle(t)
		if stop.Thread != "IO" {
			t.Fatal(stop)
		}
		look(stop.Errno)
	})
}

// TestWatchList watches what a file lists, by TCP, and asks the replica for what it needs, as fix --probe does.
func TestWatchList(t *testing.T) {
	p := servers.StartPair(t, servers.MySQL97, servers.Options{GTID: true})
	createDoctor(t, p.Replica)
	p.Replica.MustExec(t, "SET sql_log_bin = 0; RENAME USER doctor@localhost TO doctor@'127.0.0.1'")
	breakShop(t, p)
	list := filepath.Join(t.TempDir(), "replicas.txt")
	address := fmt.Sprintf("127.0.0.1:%d", p.Replica.Port)
	if err := os.WriteFile(list, []byte("# the only one\n"+address+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startProgram(t, account, "watch", "--output-dir", t.TempDir(), "--instances-file", list, "--once", "--probe", "--get-server-public-key")
	path := w.line()
	script, err := os.ReadFile(path)
	if name := strings.Replace(address, ":", "_", 1) + "."; err != nil || !strings.Contains(string(script), "-- Probed") || !strings.HasPrefix(filepath.Base(path), name) {
		t.Errorf("%s: %v\n%s", path, err, script)
	}
	apply(t, p, path)
}

// TestWatchTerminated ends watchers while they write: there is a whole script, or none.
func TestWatchTerminated(t *testing.T) {
	p := servers.StartPair(t, servers.MariaDB118, servers.Options{GTID: true})
	createDoctor(t, p.Replica)
	p.Source.MustExec(t, shop)
	p.Sync(t)
	const many = "INSERT INTO shop.customers SELECT seq + 10, CONCAT('m', seq), REPEAT('n', 100) FROM shop.seq_1_to_20000"
	p.Drift(t, strings.Replace(many, "CONCAT('m'", "CONCAT('x'", 1))
	p.Source.MustExec(t, many)
	p.WaitError(t, 1062)
	receive(t, p)
	dir := t.TempDir()
	for range 3 {
		w := startProgram(t, account, watchArgs(dir, p.Replica.Socket)...)
		w.waitFor("msg=stopped")
		if code := w.terminate(); code != 130 {
			t.Errorf("exit code %d, want 130", code)
		}
	}
	for _, name := range scripts(t, dir) {
		script, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasSuffix(name, ".sql") || !strings.Contains(string(script), "\nCOMMIT;\n") || !strings.Contains(string(script), "more ways: --alternatives") {
			t.Errorf("%s has %d bytes, %v", name, len(script), err)
		}
	}
	whole := startProgram(t, account, append(watchArgs(dir, p.Replica.Socket), "--once")...)
	if code := whole.exit(); code != 1 || len(scripts(t, dir)) != 1 {
		t.Errorf("exit code %d, files %q", code, scripts(t, dir))
	}
	apply(t, p, filepath.Join(dir, scripts(t, dir)[0]))
}

// TestWatchUndo: beside a script stands the one that takes it back, and as JSON a repair has the same parts as the script.
func TestWatchUndo(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			p := servers.StartPair(t, line, servers.Options{GTID: true})
			createDoctor(t, p.Replica)
			p.Source.MustExec(t, shop)
			p.Sync(t)
			p.Drift(t, "INSERT INTO shop.customers VALUES (4, 'x', 'in the way')")
			p.Source.MustExec(t, "INSERT INTO shop.customers VALUES (4, 'dee@example.org', '')")
			p.WaitError(t, 1062)
			before := p.Replica.Contents(t, "shop")
			once := func(more ...string) []byte {
				dir := t.TempDir()
				w := startProgram(t, account, append([]string{"watch", "--once", "--output-dir", dir, "-S", p.Replica.Socket}, more...)...)
				path := w.line()
				if code := w.exit(); code != 1 {
					t.Fatalf("exit code %d\n%s", code, w.said())
				}
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if more[0] == "--json" {
					return text
				}
				if _, err := p.Replica.Exec(string(text)); err != nil {
					t.Fatalf("%v\n%s", err, text)
				}
				undo, err := os.ReadFile(strings.TrimSuffix(path, ".sql") + ".undo")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.Replica.Exec(string(undo)); err != nil {
					t.Fatalf("%v\n%s", err, undo)
				}
				if after := p.Replica.Contents(t, "shop"); after != before {
					t.Errorf("after script and undo:\n%s\nbefore:\n%s", after, before)
				}
				return text
			}
			script := once("--undo", "--no-start")
			var form struct {
				Version int
				Parts   []struct{ Text string }
			}
			file := once("--json", "--no-start")
			if err := forms.CheckOutput([]string{"fix", "--json"}, file); err != nil {
				t.Error(err)
			}
			if err := json.Unmarshal(file, &form); err != nil {
				t.Fatal(err)
			}
			var parts strings.Builder
			for _, part := range form.Parts {
				parts.WriteString(part.Text)
			}
			if form.Version == 0 || parts.String() != string(script) {
				t.Errorf("version %d; the parts are not the script:\n%s\n%s", form.Version, parts.String(), script)
			}
		})
	}
}
