package endtoend

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// TestGroupMember runs the script for a channel of group replication on a member of a group, which takes no command for that
// channel (error 3139): the member leaves its group, is repaired, and comes back. What stops it is made up, because a group of one
// member has nobody to send it a transaction.
func TestGroupMember(t *testing.T) {
	source := servers.Start(t, servers.MySQL97, servers.Options{GTID: true, Args: []string{"--server-id=7"}})
	member := servers.Start(t, servers.MySQL97, servers.Options{GTID: true, Args: []string{"--server-id=8", "--plugin-load-add=group_replication.so",
		"--group-replication-group-name=6bdda607-eb78-11f1-acd7-02fc00000001", "--group-replication-start-on-boot=OFF", "--report-host=127.0.0.1", "--auto-generate-certs=ON"}})
	const table = "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); "
	source.MustExec(t, table+"INSERT INTO shop.t VALUES (1, 1); UPDATE shop.t SET v = 2")
	member.MustExec(t, table)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	t.Cleanup(func() {
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(filepath.Dir(member.Data("")), "error.log"))
			t.Logf("%s", log[max(0, len(log)-4000):])
		}
	})
	member.MustExec(t, fmt.Sprintf("SET GLOBAL group_replication_local_address='127.0.0.1:%d', GLOBAL group_replication_group_seeds='127.0.0.1:%d', "+
		"GLOBAL group_replication_ip_allowlist='127.0.0.1/8', "+
		"GLOBAL group_replication_bootstrap_group=ON; START GROUP_REPLICATION;", port, port))
	var id string
	if err := source.DB().QueryRow("SELECT @@server_uuid").Scan(&id); err != nil {
		t.Fatal(err)
	}
	logs := source.Binlogs(t)
	status := filepath.Join(t.TempDir(), "status.txt")
	text := "Channel_Name: group_replication_applier\nRelay_Log_File: bin.000001\nLast_SQL_Errno: 1032\nLast_SQL_Error: Worker 1 failed executing transaction '" + id +
		":4' at source log " + filepath.Base(logs[len(logs)-1]) + ", end_log_pos 0\nAuto_Position: 1\n"
	if err := os.WriteFile(status, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	fixed := binmend(t, "", append([]string{"fix", "-S", member.Socket, "-u", "root", "--gtid", id + ":4", "--status", status}, logs...)...)
	if fixed.exit != 0 {
		t.Fatalf("exit code %d\n%s%s", fixed.exit, fixed.script, fixed.stderr)
	}
	if _, err := member.Exec(fixed.script); err != nil {
		t.Fatalf("%v\n%s", err, fixed.script)
	}
	if got := member.MustExec(t, "SELECT v FROM shop.t WHERE id = 1"); got != "v\n1\n" {
		t.Errorf("the row after the script: %q", got)
	}
	if got := member.MustExec(t, "SELECT MEMBER_STATE FROM performance_schema.replication_group_members"); !strings.Contains(got, "ONLINE") {
		t.Errorf("the member after the script: %q\n%s", got, fixed.script)
	}
}
