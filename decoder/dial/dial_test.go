package dial

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// greeting is what a server begins with.
func greeting(capabilities uint16) []byte {
	b := append([]byte{10}, "9.7.4\x00"...)
	b = append(b, 7, 0, 0, 0)
	b = append(b, "AAAAAAAA\x00"...)
	b = binary.LittleEndian.AppendUint16(b, capabilities)
	return append(b, make([]byte, 40)...)
}

func packet(number byte, body []byte) []byte {
	b := append(make([]byte, 3, 4+len(body)), number)
	b = append(b, body...)
	setLength(b)
	return b
}

// serve answers connections, one after the other, and returns where.
func serve(t *testing.T, answer func(conn net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			answer(conn)
			conn.Close()
		}
	}()
	return l.Addr().String()
}

// take reads a packet.
func take(r io.Reader) (number byte, body []byte, err error) {
	header := make([]byte, 4)
	if _, err = io.ReadFull(r, header); err != nil {
		return 0, nil, err
	}
	body = make([]byte, int(header[0])|int(header[1])<<8|int(header[2])<<16)
	_, err = io.ReadFull(r, body)
	return header[3], body, err
}

// logIn logs in as a client library does on a connection without TLS: it counts packets from the greeting.
func logIn(c *Conn) error {
	if _, _, err := take(c); err != nil {
		return err
	}
	if _, err := c.Write(packet(1, make([]byte, 64))); err != nil {
		return err
	}
	number, body, err := take(c)
	if err != nil {
		return err
	}
	if number != 2 {
		return fmt.Errorf("expected packet 2, found %d", number)
	}
	if body[0] != 0 {
		return fmt.Errorf("refused: %d bytes", len(body))
	}
	return nil
}

const offersTLS = clientSSL | 1<<9 | 1<<15

// TestAnswers: what a server that lies sends after the login.
func TestAnswers(t *testing.T) {
	row := packet(3, append([]byte{0xfd, 0, 0, 1}, make([]byte, 1<<16)...))
	for _, tc := range []struct {
		name string
		send func(io.Writer) // again and again, until the client goes
		want string
	}{
		{"a table of 2^62 columns", func(w io.Writer) { w.Write(packet(1, []byte{0xfe, 0, 0, 0, 0, 0, 0, 0, 0x40})) }, "more columns"},
		{"a table of 65535 columns", func(w io.Writer) { w.Write(packet(1, []byte{0xfc, 0xff, 0xff})) }, "more columns"},
		{"rows without end", func(w io.Writer) { w.Write(row) }, "longer than 1 MiB"},
		{"a packet without end", func(w io.Writer) { w.Write(append([]byte{0xff, 0xff, 0xff, 1}, make([]byte, maxPacket)...)) }, "longer than 1 MiB"},
		{"silence", func(io.Writer) { time.Sleep(time.Second) }, "not answered within 200ms"},
		{"a byte now and then", func(w io.Writer) { time.Sleep(20 * time.Millisecond); w.Write([]byte{1}) }, "not answered within 200ms"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := serve(t, func(conn net.Conn) {
				conn.Write(packet(0, greeting(0)))
				take(conn)
				conn.Write(packet(2, []byte{0, 0, 0, 2, 0, 0, 0}))
				take(conn)
				if tc.name == "rows without end" {
					conn.Write(packet(1, []byte{1}))
				}
				for {
					tc.send(conn)
					conn.SetReadDeadline(time.Now().Add(time.Millisecond))
					if _, err := conn.Read(make([]byte, 1)); err == io.EOF || !isTimeout(err) {
						return
					}
				}
			})
			c, err := Login(context.Background(), Options{Network: "tcp", Address: address}, logIn)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.Limit(Answer{Bytes: 1 << 20, Time: 200 * time.Millisecond})
			if !strings.HasPrefix(tc.want, "not") {
				c.Limit(Answer{Bytes: 1 << 20, Time: time.Minute})
			}
			c.Write(packet(0, []byte("\x03SELECT 1")))
			read, err := io.Copy(io.Discard, c)
			if !errors.Is(err, ErrServer) || !strings.Contains(err.Error(), tc.want) || read > 2<<20 {
				t.Errorf("%v after %d bytes, want %q", err, read, tc.want)
			}
		})
	}
}

// TestErrorText: an error of ten megabytes is cut, in the login and after it.
func TestErrorText(t *testing.T) {
	long := append([]byte{0xff, 0x15, 4}, bytes.Repeat([]byte{'A'}, 10_000_000)...)
	address := serve(t, func(conn net.Conn) {
		conn.Write(packet(0, greeting(0)))
		take(conn)
		conn.Write(packet(2, long))
	})
	if _, err := Login(context.Background(), Options{Network: "tcp", Address: address}, logIn); err == nil || err.Error() != "refused: 512 bytes" {
		t.Errorf("%v", err)
	}
}

