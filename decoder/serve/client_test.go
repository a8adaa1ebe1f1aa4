package serve

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

const secret = "s3cr#t"

// testAccounts are two, native and sha2, with the password secret.
func testAccounts(t testing.TB) *Accounts {
	t.Helper()
	var lines []string
	for user, plugin := range map[string]Plugin{"native": NativePassword, "sha2": CachingSHA2} {
		line, err := AccountLine(user, plugin, secret)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	a, err := parseAccounts(strings.NewReader(strings.Join(lines, "\n")), "users")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// running is a server for one test.
type running struct {
	*Server
	addr string
	stop context.CancelFunc
	done chan error
}

// run starts a server; change may set its limits before.
func run(t testing.TB, o Options, change ...func(*Server)) *running {
	t.Helper()
	if o.Accounts == nil {
		o.Accounts = testAccounts(t)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range change {
		c(s)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &running{Server: s, addr: l.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() { r.done <- s.Serve(ctx, l) }()
	t.Cleanup(stop)
	return r
}

// connect logs in with go-mysql's client, which gives up after some seconds without an answer.
func (r *running) connect(user, password string) (*client.Conn, error) {
	return client.ConnectWithTimeout(r.addr, user, password, "", 10*time.Second, func(c *client.Conn) error {
		c.ReadTimeout = 20 * time.Second
		return nil
	})
}

func (r *running) connectTLS(user, password string) (*client.Conn, error) {
	return client.ConnectWithTimeout(r.addr, user, password, "", 10*time.Second, func(c *client.Conn) error {
		c.SetTLSConfig(&tls.Config{InsecureSkipVerify: true})
		return nil
	})
}

func (r *running) mustConnect(t testing.TB) *client.Conn {
	t.Helper()
	c, err := r.connect("native", secret)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask is what a client asks for in a test.
type ask struct {
	file     string
	position uint32
	executed string // a set of GTIDs; "-" for the empty one, "" for none: by position
	state    string // MariaDB's slave_connect_state; "-" for the empty one
	flags    uint16
	waits    bool
	set      string // more statements
}

const knowsChecksums = "SET @master_binlog_checksum='CRC32', @source_binlog_checksum='CRC32'"

// send sends the commands of a replica.
func (a ask) send(t testing.TB, c *client.Conn) {
	t.Helper()
	statements := []string{knowsChecksums}
	if a.state != "" {
		statements = append(statements, "SET @mariadb_slave_capability=4", "SET @slave_connect_state='"+strings.Trim(a.state, "-")+"'")
	}
	if a.set != "" {
		statements = append(statements, strings.Split(a.set, "; ")...)
	}
	for _, s := range statements {
		if _, err := c.Execute(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
	flags := a.flags
	if !a.waits {
		flags |= dumpNonBlock
	}
	c.ResetSequence()
	if err := c.WritePacket(append(make([]byte, 4), a.command(t, flags)...)); err != nil {
		t.Fatal(err)
	}
}

func (a ask) command(t testing.TB, flags uint16) []byte {
	t.Helper()
	const serverID = 77
	if a.executed == "" {
		b := binary.LittleEndian.AppendUint32([]byte{mysql.COM_BINLOG_DUMP}, a.position)
		b = binary.LittleEndian.AppendUint16(b, flags)
		return append(binary.LittleEndian.AppendUint32(b, serverID), a.file...)
	}
	set, err := gtid.ParseSet(strings.Trim(a.executed, "-"))
	if err != nil && a.executed != "-" {
		set, err = gtid.ParseSet(a.executed)
	}
	if err != nil {
		t.Fatal(err)
	}
	encoded := encodeSet(set)
	b := binary.LittleEndian.AppendUint16([]byte{mysql.COM_BINLOG_DUMP_GTID}, flags)
	b = binary.LittleEndian.AppendUint32(b, serverID)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(a.file)))
	b = append(b, a.file...)
	b = binary.LittleEndian.AppendUint64(b, max(uint64(a.position), magicLength))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(encoded)))
	return append(b, encoded...)
}

// stream reads what a dump sends.
type stream struct {
	c    *client.Conn
	lens *lens
	file string
	bare bool // Rotate events have no checksum
}

func newStream(c *client.Conn) *stream { return &stream{c: c, lens: newLens()} }

var errStreamEnd = errors.New("end of the dump")

// next returns the next event in a few words. Every checksum is verified.
func (s *stream) next() (string, error) {
	packet, err := s.c.ReadPacket()
	switch {
	case err != nil:
		return "", err
	case packet[0] == mysql.EOF_HEADER:
		return "", errStreamEnd
	case packet[0] == mysql.ERR_HEADER:
		return "", fmt.Errorf("%d %s", binary.LittleEndian.Uint16(packet[1:]), packet[9:])
	}
	raw := packet[1:]
	if eventType(raw) == decoder.EventRotate && s.bare {
		return "artificial Rotate", nil
	}
	if !decoder.EndsInChecksum(raw) {
		return "", fmt.Errorf("%s event without a right checksum", eventType(raw))
	}
	end := binary.LittleEndian.Uint32(raw[endLogPosOffset:])
	body := raw[headerLength : len(raw)-checksumLength]
	switch eventType(raw) {
	case decoder.EventRotate:
		s.file = string(body[8:])
		artificial := ""
		if eventFlags(raw)&decoder.FlagArtificial != 0 {
			artificial = "artificial "
		}
		return fmt.Sprintf("%sRotate %s:%d", artificial, s.file, binary.LittleEndian.Uint64(body)), nil
	case decoder.EventHeartbeat:
		return fmt.Sprintf("Heartbeat %s:%d", body, end), nil
	case decoder.EventHeartbeatV2:
		return fmt.Sprintf("Heartbeat 2 %x", body), nil
	}
	e, err := s.lens.read(raw, decoder.Position{File: s.file})
	if err != nil {
		return "", err
	}
	switch {
	case e.Type == decoder.EventFormatDescription:
		return fmt.Sprintf("Format created %d, to %d", e.Format.Created, end), nil
	case e.Type == decoder.EventMariaGtidList:
		list, err := gtid.DecodeList(e.Body)
		return fmt.Sprintf("Gtid_list %s to %d", list, end), err
	case e.IsGtid():
		g, err := e.Gtid()
		return strings.Replace(g.ID.String(), "-0000-0000-0000-00000000000", "-", 1), err
	}
	return fmt.Sprintf("%s to %d", e.Type, end), nil
}

// all reads to the end of the dump. The last line is the error, if it ends in one.
func (s *stream) all() string {
	var b strings.Builder
	for {
		line, err := s.next()
		if errors.Is(err, errStreamEnd) {
			return b.String()
		}
		if err != nil {
			fmt.Fprintf(&b, "ERROR %v\n", err)
			return b.String()
		}
		b.WriteString(line + "\n")
	}
}
