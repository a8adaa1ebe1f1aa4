package schema_test

import (
	"testing"

	"binmend/schema"
)

func TestToUTF8(t *testing.T) {
	tests := []struct {
		charset, bytes string
		text           string
		ok             bool
	}{
		{"utf8mb4", "日本", "日本", true},
		{"utf8mb4", "\xff", "\xff", false},
		{"latin1", "\x80\xe9", "€é", true},
		{"latin1", "\x81", "\u0081", true},
		{"gbk", "\xd6\xd0", "中", true},
		{"gb2312", "\xd6\xd0", "中", true},
		{"gb18030", "\x81\x30\x81\x30", "\u0080", true},
		{"big5", "\xa4\xa4", "中", true},
		{"sjis", "\x93\xfa", "日", true},
		{"ujis", "\xc6\xfc", "日", true},
		{"euckr", "\xb0\xa1", "가", true},
		{"cp1251", "\xc6", "Ж", true},
		{"koi8r", "\xc1", "а", true},
		{"ucs2", "\x65\xe5", "日", true},
		{"utf16", "\xd8\x3d\xde\x00", "😀", true},
		{"utf16le", "\x3d\xd8\x00\xde", "😀", true},
		{"utf32", "\x00\x01\xf6\x00", "😀", true},
		{"utf32", "\x00\x01\xf6", "", false},
		{"ascii", "a", "a", true},
		{"ascii", "\x80", "\x80", false},
		{"hp8", "plain", "plain", true},
		{"swe7", "A@[", "AÉÄ", true},
		{"hp8", "\xff", "", false},
		{"sjis", "\x81\x5f", "\\", true},
		{"sjis", "a\x81\x60\x93\xfa\x81\x7cb", "a〜日−b", true},
		{"cp932", "\x81\x5f\x81\x60", "＼～", true},
		{"gb2312", "\xa1\xaa", "―", true},
		{"gbk", "\x81\x40", "丂", true},
		{"big5", "\xa4", "", false},
		{"no such", "a", "", false},
	}
	for _, test := range tests {
		text, ok := schema.ToUTF8(test.charset, []byte(test.bytes))
		if ok != test.ok || ok && text != test.text {
			t.Errorf("%s %x: %q, %v; want %q, %v", test.charset, test.bytes, text, ok, test.text, test.ok)
		}
	}
}

// TestFromUTF8: text of each character set comes back as its bytes.
func TestFromUTF8(t *testing.T) {
	for _, c := range []struct{ charset, text, bytes string }{
		{"latin1", "`ä€`", "`\xe4\x80`"}, {"utf8mb3", "ä", "ä"}, {"gbk", "a中", "a\xd6\xd0"}, {"sjis", "日", "\x93\xfa"}, {"cp1251", "Ж", "\xc6"}, {"koi8r", "а", "\xc1"},
	} {
		if b, ok := schema.FromUTF8(c.charset, c.text); !ok || string(b) != c.bytes {
			t.Errorf("%s %q: got %q, %t", c.charset, c.text, b, ok)
		}
	}
	for charset, text := range map[string]string{"latin1": "Ж", "sjis": "é", "swe7": "`", "unknown": "ä"} {
		if b, ok := schema.FromUTF8(charset, text); ok {
			t.Errorf("%s %q: got %q", charset, text, b)
		}
	}
}

// TestAsStored: servers keep ? for a character that a column's character set does not have.
func TestAsStored(t *testing.T) {
	for _, c := range []struct{ charset, text, want string }{
		{"latin1", "é表x", "é?x"}, {"utf8mb3", "é🙂", "é?"}, {"utf8mb4", "🙂", "🙂"}, {"ucs2", "表🙂", "表?"}, {"utf16", "🙂", "🙂"}, {"ascii", "aé", "a?"},
		{"sjis", "表é", "表?"}, {"sjis", "〜", "〜"}, {"binary", "é", "é"}, {"", "é", "é"},
	} {
		if got := schema.AsStored(c.charset, c.text); got != c.want {
			t.Errorf("%s %q: got %q, want %q", c.charset, c.text, got, c.want)
		}
	}
}
