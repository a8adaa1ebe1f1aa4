package decoder

import (
	"hash/crc32"
	"strings"

	"binmend/decoder/internal/bin"
)

// Two branches of MySQL 5.1 wrote different formats under binlog version 4.

// maxHeaderLength is the longest event header known: of Google's branch with group ids and checksums.
const maxHeaderLength = headerLength + 8 + checksumLength

// flagHeaderChecksum stands in the format description of Google's branch when it wrote checksums.
const flagHeaderChecksum = 0x0100

// readBranch looks for the marks of a branch.
func (f *Format) readBranch(e *Event) error {
	longest := maxHeaderLength
	if f.Server.knowsChecksums() {
		longest = headerLength
	}
	if f.HeaderLength < headerLength || f.HeaderLength > longest {
		return e.fail(ErrCorrupt, "expected event headers of %d to %d bytes in the format description, found %d",
			headerLength, longest, f.HeaderLength)
	}
	f.headerChecksum = f.HeaderLength >= headerLength+checksumLength && e.Flags&flagHeaderChecksum != 0
	if f.alpha = f.Server.isAlpha(); !f.alpha {
		return nil
	}
	if want := len(alphaTypes) - 1; len(f.postHeader) != want {
		return e.fail(ErrCorrupt, "expected %d event types of a server %q, found %d", want, f.Server.Text, len(f.postHeader))
	}
	f.reorderPostHeaders()
	return nil
}

// alphaTypes are the event types by the numbers that some alphas of 5.1 and 5.2 gave them. Up to 15 and above 22 they are
// the usual ones (MySQL source: event_type_permutation).
var alphaTypes = [...]EventType{
	16: EventTableMap, 17: EventPreGAWriteRows, 18: EventPreGAUpdateRows, 19: EventPreGADeleteRows,
	20: EventXid, 21: EventBeginLoadQuery, 22: EventExecuteLoadQuery,
}

const firstAlphaType = 16

// isAlpha recognises the versions with such numbers: 5.1.1 to 5.1.5-a_drop5…, 5.1.4-a_drop6… and 5.2.0 to 5.2.2-a_drop6….
func (v Version) isAlpha() bool {
	_, rest, _ := strings.Cut(v.Text, "-")
	switch {
	case v.Major != 5:
		return false
	case strings.HasPrefix(rest, "a_drop5"):
		return v.Minor == 1 && v.Patch >= 1 && v.Patch <= 5
	case strings.HasPrefix(rest, "a_drop6"):
		return v.Minor == 1 && v.Patch == 4 || v.Minor == 2 && v.Patch <= 2
	}
	return false
}

// IsAlpha reports whether an alpha of 5.1 or 5.2 wrote the log. Such a server is older than 5.1.18, whatever its number.
func (f *Format) IsAlpha() bool { return f.alpha }

// typeOf is the usual number of an event's type.
func (f *Format) typeOf(t EventType) EventType {
	if f.alpha && t >= firstAlphaType && int(t) < len(alphaTypes) {
		return alphaTypes[t]
	}
	return t
}

// reorderPostHeaders puts the post-header lengths in the order of the usual numbers.
func (f *Format) reorderPostHeaders() {
	written := f.postHeader
	f.postHeader = append([]byte(nil), written...)
	for i, length := range written {
		f.postHeader[f.typeOf(EventType(i+1))-1] = length
	}
}

// skipHeader finds the body of an event without a checksum after it.
//
//	bytes  field
//	19     the common event header
//	8      group id        } Google's branch of 5.1, where the format description says that headers are longer
//	4      CRC-32          } by so much; the checksum is that of the event without it
//
// Format descriptions and Rotate events have 19 bytes always (MariaDB source: Rotate_log_event).
func (e *Event) skipHeader(raw []byte) error {
	length := e.Format.HeaderLength
	if e.Type == EventFormatDescription || e.Type == EventRotate {
		length = headerLength
	}
	c := bin.New(raw)
	header := c.Bytes(uint64(length), "event header")
	if e.Body = c.Rest(); c.Err() != nil {
		return e.corrupt(c.Err())
	}
	if length == headerLength || !e.Format.headerChecksum {
		return nil
	}
	covered, stored := header[:length-checksumLength], uint32(bin.Uint(header[length-checksumLength:]))
	if got := crc32.Update(crc32.ChecksumIEEE(covered), crc32.IEEETable, e.Body); got != stored {
		return e.badChecksum(stored, got)
	}
	return nil
}
