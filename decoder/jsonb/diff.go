package jsonb

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// Operation is what a diff does.
type Operation uint8

// The operations under the names of the server (MySQL source: enum_json_diff_operation).
const (
	Replace Operation = iota // the value at the path, which exists
	Insert                   // a new member of an object, or an element before the one at the path of an array
	Remove                   // the value at the path, which exists
)

func (o Operation) String() string {
	switch o {
	case Replace:
		return "REPLACE"
	case Insert:
		return "INSERT"
	case Remove:
		return "REMOVE"
	}
	return fmt.Sprintf("operation %d", uint8(o))
}

// Diff is one change of a document.
type Diff struct {
	Operation Operation
	Path      []byte // as written in SQL: $.a[3]."b c"
	Value     Value  // nothing for Remove
}

// Diffs reads the diffs that a partial update stores in place of a document, without the length of 4 bytes before them:
//
//	1        operation
//	lenenc   length of the path
//	n        path
//	lenenc   length of the value; absent for Remove
//	n        value, a binary document
//
// lenenc is the client protocol's length-encoded integer (MySQL source: Json_diff_vector::read_binary). After an error
// it ends. A Diff belongs to the bytes.
func Diffs(diffs []byte) iter.Seq2[Diff, error] {
	return func(yield func(Diff, error) bool) {
		r := diffReader{rest: diffs, size: len(diffs)}
		for len(r.rest) > 0 {
			d, err := r.next()
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

type diffReader struct {
	rest []byte
	size int
}

func (r *diffReader) next() (Diff, error) {
	d := Diff{Operation: Operation(r.rest[0])}
	if d.Operation > Remove {
		return d, r.failed("operation %d; known are 0 (replace), 1 (insert) and 2 (remove)", r.rest[0])
	}
	r.rest = r.rest[1:]
	var err error
	if d.Path, err = r.bytes("path"); err != nil || d.Operation == Remove {
		return d, err
	}
	doc, err := r.bytes("value")
	if err != nil {
		return d, err
	}
	if d.Value, err = Parse(doc); err != nil {
		return d, fmt.Errorf("JSON diffs, value for %q: %w", d.Path, err)
	}
	return d, nil
}

func (r *diffReader) bytes(what string) ([]byte, error) {
	length, prefix := lengthEncoded(r.rest)
	if prefix == 0 {
		return nil, r.failed("expected the length of a %s", what)
	}
	if length > uint64(len(r.rest)-prefix) {
		return nil, r.failed("a %s of %d bytes, with %d bytes left", what, length, len(r.rest)-prefix)
	}
	end := prefix + int(length)
	data := r.rest[prefix:end:end]
	r.rest = r.rest[end:]
	return data, nil
}

func (r *diffReader) failed(format string, args ...any) error {
	return fmt.Errorf("JSON diffs, byte %d: %w", r.size-len(r.rest), fmt.Errorf(format, args...))
}

// lengthEncoded reads a length-encoded integer and returns its size; 0 if there is none.
func lengthEncoded(data []byte) (number uint64, size int) {
	if len(data) == 0 {
		return 0, 0
	}
	switch data[0] {
	case 0xfb, 0xff: // NULL, and an error packet
		return 0, 0
	case 0xfc:
		size = 3
	case 0xfd:
		size = 4
	case 0xfe:
		size = 9
	default:
		return uint64(data[0]), 1
	}
	if len(data) < size {
		return 0, 0
	}
	var buf [8]byte
	copy(buf[:], data[1:size])
	return binary.LittleEndian.Uint64(buf[:]), size
}
