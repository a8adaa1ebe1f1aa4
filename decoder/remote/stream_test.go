package remote

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/client"
	mysqlpacket "github.com/go-mysql-org/go-mysql/packet"

	"binmend/decoder"
)

// collector is a handler that writes down what it is told.
type collector struct{ text strings.Builder }

func (c *collector) Begin(e *Event) error {
	fmt.Fprintf(&c.text, "%d %s %s ack %t:", e.Kind, e.Type, e.Pos, e.Ack)
	return nil
}
func (c *collector) Write(b []byte) (int, error) { fmt.Fprintf(&c.text, " %x", b); return len(b), nil }
func (c *collector) End() error                  { c.text.WriteString("\n"); return nil }

// eventOf builds an event without a checksum that ends at end in its log.
func eventOf(t decoder.EventType, end uint32, flags uint16, body string) []byte {
	b := make([]byte, headerLength, headerLength+len(body))
	b[4] = byte(t)
	binary.LittleEndian.PutUint32(b[9:], uint32(headerLength+len(body)))
	binary.LittleEndian.PutUint32(b[13:], end)
	binary.LittleEndian.PutUint16(b[17:], flags)
	return append(b, body...)
}

// rotateTo builds the Rotate event with which a source says what it sends next.
func rotateTo(name string, pos uint64) []byte {
	return eventOf(decoder.EventRotate, 0, decoder.FlagArtificial, string(binary.LittleEndian.AppendUint64(nil, pos))+name)
}

func packetOf(event []byte) []byte { return append([]byte{statusEvent}, event...) }

// receive gives packets to a stream, each in pieces of at most n bytes.
func receive(s *stream, n int, packets ...[]byte) (string, error) {
	c := &collector{}
	for _, p := range packets {
		s.packet, s.handler = packet{small: s.small[:0]}, c
		s.event.Ack = false
		for len(p) > 0 {
			piece := p[:min(n, len(p))]
			p = p[len(piece):]
			if _, err := s.Write(piece); err != nil {
				return c.text.String(), err
			}
		}
		if s.status != statusEvent {
			fmt.Fprintf(&c.text, "status %02x %q\n", s.status, s.small[1:])
			continue
		}
		if err := s.end(); err != nil {
			return c.text.String(), err
		}
	}
	return c.text.String(), nil
}

// TestStream follows the places of events: from the beginning of a log, into the next one, from the middle of one, over
// transactions that are left out, and past 4 GiB.
func TestStream(t *testing.T) {
	format := eventOf(decoder.EventFormatDescription, 23, 0, "")
	for _, c := range []struct {
		name    string
		stream  stream
		packets [][]byte
		want    string // kind, type and place of each event
	}{
		{"a log and the next", stream{}, [][]byte{
			rotateTo("bin.000001", 4), format, eventOf(decoder.EventXid, 46, 0, "xxxx"), rotateTo("bin.000002", 4), format},
			"Rotate bin.000001:4 · Format_desc bin.000001:4 · Xid bin.000001:23 · Rotate bin.000002:4 · Format_desc bin.000002:4"},
		{"from the middle", stream{}, [][]byte{
			rotateTo("bin.000001", 500), eventOf(decoder.EventFormatDescription, 0, 0, ""), eventOf(decoder.EventXid, 523, 0, "xxxx")},
			"Rotate bin.000001:500 · Format_desc bin.000001:4 again · Xid bin.000001:500"},
		{"without end_log_pos", stream{}, [][]byte{
			rotateTo("bin.000001", 500), eventOf(decoder.EventTableMap, 0, 0, "x"), eventOf(decoder.EventXid, 543, 0, "xxxx")},
			"Rotate bin.000001:500 · Table_map bin.000001:500 · Xid bin.000001:520"},
		{"transactions left out", stream{jumps: true}, [][]byte{
			rotateTo("bin.000001", 4), format, eventOf(decoder.EventGtid, 919, 0, "")},
			"Rotate bin.000001:4 · Format_desc bin.000001:4 · Gtid bin.000001:900"},
		{"after 4 GiB", stream{}, [][]byte{
			rotateTo("bin.000001", 1<<32-10), eventOf(decoder.EventXid, 9, 0, ""), eventOf(decoder.EventXid, 28, 0, "")},
			"Rotate bin.000001:4294967286 · Xid bin.000001:4294967286 · Xid bin.000001:4294967305"},
		{"a heartbeat", stream{}, [][]byte{
			rotateTo("bin.000001", 4), format, eventOf(decoder.EventHeartbeat, 23, 0, "bin.000001")},
			"Rotate bin.000001:4 · Format_desc bin.000001:4 · Heartbeat"},
	} {
		for _, pieces := range []int{1, 7, 1 << 20} {
			var packets [][]byte
			for _, e := range c.packets {
				packets = append(packets, packetOf(e))
			}
			s := c.stream
			text, err := receive(&s, pieces, packets...)
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := places(text); got != c.want {
				t.Errorf("%s, in pieces of %d:\ngot  %s\nwant %s", c.name, pieces, got, c.want)
			}
		}
	}
}

// places shortens what a collector wrote down.
func places(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		place := f[1] + " " + f[2]
		switch f[0] {
		case fmt.Sprint(Repeated):
			place += " again"
		case fmt.Sprint(Aside):
			place = f[1]
		}
		out = append(out, place)
	}
	return strings.Join(out, " · ")
}

