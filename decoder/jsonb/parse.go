package jsonb

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Types of values, in documents and in the entries of objects and arrays.
const (
	typeSmallObject = 0x00
	typeLargeObject = 0x01
	typeSmallArray  = 0x02
	typeLargeArray  = 0x03
	typeLiteral     = 0x04
	typeInt16       = 0x05
	typeUint16      = 0x06
	typeInt32       = 0x07
	typeUint32      = 0x08
	typeInt64       = 0x09
	typeUint64      = 0x0a
	typeDouble      = 0x0b
	typeString      = 0x0c
	typeOpaque      = 0x0f
)

// maxDepth is the server's limit of nested arrays and objects (MySQL source: JSON_DOCUMENT_MAX_DEPTH).
const maxDepth = 100

// maxLengthSize is the most bytes that a length takes: five times 7 bits hold the 32 bits of the longest.
const maxLengthSize = 5

// Error says what is wrong with a document and where.
type Error struct {
	Offset int // in the document
	What   string
}

func (e *Error) Error() string { return fmt.Sprintf("binary JSON, byte %d: %s", e.Offset, e.What) }

// Parse checks a whole document and returns its value.
func Parse(doc []byte) (Value, error) {
	c := checker{unspent: len(doc)}
	v, err := c.root(doc)
	if err != nil {
		return Value{}, err
	}
	if err := c.contents(v, 1, 1); err != nil {
		return Value{}, err
	}
	return v, nil
}

// checker walks a document once. In a valid document values and keys do not overlap, so the bytes visited add up to no more
// than the document's size.
type checker struct{ unspent int }

func (c *checker) spend(size, offset int) error {
	c.unspent -= size
	if c.unspent < 0 {
		return &Error{offset, "values overlap"}
	}
	return nil
}

// root reads the top value of a document, but not what it contains.
func (c *checker) root(doc []byte) (Value, error) {
	if len(doc) == 0 {
		return Value{}, nil
	}
	v, _, err := read(doc[0], doc[1:])
	if err != nil {
		return Value{}, &Error{1, err.Error()}
	}
	return v, nil
}

