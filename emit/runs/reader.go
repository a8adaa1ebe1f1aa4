package runs

import (
	"encoding/binary"
	"errors"
)

// ErrRecord: a record can't be read back. Only a bug in the program, or a damaged temporary file, causes this.
var ErrRecord = errors.New("a record of a temporary file is not as it was written")

// Reader reads the fields of a record. After an error it reads zeros; check Err at the end.
type Reader struct {
	Rest []byte // the unread rest; results of Bytes share its memory
	Err  error
}

func (r *Reader) fail() { r.Rest, r.Err = nil, ErrRecord }

// Uvarint reads a number written by binary.AppendUvarint.
func (r *Reader) Uvarint() uint64 {
	v, n := binary.Uvarint(r.Rest)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.Rest = r.Rest[n:]
	return v
}

// Varint reads a number written by binary.AppendVarint.
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
