package remote_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"binmend/decoder/dial"
	"binmend/decoder/logfile"
	"binmend/decoder/remote"
	"binmend/fixtures/servers"
)

// address is how the tests reach a server as a replica.
func address(s *servers.Server) remote.Options {
	return remote.Options{Network: "tcp", Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), User: "repl", ServerKey: true}
}

// eachLine runs a test on every line.
func eachLine(t *testing.T, test func(*testing.T, *servers.Line)) {
	t.Helper()
	servers.On(t, servers.AllLines(), test)
}

// connect connects to a server for one test.
func connect(t *testing.T, o remote.Options) *remote.Conn {
	t.Helper()
	c, err := remote.Connect(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// download returns what a dump gives, by file.
func download(t *testing.T, c *remote.Conn, r remote.Request) map[string][]byte {
	t.Helper()
	if err := c.Dump(r); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for {
		raw, pos, err := c.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[pos.File] == nil {
			files[pos.File] = bytes.Clone(logfile.Magic)
		}
		if r.Pos <= 4 && int64(len(files[pos.File])) != pos.Offset {
			t.Fatalf("an event at %s, and %d bytes before it", pos, len(files[pos.File]))
		}
		files[pos.File] = append(files[pos.File], raw...)
	}
}

const someTransactions = `CREATE DATABASE d;
CREATE TABLE d.t (id INT PRIMARY KEY, v LONGTEXT) ENGINE=InnoDB;
INSERT INTO d.t VALUES (1, REPEAT('x', 1000)), (2, NULL);
UPDATE d.t SET v = REPEAT('y', 70000) WHERE id = 2;
FLUSH BINARY LOGS;
BEGIN; INSERT INTO d.t VALUES (3, ''); DELETE FROM d.t WHERE id = 1; COMMIT;
FLUSH BINARY LOGS;
INSERT INTO d.t VALUES (4, 'in the last file');
`

// A dump from the oldest log is the server's files.
func TestDumpIsTheFiles(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		for _, args := range [][]string{nil, {"--binlog-checksum=NONE"}} {
			t.Run(fmt.Sprint(args), func(t *testing.T) {
				s := servers.Start(t, line, servers.Options{GTID: true, Args: args})
				s.MustExec(t, someTransactions)
				logs := map[string][]byte{}
				for _, name := range s.Binlogs(t) {
					log, err := os.ReadFile(name)
					if err != nil {
						t.Fatal(err)
					}
					log[4+17] &^= 1 // the in-use flag of the last file
					logs[filepath.Base(name)] = log
				}
				got := download(t, connect(t, address(s)), remote.Request{})
				for name, want := range logs {
					if have := got[name]; !bytes.HasPrefix(have, want) { // a MariaDB adds Binlog_checkpoint events when it likes to
						t.Errorf("%s differs: %d bytes, want %d", name, len(have), len(want))
					}
				}
			})
		}
	})
}

// What a source refuses is told with what to do, and whether to try again.
func TestRefusals(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		s := servers.Start(t, line, servers.Options{GTID: true, Args: withKeys(line)})
		s.MustExec(t, "CREATE USER nobody@'%' IDENTIFIED BY 'secret'; "+someTransactions)
		purge(t, s)
		repl, nobody, guest := address(s), address(s), address(s)
		nobody.User, nobody.Password = "nobody", "secret"
		guest.User, guest.Password = "nobody", "other"
		absent := address(s)
		absent.Address = "127.0.0.1:1"
		secure := address(s)
		secure.TLS = &tls.Config{InsecureSkipVerify: true}
		for _, c := range []struct {
			name    string
			options remote.Options
			request remote.Request
			want    string
			reason  error
		}{
			{"wrong password", guest, remote.Request{}, "error 1045: Access denied for user 'nobody'", remote.ErrAccount},
			{"no privilege", nobody, remote.Request{}, "error 1227", remote.ErrGrant},
			{"purged", repl, remote.Request{File: "bin.000001"}, "error 1236", remote.ErrPurged},
			{"after the end", repl, remote.Request{File: "bin.000002", Pos: 1 << 30}, "error 1236", remote.ErrPastEnd},
			{"in an event", repl, remote.Request{File: "bin.000002", Pos: 130}, "", remote.ErrSource},
			{"nobody there", absent, remote.Request{}, "connection refused", remote.ErrNotReached},
			{"no TLS", secure, remote.Request{}, "it has no TLS", remote.ErrNoTLS},
		} {
			t.Run(c.name, func(t *testing.T) {
				err := firstError(c.options, c.request)
				if !errors.Is(err, c.reason) || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %q, for the reason that %v", err, c.want, c.reason)
				}
			})
		}
	})
}

// purge removes the first log. MariaDB keeps it as long as it may need it after a crash.
func purge(t *testing.T, s *servers.Server) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		s.MustExec(t, "PURGE BINARY LOGS TO 'bin.000002'")
		if _, err := os.Stat(s.Data("bin.000001")); errors.Is(err, fs.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("bin.000001 is still there")
		}
	}
}

// firstError connects and reads until something is wrong.
func firstError(o remote.Options, r remote.Request) error {
	conn, err := remote.Connect(context.Background(), o)
	if err != nil {
		return err
	}
	defer conn.Close()
	err = conn.Dump(r)
	for err == nil {
		_, _, err = conn.Next()
	}
	return err
}