// contents checks what a value contains. The offset is that of the value in the document; depth counts from 1.
func (c *checker) contents(v Value, offset, depth int) error {
	switch v.kind {
	case Opaque:
		if err := checkOpaque(v.field, v.data); err != nil {
			return &Error{offset, err.Error()}
		}
		return nil
	case Array, Object:
	default:
		return nil
	}
	t, err := c.enter(&v, offset, depth)
	if err != nil {
		return err
	}
	var key []byte
	for i := range v.count {
		if v.kind == Object {
			if key, err = c.key(&v, t, i, offset, key); err != nil {
				return err
			}
		}
		e, at, err := c.element(&v, t, i, offset)
		if err != nil {
			return err
		}
		if err := c.contents(e, at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// enter reads the head of an object or array.
func (c *checker) enter(v *Value, offset, depth int) (entries, error) {
	if depth > maxDepth {
		return entries{}, &Error{offset, fmt.Sprintf("more than %d nested arrays and objects", maxDepth)}
	}
	t := v.entries()
	return t, c.spend(t.bodies, offset)
}

// key checks the i-th key of an object. Keys must ascend.
func (c *checker) key(v *Value, t entries, i, offset int, previous []byte) ([]byte, error) {
	at, size := v.keySlot(t, i)
	if uint64(at) < uint64(t.bodies) || uint64(at)+uint64(size) > uint64(len(v.data)) {
		return nil, &Error{offset, fmt.Sprintf("key %d of an object of %d bytes has %d bytes at %d, expected at %d or more",
			i, len(v.data), size, uint32(at), t.bodies)}
	}
	if err := c.spend(size, offset+at); err != nil {
		return nil, err
	}
	key := v.data[at : at+size : at+size]
	if i > 0 && compareKeys(previous, key) >= 0 {
		return nil, &Error{offset + at, fmt.Sprintf("key %d is not after the key before it", i)}
	}
	return key, nil
}

// element reads the i-th value of an object or array, but not what it contains, and returns its offset in the document.
func (c *checker) element(v *Value, t entries, i, offset int) (e Value, at int, err error) {
	typ, at := v.slot(t, i)
	inline := v.inlines(typ)
	if !inline && (uint64(at) < uint64(t.bodies) || uint64(at) > uint64(len(v.data))) {
		return e, at, &Error{offset, fmt.Sprintf("element %d of an %s of %d bytes at %d, expected %d or more",
			i, v.kind, len(v.data), uint32(at), t.bodies)}
	}
	e, size, err := read(typ, v.data[at:])
	at += offset
	switch {
	case err != nil:
		return e, at, &Error{at, err.Error()}
	case inline, e.kind == Array, e.kind == Object:
		return e, at, nil
	}
	return e, at, c.spend(size, at)
}

// compareKeys is the order of an object's members.
func compareKeys(a, b []byte) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}

// read reads the value at the start of data, but not what an object or array contains. It returns the value's size.
func read(typ byte, data []byte) (v Value, size int, err error) {
	switch typ {
	case typeSmallObject, typeLargeObject:
		return readContainer(Value{kind: Object, large: typ == typeLargeObject}, data)
	case typeSmallArray, typeLargeArray:
		return readContainer(Value{kind: Array, large: typ == typeLargeArray}, data)
	case typeLiteral:
		return readLiteral(data)
	case typeInt16:
		return readNumber(Int, 2, data)
	case typeUint16:
		return readNumber(Uint, 2, data)
	case typeInt32:
		return readNumber(Int, 4, data)
	case typeUint32:
		return readNumber(Uint, 4, data)
	case typeInt64:
		return readNumber(Int, 8, data)
	case typeUint64:
		return readNumber(Uint, 8, data)
	case typeDouble:
		return readDouble(data)
	case typeString:
		return readBytes(Value{kind: String}, data)
	case typeOpaque:
		return readOpaque(data)
	}
	return v, 0, fmt.Errorf("unknown type 0x%02x of a value", typ)
}

func readContainer(v Value, data []byte) (Value, int, error) {
	if len(data) < 2*v.width() {
		return v, 0, fmt.Errorf("expected the sizes of an %s in %d bytes, found %d", v.kind, 2*v.width(), len(data))
	}
	v.data = data
	count, size := v.number(0), v.number(v.width())
	perElement := 1 + v.width()
	if v.kind == Object {
		perElement += 2 + v.width()
	}
	header := 2*uint64(v.width()) + uint64(count)*uint64(perElement)
	if header > uint64(size) || uint64(size) > uint64(len(data)) {
		return v, 0, fmt.Errorf("an %s of %d elements, %d bytes or more, in %d bytes with %d bytes left",
			v.kind, count, header, size, len(data))
	}
	v.count = int(count)
	v.data = data[:size:size]
	return v, int(size), nil
}

func readLiteral(data []byte) (Value, int, error) {
	if len(data) < 1 {
		return Value{}, 0, errors.New("expected a literal, found the end")
	}
	switch data[0] {
	case 0:
		return Value{kind: Null}, 1, nil
	case 1:
		return Value{kind: True}, 1, nil
	case 2:
		return Value{kind: False}, 1, nil
	}
	return Value{}, 0, fmt.Errorf("literal 0x%02x; known are 0 (null), 1 (true) and 2 (false)", data[0])
}

func readNumber(kind Kind, size int, data []byte) (Value, int, error) {
	if len(data) < size {
		return Value{}, 0, fmt.Errorf("expected an %s of %d bytes, found %d", kind, size, len(data))
	}
	return Value{kind: kind, data: data[:size]}, size, nil
}

func readDouble(data []byte) (Value, int, error) {
	v, size, err := readNumber(Double, 8, data)
	if err == nil && (math.IsNaN(v.Float64()) || math.IsInf(v.Float64(), 0)) {
		err = fmt.Errorf("a double that is %v, which JSON does not have", v.Float64())
	}
	return v, size, err
}

// readBytes reads a length and as many bytes.
func readBytes(v Value, data []byte) (Value, int, error) {
	length, prefix := binary.Uvarint(data[:min(len(data), maxLengthSize)])
	if prefix <= 0 {
		return v, 0, fmt.Errorf("expected the length of a %s in at most %d bytes", v.kind, maxLengthSize)
	}
	if length > uint64(len(data)-prefix) {
		return v, 0, fmt.Errorf("expected %d bytes of the %s, found %d", length, v.kind, len(data)-prefix)
	}
	end := prefix + int(length)
	v.data = data[prefix:end]
	return v, end, nil
}

func readOpaque(data []byte) (Value, int, error) {
	if len(data) < 1 {
		return Value{}, 0, errors.New("expected the field type of an opaque value, found the end")
	}
	v, size, err := readBytes(Value{kind: Opaque, field: FieldType(data[0])}, data[1:])
	return v, 1 + size, err
}