// TestSemiSyncPackets have two bytes more, the second of which asks for an acknowledgement.
func TestSemiSyncPackets(t *testing.T) {
	s := &stream{semiSync: true}
	mark := func(ack byte, event []byte) []byte { return append([]byte{statusEvent, semiSyncMagic, ack}, event...) }
	got, err := receive(s, 5, mark(0, rotateTo("bin.000001", 4)), mark(0, eventOf(decoder.EventTableMap, 23, 0, "")),
		mark(1, eventOf(decoder.EventXid, 42, 0, "")))
	if err != nil || strings.Count(got, "ack true") != 1 || !strings.Contains(got, "Xid bin.000001:23 ack true") {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := receive(&stream{semiSync: true}, 5, packetOf(rotateTo("bin.000001", 4))); err == nil {
		t.Error("no mark, and no error")
	}
}

// TestMalformed is what no source sends. Names and lengths out of it would become files and memory.
func TestMalformed(t *testing.T) {
	short := packetOf(eventOf(decoder.EventXid, 42, 0, "xxxx"))
	rotate := packetOf(rotateTo("bin.000001", 4))
	for name, packets := range map[string][][]byte{
		"an unknown status":              {{0x17, 1, 2}},
		"half a header":                  {{statusEvent, 1, 2, 3}},
		"an event that is cut off":       {rotate, short[:len(short)-1]},
		"an event with more after it":    {rotate, append(short, 'x')},
		"an event of no length":          {rotate, packetOf(make([]byte, headerLength))},
		"an event before a name":         {short},
		"an event elsewhere":             {rotate, packetOf(eventOf(decoder.EventXid, 900, 0, ""))},
		"a name with a path":             {packetOf(rotateTo("../bin.000001", 4))},
		"a name without a number":        {packetOf(rotateTo("passwd", 4))},
		"a hidden name":                  {packetOf(rotateTo(".bin.000001", 4))},
		"a name with a control sequence": {packetOf(rotateTo("b\x1bn.000001", 4))},
		"no name":                        {packetOf(rotateTo("", 4))},
		"a position in the magic number": {packetOf(rotateTo("bin.000001", 3))},
		"a Rotate event without all":     {packetOf(eventOf(decoder.EventRotate, 0, decoder.FlagArtificial, "1234"))},
		"an endless error":               {append([]byte{statusError}, make([]byte, 1<<20)...)},
	} {
		_, err := receive(&stream{}, 1000, packets...)
		if !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A source whose logs have checksums adds one to its Rotate event as well.
func TestRotateWithChecksum(t *testing.T) {
	event := rotateTo("bin.000001", 4)
	binary.LittleEndian.PutUint32(event[9:], uint32(len(event)+checksumLength))
	event = binary.LittleEndian.AppendUint32(event, crc32.ChecksumIEEE(event))
	if got, err := receive(&stream{}, 1000, packetOf(event)); err != nil || places(got) != "Rotate bin.000001:4" {
		t.Errorf("%v\n%s", err, got)
	}
}

// FuzzStream gives a stream any bytes: what it says does not depend on the pieces that they come in, and it never panics.
func FuzzStream(f *testing.F) {
	f.Add(append(packetOf(rotateTo("bin.000001", 4)), packetOf(eventOf(decoder.EventXid, 23, 0, ""))...), uint8(28), uint8(3))
	f.Add([]byte{statusError, 0x10, 0x05, '#', 'H', 'Y', '0', '0', '0'}, uint8(9), uint8(2))
	f.Add([]byte{statusEnd, 0, 0, 2, 0}, uint8(5), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, first, pieces uint8) {
		cut := min(int(first), len(b))
		packets := [][]byte{b[:cut], b[cut:]}
		if cut == 0 || cut == len(b) {
			packets = [][]byte{b}
		}
		if len(b) == 0 {
			return
		}
		whole, err := receive(&stream{}, 1<<20, packets...)
		split, again := receive(&stream{}, int(pieces)+1, packets...)
		if (err == nil) != (again == nil) || strings.ReplaceAll(whole, " ", "") != strings.ReplaceAll(split, " ", "") {
			t.Errorf("in one piece: %v\n%s\nin pieces of %d: %v\n%s", err, whole, int(pieces)+1, again, split)
		}
	})
}

// TestShortPackets: go-mysql panics on packets that are shorter than what they hold; here they are errors.
func TestShortPackets(t *testing.T) {
	for name, packet := range map[string]string{
		"an OK with half a number":    "\x00\xfe\x01",
		"an error without its number": "\xff\x01",
	} {
		t.Run(name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer ours.Close()
			go func() {
				_, _ = theirs.Write(append([]byte{byte(len(packet)), 0, 0, 0}, packet...))
				theirs.Close()
			}()
			c := &Conn{address: "db1:3306", conn: &client.Conn{Conn: mysqlpacket.NewConn(ours)}}
			if err := c.readOK("COM_REGISTER_SLAVE"); !errors.Is(err, ErrNotServer) || !strings.Contains(err.Error(), "no answer to COM_REGISTER_SLAVE") {
				t.Errorf("got %v", err)
			}
		})
	}
	c := &Conn{address: "db1:3306", conn: &client.Conn{}}
	if err := c.serverError([]byte("\xff\x01")); !errors.Is(err, ErrNotServer) {
		t.Errorf("an error in the stream without its number: got %v", err)
	}
}
