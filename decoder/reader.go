package decoder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"iter"

	"binmend/decoder/gtid"
	"binmend/decoder/internal/bin"
)

// Source returns the events of one or more logs as raw bytes: header, body and checksum, in log order. raw holds at least an
// event header, is as long as the header says, and is valid until the next call. io.EOF is the end. A Position with another
// file name begins a new file.
type Source interface {
	Next() (raw []byte, pos Position, err error)
}

// CheckedSource is a Source that may have compared checksums before it is asked for their events. Checked says that the event that Next
// returned last ends in its own CRC-32; if it is false, nothing is known.
type CheckedSource interface {
	Source
	Checked() bool
}

// Reader turns raw events into events: it follows format descriptions, verifies checksums, remembers table maps, and
// opens compressed transactions, whose events follow the Transaction_payload event that held them.
type Reader struct {
	src     Source
	checked CheckedSource // src, if it is one
	file    string
	format  *Format
	relay   bool  // the file is a relay log, as far as is known
	begun   int64 // where the file's format description ends, or the Start_encryption behind it
	maps    tableMaps
	ending  bool // the last event ended a statement
	event   Event
	rows    RowsEvent
	inflate inflater
	payload payload
	memo    Memo     // of event
	head    rowsHead // of event
	raw     []byte   // the event with its header and checksum
}

// NewReader reads the events of src.
func NewReader(src Source) *Reader {
	r := &Reader{src: src}
	r.checked, _ = src.(CheckedSource)
	if trusted, ok := src.(TrustedSource); ok {
		r.inflate.max = trusted.MaxInflated()
		r.payload.max = r.inflate.max
	}
	return r
}

// Format is the format description in force, or nil before the first one.
func (r *Reader) Format() *Format { return r.format }

// Next returns the next event, io.EOF at the end. The event, and everything read from it, is valid until the next call.
func (r *Reader) Next() (*Event, error) {
	r.memo.Valid, r.head.known = false, false
	if len(r.raw) >= largeBuffer {
		r.forgetLarge()
	}
	if r.ending {
		r.ending = false
		r.maps.endStatement()
	}
	if r.payload.open {
		e, err := r.payload.next(r)
		if err != io.EOF {
			return e, err
		}
	}
	r.inflate.release()
	raw, pos, err := r.src.Next()
	if err != nil {
		return nil, err
	}
	if pos.File != r.file {
		r.file, r.format, r.relay = pos.File, nil, false
	}
	e := &r.event
	r.raw = raw
	e.Header.parse(raw) // in place: a header that is put together elsewhere and copied takes three times as long
	e.Pos, e.Body, e.Format, e.Inner, e.reader = pos, nil, nil, 0, r
	if r.format != nil {
		e.Type = r.format.typeOf(e.Type)
	}
	if err := r.unwrap(e, raw); err != nil {
		return nil, err
	}
	e.RelayLog = r.relay
	return e, r.remember(e)
}

// forgetLarge forgets what was read from the last event, which keeps the source's large buffer from being freed when the source has
// no more use for it.
func (r *Reader) forgetLarge() { r.raw, r.event.Body, r.rows, r.memo = nil, nil, RowsEvent{}, Memo{} }

