package crypt

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"unicode"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/internal/bin"
)

// plausible reports whether bytes are the first event after START_ENCRYPTION, as a server writes it at offset. In a binary log
// it ends where its end_log_pos says. In a relay log end_log_pos is the source's: there the checksum decides or, without
// checksums, the body, which must be a Rotate or Format_desc event of the source.
func plausible(event []byte, offset int64) bool {
	if len(event) < eventHeaderLength {
		return false
	}
	body := event[eventHeaderLength:]
	if binary.LittleEndian.Uint32(event[13:]) == uint32(offset+int64(len(event))) {
		return true
	}
	switch decoder.EventType(event[4]) {
	case decoder.EventRotate:
		return checksumFits(event) || isRotate(body)
	case decoder.EventFormatDescription:
		return checksumFits(event) || isFormat(body)
	}
	return checksumFits(event)
}

func checksumFits(event []byte) bool {
	const checksumLength = 4
	n := len(event) - checksumLength
	return n >= eventHeaderLength && crc32.ChecksumIEEE(event[:n]) == binary.LittleEndian.Uint32(event[n:])
}

// isRotate reports whether a body is a position and the name of a file.
func isRotate(body []byte) bool {
	const maxPosition = 1 << 48
	c := bin.New(body)
	position, name := c.Uint64("position"), c.Rest()
	return position < maxPosition && len(name) > 0 && isText(name)
}

// isFormat reports whether a body is a binlog version and the version of a server.
func isFormat(body []byte) bool {
	c := bin.New(body)
	version, server := c.Uint16("binlog version"), c.Bytes(50, "server version")
	return version == 4 && len(server) > 0 && isText(bytes.TrimRight(server, "\x00"))
}

func isText(b []byte) bool {
	return bytes.IndexFunc(b, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) }) < 0
}
