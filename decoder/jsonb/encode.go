package jsonb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// errTooBig means that an array or object does not fit the small format.
var errTooBig = errors.New("too big for the small format")

// encoder writes a document as the server does: an array or object in the small format if it fits; otherwise it and all that
// contain it in the large one. Integers take the fewest bytes (MySQL source: json_binary.cc, serialize).
type encoder struct{ buf []byte }

// appendDocument appends the binary form of a document. On an error it returns dst as it was.
func appendDocument(dst []byte, root node) ([]byte, error) {
	e := encoder{buf: append(dst, 0)}
	if err := e.value(root, parent{typeAt: len(dst), large: true}); err != nil {
		return dst, err
	}
	return e.buf, nil
}

// parent is what a value must know about the array or object that contains it.
type parent struct {
	typeAt int  // where in the buffer the value's type goes
	large  bool // the value may use the large format
	depth  int
}

func (e *encoder) value(n node, p parent) error {
	v := n.value
	switch v.kind {
	case Object, Array:
		return e.container(n, p)
	case String:
		e.buf[p.typeAt] = typeString
		e.bytes(v.data)
	case Opaque:
		e.buf[p.typeAt] = typeOpaque
		e.buf = append(e.buf, byte(v.field))
		e.bytes(v.data)
	case Double:
		e.buf[p.typeAt] = typeDouble
		e.buf = append(e.buf, v.data...)
	default:
		typ, size, bits := shortest(v)
		e.buf[p.typeAt] = typ
		e.buf = appendUint(e.buf, bits, size)
	}
	return nil
}

// shortest returns the narrowest type of a literal or integer, its size and its bits; size 0 for other kinds.
func shortest(v Value) (typ byte, size int, bits uint64) {
	switch v.kind {
	case Null:
		return typeLiteral, 1, 0
	case True:
		return typeLiteral, 1, 1
	case False:
		return typeLiteral, 1, 2
	case Int:
		switch n := v.Int64(); {
		case n == int64(int16(n)):
			return typeInt16, 2, uint64(n)
		case n == int64(int32(n)):
			return typeInt32, 4, uint64(n)
		default:
			return typeInt64, 8, uint64(n)
		}
	case Uint:
		switch n := v.Uint64(); {
		case n <= math.MaxUint16:
			return typeUint16, 2, n
		case n <= math.MaxUint32:
			return typeUint32, 4, n
		default:
			return typeUint64, 8, n
		}
	}
	return 0, 0, 0
}

func (e *encoder) bytes(data []byte) {
	e.buf = binary.AppendUvarint(e.buf, uint64(len(data)))
	e.buf = append(e.buf, data...)
}

func (e *encoder) container(n node, p parent) error {
	p.depth++
	if p.depth > maxDepth {
		return fmt.Errorf("more than %d nested arrays and objects", maxDepth)
	}
	small, large := byte(typeSmallObject), byte(typeLargeObject)
	if n.value.kind == Array {
		small, large = typeSmallArray, typeLargeArray
	}
	begin := len(e.buf)
	e.buf[p.typeAt] = small
	err := e.elements(n, layout{begin: begin, object: n.value.kind == Object, width: 2}, p.depth)
	if err != errTooBig || !p.large {
		return err
	}
	e.buf = e.buf[:begin]
	e.buf[p.typeAt] = large
	return e.elements(n, layout{begin: begin, object: n.value.kind == Object, width: 4}, p.depth)
}

// layout is where the parts of an array or object go.
type layout struct {
	begin  int // in the buffer
	object bool
	width  int // of counts, sizes and offsets
}

// entries returns where the first of n value entries begins and the last one ends.
func (l layout) entries(n int) (begin, end int) {
	begin = l.begin + 2*l.width
	if l.object {
		begin += n * (l.width + 2)
	}
	return begin, begin + n*(1+l.width)
}

func (e *encoder) elements(n node, l layout, depth int) error {
	count := n.len()
	entry, end := l.entries(count)
	e.buf = append(e.buf, make([]byte, end-l.begin)...)
	if err := e.put(l.begin, count, l); err != nil {
		return err
	}
	if l.object {
		if err := e.keys(n, l); err != nil {
			return err
		}
	}
	for i := range count {
		if err := e.element(n.element(i), entry, l, depth); err != nil {
			return err
		}
		entry += 1 + l.width
	}
	return e.put(l.begin+l.width, len(e.buf)-l.begin, l)
}

func (e *encoder) keys(n node, l layout) error {
	entry := l.begin + 2*l.width
	for i := range n.len() {
		key := n.key(i)
		if len(key) > math.MaxUint16 {
			return fmt.Errorf("a key of %d bytes, the limit is %d", len(key), math.MaxUint16)
		}
		if err := e.put(entry, len(e.buf)-l.begin, l); err != nil {
			return err
		}
		binary.LittleEndian.PutUint16(e.buf[entry+l.width:], uint16(len(key)))
		e.buf = append(e.buf, key...)
		entry += l.width + 2
	}
	return nil
}

// element writes a value into its entry if it fits. Otherwise it appends the value, and writes its offset into the entry.
func (e *encoder) element(n node, entry int, l layout, depth int) error {
	if typ, size, bits := shortest(n.value); size > 0 && size <= l.width {
		e.buf[entry] = typ
		appendUint(e.buf[:entry+1], bits, l.width)
		return nil
	}
	if err := e.put(entry+1, len(e.buf)-l.begin, l); err != nil {
		return err
	}
	return e.value(n, parent{typeAt: entry, large: l.width == 4, depth: depth})
}

// put writes a count, size or offset at a place in the buffer.
func (e *encoder) put(at, number int, l layout) error {
	switch {
	case l.width == 2 && number > math.MaxUint16:
		return errTooBig
	case uint64(number) > math.MaxUint32:
		return fmt.Errorf("a document of %d bytes or more, the limit is %d", number, uint32(math.MaxUint32))
	}
	appendUint(e.buf[:at], uint64(number), l.width)
	return nil
}

// appendUint appends the low bytes of a number, the lowest first.
func appendUint(dst []byte, number uint64, size int) []byte {
	for range size {
		dst = append(dst, byte(number))
		number >>= 8
	}
	return dst
}
