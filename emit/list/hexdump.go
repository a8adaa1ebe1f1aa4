package list

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"binmend/decoder"
	"binmend/emit/display"
)

// hexWidth is how many bytes of a field stand on a line.
const hexWidth = 16

// hexdump writes the bytes of an event, field by field, each with its offset. The offsets of an event out of a compressed
// transaction are those in the event.
func hexdump(w io.Writer, e *decoder.Event) error {
	begin := e.Pos.Offset
	if e.Inner > 0 {
		begin = 0
	}
	var b []byte
	return e.Fields(func(f decoder.Field) error {
		for at := 0; at < len(f.Bytes); at += hexWidth {
			part := f.Bytes[at:min(at+hexWidth, len(f.Bytes))]
			b = appendHexLine(b[:0], begin+int64(f.Offset+at), part)
			switch {
			case at > 0:
			case f.Value != "":
				b = fmt.Appendf(b, "  %s: %s", display.Printable(f.Name), display.Printable(f.Value))
			default:
				b = fmt.Appendf(b, "  %s", display.Printable(f.Name))
			}
			if _, err := w.Write(append(bytes.TrimRight(b, " "), '\n')); err != nil {
				return err
			}
		}
		return nil
	})
}

// appendHexLine appends an offset, bytes in hex, and the same as ASCII.
func appendHexLine(b []byte, offset int64, part []byte) []byte {
	const digits = "0123456789abcdef"
	b = appendRight(b, "", offset)
	b = append(b, ' ')
	for i := range hexWidth {
		if i < len(part) {
			b = append(b, ' ', digits[part[i]>>4], digits[part[i]&15])
		} else {
			b = append(b, "   "...)
		}
	}
	b = append(b, "  |"...)
	for _, c := range part {
		if !strconv.IsPrint(rune(c)) || c >= 0x80 {
			c = '.'
		}
		b = append(b, c)
	}
	return appendBlanks(append(b, '|'), hexWidth-len(part))
}
