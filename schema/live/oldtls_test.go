package live_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"binmend/decoder/fault"
	"binmend/fixtures/servers"
	"binmend/schema/live"
)

// issueRSA makes a certificate signed by itself whose key old servers read.
func issueRSA(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "db.example"}, NotBefore: time.Unix(0, 0),
		NotAfter: time.Now().AddDate(1, 0, 0), BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writePEM(t, certificate, "CERTIFICATE", der)
	writePEM(t, key, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(private))
	return certificate, key
}

// TestOldTLS connects over TCP to servers whose TLS is old: yaSSL of MySQL 5.6 and 5.7, with TLS 1.0 and 1.1 and RSA key exchange, and
// OpenSSL that is told to have DHE key exchange only, which Go has not. There PREFERRED goes without TLS, and REQUIRED says so.
func TestOldTLS(t *testing.T) {
	certificate, key := issueRSA(t)
	own := []string{"--ssl-ca=" + certificate, "--ssl-cert=" + certificate, "--ssl-key=" + key}
	for _, c := range []struct {
		name     string
		line     *servers.Line
		args     []string
		required bool // connects too
	}{
		{"5.6, without a certificate", servers.MySQL56, nil, false},
		{"5.6", servers.MySQL56, own, true},
		{"5.7, as it starts by itself", servers.MySQL57, []string{"--loose-auto-generate-certs=ON"}, false},
		{"5.7", servers.MySQL57, own, true},
		{"8.0.15, as it starts by itself", servers.MySQL8015, []string{"--loose-auto-generate-certs=ON"}, true},
		{"8.0.31, as it starts by itself", servers.MySQL8031, []string{"--loose-auto-generate-certs=ON"}, true},
		{"TLS 1.1 alone", servers.MySQL8015, append([]string{"--tls-version=TLSv1.1"}, own...), true},
		{"RSA key exchange alone", servers.MySQL8015, append([]string{"--tls-version=TLSv1.2", "--ssl-cipher=AES128-SHA"}, own...), true},
		{"DHE key exchange alone", servers.MySQL8015, append([]string{"--tls-version=TLSv1.2", "--ssl-cipher=DHE-RSA-AES128-SHA"}, own...), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := servers.Start(t, c.line, servers.Options{Args: slices.Clone(c.args)})
			account := "CREATE USER doctor@'127.0.0.1' IDENTIFIED BY 'secret'"
			if c.line == servers.MySQL8015 || c.line == servers.MySQL8031 {
				account = "CREATE USER doctor@'127.0.0.1' IDENTIFIED WITH mysql_native_password BY 'secret'"
			}
			if _, err := s.DB().Exec(account); err != nil { // its own client does not speak such TLS
				t.Fatal(err)
			}
			for mode, connects := range map[string]bool{"": true, "PREFERRED": true, "DISABLED": true, "REQUIRED": c.required} {
				conn, err := live.Connect(context.Background(), live.Options{Host: "127.0.0.1", Port: s.Port, User: "doctor", Password: "secret", SSLMode: mode})
				if err == nil {
					conn.Close()
				}
				var refused *fault.Error
				if connects != (err == nil) || err != nil && (!errors.As(err, &refused) || refused.Reason == live.ErrConnection) {
					t.Errorf("mode %q: %v", mode, err)
				}
			}
		})
	}
}
