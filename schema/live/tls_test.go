package live_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/decoder/fault"
	"binmend/fixtures/servers"
	"binmend/schema/live"
)

// certificate is a certificate with its key, in files too.
type certificate struct {
	parsed  *x509.Certificate
	key     *ecdsa.PrivateKey
	file    string
	keyFile string
}

// issue makes a certificate for db.example, signed by an authority or, without one, by itself.
func issue(t *testing.T, authority *certificate, until time.Time) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &certificate{key: key, file: filepath.Join(t.TempDir(), "cert.pem"), keyFile: filepath.Join(t.TempDir(), "key.pem")}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(until.UnixNano()), Subject: pkix.Name{CommonName: "db.example"}, DNSNames: []string{"db.example"},
		NotBefore: time.Unix(0, 0), NotAfter: until, BasicConstraintsValid: true, IsCA: authority == nil,
	}
	parent, signer := template, key
	if authority != nil {
		parent, signer = authority.parsed, authority.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	if c.parsed, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, c.file, "CERTIFICATE", der)
	writePEM(t, c.keyFile, "PRIVATE KEY", keyDER)
	return c
}

func writePEM(t *testing.T, name, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTLS connects in each mode to servers with a good certificate, an expired one, and none. On MySQL the account has a
// password of caching_sha2_password, which over TCP needs TLS here. MySQL 5.6 has no TLS that Go still speaks.
func TestTLS(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) { testTLS(t, line) })
	}
}

func testTLS(t *testing.T, line *servers.Line) {
	authority := issue(t, nil, time.Now().AddDate(1, 0, 0))
	other := issue(t, nil, time.Now().AddDate(1, 0, 0))
	without, accounts := "--skip-ssl", "CREATE USER doctor@'127.0.0.1' IDENTIFIED BY 'secret'; CREATE USER open@'127.0.0.1'"
	if line == servers.MySQL97 {
		without, accounts = "--tls-version=", strings.Replace(accounts, "IDENTIFIED BY", "IDENTIFIED WITH caching_sha2_password BY", 1)
	}
	start := func(c *certificate) *servers.Server {
		args := []string{without}
		if c != nil {
			args = []string{"--ssl-ca=" + authority.file, "--ssl-cert=" + c.file, "--ssl-key=" + c.keyFile}
		}
		s := servers.Start(t, line, servers.Options{Args: args})
		s.MustExec(t, accounts)
		return s
	}
	good := start(issue(t, authority, time.Now().AddDate(1, 0, 0)))
	expired := start(issue(t, authority, time.Now().AddDate(0, 0, -1)))
	none := start(nil)
	for _, c := range []struct {
		name    string
		server  *servers.Server
		options live.Options
		want    string // of the error; "" when it connects
	}{
		{"preferred", good, live.Options{User: "doctor"}, ""},
		{"required", good, live.Options{User: "doctor", SSLMode: "REQUIRED"}, ""},
		{"the authority is known", good, live.Options{User: "doctor", SSLCA: authority.file}, ""},
		{"the authority is another", good, live.Options{User: "doctor", SSLCA: other.file}, "signed by unknown authority"},
		{"the name is another", good, live.Options{User: "doctor", SSLMode: "VERIFY_IDENTITY", SSLCA: authority.file}, "127.0.0.1"},
		{"expired", expired, live.Options{User: "doctor", SSLCA: authority.file}, "expired"},
		{"expired, but not asked who it is", expired, live.Options{User: "doctor", SSLMode: "REQUIRED"}, ""},
		{"none, preferred", none, live.Options{User: "open"}, ""},
		{"none, required", none, live.Options{User: "open", SSLMode: "REQUIRED"}, "TLS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.options.Host, c.options.Port = "127.0.0.1", c.server.Port
			if c.options.User == "doctor" {
				c.options.Password = "secret"
			}
			s, err := live.Connect(context.Background(), c.options)
			if err == nil {
				defer s.Close()
			}
			var refused *fault.Error
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !errors.As(err, &refused) || refused.Reason == live.ErrConnection || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want an error with %q and a reason", err, c.want)
			}
		})
	}
}
