package serve_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"binmend/decoder/serve"
	"binmend/fixtures/servers"
)

// certificate is one that nobody has signed.
func certificate(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// mixed is what a source may log: large events, compressed transactions, XA, DDL, logs with and without checksums, rows of
// several sources, GTIDs with tags and gaps.
func mixed(line *servers.Line) string {
	script := `CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT);
INSERT INTO d.t VALUES (1, 'a'), (2, 'b');
SET GLOBAL binlog_checksum = NONE; INSERT INTO d.t VALUES (3, 'without checksum');
SET GLOBAL binlog_checksum = CRC32; INSERT INTO d.t VALUES (4, 'with');
CREATE TABLE d.m (id INT PRIMARY KEY, v LONGTEXT) ENGINE = MyISAM; INSERT INTO d.m VALUES (1, REPEAT('more than sixteen million bytes', 600000));
BEGIN; UPDATE d.t SET v = CONCAT(v, '!') WHERE id < 5; DELETE FROM d.t WHERE id = 2; COMMIT;
XA START 'x'; INSERT INTO d.t VALUES (6, 'xa'); XA END 'x'; XA PREPARE 'x'; XA COMMIT 'x';
INSERT INTO d.m VALUES (2, 'x'), (3, 'y');
FLUSH LOGS;
`
	const compressed = `SET SESSION binlog_transaction_compression = ON; INSERT INTO d.t VALUES (7, REPEAT('compressed', 10000)); SET SESSION binlog_transaction_compression = OFF;
`
	switch {
	case line == servers.MySQL8031:
		script += compressed + "FLUSH LOGS;\n"
	case line == servers.MySQL97:
		script += compressed + `SET GTID_NEXT = 'AUTOMATIC:tagged'; INSERT INTO d.t VALUES (8, 'tagged'); SET GTID_NEXT = 'AUTOMATIC'; FLUSH LOGS;
`
	case line.Flavor == servers.MariaDB:
		script += `SET GLOBAL log_bin_compress = ON; INSERT INTO d.t VALUES (7, REPEAT('compressed', 10000)); SET GLOBAL log_bin_compress = OFF;
SET SESSION gtid_domain_id = 5; INSERT INTO d.t VALUES (8, 'domain 5'); SET SESSION server_id = 77; INSERT INTO d.t VALUES (9, 'server 77'); FLUSH LOGS;
`
	}
	return script + "INSERT INTO d.t VALUES (10, 'end')"
}

// TestAttach lets real replicas of each line attach to the logs of a real source.
func TestAttach(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true, Args: []string{"--max-allowed-packet=64M"}})
		p.Sync(t)
		p.StopReplica(t)
		p.Source.MustExec(t, mixed(line))
		dir := t.TempDir()
		copied := startPull(t, p.Source, dir, false)
		port := startServe(t, serve.Options{Dir: dir, Accounts: users(t, pluginOf(line)), TLS: certificate(t)})
		other := servers.Start(t, line, servers.Options{GTID: true, Args: []string{"--server-id=3", "--max-allowed-packet=64M", "--binlog-checksum=NONE"}})

		attachAs(t, p.Replica, port, "wrong", byGTID(line))
		p.StartReplica(t)
		waitForError(t, p.Replica, "1045", "onnecting to ")
		p.StopReplica(t)

		from := byGTID(line)
		if line != servers.MySQL56 && line != servers.MySQL57 { // whose TLS is older than what is served
			from += ", @_SSL=1"
		}
		attach(t, p.Replica, port, from)
		attach(t, other, port, byGTID(line))
		if line.Flavor == servers.MySQL {
			makeGaps(t, p.Source, other)
		}
		p.StartReplica(t)
		beSemiSync(t, other)
		other.MustExec(t, startReplica(line))
		for _, replica := range []*servers.Server{p.Replica, other} {
			waitFor(t, replica, "SELECT COUNT(*) FROM d.t WHERE id = 10", "1")
		}
		p.Source.MustExec(t, "INSERT INTO d.t VALUES (11, 'while it is being pulled')")
		for _, replica := range []*servers.Server{p.Replica, other} {
			waitFor(t, replica, "SELECT COUNT(*) FROM d.t WHERE id = 11", "1")
			if got, want := replica.Contents(t, "d"), p.Source.Contents(t, "d"); got != want {
				t.Errorf("the replica's rows differ.\nsource:\n%.2000s\nreplica:\n%.2000s", want, got)
			}
		}
		waitForHeartbeats(t, p.Replica)
		copied.end()
		readers(t, line, p.Source, dir, port)
		showLogs(t, p.Source, port)
		if line != servers.MySQL56 { // its mysql.user has other columns
			showLogs(t, p.Source, startServe(t, serve.Options{Dir: dir, Accounts: takenOver(t, other)}))
		}
		refused(t, other, dir, port)
	})
}

