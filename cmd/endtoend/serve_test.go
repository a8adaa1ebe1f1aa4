package endtoend

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"binmend/decoder/serve"
	"binmend/fixtures/servers"
)

// changeSource finds the statements that attach a replica, each with the servers it is for, in the help.
var changeSource = regexp.MustCompile(`(?s)CHANGE (?:REPLICATION SOURCE|MASTER) TO [^;]*;(?: +-- [^\n]*)?`)

// attachments are, by line, what the statement for it has in the help: of the topic, and of the command.
var attachments = map[*servers.Line][2]string{
	servers.MySQL56: {"MySQL 5.6 and 5.7"}, servers.MySQL57: {"MySQL 5.6 and 5.7"}, servers.MySQL8015: {"MySQL 8.0 before"},
	servers.MySQL8031: {"MySQL 8.0.23 and later", "SOURCE_HOST"}, servers.MySQL97: {"MySQL 8.0.23 and later", "SOURCE_HOST"},
	servers.MariaDB1011: {"MariaDB", "MASTER_USE_GTID"}, servers.MariaDB114: {"MariaDB", "MASTER_USE_GTID"}, servers.MariaDB118: {"MariaDB", "MASTER_USE_GTID"},
}

// TestServeAdvice: a replica of each line attaches by the statement that the help prints for it, with TLS as the help says of that; and one
// whose TLS is too old fails as the help says.
func TestServeAdvice(t *testing.T) {
	cert, key := certificateFiles(t)
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		p := servers.StartPair(t, line, servers.Options{GTID: true})
		p.StopReplica(t)
		p.Source.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)")
		dir, plugin := filepath.Join(t.TempDir(), "logs"), serve.CachingSHA2
		if line.Client != "mysql" {
			plugin = serve.NativePassword
		}
		pull := func() {
			if got := binmend(t, "", "pull", "-S", p.Source.Socket, "-u", "root", "--password=", "--dir", dir); got.exit != 0 {
				t.Fatal(got.stderr)
			}
		}
		pull()
		users := filepath.Join(t.TempDir(), "users")
		account, err := serve.AccountLine("repl", plugin, "secret")
		if err == nil {
			err = os.WriteFile(users, []byte(account+"\n"), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, plain := startServe(t, users, dir)
		server, secure := startServe(t, users, dir, "--ssl-cert", cert, "--ssl-key", key)
		rows, oldTLS := 0, line == servers.MySQL56 || line == servers.MySQL57
		verified := "MASTER_SSL=1, MASTER_SSL_CA='" + cert + "', MASTER_SSL_VERIFY_SERVER_CERT=1"
		if line == servers.MariaDB114 { // is built with wolfSSL
			verified = "MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=0"
		}
		withTLS := strings.NewReplacer("MASTER_SSL=0", "MASTER_SSL=1, MASTER_SSL_CA='"+cert+"'", "_SSL=0", "_SSL=1", "MASTER_SSL_VERIFY_SERVER_CERT=0", verified)
		for i, topic := range []string{"pull-and-serve", "serve"} {
			marker := attachments[line][i]
			if marker == "" {
				continue
			}
			change := statementOf(t, topic, marker)
			for _, c := range []struct {
				port, change string
				fails        bool
			}{{plain, change, false}, {secure, withTLS.Replace(change), oldTLS}} {
				rows++
				p.Source.MustExec(t, fmt.Sprintf("INSERT INTO shop.t VALUES (%d)", rows))
				pull()
				p.StopReplica(t)
				p.Replica.MustExec(t, strings.NewReplacer("3307", c.port, "…", "secret").Replace(c.change))
				p.StartReplica(t)
				if c.fails {
					waitForStatus(t, p, "Last_IO_Errno: 2026")
					server.waitFor("client offered only unsupported versions")
					continue
				}
				waitForStatus(t, p, "IO_Running: Yes")
				p.Sync(t)
				if source, replica := p.Source.Contents(t, "shop"), p.Replica.Contents(t, "shop"); source != replica {
					t.Errorf("%s\nsource:\n%s\nreplica:\n%s", c.change, source, replica)
				}
			}
		}
	})
}

// statementOf is the statement of a topic of the help that has a marker in it.
func statementOf(t *testing.T, topic, marker string) string {
	t.Helper()
	for _, statement := range changeSource.FindAllString(binmend(t, "", "help", topic).script, -1) {
		if strings.Contains(statement, marker) {
			return statement
		}
	}
	t.Fatalf("help %s has no statement for %s", topic, marker)
	return ""
}

// startServe starts "binmend serve".
func startServe(t *testing.T, users, dir string, flags ...string) (p *process, port string) {
	t.Helper()
	p = startProgram(t, "", append([]string{"serve", "--users", users, "--listen", "127.0.0.1:0"}, append(flags, dir)...)...)
	p.waitFor("msg=listening")
	_, rest, _ := strings.Cut(p.said(), "address=127.0.0.1:")
	port, _, _ = strings.Cut(rest, " ")
	return p, port
}

func waitForStatus(t *testing.T, p *servers.Pair, want string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !strings.Contains(p.Status(t), want); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s in\n%s", want, p.Status(t))
		}
	}
}

// certificateFiles are a certificate of 127.0.0.1 that is its own authority, and its key.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	secret, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(secret)}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
}
