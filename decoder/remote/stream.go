package remote

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
	"binmend/decoder/words"
)

const (
	magicLength     = 4 // of a log, before its first event
	headerLength    = 19
	checksumLength  = 4
	rotatePosLength = 8
	maxSmall        = 64 << 10 // bytes of a packet that is kept in memory: an error, an artificial event
)

// Kind says how an event relates to the source's log.
type Kind uint8

const (
	Logged   Kind = iota // it is in the log, at its position
	Repeated             // sent again from the beginning of a log that is read from the middle; some fields differ from the log's
	Rotated              // not in a log: it says where the events after it are
	Aside                // not in a log: a heartbeat of an idle source, or of one that skips events
)

// Event is an event as it arrives.
type Event struct {
	decoder.Header
	Kind Kind
	Pos  decoder.Position // in the source's log
	Ack  bool             // the source waits for an acknowledgement
}

// End is the offset of the byte after the event in the source's file.
func (e *Event) End() int64 { return e.Pos.Offset + int64(e.Length) }

// Handler gets the events of a dump in pieces as they arrive. No more than the connection's buffer is in memory.
type Handler interface {
	// Begin announces an event. e is valid until the next one.
	Begin(e *Event) error
	// Write gets bytes of the event, beginning with its header.
	Write(b []byte) (int, error)
	// End says that the event was whole.
	End() error
}

// stream reads the packets of a dump and finds the place of each event.
type stream struct {
	file     string
	begin    int64 // where the dump was to begin
	offset   int64 // where the next event of the log begins
	jumps    bool  // events may be left out
	semiSync bool

	repeated bool // the format description of a log that is read from the middle has arrived
	idle     idleness
	handler  Handler
	event    Event
	packet
}

// packet is the state of the packet being received.
type packet struct {
	at     int64 // bytes so far
	status byte
	head   int // bytes of the event's header so far
	header [headerLength]byte
	small  []byte // of a packet that is not passed to the handler
	size   int64  // bytes of the event so far
	pass   bool   // the bytes go to the handler
	err    error
}

// The first byte of a packet.
const (
	statusEvent = mysql.OK_HEADER
	statusEnd   = mysql.EOF_HEADER
	statusError = mysql.ERR_HEADER
)

// semiSyncMagic is the first of the two bytes before each event when the source may wait for acknowledgements; the second says
// whether it waits for this one (MySQL source: ReplSemiSyncBase::kPacketMagicNum).
const semiSyncMagic = 0xef

// Receive passes the next event, of any Kind, to h. io.EOF ends a dump that does not follow.
func (c *Conn) Receive(h Handler) error {
	s := &c.stream
	s.packet = packet{small: s.small[:0]}
	s.event.Ack = false
	s.handler = h
	err := c.conn.ReadPacketTo(s)
	switch {
	case s.err != nil:
		return s.err
	case err != nil:
		return c.explain(err)
	case s.at > 0 && s.status == statusEnd:
		return io.EOF
	case s.at > 0 && s.status == statusError:
		return c.explain(c.serverError(bytes.Clone(s.small)))
	}
	if err := s.end(); err != nil {
		return err
	}
	if s.isEndless() {
		return &fault.Error{Reason: ErrEndless, What: fmt.Sprintf("the source %s sends heartbeats and the like and nothing of its log: %s in %v",
			c.address, words.Count(s.idle.packets, "packet"), time.Since(s.idle.since).Round(time.Second))}
	}
	if s.event.Ack {
		// The source restarts its packet numbers after an event that it wants acknowledged.
		c.conn.Sequence = 1
	}
	return nil
}

// Write is called by go-mysql with a piece of a packet.
func (s *stream) Write(b []byte) (int, error) {
	all := len(b)
	for len(b) > 0 && s.err == nil {
		n := 0
		n, s.err = s.take(b)
		b = b[n:]
	}
	return all - len(b), s.err
}

// take reads a part of a packet.
//
//	bytes  field
//	1      0x00; 0xfe ends the dump, 0xff begins an error
//	2      with semi-synchronous replication: 0xef, and 1 when an acknowledgement is wanted
//	n      the event
func (s *stream) take(b []byte) (int, error) {
	switch {
	case s.at == 0:
		s.status = b[0]
		if s.status != statusEvent && s.status != statusEnd && s.status != statusError {
			return 0, s.malformed("expected a packet that begins with 00, fe or ff, found %02x", b[0])
		}
		s.small = append(s.small, b[0])
	case s.status != statusEvent:
		return s.keep(b)
	case s.at == 1 && s.semiSync:
		if b[0] != semiSyncMagic {
			return 0, s.malformed("expected the mark ef of semi-synchronous replication, found %02x", b[0])
		}
	case s.at == 2 && s.semiSync:
		s.event.Ack = b[0] == 1
	case s.head < headerLength:
		n := copy(s.header[s.head:], b)
		s.head += n
		s.at += int64(n)
		if s.head == headerLength {
			return n, s.start()
		}
		return n, nil
	default:
		return s.body(b)
	}
	s.at++
	return 1, nil
}

