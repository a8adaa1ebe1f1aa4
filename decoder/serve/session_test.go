package serve

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
)

// certificate makes a certificate that nobody has signed.
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

// errno is the number of a server's error, 0 for another one.
func errno(err error) uint16 {
	var e *mysql.MyError
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

func TestLogin(t *testing.T) {
	clear := run(t, Options{Dir: folder(t, twoLogs(t)...)})
	secure := run(t, Options{Dir: folder(t, twoLogs(t)...), TLS: certificate(t), RequireTLS: true})
	for _, tc := range []struct {
		user, password string
		want           uint16
	}{
		{"native", secret, 0},
		{"native", "wrong", mysql.ER_ACCESS_DENIED_ERROR},
		{"native", "", mysql.ER_ACCESS_DENIED_ERROR},
		{"sha2", "wrong", mysql.ER_ACCESS_DENIED_ERROR}, // before the password has been seen
		{"sha2", secret, 0},
		{"sha2", secret, 0}, // by its digest
		{"sha2", "wrong", mysql.ER_ACCESS_DENIED_ERROR},
		{"sha2", "", mysql.ER_ACCESS_DENIED_ERROR},
		{"nobody", secret, mysql.ER_ACCESS_DENIED_ERROR},
		{"", "", mysql.ER_ACCESS_DENIED_ERROR},
	} {
		if c, err := clear.connect(tc.user, tc.password); errno(err) != tc.want || (err == nil) != (tc.want == 0) {
			t.Errorf("%q with password %q: %v, want error %d", tc.user, tc.password, err, tc.want)
		} else if err == nil {
			c.Close()
		}
		if c, err := secure.connectTLS(tc.user, tc.password); errno(err) != tc.want || (err == nil) != (tc.want == 0) {
			t.Errorf("%q with password %q over TLS: %v, want error %d", tc.user, tc.password, err, tc.want)
		} else if err == nil {
			c.Close()
		}
	}
	if _, err := secure.connect("native", secret); errno(err) != errSecureTransport {
		t.Errorf("without TLS where it is required: %v", err)
	}
	if _, err := clear.connectTLS("native", secret); err == nil {
		t.Error("TLS where there is none: want an error")
	}
}

// TestOtherProtocols sends bytes of clients that mean somebody else. Each is refused, and the server goes on.
func TestOtherProtocols(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)}, func(s *Server) { s.handshakeLimit = 2 * time.Second })
	oldClient := append([]byte{36, 0, 0, 1}, make([]byte, 36)...)
	for _, tc := range []struct {
		name string
		send []byte
	}{
		{"HTTP", []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")},
		{"TLS without asking", []byte{22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3}},
		{"a packet that says it has 16 MiB", append([]byte{0xff, 0xff, 0xff, 1}, bytes.Repeat([]byte{'x'}, 40<<10)...)},
		{"an empty packet", []byte{0, 0, 0, 1}},
		{"a client before 4.1", oldClient},
		{"a response that ends in the user", append([]byte{40, 0, 0, 1, 0, 0x82, 0, 0}, bytes.Repeat([]byte{'x'}, 36)...)},
		{"nothing: a connection that is half open", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := net.Dial("tcp", r.addr)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(10 * time.Second))
			c.Write(tc.send)
			_, err = io.ReadAll(c)
			if e, ok := err.(net.Error); ok && e.Timeout() {
				t.Error("the server did not close the connection")
			}
		})
	}
	r.mustConnect(t)
}

func TestTooManyConnections(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...), MaxConnections: 2})
	r.mustConnect(t)
	last := r.mustConnect(t)
	if _, err := r.connect("native", secret); errno(err) != mysql.ER_CON_COUNT_ERROR {
		t.Errorf("the third of two connections: %v", err)
	}
	last.Close()
	for deadline := time.Now().Add(10 * time.Second); ; {
		c, err := r.connect("native", secret)
		if err == nil {
			c.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after one has left: %v", err)
		}
	}
}

func TestIdle(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)}, func(s *Server) { s.idleLimit = 50 * time.Millisecond })
	c := r.mustConnect(t)
	if _, err := c.ReadPacket(); err == nil {
		t.Error("an idle client was sent something")
	}
}

// largeLog has more than the buffers between two processes hold.
func largeLog(t testing.TB) *builder {
	log := newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("")
	for range 64 {
		log.event(decoder.EventIgnorable, make([]byte, 1<<20))
	}
	return log
}

// TestSlowReader lets one client read nothing while another one gets everything.
func TestSlowReader(t *testing.T) {
	r := run(t, Options{Dir: folder(t, largeLog(t))})
	slow, fast := r.mustConnect(t), r.mustConnect(t)
	request := ask{file: "bin.000001", position: 4}
	request.send(t, slow)
	request.send(t, fast)
	if events := strings.Count(newStream(fast).all(), "Ignorable"); events != 64 {
		t.Errorf("the other client got %d of 64 events", events)
	}
}

