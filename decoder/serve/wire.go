package serve

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/packet"

	"binmend/decoder/internal/bin"
)

const (
	writeBuffer = 64 << 10
	loginBuffer = 1 << 10 // before the login

	// largest packets that a client may send
	maxHandshake = 16 << 10
	maxCommand   = 64 << 10
	maxGTIDs     = 16 << 20 // a set of GTIDs with very many gaps
)

// wire is the connection to a client. Writes are buffered until flush.
type wire struct {
	*packet.Conn
	ctx        context.Context // of the connection: it ends Write, which has no parameter for it
	limit      time.Duration
	buffer     *bufio.Writer
	packet     []byte // the packet being written, with room for its header
	capability uint32 // of the client

	reserve  func(n int) bool // asks for room for n bytes of a long GTID set; nil for no bound
	reserved int              // bytes reserved so far
}

// newWire takes over a connection. Each write must finish within limit or, when ctx is done, within a second.
func newWire(ctx context.Context, c net.Conn, limit time.Duration) *wire {
	w := &wire{ctx: ctx, limit: limit}
	w.Conn = packet.NewTLSConn(nil) // this one does not read beyond the packet, after which TLS may begin
	w.over(c)
	return w
}

// over continues on another connection: TLS over the one before.
func (w *wire) over(c net.Conn) {
	w.buffered(c, loginBuffer)
}

// widen takes the larger buffer of a client that has logged in.
func (w *wire) widen() { w.buffered(w.Conn.Conn.(*bufferedConn).Conn, writeBuffer) }

func (w *wire) buffered(c net.Conn, size int) {
	w.buffer = bufio.NewWriterSize(&deadlineWriter{c, w}, size)
	w.Conn.Conn = &bufferedConn{c, w.buffer}
}

// bufferedConn writes into a buffer.
type bufferedConn struct {
	net.Conn
	buffer *bufio.Writer
}

func (c *bufferedConn) Write(b []byte) (int, error) { return c.buffer.Write(b) }

// deadlineWriter gives each write a deadline: a client that reads nothing for that long is gone.
type deadlineWriter struct {
	net.Conn
	wire *wire
}

// lastWrite is the time for the last write when the server ends.
const lastWrite = time.Second

func (c *deadlineWriter) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.wire.limit)); err != nil {
		return 0, err
	}
	if c.wire.ctx.Err() != nil { // checked after the deadline is set, which would undo the one of the end
		c.SetWriteDeadline(time.Now().Add(lastWrite))
	}
	return c.Conn.Write(b)
}

func (w *wire) flush() error { return w.buffer.Flush() }

var errTooLarge = errors.New("the packet is too large")

// bounded collects what is read, up to a limit, whatever length the packets claim.
type bounded struct {
	bytes.Buffer
	limit   int
	full    bool  // there was more
	command *wire // for a command with a GTID set, which may be longer
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.command != nil && b.Len() == 0 && len(p) > 0 && p[0] == mysql.COM_BINLOG_DUMP_GTID {
		b.limit = maxGTIDs
	}
	if b.Len()+len(p) > b.limit {
		b.full = true
		return 0, errTooLarge
	}
	if b.Len()+len(p) > maxCommand && b.command != nil && !b.command.reserveFor(len(p)) {
		b.full = true
		return 0, errTooLarge
	}
	return b.Buffer.Write(p)
}

// reserveFor asks for room for n more bytes of a long GTID set.
func (w *wire) reserveFor(n int) bool {
	if w.reserve == nil {
		return true
	}
	if !w.reserve(n) {
		return false
	}
	w.reserved += n
	return true
}