// loginAsked logs in to a server that asks for something within the login, and answers it. sent says whether the answer arrived.
func loginAsked(t *testing.T, o Options, request, answer []byte) (sent bool, err error) {
	t.Helper()
	certificate := selfSigned(t, ecdsaKey(t))
	if o.TLS != nil && o.TLS.RootCAs != nil {
		o.TLS.RootCAs.AddCert(certificate.Leaf)
	}
	arrived := make(chan bool, 1)
	o.Network, o.Address = "tcp", serve(t, func(conn net.Conn) {
		conn.Write(packet(0, greeting(offersTLS)))
		number, _, _ := take(conn)
		var c net.Conn = conn
		if o.TLS != nil {
			c = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
			number, _, _ = take(c)
		}
		c.Write(packet(number+1, request))
		_, _, err := take(c)
		arrived <- err == nil
		c.Write(packet(number+3, []byte{0, 0, 0, 2, 0, 0, 0}))
	})
	_, err = Login(context.Background(), o, func(c *Conn) error {
		if _, _, err := take(c); err != nil {
			return err
		}
		c.Write(packet(1, make([]byte, 64)))
		if _, _, err := take(c); err != nil {
			return err
		}
		if _, err := c.Write(packet(3, answer)); err != nil {
			return err
		}
		_, _, err := take(c)
		return err
	})
	return <-arrived, err
}

// TestClearText: a server gets a password in clear text where it was allowed to and nobody can read it.
func TestClearText(t *testing.T) {
	verified := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "db"}
	unverified := &tls.Config{InsecureSkipVerify: true}
	for _, tc := range []struct {
		name    string
		options Options
		lets    bool
	}{
		{"without TLS", Options{}, false},
		{"without TLS, allowed", Options{ClearText: true}, false},
		{"TLS with anybody, allowed", Options{TLS: unverified, ClearText: true}, false},
		{"verified TLS", Options{TLS: verified}, false},
		{"verified TLS, allowed", Options{TLS: verified, ClearText: true}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent, err := loginAsked(t, tc.options, []byte("\xfemysql_clear_password\x00"), []byte("secret"))
			if tc.lets != (err == nil) || !tc.lets && !errors.Is(err, ErrServer) {
				t.Errorf("%v", err)
			}
			if sent != tc.lets {
				t.Errorf("a password was sent: %v", sent)
			}
		})
	}
}

// TestServerKey: the password does not go out under a key that a server sends, unless that was allowed or is within TLS.
func TestServerKey(t *testing.T) {
	for _, tc := range []struct {
		name    string
		request byte // for the key
		options Options
		asks    bool
	}{
		{"sha256_password", 1, Options{}, false},
		{"caching_sha2_password", 2, Options{}, false},
		{"allowed", 2, Options{ServerKey: true}, true},
		{"within TLS", 2, Options{TLS: &tls.Config{InsecureSkipVerify: true}}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent, err := loginAsked(t, tc.options, []byte{1, 4}, []byte{tc.request})
			if tc.asks != (err == nil) || !tc.asks && !errors.Is(err, ErrServerKey) {
				t.Errorf("%v", err)
			}
			if sent != tc.asks {
				t.Errorf("a key was asked for: %v", sent)
			}
		})
	}
}

// TestOldTLS: a server that only has TLS 1.1 with RSA key exchange, one that has none, and one whose TLS is broken.
func TestOldTLS(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	old := &tls.Config{Certificates: []tls.Certificate{selfSigned(t, key)}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA}}
	for _, tc := range []struct {
		name         string
		capabilities uint16
		config       *tls.Config
		plaintext    bool // PREFERRED
		secure       bool // how the connection comes about
		want         string
	}{
		{"old", offersTLS, old, false, true, ""},
		{"old, preferred", offersTLS, old, true, true, ""},
		{"none", 0, nil, false, false, "has no TLS"},
		{"none, preferred", 0, nil, true, false, ""},
		{"broken", offersTLS, &tls.Config{}, false, false, "TLS: "},
		{"broken, preferred", offersTLS, &tls.Config{}, true, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			address := serve(t, func(conn net.Conn) {
				conn.Write(packet(0, greeting(tc.capabilities)))
				number, body, err := take(conn)
				if err != nil {
					return
				}
				var c net.Conn = conn
				if binary.LittleEndian.Uint16(body)&clientSSL != 0 {
					c = tls.Server(conn, tc.config)
					if number, _, err = take(c); err != nil {
						return
					}
				}
				c.Write(packet(number+1, []byte{0, 0, 0, 2, 0, 0, 0}))
			})
			c, err := Login(context.Background(), Options{Network: "tcp", Address: address, TLS: &tls.Config{InsecureSkipVerify: true}, Plaintext: tc.plaintext}, logIn)
			switch {
			case (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want):
				t.Errorf("%v, want %q", err, tc.want)
			case err == nil && c.Secure != tc.secure:
				t.Errorf("secure: %v", c.Secure)
			}
		})
	}
}

func ecdsaKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// selfSigned makes a certificate for the name db.
func selfSigned(t *testing.T, key any) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"db"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment}
	var public any
	switch k := key.(type) {
	case *rsa.PrivateKey:
		public = &k.PublicKey
	case *ecdsa.PrivateKey:
		public = &k.PublicKey
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key, Leaf: leaf}
}