// The accounts that servers know, with TLS and without. A password of caching_sha2_password goes over a connection
// without TLS encrypted with the server's RSA key.
func TestAccounts(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		for _, c := range accountsOf(line) {
			t.Run(c.name, func(t *testing.T) {
				s := servers.Start(t, line, servers.Options{Args: c.args})
				s.MustExec(t, "CREATE USER ops@'%' "+c.identified+"; GRANT REPLICATION SLAVE ON *.* TO ops@'%'")
				o := address(s)
				o.User, o.Password = "ops", "secret"
				if o.ServerKey = !c.secure; c.secure { // within TLS no key is asked for
					o.TLS = &tls.Config{InsecureSkipVerify: true}
				}
				for range 2 { // the second time MySQL has the password in its cache
					conn := connect(t, o)
					if conn.Source.Version.Text == "" || conn.Source.ServerID != 1 || conn.ServerID < 1<<31 {
						t.Errorf("introduced as %+v, server id %d", conn.Source, conn.ServerID)
					}
					download(t, conn, remote.Request{})
				}
			})
		}
	})
}

type account struct {
	name, identified string
	args             []string
	secure           bool
}

// withKeys are the arguments by which MySQL 8.0 has an RSA key: without one it lets no password in that it has not in its cache.
func withKeys(line *servers.Line) []string {
	if line == servers.MySQL8015 || line == servers.MySQL8031 {
		return []string{"--caching-sha2-password-auto-generate-rsa-keys=ON"}
	}
	return nil
}

func accountsOf(line *servers.Line) []account {
	byPassword := account{name: "password", identified: "IDENTIFIED BY 'secret'", args: withKeys(line)}
	switch line {
	case servers.MySQL97:
		return []account{
			{name: "caching_sha2_password by RSA", identified: byPassword.identified, args: []string{"--caching-sha2-password-auto-generate-rsa-keys=ON"}},
			{name: "caching_sha2_password by TLS", identified: byPassword.identified, args: []string{"--auto-generate-certs=ON"}, secure: true},
			{name: "sha256_password by TLS", identified: "IDENTIFIED WITH sha256_password BY 'secret'", args: []string{"--auto-generate-certs=ON"}, secure: true},
		}
	case servers.MariaDB118:
		return []account{byPassword, {name: "password by TLS", identified: byPassword.identified, args: []string{"--ssl"}, secure: true}}
	}
	return []account{byPassword}
}

// What is wrong with a certificate, or with a connection without one, is told.
func TestInsecure(t *testing.T) {
	s := servers.Start(t, servers.MySQL97, servers.Options{Args: []string{"--auto-generate-certs=ON", "--caching-sha2-password-private-key-path=none", "--caching-sha2-password-public-key-path=none"}})
	s.MustExec(t, "CREATE USER ops@'%' IDENTIFIED BY 'secret' REQUIRE SSL; CREATE USER dba@'%' IDENTIFIED BY 'secret'; GRANT REPLICATION SLAVE ON *.* TO ops@'%', dba@'%'")
	unknown, plain, noKeys := address(s), address(s), address(s)
	unknown.TLS = &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "db.example"}
	plain.User, plain.Password = "ops", "secret"
	noKeys.User, noKeys.Password = "dba", "secret"
	ownKey := noKeys
	ownKey.ServerKey = false
	for name, c := range map[string]struct {
		options remote.Options
		want    string
		reason  error
	}{
		"unknown authority":    {unknown, "certificate", remote.ErrCertificate},
		"no RSA keys":          {noKeys, "did not let the account in", remote.ErrNoRSAKeys},
		"the server's own key": {ownKey, "under a key that the server itself sends; nothing was sent", dial.ErrServerKey},
	} {
		err := firstError(c.options, remote.Request{})
		if !errors.Is(err, c.reason) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q, for the reason that %v", name, err, c.want, c.reason)
		}
	}
	if err := firstError(plain, remote.Request{}); err == nil || err == io.EOF {
		t.Error("an account that needs TLS got in without")
	}
}

// TestNoServer connects to what speaks another protocol, or does not go on.
func TestNoServer(t *testing.T) {
	for _, c := range []struct {
		name, greeting, want string
		reason               error
	}{
		{"text", "220 mail.example ESMTP\r\n", "sent what is not an answer: a packet of 3158578 bytes", dial.ErrNoAnswer},
		{"a short packet", "\x01\x00\x00\x00\x0a", "did not let the account in", remote.ErrNoRSAKeys},
		{"an odd handshake", "\x05\x00\x00\x00\x0a8.0\x00", "did not let the account in", remote.ErrNoRSAKeys},
		{"an unknown protocol", "\x01\x00\x00\x00\x09", "invalid protocol version 9", remote.ErrNotServer},
		{"nothing", "", "it has ended the connection", remote.ErrEnded},
		{"an error", "\x17\x00\x00\x00\xff\x10\x04Too many connections", "error 1040: Too many connections", remote.ErrSource},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			if conn, err := l.Accept(); err == nil {
				io.WriteString(conn, c.greeting)
				conn.Close()
			}
		}()
		_, err = remote.Connect(context.Background(), remote.Options{Network: "tcp", Address: l.Addr().String(), User: "repl"})
		if !errors.Is(err, c.reason) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q, for the reason that %v", c.name, err, c.want, c.reason)
		}
		l.Close()
	}
}

// Where the source has no TLS and it is only preferred, the connection goes on without.
func TestPlaintext(t *testing.T) {
	eachLine(t, func(t *testing.T, line *servers.Line) {
		args := []string(nil)
		if line == servers.MySQL97 {
			args = []string{"--tls-version="}
		}
		o := address(servers.Start(t, line, servers.Options{Args: args}))
		o.TLS, o.Plaintext = &tls.Config{InsecureSkipVerify: true}, true
		connect(t, o)
	})
}