// keep keeps the bytes of a packet that is not passed to the handler.
func (s *stream) keep(b []byte) (int, error) {
	if len(s.small)+len(b) > maxSmall {
		return 0, s.malformed("expected at most %d bytes, found more", maxSmall)
	}
	s.small = append(s.small, b...)
	s.at += int64(len(b))
	return len(b), nil
}

// start reads the header of an event and decides what it is.
func (s *stream) start() error {
	s.event = Event{Header: decoder.ParseHeader(s.header[:]), Ack: s.event.Ack}
	e := &s.event
	s.size = headerLength
	if e.Length < headerLength {
		return s.malformed("expected an event of at least %d bytes, its header says %d", headerLength, e.Length)
	}
	if err := s.place(e); err != nil {
		return err
	}
	if e.Kind != Logged && e.Kind != Repeated {
		s.small = append(s.small[:0], s.header[:]...)
		return nil
	}
	if e.Pos.File == "" {
		return s.malformed("expected the name of the log before its events, found %s", e.Type)
	}
	s.pass = true
	if err := s.handler.Begin(e); err != nil {
		return err
	}
	_, err := s.handler.Write(s.header[:])
	return err
}

// place decides the Kind of an event and its position.
func (s *stream) place(e *Event) error {
	switch {
	case e.Type == decoder.EventHeartbeat, e.Type == decoder.EventHeartbeatV2:
		e.Kind = Aside
		return nil
	case e.Flags&decoder.FlagArtificial != 0:
		e.Kind = Aside
		if e.Type == decoder.EventRotate {
			e.Kind = Rotated
		}
		return nil
	case e.Type == decoder.EventFormatDescription && s.offset > magicLength:
		e.Kind, e.Pos = Repeated, decoder.Position{File: s.file, Offset: magicLength}
		s.repeated = true
		return nil
	case e.Type == decoder.EventMariaStartEncryption && s.repeated:
		e.Kind, e.Pos = Repeated, decoder.Position{File: s.file}
		return nil
	}
	s.repeated = false
	if e.EndLogPos != 0 {
		ahead := e.EndLogPos - e.Length - uint32(s.offset) // modulo 4 GiB
		if ahead != 0 && !s.jumps {
			return s.malformed("expected the event at %s:%d, found the %s event that ends at %d", s.file, s.offset, e.Type, e.EndLogPos)
		}
		s.offset += int64(ahead)
	}
	e.Pos = decoder.Position{File: s.file, Offset: s.offset}
	s.offset += int64(e.Length)
	return nil
}

func (s *stream) body(b []byte) (n int, err error) {
	if rest := int64(s.event.Length) - s.size; int64(len(b)) > rest {
		return 0, s.malformed("expected an event of %d bytes, found more", s.event.Length)
	}
	s.size += int64(len(b))
	if !s.pass {
		return s.keep(b)
	}
	s.at += int64(len(b))
	return s.handler.Write(b)
}

// end finishes a packet with an event.
func (s *stream) end() error {
	e := &s.event
	if s.head < headerLength || s.size < int64(e.Length) {
		return s.malformed("expected an event of %d bytes, found %d", max(e.Length, headerLength), s.size)
	}
	switch e.Kind {
	case Rotated:
		if err := s.rotate(); err != nil {
			return err
		}
		fallthrough
	case Aside:
		if err := s.handler.Begin(e); err != nil {
			return err
		}
	}
	return s.handler.End()
}

// rotate reads the name of the next log. The source adds a checksum when its own logs have them.
func (s *stream) rotate() error {
	raw := s.small
	if decoder.EndsInChecksum(raw) {
		raw = raw[:len(raw)-checksumLength]
	}
	if len(raw) < headerLength+rotatePosLength {
		return s.malformed("expected a position in the Rotate event, found %d bytes", len(raw))
	}
	pos := binary.LittleEndian.Uint64(raw[headerLength:])
	name := string(raw[headerLength+rotatePosLength:])
	if !validName(name) {
		return s.malformed("expected the name of a log in the Rotate event, found %q", name)
	}
	if pos < magicLength || pos > 1<<62 {
		return s.malformed("expected a position in the Rotate event, found %d", pos)
	}
	s.file, s.offset = name, int64(pos)
	s.event.Pos = decoder.Position{File: s.file, Offset: s.offset}
	return nil
}

// validName reports whether a source's log can have the name: a base name with a number. It becomes a file name.
func validName(name string) bool {
	stem, _, ok := logfile.CutNumber(name)
	if !ok || stem == "" || stem[0] == '.' || len(name) > 255 {
		return false
	}
	odd := func(c rune) bool { return c < ' ' || c > '~' || c == '/' || c == '\\' }
	return !strings.ContainsFunc(name, odd)
}

// malformed is the error for data that no source should send. MySQL 9.7 sends whatever bytes stand at the requested position.
func (s *stream) malformed(format string, args ...any) error {
	e := &fault.Error{Reason: ErrBroken, What: "the source sent what is no log: " + fmt.Sprintf(format, args...)}
	if s.repeated && s.offset == s.begin {
		e.Reason, e.Facts = ErrNotAnEvent, fault.Facts{Begin: s.begin, Name: s.file}
	}
	return e
}
