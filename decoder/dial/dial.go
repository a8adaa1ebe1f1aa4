package dial

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	"binmend/decoder/fault"
)

// Options say how to reach a server.
type Options struct {
	Network, Address string      // "tcp" and host:port, or "unix" and a socket
	TLS              *tls.Config // nil for none
	Plaintext        bool        // with TLS set: go on without it if the server has none that works
	Password         string      // for sha256_password over TLS, which this package does for the libraries
	// ClearText lets the server ask for the password in clear text (mysql_clear_password, as for PAM and LDAP), over TLS that
	// verifies the server's certificate and over a socket.
	ClearText bool
	// ServerKey lets the password of caching_sha2_password and sha256_password go out without TLS, encrypted with an RSA key that the
	// server sends first: whoever answers in its place can read it.
	ServerKey bool
	// Idle is how long the server may send nothing. 0 is a minute.
	Idle time.Duration
}

// The reasons why a server can't be talked to. Trying again does not help.
var (
	ErrServer     = fault.NewReason("the server can't be talked to")
	ErrNoAnswer   = ErrServer.Kind("what the server sent is not an answer")
	ErrSlow       = ErrServer.Kind("the server takes too long")
	ErrClearText  = ErrServer.Kind("the server asks for the password in clear text")
	ErrServerKey  = ErrServer.Kind("the server asks for the password under a key of its own")
	ErrUnverified = ErrServer.Kind("the server asks for the password in clear text, and is not verified")
)

// ErrNoTLS: TLS was asked for, and the server has none. ErrHandshake: the server has TLS, but nothing that both sides support
// (an old server may have only DHE key exchange, which Go does not have).
var (
	ErrNoTLS     = errors.New("the server has no TLS")
	ErrHandshake = errors.New("no TLS that both sides know")
)

const (
	connectTimeout = 10 * time.Second
	loginTimeout   = 30 * time.Second
)

// Login connects and calls login, which lets a client library log in on the connection; TLS begins meanwhile. If TLS can't be
// agreed on, login is called again on a new connection. The connection is closed when ctx ends before Login returns. The error
// is the connection's if it has one, else login's.
func Login(ctx context.Context, o Options, login func(*Conn) error) (*Conn, error) {
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	c, err := loginOnce(ctx, o, login)
	var failed *handshakeError
	if errors.As(err, &failed) { // the server may support only what Go's TLS has switched off by default
		old := o
		old.TLS = withOldSuites(o.TLS)
		c, err = loginOnce(ctx, old, login)
	}
	if o.Plaintext && (errors.Is(err, ErrNoTLS) || errors.As(err, &failed)) && ctx.Err() == nil {
		o.TLS = nil
		c, err = loginOnce(ctx, o, login)
	}
	return c, err
}

// handshakeError: TLS could not be agreed on.
type handshakeError struct{ err error }

func (e *handshakeError) Error() string { return "TLS: " + e.err.Error() }
func (e *handshakeError) Unwrap() error { return e.err }

// Is makes every failed handshake an ErrHandshake.
func (e *handshakeError) Is(target error) bool { return target == ErrHandshake }

// withOldSuites allows what some MySQL 5.6 and 5.7 servers need: TLS 1.0 and 1.1, and RSA key exchange.
func withOldSuites(c *tls.Config) *tls.Config {
	c = c.Clone()
	c.MinVersion = tls.VersionTLS10
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		c.CipherSuites = append(c.CipherSuites, s.ID)
	}
	return c
}

func loginOnce(ctx context.Context, o Options, login func(*Conn) error) (*Conn, error) {
	dialer := net.Dialer{Timeout: connectTimeout}
	raw, err := dialer.DialContext(ctx, o.Network, o.Address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	c := newConn(raw, o)
	if o.TLS != nil {
		err = c.offerTLS()
	}
	if err == nil {
		err = login(c)
	}
	if !stop() && ctx.Err() != nil {
		err = ctx.Err()
	} else if err != nil && c.Failed != nil {
		err = c.Failed
	}
	if err != nil {
		raw.Close()
		return nil, err
	}
	return c, nil
}

const clientSSL = 1 << 11 // a capability of the protocol (MySQL source: include/mysql_com.h)

// offerTLS reads the greeting, and passes it to the library as one that offers no TLS.
//
//	bytes   field of the greeting
//	1       10: the protocol
//	n + 1   version, to a zero byte
//	4       connection id
//	8 + 1   the beginning of the challenge, a zero byte
//	2       capabilities
func (c *Conn) offerTLS() error {
	packet, err := c.readWhole()
	if err != nil {
		return err
	}
	c.kept = packet
	body := packet[headerLength:]
	at := 1
	for at < len(body) && body[at] != 0 {
		at++
	}
	at += 1 + 4 + 9
	if body[0] != 10 || at+2 > len(body) { // an error, or another program: the library says so
		return nil
	}
	offered := binary.LittleEndian.Uint16(body[at:])
	if offered&clientSSL == 0 {
		return ErrNoTLS
	}
	binary.LittleEndian.PutUint16(body[at:], offered&^clientSSL)
	c.wantsTLS, c.Secure = true, true
	return nil
}

// startTLS begins TLS before the library's answer to the greeting. It sends the beginning of that answer first: servers read
// the capabilities from it.
//
//	bytes   field of the answer
//	4       capabilities
//	4       longest packet
//	1       character set
//	23      zeros
func (c *Conn) startTLS(answer []byte) error {
	const length = 32
	if len(answer) < headerLength+length {
		return c.errNoAnswer("a greeting that the login does not answer")
	}
	request := append([]byte{length, 0, 0, answer[3]}, answer[headerLength:headerLength+length]...)
	request[headerLength+1] |= clientSSL >> 8
	if _, err := c.inner.Write(request); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), loginTimeout)
	defer cancel()
	secure := tls.Client(c.inner, c.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return &handshakeError{err}
	}
	c.inner, c.shift, c.wantsTLS = secure, 1, false
	c.in.Reset(reader{c})
	c.private = !c.tls.InsecureSkipVerify || c.tls.VerifyConnection != nil
	return nil
}

// NoAnswer ends a connection on which a client library can't read what the server sent, and is the error for it.
func (c *Conn) NoAnswer(what string) error {
	c.Failed = c.errNoAnswer(what)
	c.Close()
	return c.Failed
}

// errNoAnswer is the error for an answer that no real server gives.
func (c *Conn) errNoAnswer(what string) error {
	return &fault.Error{Reason: ErrNoAnswer, What: fmt.Sprintf("the server at %s sent what is not an answer: %s", c.address, what)}
}