// beSemiSync lets a replica ask for semi-synchronous replication, which it does not get. MySQL 5.6's package lacks the plugin.
func beSemiSync(t testing.TB, replica *servers.Server) {
	t.Helper()
	switch line := replica.Install.Line; {
	case line == servers.MySQL97:
		replica.MustExec(t, "INSTALL PLUGIN rpl_semi_sync_replica SONAME 'semisync_replica.so'; SET GLOBAL rpl_semi_sync_replica_enabled = ON")
	case line.Flavor == servers.MariaDB:
		replica.MustExec(t, "SET GLOBAL rpl_semi_sync_slave_enabled = ON")
	}
}

// makeGaps gives a replica transactions of its own, and one of the source's future.
func makeGaps(t testing.TB, source, replica *servers.Server) {
	t.Helper()
	var uuid string
	if err := source.DB().QueryRow("SELECT @@server_uuid").Scan(&uuid); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{uuid + ":1000", "aaaaaaaa-0000-0000-0000-00000000000a:5", "aaaaaaaa-0000-0000-0000-00000000000a:7"} {
		replica.MustExec(t, "SET GTID_NEXT = '"+id+"'; BEGIN; COMMIT; SET GTID_NEXT = 'AUTOMATIC'")
	}
}

// showLogs asks with the line's own client.
func showLogs(t testing.TB, s *servers.Server, port int) {
	t.Helper()
	for _, statement := range []string{"SHOW BINARY LOGS", "SHOW MASTER STATUS"} {
		if statement == "SHOW MASTER STATUS" && s.Install.Line == servers.MySQL97 {
			statement = "SHOW BINARY LOG STATUS"
		}
		args := []string{"--host=127.0.0.1", fmt.Sprint("--port=", port), "--user=mend", "--password=" + password, "--batch", "--execute=" + statement}
		if s.Install.Line.Client == "mysql" {
			args = append(args, "--ssl-mode=DISABLED", "--get-server-public-key")
		} else {
			args = append(args, "--skip-ssl")
		}
		var stderr strings.Builder
		cmd := s.Install.Command(s.Install.Line.Client, args...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", statement, err, &stderr)
		}
		if want := s.MustExec(t, statement); string(out) != want {
			t.Errorf("%s\ngot\n%swant\n%s", statement, out, want)
		}
	}
}