// TestDeadReader lets go of a client that reads nothing for longer than it may.
func TestDeadReader(t *testing.T) {
	r := run(t, Options{Dir: folder(t, largeLog(t))}, func(s *Server) { s.writeLimit = 50 * time.Millisecond })
	ask{file: "bin.000001", position: 4}.send(t, r.mustConnect(t))
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		r.mu.Lock()
		open := len(r.sessions)
		r.mu.Unlock()
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions are open", open)
		}
	}
}

// TestLargeEvent sends events that take more than one packet: 16 MiB and a bit, and just as many bytes as fill packets.
func TestLargeEvent(t *testing.T) {
	const packet = 1<<24 - 1
	for _, size := range []int{packet - 1, packet, packet + 1, 2 * packet, 2*packet + 7} {
		body := make([]byte, size-1-headerLength-checksumLength)
		rand.Read(body)
		log := newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").event(decoder.EventIgnorable, body)
		c := run(t, Options{Dir: folder(t, log)}).mustConnect(t)
		ask{file: "bin.000001", position: 158}.send(t, c)
		if got := newStream(c).all(); strings.Count(got, "Ignorable") != 1 || strings.Contains(got, "ERROR") {
			t.Errorf("a packet of %d bytes: %s", size, got)
		}
	}
}

// TestEnd ends the server while one client is idle, one waits for events and one does not read.
func TestEnd(t *testing.T) {
	log := largeLog(t)
	r := run(t, Options{Dir: folder(t, log)})
	r.mustConnect(t)
	blocked, waiting := r.mustConnect(t), r.mustConnect(t)
	ask{file: "bin.000001", position: 4, waits: true}.send(t, blocked)
	ask{file: "bin.000001", position: uint32(log.log.Len()), waits: true}.send(t, waiting)
	s := newStream(waiting)
	s.next()
	s.next()
	r.stop()
	select {
	case err := <-r.done:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the server does not end")
	}
	if line, err := s.next(); err == nil || !strings.HasPrefix(err.Error(), "1053 ") {
		t.Errorf("the waiting client got %q and %v, want error 1053", line, err)
	}
}

// TestAnswers has what clients ask, one statement per line and what it gets.
func TestAnswers(t *testing.T) {
	mysqlServer := run(t, Options{Dir: folder(t, twoLogs(t)...)})
	mariaServer := run(t, Options{Dir: folder(t, mariaLogs(t)...)})
	clients := map[*running]*client.Conn{mysqlServer: mysqlServer.mustConnect(t), mariaServer: mariaServer.mustConnect(t)}
	for _, tc := range []struct {
		server          *running
		statement, want string
	}{
		{mysqlServer, "SELECT @@GLOBAL.SERVER_ID", "1"},
		{mysqlServer, "SHOW VARIABLES LIKE 'SERVER_ID'", "server_id 1"},
		{mysqlServer, "SHOW GLOBAL VARIABLES LIKE 'BINLOG_CHECKSUM';", "binlog_checksum CRC32"},
		{mysqlServer, "SHOW VARIABLES LIKE 'no_such'", ""},
		{mysqlServer, "SELECT @@global.rpl_semi_sync_source_enabled", "ERROR 1193"},
		{mysqlServer, "SET @master_heartbeat_period = 1000, @source_heartbeat_period = 2000", "OK"},
		{mysqlServer, "SELECT @master_heartbeat_period, @source_heartbeat_period AS p, @none", "1000 2000 NULL"},
		{mysqlServer, "SET @source_binlog_checksum = @@global.binlog_checksum", "OK"},
		{mysqlServer, "SELECT @source_binlog_checksum", "CRC32"},
		{mysqlServer, "SELECT @@GLOBAL.GTID_MODE", "ON"},
		{mysqlServer, "SELECT @@gtid_executed", uuidA + ":1-3,\n" + uuidB + ":1"},
		{mysqlServer, "SELECT @@gtid_purged", ""},
		{mysqlServer, "select @@version_comment limit 1", "binmend serve"},
		{mysqlServer, "/* who */ SELECT VERSION(), DATABASE()", mysqlVersion + " NULL"},
		{mysqlServer, "SELECT USER()", "native@127.0.0.1"},
		{mysqlServer, "SHOW BINARY LOGS", "bin.000001 391 No, bin.000002 390 No"},
		{mysqlServer, "SHOW BINARY LOG STATUS", "bin.000002 390   " + uuidA + ":1-3,\n" + uuidB + ":1"},
		{mysqlServer, "show  master\tstatus", "bin.000002 390   " + uuidA + ":1-3,\n" + uuidB + ":1"},
		{mysqlServer, "SHOW REPLICAS", ""},
		{mysqlServer, "SET NAMES utf8mb4", "OK"},
		{mysqlServer, "SET autocommit=0", "OK"},
		{mysqlServer, "SET GLOBAL read_only=0", "ERROR 1235"},
		{mysqlServer, "SELECT * FROM mysql.user", "ERROR 1235"},
		{mysqlServer, "SELECT 1 INTO OUTFILE '/tmp/x'", "ERROR 1235"},
		{mysqlServer, "DROP DATABASE d", "ERROR 1235"},
		{mysqlServer, "/*!50000 DROP DATABASE d */", "ERROR 1235"},
		{mysqlServer, "SELECT 'unfinished", "ERROR 1235"},
		{mysqlServer, "select $$", "ERROR 1235"},
		{mysqlServer, "SET x", "ERROR 1235"},
		{mysqlServer, "SET @x =", "ERROR 1235"},
		{mysqlServer, "", "ERROR 1235"},
		{mariaServer, "SELECT @@GLOBAL.gtid_domain_id", "0"},
		{mariaServer, "SELECT @@gtid_binlog_pos", "0-2-5,5-1-2"},
		{mariaServer, "SELECT @@gtid_binlog_state", "0-1-1,0-2-5,5-1-2"},
		{mariaServer, "SELECT binlog_gtid_pos('bin.000002',348)", "0-2-3,5-1-2"},
		{mariaServer, "SELECT binlog_gtid_pos('bin.000002',349)", "NULL"},
		{mariaServer, "SELECT @@GLOBAL.GTID_MODE", "ERROR 1193"},
		{mariaServer, "SHOW MASTER STATUS", "bin.000002 421  "},
		{mariaServer, "SHOW BINARY LOGS", "bin.000001 414, bin.000002 421"},
	} {
		got := inWords(clients[tc.server].Execute(tc.statement))
		if got != tc.want && !(strings.HasPrefix(tc.want, "ERROR") && strings.HasPrefix(got, tc.want)) {
			t.Errorf("%s\ngot  %q\nwant %q", tc.statement, got, tc.want)
		}
	}
}

