package runs

import (
	"encoding/binary"
	"errors"
)

// ErrRecord: a record is not as it was written. Records are the program's own: it is an error in it, or in a temporary file.
var ErrRecord = errors.New("a record of a temporary file is not as it was written")

// Reader takes a record apart. After an error it reads zeros; Err says so at the end.
type Reader struct {
	Rest []byte // what has not been read; the results of Bytes are parts of it
	Err  error
}

func (r *Reader) fail() { r.Rest, r.Err = nil, ErrRecord }

// Uvarint reads a number that binary.AppendUvarint has written.
func (r *Reader) Uvarint() uint64 {
	v, n := binary.Uvarint(r.Rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Varint reads a number that binary.AppendVarint has written.
func (r *Reader) Varint() int64 {
	v, n := binary.Varint(r.Rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Byte reads one byte.
func (r *Reader) Byte() byte {
	if len(r.Rest) == 0 {
		r.fail()
		return 0
	}
	b := r.Rest[0]
	r.Rest = r.Rest[1:]
	return b
}

// Bytes reads n bytes.
func (r *Reader) Bytes(n uint64) []byte {
	if n > uint64(len(r.Rest)) {
		r.fail()
		return nil
	}
	b := r.Rest[:n:n]
	r.Rest = r.Rest[n:]
	return b
}