// All iterates over the events; an error comes last, with a nil event.
func (r *Reader) All() iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		for {
			e, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// A Resyncer is a Source that can go on after damage, at the next event with a valid checksum. The error is io.EOF when the
// file has none.
type Resyncer interface {
	Resync(damage Position) (offset int64, err error)
}

// ErrNoProof: without checksums, an event can't be told from bytes that look like one.
var ErrNoProof = errors.New("no checksums prove where an event begins")

// Resync goes on after damage that Next met, and returns where; io.EOF means that the rest of the file holds no event. Table
// maps from before the damage no longer count.
func (r *Reader) Resync(damage Position) (offset int64, err error) {
	src, ok := r.src.(Resyncer)
	if !ok || r.format == nil || r.format.Checksum != ChecksumCRC32 {
		return damage.Offset, ErrNoProof
	}
	r.payload.close()
	r.ending = false
	r.maps.endStatement()
	return src.Resync(damage)
}

// SkipPayload skips the events inside the Transaction_payload event just returned.
func (r *Reader) SkipPayload() { r.payload.close() }

// OnlyInside makes the reader skip events of other types inside compressed transactions: they are inflated without being kept.
func (r *Reader) OnlyInside(wanted func(EventType) bool) { r.payload.wanted = wanted }

// ParseHeader reads the common event header from the first 19 bytes of an event.
//
//	offset  bytes  field
//	0       4      timestamp
//	4       1      type
//	5       4      server id
//	9       4      length of the event
//	13      4      end_log_pos
//	17      2      flags
func ParseHeader(raw []byte) (h Header) {
	h.parse(raw)
	return h
}

func (h *Header) parse(raw []byte) {
	if len(raw) < headerLength {
		raw = append(raw[:len(raw):len(raw)], make([]byte, headerLength-len(raw))...)
	}
	h.Timestamp = bin.Uint32At(raw, 0)
	h.Type = EventType(raw[typeOffset])
	h.ServerID = bin.Uint32At(raw, 5)
	h.Length = bin.Uint32At(raw, 9)
	h.EndLogPos = bin.Uint32At(raw, endLogPosOffset)
	h.Flags = bin.Uint16At(raw, flagsOffset)
}

// unwrap checks the event's checksum and finds its body.
func (r *Reader) unwrap(e *Event, raw []byte) error {
	if len(raw) < headerLength {
		return e.fail(ErrCorrupt, "expected at least %d bytes, found %d", headerLength, len(raw))
	}
	switch e.Type {
	case EventFormatDescription:
		f, err := parseFormat(e, raw)
		if err != nil {
			return err
		}
		r.relay = r.relay || r.showsRelayLog(e)
		r.format, r.begun = f, e.End()
		r.maps.forgetAll() // the definitions that completed them may have changed
	case EventMariaStartEncryption:
		r.begun = e.End()
	case EventRotate:
		r.relay = r.relay || r.showsRelayLog(e)
	case EventStartV3:
		c := bin.New(raw[headerLength:])
		return e.unsupportedVersion(int(c.Uint16("binlog version")))
	}
	if e.Format = r.format; e.Format == nil {
		return e.fail(ErrNoBeginning, "expected a Format_desc event before any other event of the file, found none")
	}
	if !r.checksummed(e) {
		return e.skipHeader(raw)
	}
	end := len(raw) - checksumLength
	if end < headerLength {
		return e.fail(ErrCorrupt, "expected a checksum after the header, the event has %d bytes", len(raw))
	}
	e.Body = raw[headerLength:end:end]
	if r.checked != nil && r.checked.Checked() {
		return nil
	}
	return verifyChecksum(e, raw[:end], raw[end:])
}

// showsRelayLog reports whether a format description or a Rotate event shows that its file is a relay log. The first event of a relay log says so, but
// not with MariaDB 10.1 and 10.2: there a Rotate event or the source's format description is next, where a binary log has its Gtid_list.
func (r *Reader) showsRelayLog(e *Event) bool {
	if r.format == nil {
		return e.Flags&FlagRelayLog != 0
	}
	return r.format.Server.Flavor == gtid.MariaDB && e.Pos.Offset == r.begun
}

// checksummed reports whether the event ends in a checksum. A format description of a server that knows checksums always
// does.
func (r *Reader) checksummed(e *Event) bool {
	if e.Type == EventFormatDescription {
		return r.format.Server.knowsChecksums()
	}
	return r.format.Checksum == ChecksumCRC32
}

// verifyChecksum compares the CRC-32 of the event with the one after it.
func verifyChecksum(e *Event, raw, stored []byte) error {
	want := bin.Uint32At(stored, 0)
	got := crc32.ChecksumIEEE(raw)
	if got == want || e.Type == EventFormatDescription && formatAsWritten(e, raw, want) {
		return nil
	}
	return e.badChecksum(want, got)
}

func (e *Event) badChecksum(want, got uint32) error {
	return e.fail(ErrChecksum, "expected a CRC-32 of %08x as the event says, found %08x in its bytes", want, got)
}

// formatAsWritten reports whether the checksum is right for the format description as its server first wrote it. Servers change
// the event without a new checksum: they set and clear the in-use flag. And a server without checksums that sends its log from
// the middle sets end_log_pos and the creation time to 0 (MySQL source:
// Binlog_sender::send_format_description_event).
func formatAsWritten(e *Event, raw []byte, want uint32) bool {
	first := bytes.Clone(raw)
	first[flagsOffset] &^= FlagInUse
	if crc32.ChecksumIEEE(first) == want {
		return true
	}
	if e.Format.Checksum != ChecksumNone || e.EndLogPos != 0 || e.Format.Created != 0 {
		return false
	}
	binary.LittleEndian.PutUint32(first[endLogPosOffset:], magicLength+e.Length)
	if crc32.ChecksumIEEE(first) == want {
		return true
	}
	binary.LittleEndian.PutUint32(first[createdOffset:], e.Timestamp)
	return crc32.ChecksumIEEE(first) == want
}

// remember keeps what later events need of this one.
func (r *Reader) remember(e *Event) error {
	switch {
	case e.Type == EventTableMap:
		return r.maps.addTableMap(e)
	case e.Type == EventTransactionPayload:
		return r.payload.start(e)
	}
	if _, rows := rowsKind(e.Type); rows {
		r.ending = e.EndsStatement()
	}
	return nil
}
