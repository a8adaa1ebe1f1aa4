package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// JSONVersion is the version of the JSON form. It grows when a field changes its meaning or goes; new fields come without.
const JSONVersion = 1

// JSON is a writer that Forward and Backward can be given: it writes each statement, comment line and command of the SQL as one JSON
// object on a line. The texts of all objects, one after the other, are the SQL.
type JSON struct {
	out     *json.Encoder
	text    []byte // of the part that is not complete yet
	line    int    // where its last line begins
	quote   byte   // that the text is in; 0: none
	escaped bool   // the byte before is a backslash in quotes
	block   bool   // in a comment between /* and */
	note    bool   // in a comment up to the end of the line
	ends    []byte // the line that ends a statement, after DELIMITER; nil: a semicolon does
}

// NewJSON returns a writer of JSON. Close it when all is written.
func NewJSON(w io.Writer) *JSON {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &JSON{out: e}
}

// part is one object.
type part struct {
	Version int    `json:"version"`
	Kind    string `json:"kind"` // statement; comment; risk, a comment that must not be missed; client, a command for the client
	Text    string `json:"text"`
}

func (w *JSON) Write(p []byte) (int, error) {
	for i, b := range p {
		w.text = append(w.text, b)
		if b != '\n' {
			w.follow(b)
			continue
		}
		ended := w.ended()
		w.line, w.note = len(w.text), false
		if !ended {
			continue
		}
		if err := w.flush(); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// follow keeps up with quotes and comments. A backslash in quotes escapes: where the server says otherwise, none stands before a
// quote (see misread).
func (w *JSON) follow(b byte) {
	line := w.text[w.line:]
	switch {
	case w.note:
	case w.block:
		w.block = !bytes.HasSuffix(line, []byte("*/"))
	case w.quote != 0 && w.escaped:
		w.escaped = false
	case w.quote != 0 && b == '\\':
		w.escaped = true
	case w.quote != 0 && b == w.quote:
		w.quote = 0
	case w.quote != 0:
	case b == '\'' || b == '"' || b == '`':
		w.quote = b
	case b == '#' || bytes.HasSuffix(line, []byte("-- ")) || bytes.Equal(line, []byte("--")):
		w.note = true
	case b == '*' && bytes.HasSuffix(line, []byte("/*")):
		w.block = true
	case (b == '!' || b == '+') && bytes.HasSuffix(line, []byte("/*"+string(b))):
		w.block = false
	}
}

// ended reports whether the line that has just ended ends a part.
func (w *JSON) ended() bool {
	line := bytes.TrimRight(w.text[w.line:], "\n")
	first := len(bytes.TrimLeft(w.text[:w.line], "\n")) == 0
	switch {
	case w.quote != 0:
		w.escaped = false
		return false
	case w.block:
		return false
	case first && bytes.HasPrefix(line, []byte("DELIMITER ")):
		if w.ends = bytes.Clone(line[len("DELIMITER "):]); string(w.ends) == ";" {
			w.ends = nil
		}
		return true
	case first && (bytes.HasPrefix(line, []byte("--")) || bytes.HasPrefix(line, []byte("#"))):
		return true
	case w.ends != nil:
		return bytes.Equal(line, w.ends)
	}
	return !w.note && bytes.HasSuffix(line, []byte(";"))
}

// errNotText: the SQL has bytes that no JSON string can hold.
var errNotText = errors.New("the SQL has bytes that are no UTF-8, which JSON can't hold")

// flush writes the part.
func (w *JSON) flush() error {
	kind := "statement"
	switch text := bytes.TrimLeft(w.text, "\n"); {
	case !utf8.Valid(text):
		return errNotText
	case bytes.HasPrefix(text, []byte("-- RISK: ")):
		kind = "risk"
	case bytes.HasPrefix(text, []byte("--")) || len(text) == 0:
		kind = "comment"
	case bytes.HasPrefix(text, []byte("DELIMITER ")):
		kind = "client"
	}
	err := w.out.Encode(part{JSONVersion, kind, string(w.text)})
	w.text, w.line = w.text[:0], 0
	return err
}

// Close writes what has no end.
func (w *JSON) Close() error {
	if len(w.text) == 0 {
		return nil
	}
	return w.flush()
}