// takenOver are the accounts of a server, by the statement that the README has for it.
func takenOver(t testing.TB, s *servers.Server) *serve.Accounts {
	t.Helper()
	createUser(t, s)
	rows := s.MustExec(t, "SELECT CONCAT_WS(' ', user, plugin, IF(plugin = 'caching_sha2_password', "+
		"HEX(authentication_string), authentication_string)) FROM mysql.user WHERE user = 'mend'")
	_, line, _ := strings.Cut(rows, "\n")
	name := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(name, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts, err := serve.ReadAccounts(name)
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}

// refused has what is not there any more, or never was.
func refused(t testing.TB, replica *servers.Server, dir string, port int) {
	t.Helper()
	line, index := replica.Install.Line, filepath.Join(dir, "bin.index")
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(index, []byte(rest), 0o644); err != nil {
		t.Fatal(err)
	}
	stop, forget, gone := "STOP SLAVE", "RESET SLAVE ALL; RESET MASTER", "purged"
	if line == servers.MySQL97 {
		stop, forget = "STOP REPLICA", "RESET REPLICA ALL; RESET BINARY LOGS AND GTIDS"
	}
	if line.Flavor == servers.MariaDB {
		forget += "; SET GLOBAL gtid_slave_pos = ''"
	}
	for _, tc := range []struct{ from, want string }{
		{byGTID(line), gone},
		{byPosition(line, "bin.000001", "4"), "the logs are bin.000002 to bin.00000"},
		{byPosition(line, "bin.000002", "5"), "no event begins at position 5"},
		{byPosition(line, "bin.000002", "500000000"), "position > file size"},
	} {
		replica.MustExec(t, stop+"; "+forget)
		from := tc.from
		if line.Flavor == servers.MySQL && !strings.Contains(from, "AUTO_POSITION") {
			from += ", @_AUTO_POSITION=0"
		}
		attach(t, replica, port, from)
		replica.MustExec(t, startReplica(line))
		errno := "1236"
		if line.Client == "mysql" {
			errno = "13114" // "Got fatal error 1236 from source"
		}
		waitForError(t, replica, errno, tc.want)
	}
}

func startReplica(line *servers.Line) string {
	if line == servers.MySQL97 {
		return "START REPLICA"
	}
	return "START SLAVE"
}

// waitForError waits until a replica's receiver has an error.
func waitForError(t testing.TB, replica *servers.Server, errno, text string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		status := column(t, replica)
		number, message := status("Last_IO_Errno"), status("Last_IO_Error")
		if number == errno && strings.Contains(message, text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("want error %s …%s…, found %s %s", errno, text, number, message)
		}
	}
}

// waitForHeartbeats waits for two more, at the second that attach asks for.
func waitForHeartbeats(t testing.TB, replica *servers.Server) {
	t.Helper()
	count := func() (n int) {
		question := "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Slave_received_heartbeats'"
		if line := replica.Install.Line; line.Flavor == servers.MySQL && line != servers.MySQL56 {
			question = "SELECT COUNT_RECEIVED_HEARTBEATS FROM performance_schema.replication_connection_status"
		}
		if err := replica.DB().QueryRow(question).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := count()
	for deadline := time.Now().Add(30 * time.Second); count() < before+2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d heartbeats, there were %d before", count(), before)
		}
	}
}

// readers lets ten log readers of the line copy all logs at a time. Each copy is the source's log.
func readers(t *testing.T, line *servers.Line, source *servers.Server, dir string, port int) {
	t.Helper()
	first := filepath.Base(source.Binlogs(t)[0])
	var all sync.WaitGroup
	for i := range 10 {
		to := filepath.Join(t.TempDir(), fmt.Sprint(i)) + string(filepath.Separator)
		if err := os.Mkdir(to, 0o755); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			cmd := reader(source, port, "--raw", "--result-file="+to, "--to-last-log", first)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line.LogReader, err, out)
				return
			}
			for _, log := range source.Binlogs(t) {
				name := filepath.Base(log)
				want, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Error(err)
				}
				if got, err := os.ReadFile(to + name); err != nil || string(got) != string(want) {
					t.Errorf("%s of reader %d differs: %d bytes, want %d, %v", name, i, len(got), len(want), err)
				}
			}
		})
	}
	all.Wait()
}

// reader is the line's log reader, reading from a server at a port.
func reader(s *servers.Server, port int, args ...string) *exec.Cmd {
	own := []string{"--read-from-remote-server", "--host=127.0.0.1", fmt.Sprint("--port=", port), "--user=mend", "--password=" + password}
	if s.Install.Line.Client == "mysql" {
		own = append(own, "--ssl-mode=DISABLED", "--get-server-public-key")
	} else {
		own = append(own, "--skip-ssl")
	}
	return s.Install.Command(s.Install.Line.LogReader, append(own, args...)...)
}
