package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"binmend/emit/display"
)

// jsonVersion is the version of the JSON form. It grows when a field changes its meaning or goes; new fields come without.
const jsonVersion = 1

// JSON is a writer that Forward and Backward can be given: it writes each statement, comment line and command of the SQL as one JSON
// object on a line. The texts of all objects, one after the other, are the SQL.
type JSON struct {
	to      io.Writer
	out     *json.Encoder
	text    []byte // of the part that is not complete yet, without what was spilled
	spilled string // the kind of a part whose beginning was written; "": none was
	line    int    // where its last line begins
	quote   byte   // that the text is in; 0: none
	escaped bool   // the byte before is a backslash in quotes
	block   bool   // in a comment between /* and */
	note    bool   // in a comment up to the end of the line
	ends    []byte // the line that ends a statement, after DELIMITER; nil: a semicolon does
}

// NewJSON returns a writer of JSON. Close it when all is written.
func NewJSON(w io.Writer) *JSON {
	return &JSON{to: w, out: display.NewEncoder(w)}
}

// part is one object.
type part struct {
	Version int    `json:"version"`
	Kind    string `json:"kind"` // statement; comment; risk, a comment that must not be missed; client, a command for the client
	Text    string `json:"text"`
	Error   string `json:"error,omitempty"` // why the SQL breaks off here
}

func (w *JSON) Write(p []byte) (int, error) {
	for i, b := range p {
		w.text = append(w.text, b)
		if b != '\n' {
			w.follow(b)
			if len(w.text) >= largePart {
				if err := w.spill(); err != nil {
					return i, err
				}
			}
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
	first := w.spilled == "" && len(bytes.TrimLeft(w.text[:w.line], "\n")) == 0
	switch {
	case w.quote != 0:
		w.escaped = false
		return false
	case w.block:
		return false
	case w.spilled == commentKind || w.spilled == riskKind:
		return true
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
var errNotText = errors.New("the SQL has bytes that are not UTF-8, which JSON can't hold")

// flush writes the part.
func (w *JSON) flush() error {
	if w.spilled != "" {
		return w.finish()
	}
	if !utf8.Valid(w.text) {
		return errNotText
	}
	err := w.out.Encode(part{Version: jsonVersion, Kind: kindOf(w.text), Text: string(w.text)})
	w.text, w.line = w.text[:0], 0
	return err
}

const commentKind, riskKind = "comment", "risk"

// kindOf is the kind of a part by its beginning.
func kindOf(text []byte) string {
	switch text = bytes.TrimLeft(text, "\n"); {
	case bytes.HasPrefix(text, []byte("-- RISK: ")):
		return riskKind
	case bytes.HasPrefix(text, []byte("--")) || len(text) == 0:
		return commentKind
	case bytes.HasPrefix(text, []byte("DELIMITER ")):
		return "client"
	}
	return "statement"
}

const (
	largePart = 256 << 10 // bytes of a part that is written before it is complete
	keptPart  = 64        // bytes that are kept then: more than a delimiter has, and than any other sign that follow looks for
)

// spill writes the text of a large part but its last bytes.
func (w *JSON) spill() error {
	n := display.WholeRunes(w.text, len(w.text)-keptPart)
	if w.spilled == "" {
		w.spilled = kindOf(w.text)
		if _, err := fmt.Fprintf(w.to, `{"version":%d,"kind":"%s","text":"`, jsonVersion, w.spilled); err != nil {
			return err
		}
	}
	if err := w.writeText(w.text[:n]); err != nil {
		return err
	}
	w.text = append(w.text[:0], w.text[n:]...)
	w.line = max(0, w.line-n)
	return nil
}

// finish writes the end of a part whose beginning was spilled.
func (w *JSON) finish() error {
	if err := w.writeText(w.text); err != nil {
		return err
	}
	w.text, w.line, w.spilled = w.text[:0], 0, ""
	_, err := io.WriteString(w.to, "\"}\n")
	return err
}

func (w *JSON) writeText(text []byte) error {
	if !utf8.Valid(text) {
		return errNotText
	}
	return display.WriteJSONText(w.to, text)
}

// Close writes what has no end.
func (w *JSON) Close() error {
	if len(w.text) == 0 {
		return nil
	}
	return w.flush()
}

// Fail writes what has no end, as far as it is text, and why the SQL breaks off there: its line is always a whole one.
func (w *JSON) Fail(why error) error {
	text := w.text[:display.WholeText(w.text)]
	w.text, w.line = w.text[:0], 0
	if w.spilled == "" {
		return w.out.Encode(part{jsonVersion, kindOf(text), string(text), why.Error()})
	}
	w.spilled = ""
	if err := w.writeText(text); err != nil {
		return err
	}
	var reason bytes.Buffer
	if err := display.WriteJSONText(&reason, []byte(why.Error())); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.to, "\",\"error\":\"%s\"}\n", &reason)
	return err
}
