package jsonb_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf8"

	"binmend/decoder/jsonb"
)

// TestPrintParsable: text that is spilled in parts is the text of AppendParsable, and parts end between characters.
func TestPrintParsable(t *testing.T) {
	for name, doc := range map[string][]byte{
		"a small string":       largeString("é"),
		"a string":             largeString(strings.Repeat("a\\\x01\"é日😀", 50_000)),
		"a string of ASCII":    largeString(strings.Repeat("a", 300_000)),
		"no UTF-8":             largeString(strings.Repeat("\xff\x80", 100_000)),
		"continuing bytes":     largeString(strings.Repeat("\x80", 200_000)),
		"an array":             largeArray(100_000),
		"an opaque value":      opaque(252, bytes.Repeat([]byte{1, 2, 3}, 100_000)),
		"an opaque text":       opaque(15, bytes.Repeat([]byte("日"), 100_000)),
		"a document too short": largeArray(100_000)[:400_000],
	} {
		want, wantSame, wantErr := jsonb.AppendParsable(nil, doc)
		var parts []byte
		largest := 0
		rest, same, err := jsonb.PrintParsable(nil, doc, func(part []byte) []byte {
			if utf8.Valid(doc) && !utf8.Valid(part) {
				t.Errorf("%s: a part ends inside a character", name)
			}
			largest = max(largest, len(part))
			parts = append(parts, part...)
			return part[:0]
		})
		if (err == nil) != (wantErr == nil) || err == nil && (same != wantSame || !bytes.Equal(append(parts, rest...), want)) {
			t.Errorf("%s: %d bytes, %v, %v; want %d bytes, %v, %v", name, len(parts), same, err, len(want), wantSame, wantErr)
		}
		if largest > 1<<20 {
			t.Errorf("%s: a part of %d bytes", name, largest)
		}
	}
}

func length(n int) (b []byte) {
	for ; n >= 0x80; n >>= 7 {
		b = append(b, byte(n)|0x80)
	}
	return append(b, byte(n))
}

func largeString(text string) []byte {
	return append(append([]byte{0x0c}, length(len(text))...), text...)
}

func opaque(field byte, payload []byte) []byte {
	return append(append([]byte{0x0f, field}, length(len(payload))...), payload...)
}

// largeArray is an array of n times true.
func largeArray(n int) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{0x03}, uint32(n))
	b = binary.LittleEndian.AppendUint32(b, uint32(8+5*n))
	for range n {
		b = append(b, 4, 1, 0, 0, 0)
	}
	return b
}
