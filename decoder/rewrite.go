package decoder

import (
	"encoding/binary"
	"errors"
	"hash/crc32"

	"binmend/decoder/internal/bin"
)

// ErrNotRewritten is the error for a row event that can't be written as an event again.
var ErrNotRewritten = errors.New("a row event of a server before MySQL 5.1's first stable release, which no later server takes")

// ErrNotWhole is the error for row images that can't be swapped, because the log does not hold all their columns.
var ErrNotWhole = errors.New("the log does not hold all columns of the row before and after the change")

// lenEncOneByte bounds what a length-encoded integer of one byte holds. Longer names are not written again.
const lenEncOneByte = 251

// AppendEvent appends the format description as an event, to precede others in BINLOG statements. It has no creation time: a
// server takes that for a restart of the source.
func (f *Format) AppendEvent(dst []byte) []byte {
	h := Header{Type: EventFormatDescription}
	begin := len(dst)
	dst = h.append(dst)
	dst = binary.LittleEndian.AppendUint16(dst, f.BinlogVersion)
	version := make([]byte, serverVersionLength)
	copy(version, f.Server.Text)
	dst = append(dst, version...)
	dst = binary.LittleEndian.AppendUint32(dst, 0)
	dst = append(dst, headerLength)
	dst = append(dst, f.postHeader...)
	if f.Server.knowsChecksums() {
		dst = append(dst, byte(f.Checksum))
	}
	return finishEvent(dst, begin, f.Server.knowsChecksums())
}

func (h *Header) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, h.Timestamp)
	dst = append(dst, byte(h.Type))
	dst = binary.LittleEndian.AppendUint32(dst, h.ServerID)
	dst = binary.LittleEndian.AppendUint32(dst, 0) // the length, which finishEvent writes
	dst = binary.LittleEndian.AppendUint32(dst, h.EndLogPos)
	return binary.LittleEndian.AppendUint16(dst, h.Flags)
}

const lengthOffset = 9 // in an event

// finishEvent writes the length of the event that begins at an offset, and its checksum.
func finishEvent(dst []byte, begin int, checksum bool) []byte {
	n := len(dst) - begin
	if checksum {
		n += checksumLength
	}
	binary.LittleEndian.PutUint32(dst[begin+lengthOffset:], uint32(n))
	if checksum {
		dst = binary.LittleEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[begin:]))
	}
	return dst
}

// Raw is the last row read, as bytes of the event: its images before and after the change, with their null bits. They are valid
// until the next row is read.
func (re *RowsEvent) Raw() (before, after []byte) {
	return re.raw[:re.rawBefore], re.raw[re.rawBefore:re.rawEnd]
}

// AppendTableMap appends the table map of a row event that RowsDecoder reads, as an event. database replaces the database in the
// table map; "" keeps it.
func (re *RowsEvent) AppendTableMap(dst []byte, database string) ([]byte, error) {
	f := re.ev.Format
	if f.alpha || f.headerChecksum || re.preGA || re.mapBody == "" {
		return dst, ErrNotRewritten
	}
	h := Header{Type: EventTableMap, Timestamp: re.ev.Timestamp, ServerID: re.ev.ServerID}
	if re.ev.EndLogPos > re.ev.Length {
		h.EndLogPos = re.ev.EndLogPos - re.ev.Length
	}
	begin := len(dst)
	dst = h.append(dst)
	dst = append(dst, re.ev.Body[:re.idLength()]...)
	body := []byte(re.mapBody)
	if database != "" {
		c := bin.New(body)
		flags := c.Bytes(2, "flags")
		nulTerminated(&c, "database name")
		if c.Err() != nil || len(database) >= lenEncOneByte {
			return dst[:begin], ErrNotRewritten
		}
		dst = append(append(dst, flags...), byte(len(database)))
		dst = append(append(dst, database...), 0)
		body = c.Rest()
	}
	return finishEvent(append(dst, body...), begin, f.Checksum == ChecksumCRC32), nil
}

