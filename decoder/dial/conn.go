package dial

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	"binmend/decoder/fault"
)

// Bounds of what a server may send. A row may be up to 1 GiB, but nothing here asks for such a row.
const (
	headerLength = 4
	maxPacket    = 1<<24 - 1 // of one packet; a longer row comes in several
	maxLogin     = 64 << 10  // bytes of a packet of the login, and packets of it
	maxPackets   = 16
	maxColumns   = 4096 // of a table (MySQL source: MAX_FIELDS)
	maxErrorText = 512
)

// Answer bounds each answer: its bytes, and the time from the question to its end.
type Answer struct {
	Bytes int64
	Time  time.Duration
}

// Small is the bound of answers that are a few values or lists of names.
var Small = Answer{Bytes: 16 << 20, Time: time.Minute}

// Conn is a connection to a server, from its greeting on. One goroutine reads and another may write.
type Conn struct {
	net.Conn      // the socket
	Secure   bool // it has TLS, or is a socket of this host
	// BeforeRead, unless nil, is called before the connection waits for the server; its error ends the connection.
	BeforeRead func() error
	// Failed is the error that ended reading, which client libraries keep only the text of.
	Failed error

	address   string
	clearText bool
	serverKey bool
	password  string
	sha256    bool // the server has asked for a sha256_password
	private   bool // nobody between can read what is sent
	idle      time.Duration
	inner     net.Conn // the socket, or TLS on it
	tls       *tls.Config
	wantsTLS  bool // TLS begins with the next write
	in        *bufio.Reader
	kept      []byte // of a packet that was read and not passed on yet
	left      int    // bytes left of the packet that is passed on as it arrives

	shift   byte      // packets of the login that the library has not seen
	login   bool      // in progress
	packets int       // of the login
	until   time.Time // when the login or the answer has to end; zero for no bound
	limit   Answer
	bytes   int64       // of the answer so far
	first   atomic.Bool // the next packet is the first of an answer
	asked   atomic.Bool // a question was sent, and its deadline is not set yet
	raw     bool        // Stream was called
}

func newConn(raw net.Conn, o Options) *Conn {
	socket := o.Network == "unix"
	c := &Conn{Conn: raw, inner: raw, address: o.Address, clearText: o.ClearText, serverKey: o.ServerKey, password: o.Password, Secure: socket, private: socket, idle: o.Idle, tls: o.TLS,
		login: true, until: time.Now().Add(loginTimeout), limit: Small}
	c.in = bufio.NewReaderSize(reader{c}, 16<<10)
	return c
}

// Limit bounds the answers from the next question on.
func (c *Conn) Limit(a Answer) { c.limit = a }

// Stream removes the bounds: what follows is a stream without an end, and the caller bounds its events.
func (c *Conn) Stream() { c.raw, c.until = true, time.Time{} }

// CallerError is the error of BeforeRead.
type CallerError struct{ Err error }

func (e *CallerError) Error() string { return e.Err.Error() }
func (e *CallerError) Unwrap() error { return e.Err }

// reader reads from the server, with a deadline.
type reader struct{ c *Conn }

func (r reader) Read(b []byte) (int, error) {
	c := r.c
	if c.BeforeRead != nil {
		if err := c.BeforeRead(); err != nil {
			return 0, &CallerError{err}
		}
	}
	deadline := time.Now().Add(c.idle)
	bounded := !c.until.IsZero() && c.until.Before(deadline)
	if bounded {
		deadline = c.until
	}
	if err := c.inner.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	n, err := c.inner.Read(b)
	if bounded && n == 0 && isTimeout(err) {
		within := c.limit.Time
		if c.login {
			within = loginTimeout
		}
		err = &fault.Error{Reason: ErrSlow, What: fmt.Sprintf("the server at %s has not answered within %v", c.address, within)}
	}
	return n, err
}

func isTimeout(err error) bool {
	timeout, ok := err.(interface{ Timeout() bool })
	return ok && timeout.Timeout() || err == os.ErrDeadlineExceeded
}

// Read passes what the server sends to the library.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.read(b)
	if err != nil {
		c.Failed = err
	}
	return n, err
}

