package export

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/schema"
)

// SetLarge makes lines large from n bytes on, and their parts of so many bytes, until restore is called.
func SetLarge(line, part int) (restore func()) {
	keptLine, keptPart := largeLine, partBytes
	largeLine, partBytes = line, part
	return func() { largeLine, partBytes = keptLine, keptPart }
}

// TestLargeValues: a value that is written part by part becomes the same JSON.
func TestLargeValues(t *testing.T) {
	defer SetLarge(1, 3)()
	pieces := [][]byte{[]byte("a"), []byte("\"\\\n"), []byte("é"), []byte("日"), {0xff}, {0x81}, {0x00}, {0x20, 0xac}, []byte("😀")}
	rapid.Check(t, func(t *rapid.T) {
		var stored []byte
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, len(pieces)-1), 0, 30).Draw(t, "pieces") {
			stored = append(stored, pieces[n]...)
		}
		charset := rapid.SampledFrom([]string{"utf8mb4", "latin1", "ucs2", "gbk", "ascii", "swe7", ""}).Draw(t, "charset")
		kind := rapid.SampledFrom([]schema.Type{schema.TypeLongText, schema.TypeLongBlob, schema.TypeGeometry, schema.TypeJSON}).Draw(t, "type")
		if kind == schema.TypeJSON {
			stored = append([]byte{0x0c, byte(len(stored))}, bytes.ReplaceAll(stored, []byte{0}, nil)...)
			stored[1] = byte(len(stored) - 2)
		}
		of := columnsOf(&schema.Table{Columns: []schema.Column{{Name: "c", Type: kind, Charset: charset}}})
		stands := decoder.TypeBlob
		if kind == schema.TypeJSON {
			stands = decoder.TypeJSON
		}
		v := decoder.NewCell(&decoder.Column{Type: stands}, stored)
		var l jsonLines
		want, err := l.appendValue(nil, &of[0], &v)
		if err != nil {
			t.Skip(err)
		}
		var got []byte
		l.spill = func(text []byte) []byte {
			got = append(got, text...)
			return text[:0]
		}
		rest, err := l.appendValue(nil, &of[0], &v)
		if got = append(got, rest...); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%s: %q, %v, want %q", charset, got, err, want)
		}
	})
}
