package serve

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Places in an event's header and in a format description.
const (
	headerLength    = 19
	typeOffset      = 4
	serverIDOffset  = 5
	lengthOffset    = 9
	endLogPosOffset = 13
	flagsOffset     = 17
	createdOffset   = headerLength + 2 + 50
	checksumLength  = 4
	magicLength     = 4
)

// artificial makes events that are in no log: they tell a replica where it is.
type artificial struct {
	serverID uint32
	checksum decoder.Checksum // in force: of the last format description or, before the first, as the client said
	event    []byte
}

// begin starts an event with its header.
func (a *artificial) begin(kind decoder.EventType, flags uint16, endLogPos uint64) {
	a.event = append(a.event[:0], make([]byte, headerLength)...)
	a.event[typeOffset] = byte(kind)
	binary.LittleEndian.PutUint32(a.event[serverIDOffset:], a.serverID)
	binary.LittleEndian.PutUint32(a.event[endLogPosOffset:], uint32(endLogPos))
	binary.LittleEndian.PutUint16(a.event[flagsOffset:], flags)
}

// end completes the event with its length and checksum.
func (a *artificial) end() []byte {
	if a.checksum == decoder.ChecksumCRC32 {
		a.event = append(a.event, make([]byte, checksumLength)...)
	}
	binary.LittleEndian.PutUint32(a.event[lengthOffset:], uint32(len(a.event)))
	if a.checksum == decoder.ChecksumCRC32 {
		sign(a.event)
	}
	return a.event
}

// sign writes the checksum of an event that ends in one.
func sign(event []byte) {
	end := len(event) - checksumLength
	binary.LittleEndian.PutUint32(event[end:], crc32.ChecksumIEEE(event[:end]))
}

// rotate says which file comes, and the position in it. Its timestamp of 0 distinguishes it from one in a log.
//
//	8     position
//	rest  file
func (a *artificial) rotate(file string, position uint64) []byte {
	a.begin(decoder.EventRotate, decoder.FlagArtificial, 0)
	a.event = binary.LittleEndian.AppendUint64(a.event, position)
	a.event = append(a.event, file...)
	return a.end()
}

// heartbeat says that there is nothing new after a position. Its body is the file's name.
func (a *artificial) heartbeat(file string, position uint64) []byte {
	a.begin(decoder.EventHeartbeat, 0, position)
	a.event = append(a.event, file...)
	return a.end()
}

// The fields of a heartbeat of version 2 (MySQL source: Heartbeat_event_v2, codecs/binary.cpp).
const (
	heartbeatEnd      = 0
	heartbeatFile     = 1
	heartbeatPosition = 2
)

// heartbeatV2 is a heartbeat whose position may be over 4 GiB. Each field has a number, a length and a value:
//
//	1, n, file
//	2, n, position as a length-encoded integer
//	0
func (a *artificial) heartbeatV2(file string, position uint64) []byte {
	a.begin(decoder.EventHeartbeatV2, 0, position)
	a.event = append(a.event, heartbeatFile)
	a.event = mysql.AppendLengthEncodedInteger(a.event, uint64(len(file)))
	a.event = append(a.event, file...)
	number := mysql.AppendLengthEncodedInteger(nil, position)
	a.event = append(a.event, heartbeatPosition, byte(len(number)))
	a.event = append(a.event, number...)
	a.event = append(a.event, heartbeatEnd)
	return a.end()
}

// gtidList is MariaDB's Gtid_list event with the GTIDs up to a position.
//
//	4     number of GTIDs
//	per GTID: 4 domain, 4 server id, 8 sequence number
func (a *artificial) gtidList(list gtid.List, position uint64) []byte {
	a.begin(decoder.EventMariaGtidList, decoder.FlagArtificial, position)
	a.event = binary.LittleEndian.AppendUint32(a.event, uint32(len(list)))
	for _, g := range list {
		a.event = binary.LittleEndian.AppendUint32(a.event, g.Domain)
		a.event = binary.LittleEndian.AppendUint32(a.event, g.Server)
		a.event = binary.LittleEndian.AppendUint64(a.event, g.Seq)
	}
	return a.end()
}

// changedFormat is a format description as it is sent: never in use and, when the replica begins inside the file, without its
// time and position. With a time, a replica takes it for a restart of the source and drops its temporary tables; with a
// position, it moves its own.
func changedFormat(raw []byte, change formatChange) []byte {
	event := slices.Clone(raw)
	event[flagsOffset] &^= decoder.FlagInUse
	if change >= withoutTime {
		clear(event[createdOffset:][:4])
	}
	if change == withoutTimeAndPosition {
		clear(event[endLogPosOffset:][:4])
	}
	return event
}

// formatChange says which fields of a format description are cleared.
type formatChange uint8

const (
	asWritten formatChange = iota
	withoutTime
	withoutTimeAndPosition
)

// lens reads single events with a decoder.Reader, which follows the format descriptions.
type lens struct {
	reader *decoder.Reader
	raw    []byte
	pos    decoder.Position
}

func newLens() *lens {
	l := &lens{}
	l.reader = decoder.NewReader(l)
	return l
}

// Next returns the one event. It makes lens a decoder.Source.
func (l *lens) Next() ([]byte, decoder.Position, error) { return l.raw, l.pos, nil }

// read interprets one event; the format description of its file has to be read first.
func (l *lens) read(raw []byte, pos decoder.Position) (*decoder.Event, error) {
	l.raw, l.pos = raw, pos
	return l.reader.Next()
}

func eventType(raw []byte) decoder.EventType { return decoder.EventType(raw[typeOffset]) }

func eventFlags(raw []byte) uint16 { return binary.LittleEndian.Uint16(raw[flagsOffset:]) }