func (c *Conn) read(b []byte) (int, error) {
	if len(c.kept) == 0 && c.left == 0 {
		if c.raw {
			return c.in.Read(b)
		}
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	if len(c.kept) > 0 {
		n := copy(b, c.kept)
		c.kept = c.kept[n:]
		return n, nil
	}
	n, err := c.in.Read(b[:min(len(b), c.left)])
	c.left -= n
	return n, err
}

func (c *Conn) next() error {
	if c.login {
		return c.nextOfLogin()
	}
	if c.asked.Swap(false) {
		c.until, c.bytes = time.Now().Add(c.limit.Time), 0
	}
	header, err := c.in.Peek(headerLength)
	if err != nil {
		return ended(err)
	}
	length := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	if c.bytes += int64(length); c.bytes > c.limit.Bytes {
		return c.errNoAnswer(fmt.Sprintf("it is longer than %d MiB", c.limit.Bytes>>20))
	}
	begin, err := c.in.Peek(headerLength + min(length, 9))
	if err != nil {
		return ended(err)
	}
	if c.first.Swap(false) {
		if err := c.checkColumns(begin[headerLength:]); err != nil {
			return err
		}
	}
	if length > maxErrorText && length < maxPacket && begin[headerLength] == 0xff {
		return c.cutError(length)
	}
	c.left = headerLength + length
	return nil
}

func ended(err error) error {
	if err == io.ErrUnexpectedEOF || err == bufio.ErrBufferFull {
		return io.EOF
	}
	return err
}

// checkColumns checks the number of columns at the beginning of a result set. Other answers begin with one byte: 00 for OK,
// ff for an error, fb for a file to send, which the libraries refuse.
func (c *Conn) checkColumns(b []byte) error {
	if len(b) == 0 || b[0] == 0 || b[0] == 0xff || b[0] < 0xfb {
		return nil
	}
	if b[0] == 0xfc && len(b) >= 3 && binary.LittleEndian.Uint16(b[1:]) <= maxColumns || b[0] == 0xfb {
		return nil
	}
	return c.errNoAnswer("a table of more columns than tables have")
}

// cutError keeps the beginning of an error message and skips the rest.
func (c *Conn) cutError(length int) error {
	packet := make([]byte, headerLength+maxErrorText)
	if _, err := io.ReadFull(c.in, packet); err != nil {
		return ended(err)
	}
	if _, err := c.in.Discard(length - maxErrorText); err != nil {
		return ended(err)
	}
	setLength(packet)
	c.kept = packet
	return nil
}

func setLength(packet []byte) {
	n := len(packet) - headerLength
	packet[0], packet[1], packet[2] = byte(n), byte(n>>8), byte(n>>16)
}

// readWhole reads a packet of the login.
func (c *Conn) readWhole() ([]byte, error) {
	if c.packets++; c.packets > maxPackets {
		return nil, c.errNoAnswer("a login without end")
	}
	header, err := c.in.Peek(headerLength)
	if err != nil {
		return nil, ended(err)
	}
	length := int(header[0]) | int(header[1])<<8 | int(header[2])<<16
	if length == 0 || length > maxLogin {
		isError, err := c.in.Peek(headerLength + 1)
		if err == nil && length > maxLogin && length < maxPacket && isError[headerLength] == 0xff {
			err = c.cutError(length)
			return c.kept, err
		}
		return nil, c.errNoAnswer(fmt.Sprintf("a packet of %d bytes in the login", length))
	}
	packet := make([]byte, headerLength+length)
	if _, err := io.ReadFull(c.in, packet); err != nil {
		return nil, ended(err)
	}
	if length > maxErrorText && packet[headerLength] == 0xff {
		packet = packet[:headerLength+maxErrorText]
		setLength(packet)
	}
	return packet, nil
}

// nextOfLogin keeps the next packet of the login, which ends with OK or an error.
func (c *Conn) nextOfLogin() error {
	greeting := c.packets == 0
	packet, err := c.readWhole()
	if err != nil {
		return err
	}
	c.kept = packet
	packet[3] -= c.shift
	switch body := packet[headerLength:]; {
	case greeting:
	case body[0] == 0 || body[0] == 0xff:
		c.login, c.shift, c.until = false, 0, time.Time{}
	case body[0] == 0xfe:
		return c.checkPlugin(body[1:])
	}
	return nil
}

// checkPlugin refuses a server that asks for the password in clear text where that is not allowed.
func (c *Conn) checkPlugin(request []byte) error {
	name, _, _ := bytes.Cut(request, []byte{0})
	c.sha256 = string(name) == "sha256_password" && c.shift > 0
	if string(name) != "mysql_clear_password" || c.clearText && c.private {
		return nil
	}
	reason := ErrClearText
	if c.clearText {
		reason = ErrUnverified
	}
	return &fault.Error{Reason: reason,
		What: fmt.Sprintf("the server at %s asks for the password in clear text (mysql_clear_password); nothing was sent", c.address)}
}

// Write sends what the library writes. During the login that is one packet at a time.
func (c *Conn) Write(b []byte) (int, error) {
	if err := c.inner.SetWriteDeadline(time.Now().Add(c.idle)); err != nil {
		return 0, err
	}
	if c.login && len(b) > headerLength {
		return c.writeLogin(b)
	}
	if !c.raw && len(b) > headerLength && b[3] == 0 {
		c.first.Store(true)
		c.asked.Store(true)
	}
	return c.inner.Write(b)
}

// writeLogin sends a packet of the login, with its number on the wire.
func (c *Conn) writeLogin(b []byte) (int, error) {
	packet := bytes.Clone(b)
	if c.wantsTLS {
		if err := c.startTLS(packet); err != nil {
			c.Failed = err
			return 0, err
		}
		packet[headerLength+1] |= clientSSL >> 8
	}
	packet[3] += c.shift
	if c.sha256 && len(packet) == headerLength+1 && packet[headerLength] == 1 {
		// The driver, which knows of no TLS, asks for the server's RSA key; within TLS the server waits for the password.
		packet = append(append(packet[:headerLength], c.password...), 0)
		setLength(packet)
	}
	if !c.Secure && !c.serverKey && asksForKey(packet[headerLength:]) {
		c.Failed = &fault.Error{Reason: ErrServerKey,
			What: fmt.Sprintf("the server at %s asks for the password, and there is no TLS: it would go out under a key that the server itself sends; nothing was sent", c.address)}
		return 0, c.Failed
	}
	if _, err := c.inner.Write(packet); err != nil {
		return 0, err
	}
	return len(b), nil
}

// asksForKey reports whether a packet of the login asks for the server's public key, as sha256_password (1) and caching_sha2_password (2)
// do before they send the password. (MySQL manual, "Caching SHA-2 Pluggable Authentication".)
func asksForKey(body []byte) bool { return len(body) == 1 && (body[0] == 1 || body[0] == 2) }

// Close ends the connection.
func (c *Conn) Close() error { return c.inner.Close() }

// This package sets the deadlines; those of the library are ignored.

// SetDeadline does nothing.
func (c *Conn) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (c *Conn) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }
