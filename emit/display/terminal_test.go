package display

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

// TestTerminal: what a terminal would obey is shown, and the rest is as it was.
func TestTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"SELECT 1;\n\tSELECT `日`;\n":        "SELECT 1;\n\tSELECT `日`;\n",
		"-- \x1b[31mRISK\x1b[0m\nDO 0;":     "-- \x1b[31mRISK\x1b[0m\nDO 0;",
		"DROP TABLE `a\n-- \x1b[8m`;\n":     "DROP TABLE `a<0A>-- <1B>[8m`;\n",
		"`a``\x1b`, '-- \x1b'":              "`a``<1B>`, '-- <1B>'",
		"\x1b]0;x\x07 \u202e \u2028 \u0085": "<1B>]0;x<07> <202E> <2028> <85>",
		"'\xff\xe6'":                        "'<xFF><xE6>'",
	} {
		var whole, pieces strings.Builder
		Terminal(&whole).Write([]byte(in))
		w := Terminal(&pieces)
		b := make([]byte, 1)
		for r := iotest.OneByteReader(strings.NewReader(in)); ; {
			if _, err := r.Read(b); err != nil {
				break
			}
			w.Write(b)
		}
		if whole.String() != want || pieces.String() != want {
			t.Errorf("%q is shown as %q, in pieces %q, want %q", in, whole.String(), pieces.String(), want)
		}
	}
}

// TestJSONTerminal: JSON on a terminal means the same, and holds nothing that a terminal would obey.
func TestJSONTerminal(t *testing.T) {
	const in = "{\"a\":\"\u202e\u0085\u2028\U000e0001 日 \u009b2J\"}\n"
	var out strings.Builder
	w := JSONTerminal(&out)
	for i := range len(in) {
		w.Write([]byte(in[i : i+1]))
	}
	var want, got map[string]string
	if err := errors.Join(json.Unmarshal([]byte(in), &want), json.Unmarshal([]byte(out.String()), &got)); err != nil || want["a"] != got["a"] {
		t.Errorf("%s: %q, %v, want %q", out.String(), got, err, want)
	}
	if p := Printable(strings.TrimSuffix(out.String(), "\n")); p+"\n" != out.String() {
		t.Errorf("%q reaches the terminal", out.String())
	}
}