// read returns the next packet, of at most limit bytes.
func (w *wire) read(limit int) ([]byte, error) {
	b := bounded{limit: limit}
	if err := w.ReadPacketTo(io.Writer(&b)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// readCommand returns the next command.
func (w *wire) readCommand() ([]byte, error) {
	b := bounded{limit: maxCommand, command: w}
	if err := w.ReadPacketTo(io.Writer(&b)); err != nil {
		if b.full {
			return nil, errTooLarge // of which go-mysql keeps only the text
		}
		return nil, err
	}
	return b.Bytes(), nil
}

// begin starts a packet with its first bytes.
func (w *wire) begin(first ...byte) { w.packet = append(w.packet[:0], 0, 0, 0, 0); w.put(first...) }

func (w *wire) put(b ...byte) { w.packet = append(w.packet, b...) }

// end writes the packet that begin started.
func (w *wire) end() error { return w.WritePacket(w.packet) }

// putEvent writes an OK byte and an event, in as many packets as needed. go-mysql's WritePacket wants one piece with room for a
// header: that would copy each event, up to 1 GiB.
func (w *wire) putEvent(event []byte) error {
	for head := 1; ; head = 0 { // the OK byte is in the first packet
		n := min(len(event), mysql.MaxPayloadLen-head)
		size := head + n
		header := [...]byte{byte(size), byte(size >> 8), byte(size >> 16), w.Sequence, mysql.OK_HEADER}
		w.Sequence++
		if _, err := w.buffer.Write(header[:4+head]); err != nil {
			return err
		}
		if _, err := w.buffer.Write(event[:n]); err != nil {
			return err
		}
		if event = event[n:]; size < mysql.MaxPayloadLen {
			return nil
		}
	}
}

// send writes the packet and flushes.
func (w *wire) send() error {
	if err := w.end(); err != nil {
		return err
	}
	return w.flush()
}

const autocommit = byte(mysql.SERVER_STATUS_AUTOCOMMIT)

func (w *wire) sendOK() error {
	w.begin(mysql.OK_HEADER, 0, 0, autocommit, 0, 0, 0)
	return w.send()
}

func (w *wire) putEOF() error {
	w.begin(mysql.EOF_HEADER, 0, 0, autocommit, 0)
	return w.end()
}

func (w *wire) sendEOF() error {
	if err := w.putEOF(); err != nil {
		return err
	}
	return w.flush()
}

// maxMessage is the longest error text that clients keep (MySQL source: MYSQL_ERRMSG_SIZE).
const maxMessage = 511

func (w *wire) sendError(e *mysql.MyError) error {
	text := e.Message
	if len(text) > maxMessage {
		text = text[:maxMessage-3] + "..."
	}
	w.begin(mysql.ERR_HEADER, byte(e.Code), byte(e.Code>>8))
	if w.capability&mysql.CLIENT_PROTOCOL_41 != 0 {
		w.put('#')
		w.put([]byte(e.State)...)
	}
	w.put([]byte(text)...)
	return w.send()
}

// cell is one value of a result set.
type cell struct {
	text string
	null bool
}

// sendRows writes a result set. Every column is text.
func (w *wire) sendRows(names []string, rows [][]cell) error {
	w.begin(mysql.PutLengthEncodedInt(uint64(len(names)))...)
	if err := w.end(); err != nil {
		return err
	}
	for _, name := range names {
		field := mysql.Field{Name: []byte(name), Charset: uint16(mysql.DEFAULT_COLLATION_ID), Type: mysql.MYSQL_TYPE_VAR_STRING, ColumnLength: 1 << 16}
		w.begin(field.Dump()...)
		if err := w.end(); err != nil {
			return err
		}
	}
	if err := w.putEOF(); err != nil {
		return err
	}
	for _, row := range rows {
		if err := w.putRow(row); err != nil {
			return err
		}
	}
	return w.sendEOF()
}

const nullColumn = 0xfb

func (w *wire) putRow(row []cell) error {
	w.begin()
	for _, c := range row {
		if c.null {
			w.put(nullColumn)
			continue
		}
		w.put(mysql.PutLengthEncodedString([]byte(c.text))...)
	}
	return w.end()
}

// nulString reads a text that ends in a zero byte or at the end of data, the bytes of c.
func nulString(c *bin.Cursor, data []byte, field string) []byte {
	if c.Err() != nil {
		return nil
	}
	n := bytes.IndexByte(data[c.Offset():], 0)
	if n < 0 {
		c.Fail(fmt.Errorf("%s at byte %d does not end", field, c.Offset()))
		return nil
	}
	text := c.Bytes(uint64(n), field)
	c.Uint8(field)
	return text
}
