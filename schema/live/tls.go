package live

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
)

// The values of --ssl-mode.
const (
	sslDisabled       = "DISABLED"
	sslPreferred      = "PREFERRED"
	sslRequired       = "REQUIRED"
	sslVerifyCA       = "VERIFY_CA"
	sslVerifyIdentity = "VERIFY_IDENTITY"
)

// sslMode is the mode in force. As with the clients, a CA asks to be used.
func (o *Options) sslMode() (string, error) {
	switch mode := strings.ToUpper(o.SSLMode); mode {
	case sslDisabled, sslPreferred, sslRequired, sslVerifyCA, sslVerifyIdentity:
		return mode, nil
	case "":
		if o.SSLCA != "" {
			return sslVerifyCA, nil
		}
		return sslPreferred, nil
	default:
		return "", badOption("ssl-mode: expected DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY, found %q", o.SSLMode)
	}
}

// setTLS says how the connection is encrypted. A socket needs it only when it is asked for.
func (o *Options) setTLS(e *Endpoint) error {
	mode, err := o.sslMode()
	if err != nil || mode == sslDisabled || mode == sslPreferred && o.usesSocket() {
		return err
	}
	t := &tls.Config{ServerName: o.Host}
	if t.Certificates, err = o.certificates(); err != nil {
		return err
	}
	if mode == sslVerifyCA || mode == sslVerifyIdentity {
		if t.RootCAs, err = o.authorities(); err != nil {
			return err
		}
	}
	if mode != sslVerifyIdentity {
		t.InsecureSkipVerify = true // of the name; VERIFY_CA verifies the rest itself
	}
	if mode == sslVerifyCA {
		t.VerifyConnection = verifyChain(t.RootCAs)
	}
	e.TLS, e.Plaintext = t, mode == sslPreferred
	return nil
}

func (o *Options) certificates() ([]tls.Certificate, error) {
	if o.SSLCert == "" && o.SSLKey == "" {
		return nil, nil
	}
	if o.SSLCert == "" || o.SSLKey == "" {
		return nil, badOption("ssl-cert and ssl-key are given together or not at all")
	}
	pair, err := tls.LoadX509KeyPair(o.SSLCert, o.SSLKey)
	if err != nil {
		return nil, badOption("ssl-cert and ssl-key: %v", err)
	}
	return []tls.Certificate{pair}, nil
}

// authorities are those of --ssl-ca, or nil: the system's.
func (o *Options) authorities() (*x509.CertPool, error) {
	if o.SSLCA == "" {
		return nil, nil
	}
	text, err := os.ReadFile(o.SSLCA)
	if err != nil {
		return nil, badOption("ssl-ca: %v", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, badOption("ssl-ca: %s holds no certificate in PEM form", o.SSLCA)
	}
	return pool, nil
}

// verifyChain verifies who signed the server's certificate, and not the name in it.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return errors.New("the server showed no certificate")
		}
		between := x509.NewCertPool()
		for _, c := range s.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
}
