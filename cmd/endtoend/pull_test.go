package endtoend

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestPull copies a source's logs with the least privilege, twice, and compares them.
func TestPull(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		p := startSource(t, line, servers.Options{GTID: true})
		dir := filepath.Join(t.TempDir(), "logs")
		args := []string{"pull", "-h", "127.0.0.1", "-P", portOf(p.Source), "-u", "reader", "-preaders", "--dir", dir}
		for _, change := range []string{shop, "FLUSH BINARY LOGS; INSERT INTO shop.customers VALUES (3, 'c', REPEAT('x', 60000)); FLUSH BINARY LOGS"} {
			p.Source.MustExec(t, change)
			got := binmend(t, "", args...)
			if got.exit != 0 || got.script != "" {
				t.Fatalf("exit code %d\n%s", got.exit, got.stderr)
			}
			if !strings.Contains(got.stderr, "up to date at bin.0") {
				t.Errorf("said:\n%s", got.stderr)
			}
		}
		logs := p.Source.Binlogs(t)
		for _, name := range logs[:len(logs)-1] {
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s differs, %v", filepath.Base(name), err)
			}
		}
		p.Replica.MustExec(t, "FLUSH BINARY LOGS; FLUSH BINARY LOGS")
		for name, c := range map[string]struct {
			args []string
			want string
		}{
			"wrong password":  {[]string{"-pwrong"}, "1045"},
			"no privilege":    {[]string{"-uguest", "-pguests"}, "hint: let the account read the log: GRANT REPLICATION SLAVE ON *.*"},
			"another server":  {[]string{"-P", portOf(p.Replica), "-urepl", "--password="}, "the source's log is not the one in " + dir},
			"no semi-sync":    {[]string{"--stop-never", "--semi-sync"}, "has no semi-synchronous replication"},
			"no such log":     {[]string{"--dir", t.TempDir(), "bin.000099"}, "1236"},
			"inside an event": {[]string{"--dir", t.TempDir(), "bin.000001", "-j", "130"}, "no event of bin.000001 begins at 130"},
		} {
			if name == "no semi-sync" && line.Flavor == servers.MariaDB {
				continue // it is always there
			}
			got := binmend(t, "", append(args[:len(args):len(args)], c.args...)...)
			if got.exit != 2 || !strings.Contains(got.stderr, c.want) {
				t.Errorf("%s: exit code %d, want 2 with %q\n%s", name, got.exit, c.want, got.stderr)
			}
		}
	})
}
