package sqltext

import (
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
)

// TestPlainASCII: looking at eight bytes at once sees what looking at each does.
func TestPlainASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOfN(rapid.OneOf(rapid.ByteRange(' ', '~'), rapid.Byte()), 0, 40).Draw(t, "text")
		want := true
		for _, c := range text {
			want = want && c >= ' ' && c <= '~' && c != '\\'
		}
		if got := plainASCII(text); got != want {
			t.Fatalf("%q is plain: %v, want %v", text, got, want)
		}
	})
	for c := range 256 {
		text := []byte("12345678")
		text[3] = byte(c)
		if got, want := plainASCII(text), isPlain[c]; got != want {
			t.Errorf("%q is plain: %v, want %v", text, got, want)
		}
	}
}

// TestCloseString: a literal made in place is that of AppendString.
func TestCloseString(t *testing.T) {
	for _, version := range []string{"9.7.0", "5.5.1"} {
		v, _ := decoder.ParseVersion(version)
		d := For(v)
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("a'b \\\n😀é"))), rapid.String()).Draw(t, "text")
			got := d.closeString(append([]byte("x = '"), text...), len("x = "))
			if want := d.AppendString([]byte("x = "), text); string(got) != string(want) {
				t.Fatalf("found %s, want %s", got, want)
			}
		})
	}
}
