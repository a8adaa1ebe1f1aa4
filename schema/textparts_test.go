package schema

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// TestEachOfUTF8: text that is read in parts is the text of ToUTF8, wherever its parts end.
func TestEachOfUTF8(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for charset, characters := range map[string][]string{
		"utf8mb4": {"a", "é", "日", "😀"}, "latin1": {"a", "\xe9"}, "ucs2": {"\x00a", "\x20\xac"}, "utf16": {"\x00a", "\xd8\x3d\xde\x00"},
		"utf32": {"\x00\x00\x00a", "\x00\x01\xf6\x00"}, "gbk": {"a", "\xb0\xa1", "\x81\x5c"}, "sjis": {"a", "\xb1", "\x95\x5c"},
		"big5": {"a", "\xa5\x5c"}, "gb18030": {"a", "\xb0\xa1", "\x81\x30\x81\x30"}, "ujis": {"a", "\xa4\xa2", "\x8e\xb1", "\x8f\xb0\xa1"},
	} {
		for range 20 {
			var text strings.Builder
			for text.Len() < 200_000 {
				text.WriteString(characters[random.IntN(len(characters))])
			}
			want, wantOK := ToUTF8(charset, []byte(text.String()))
			var got []byte
			if ok := EachOfUTF8(charset, []byte(text.String()), func(part []byte) { got = append(got, part...) }); ok != wantOK || ok && string(got) != want {
				t.Fatalf("%s: %v, %d bytes; want %v, %d bytes", charset, ok, len(got), wantOK, len(want))
			}
			if !wantOK {
				t.Fatalf("%s can't be read", charset)
			}
		}
		if EachOfUTF8(charset, []byte(strings.Repeat(characters[0], 100_000)+"\xff"), func([]byte) {}) && charset != "latin1" {
			t.Errorf("%s: a wrong byte at the end is read", charset)
		}
	}
}