// inWords is an answer as one text: rows with a comma between them.
func inWords(r *mysql.Result, err error) string {
	if err != nil {
		return err.Error()
	}
	if r.Resultset == nil || len(r.Fields) == 0 {
		return "OK"
	}
	var rows []string
	for _, row := range r.Values {
		var cells []string
		for i := range row {
			if row[i].Value() == nil {
				cells = append(cells, "NULL")
				continue
			}
			cells = append(cells, string(row[i].AsString()))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, ", ")
}

// TestGTIDMode has what the logs tell of gtid_mode, which replicas compare with their own.
func TestGTIDMode(t *testing.T) {
	anonymous := make([]byte, 42)
	for _, tc := range []struct {
		name string
		logs []*builder
		want bool
	}{
		{"a GTID", []*builder{newLog(t, "8.0.36", decoder.ChecksumCRC32).previous("").transaction(uuidA + ":1")}, true},
		{"an anonymous transaction", []*builder{newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").event(decoder.EventAnonymousGtid, anonymous)}, false},
		{"an anonymous transaction after GTIDs", []*builder{newLog(t, "8.0.36", decoder.ChecksumCRC32).previous(uuidA+":1").event(decoder.EventAnonymousGtid, anonymous)}, false},
		{"GTIDs before an empty log", []*builder{newLog(t, "8.0.36", decoder.ChecksumCRC32).previous(uuidA + ":1")}, true},
		{"anonymous transactions before an empty log", []*builder{
			newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("").event(decoder.EventAnonymousGtid, anonymous),
			newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous(""),
		}, false},
		{"an empty log of 5.6", []*builder{newLog(t, "5.6.24-log", decoder.ChecksumCRC32).previous("")}, true},
		{"an empty log of 5.6 without GTIDs", []*builder{newLog(t, "5.6.24-log", decoder.ChecksumCRC32)}, false},
		{"nothing: the default of 8.0", []*builder{newLog(t, "8.0.36", decoder.ChecksumCRC32).previous("")}, false},
		{"nothing: the default of 9.7", []*builder{newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous("")}, true},
	} {
		s, err := New(Options{Dir: folder(t, tc.logs...)})
		if err != nil {
			t.Fatal(err)
		}
		if f, err := s.readFacts(); err != nil || f.gtidMode != tc.want {
			t.Errorf("%s: %v and error %v, want %v", tc.name, f.gtidMode, err, tc.want)
		}
	}
}
