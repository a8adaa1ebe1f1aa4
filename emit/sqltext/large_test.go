package sqltext

import (
	"bytes"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// TestSpilling: a literal that is written in parts is the literal, and none of its parts is large.
func TestSpilling(t *testing.T) {
	d := For(decoder.Version{Flavor: decoder.MySQL, Major: 8})
	json := append([]byte{0x0c, 0xa0, 0x8d, 0x06}, strings.Repeat("a", 100_000)...)
	backslashes := append([]byte{0x0c, 0xa0, 0x8d, 0x06}, strings.Repeat("\\", 100_000)...)
	for _, tc := range []struct {
		name   string
		column schema.Column
		stored []byte
	}{
		{"bytes", schema.Column{Name: "c", Type: schema.TypeLongBlob}, bytes.Repeat([]byte{0xff, 0x00, 'a'}, 100_000)},
		{"text", schema.Column{Name: "c", Type: schema.TypeLongText, Charset: "utf8mb4"}, []byte(strings.Repeat("it's é ", 50_000))},
		{"text with backslashes", schema.Column{Name: "c", Type: schema.TypeLongText, Charset: "utf8mb4"}, []byte(strings.Repeat("a\\", 50_000))},
		{"latin1", schema.Column{Name: "c", Type: schema.TypeLongText, Charset: "latin1"}, []byte(strings.Repeat("caf\xe9", 50_000))},
		{"ASCII in latin1", schema.Column{Name: "c", Type: schema.TypeLongText, Charset: "latin1"}, []byte(strings.Repeat("it's ", 50_000))},
		{"geometry", schema.Column{Name: "c", Type: schema.TypeGeometry}, bytes.Repeat([]byte{1}, 300_000)},
		{"JSON", schema.Column{Name: "c", Type: schema.TypeJSON}, json},
		{"JSON with backslashes", schema.Column{Name: "c", Type: schema.TypeJSON}, backslashes},
		{"JSON as an expression", schema.Column{Name: "c", Type: schema.TypeJSON}, jsonOfDecimals()},
	} {
		cell := decoder.NewCell(&decoder.Column{Type: decoder.TypeBlob}, tc.stored)
		for what, add := range map[string]func(Dialect, []byte) ([]byte, error){
			"the literal":   func(d Dialect, dst []byte) ([]byte, error) { return d.AppendLiteral(dst, &tc.column, cell) },
			"the condition": func(d Dialect, dst []byte) ([]byte, error) { return d.AppendSame(dst, &tc.column, cell) },
		} {
			want, err := add(d, nil)
			if err != nil {
				t.Fatalf("%s: %v", tc.name, err)
			}
			var parts []byte
			largest := 0
			rest, err := add(d.Spilling(func(part []byte) []byte {
				largest = max(largest, len(part))
				parts = append(parts, part...)
				return part[:0]
			}), nil)
			if err != nil || !bytes.Equal(append(parts, rest...), want) {
				t.Errorf("%s, %s: %d bytes in parts, %v, want %d", tc.name, what, len(parts), err, len(want))
			}
			if largest > 8*partBytes || len(rest) > 8*partBytes {
				t.Errorf("%s, %s: parts of up to %d bytes, and %d at the end", tc.name, what, largest, len(rest))
			}
		}
	}
}

// jsonOfDecimals is a binary JSON array of decimals, whose text a server's parser makes doubles of.
func jsonOfDecimals() []byte {
	const n = 10_000
	decimal := []byte{0xf6, 4, 2, 1, 0x81, 0x05} // 1.5 as a DECIMAL(2,1)
	b := []byte{0x03}
	put := func(v int) { b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24)) }
	put(n)
	put(8 + 5*n + n*len(decimal))
	for i := range n {
		b = append(b, 0x0f)
		put(8 + 5*n + i*len(decimal))
	}
	return append(b, bytes.Repeat(decimal, n)...)
}
