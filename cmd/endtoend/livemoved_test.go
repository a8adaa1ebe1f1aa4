package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/fixtures/servers"
)

// TestFixLiveMovedOn: between the status and the reading of the relay logs somebody has repaired the replica, which has
// removed them.
func TestFixLiveMovedOn(t *testing.T) {
	servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		createDoctor(t, p.Replica)
		breakShop(t, p)
		status := filepath.Join(t.TempDir(), "status.txt")
		if err := os.WriteFile(status, []byte(p.Status(t)), 0o600); err != nil {
			t.Fatal(err)
		}
		old := p.Replica.RelayLogs(t)
		fixed := binmend(t, "", "fix", "-S", p.Replica.Socket, "-u", "doctor", "-p")
		if _, err := p.Replica.Exec(fixed.script); err != nil {
			t.Fatalf("%v\n%s", err, fixed.script)
		}
		p.Sync(t)
		waitGone(t, p, old[len(old)-1])
		late := binmend(t, "", "fix", "--status", status, "-S", p.Replica.Socket, "-u", "doctor", "-p")
		if late.exit != 2 || late.script != "" || !strings.Contains(late.stderr, "the replica has moved on since its status was read") ||
			!strings.Contains(late.stderr, "hint: run it again with the replica's current status") {
			t.Errorf("exit code %d\n%s\n%s", late.exit, late.stderr, late.script)
		}
	})
}

// waitGone lets the replica go on to new relay logs until it has removed one.
func waitGone(t *testing.T, p *servers.Pair, name string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		p.Replica.MustExec(t, "FLUSH RELAY LOGS")
		p.Source.MustExec(t, "REPLACE INTO shop.customers VALUES (99, 'z', UUID())")
		p.Sync(t)
		if _, err := os.Stat(name); os.IsNotExist(err) {
			return
		}
	}
	t.Fatalf("%s is there after a minute", name)
}
