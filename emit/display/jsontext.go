package display

import (
	"bytes"
	"encoding/json"
	"io"
	"unicode/utf8"
)

// NewEncoder writes JSON for programs, not for a web page: <, > and & stand as they are.
func NewEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// jsonPart is how much of a text is made JSON at a time.
const jsonPart = 32 << 10

// WriteJSONText writes a text of any length as the inside of a JSON string, part by part. Invalid UTF-8 becomes U+FFFD.
func WriteJSONText(w io.Writer, text []byte) error {
	var part bytes.Buffer
	e := NewEncoder(&part)
	for len(text) > 0 {
		n := WholeRunes(text, jsonPart)
		part.Reset()
		if err := e.Encode(string(text[:n])); err != nil {
			return err
		}
		quoted := bytes.TrimSuffix(part.Bytes(), []byte{'\n'})
		if _, err := w.Write(quoted[1 : len(quoted)-1]); err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

// WholeRunes is how many of at most most bytes of a text are before the character that begins last among them, or all of it where it
// is shorter.
func WholeRunes(text []byte, most int) int {
	if len(text) <= most {
		return len(text)
	}
	for n := most; n > most-utf8.UTFMax && n > 0; n-- {
		if utf8.RuneStart(text[n]) {
			return n
		}
	}
	return most // no UTF-8
}

// WholeText is how many bytes of a text are before the first that is no UTF-8.
func WholeText(text []byte) (n int) {
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}