// idLength is how many bytes a table id has in the event.
func (re *RowsEvent) idLength() int {
	c := bin.New(re.ev.Body)
	re.ev.tableID(&c)
	return c.Offset()
}

// EachOfRows yields the row event as it was logged, but for its Flags, in pieces, marked as the last one of its statement.
func (re *RowsEvent) EachOfRows(yield func(piece []byte)) {
	id := re.idLength()
	head := re.ev.Header.append(nil)
	head = append(head, re.ev.Body[:id+1]...)
	head[headerLength+id] |= byte(re.Flags | rowsStatementEnd)
	re.eachOf(yield, head, re.ev.Body[id+1:])
}

// eachOf yields an event in pieces: head, which begins with the header, the others, and the checksum, if any.
func (re *RowsEvent) eachOf(yield func(piece []byte), head []byte, more ...[]byte) {
	n, checksum := len(head), re.ev.Format.Checksum == ChecksumCRC32
	for _, piece := range more {
		n += len(piece)
	}
	if checksum {
		n += checksumLength
	}
	binary.LittleEndian.PutUint32(head[lengthOffset:], uint32(n))
	sum := crc32.ChecksumIEEE(head)
	yield(head)
	for _, piece := range more {
		sum = crc32.Update(sum, crc32.IEEETable, piece)
		yield(piece)
	}
	if checksum {
		yield(binary.LittleEndian.AppendUint32(nil, sum))
	}
}

// EachOfSome yields, in pieces, a row event like this one with some of its rows, given as Raw returned them.
func (re *RowsEvent) EachOfSome(yield func(piece []byte), rows ...[]byte) {
	re.eachAs(re.plainType(), yield, rows)
}

// EachOfInverse yields, in pieces, a row event that takes back some rows of this one, given as Raw returned them: an INSERT becomes a
// DELETE; for an UPDATE the caller has swapped the images. It returns ErrNotWhole, and yields nothing, where the images lack columns.
func (re *RowsEvent) EachOfInverse(yield func(piece []byte), rows ...[]byte) error {
	if re.partial || !re.before.all || !re.after.all {
		return ErrNotWhole
	}
	re.eachAs(re.inverseType(), yield, rows)
	return nil
}

// eachAs yields an event of a type whose rows are those given, in an image like this event's.
func (re *RowsEvent) eachAs(as EventType, yield func(piece []byte), rows [][]byte) {
	h := re.ev.Header
	h.Type = as
	dst := h.append(nil)
	body := len(dst)
	id := re.idLength()
	dst = append(dst, re.ev.Body[:id+2]...)
	dst[body+id] |= byte(re.Flags | rowsStatementEnd)
	if re.isVersion2() {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(len(re.Extra)+2))
		dst = append(dst, re.Extra...)
	}
	dst = appendLenEnc(dst, len(re.Map.Columns))
	dst = append(dst, re.before.present...)
	if re.Kind == Update {
		dst = append(dst, re.after.present...)
	}
	re.eachOf(yield, dst, rows...)
}

// IsCompressed reports whether the event's rows are compressed, by MariaDB's log_bin_compress.
func (re *RowsEvent) IsCompressed() bool { return re.ev.isCompressedRows() }

// plainType is the event's type without compression.
func (re *RowsEvent) plainType() EventType {
	t := re.ev.Type
	switch {
	case t >= EventMariaWriteRowsCompressed:
		t = EventWriteRows + t - EventMariaWriteRowsCompressed
	case t >= EventMariaWriteRowsCompressed1:
		t = EventWriteRowsV1 + t - EventMariaWriteRowsCompressed1
	}
	return t
}

// inverseType is the type, without compression, of an event that takes this one back.
func (re *RowsEvent) inverseType() EventType {
	switch t := re.plainType(); re.Kind {
	case Insert:
		return t + 2
	case Delete:
		return t - 2
	default:
		return t
	}
}

func appendLenEnc(dst []byte, n int) []byte {
	if n < lenEncOneByte {
		return append(dst, byte(n))
	}
	return append(dst, 0xfc, byte(n), byte(n>>8))
}
