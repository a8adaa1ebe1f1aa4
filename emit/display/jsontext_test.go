package display

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// TestWriteJSONText: a text written in parts reads back the same, wherever the parts are cut.
func TestWriteJSONText(t *testing.T) {
	for _, text := range []string{"", "a\n\"\\\x00<\u2028", strings.Repeat("é", jsonPart), "x" + strings.Repeat("é", jsonPart),
		strings.Repeat("\U0001f600", jsonPart), strings.Repeat("x", jsonPart-1) + "\xff\xff\xff\xff\xff", strings.Repeat("\x80", 2*jsonPart)} {
		var got bytes.Buffer
		if err := WriteJSONText(&got, []byte(text)); err != nil {
			t.Fatal(err)
		}
		var read string
		if err := json.Unmarshal([]byte(`"`+got.String()+`"`), &read); err != nil {
			t.Fatal(err)
		}
		whole, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(whole, &want); err != nil || read != want {
			t.Errorf("%.20q: read back as %.20q, want %.20q (%v)", text, read, want, err)
		}
	}
}
