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
	var v Value
	if _, err := v.read(doc[0], doc[1:]); err != nil {
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
		var e Value
		at, err := c.element(&e, &v, t, i, offset)
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

// element reads the i-th value of an object or array into e, but not what it contains, and returns its offset in the document.
func (c *checker) element(e, v *Value, t entries, i, offset int) (at int, err error) {
	typ, at, inline := v.slot(t, i)
	if !inline && (uint64(at) < uint64(t.bodies) || uint64(at) > uint64(len(v.data))) {
		return at, &Error{offset, fmt.Sprintf("element %d of an %s of %d bytes at %d, expected %d or more",
			i, v.kind, len(v.data), uint32(at), t.bodies)}
	}
	size, err := e.read(typ, v.data[at:])
	at += offset
	switch {
	case err != nil:
		return at, &Error{at, err.Error()}
	case inline, e.kind == Array, e.kind == Object:
		return at, nil
	}
	return at, c.spend(size, at)
}

// compareKeys is the order of an object's members.
func compareKeys(a, b []byte) int {
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}

// read reads the value at the start of data, but not what an object or array contains. It returns the value's size. v has to be
// null; after an error it is no value.
func (v *Value) read(typ byte, data []byte) (size int, err error) {
	switch typ {
	case typeSmallObject, typeLargeObject:
		v.kind, v.large = Object, typ == typeLargeObject
		return v.readContainer(data)
	case typeSmallArray, typeLargeArray:
		v.kind, v.large = Array, typ == typeLargeArray
		return v.readContainer(data)
	case typeLiteral:
		return v.readLiteral(data)
	case typeInt16:
		return v.readNumber(Int, 2, data)
	case typeUint16:
		return v.readNumber(Uint, 2, data)
	case typeInt32:
		return v.readNumber(Int, 4, data)
	case typeUint32:
		return v.readNumber(Uint, 4, data)
	case typeInt64:
		return v.readNumber(Int, 8, data)
	case typeUint64:
		return v.readNumber(Uint, 8, data)
	case typeDouble:
		return v.readDouble(data)
	case typeString:
		v.kind = String
		return v.readBytes(data)
	case typeOpaque:
		return v.readOpaque(data)
	}
	return 0, fmt.Errorf("unknown type 0x%02x of a value", typ)
}

func (v *Value) readContainer(data []byte) (size int, err error) {
	width := v.width()
	if len(data) < 2*width {
		return 0, fmt.Errorf("expected the sizes of an %s in %d bytes, found %d", v.kind, 2*width, len(data))
	}
	v.data = data
	count, length := v.number(0), v.number(width)
	perElement := 1 + width
	if v.kind == Object {
		perElement += 2 + width
	}
	header := 2*uint64(width) + uint64(count)*uint64(perElement)
	if header > uint64(length) || uint64(length) > uint64(len(data)) {
		return 0, fmt.Errorf("an %s of %d elements, %d bytes or more, in %d bytes with %d bytes left",
			v.kind, count, header, length, len(data))
	}
	v.count = int(count)
	v.data = data[:length:length]
	return int(length), nil
}

func (v *Value) readLiteral(data []byte) (size int, err error) {
	if len(data) < 1 {
		return 0, errors.New("expected a literal, found the end")
	}
	switch data[0] {
	case 0:
		v.kind = Null
	case 1:
		v.kind = True
	case 2:
		v.kind = False
	default:
		return 0, fmt.Errorf("literal 0x%02x; known are 0 (null), 1 (true) and 2 (false)", data[0])
	}
	return 1, nil
}

func (v *Value) readNumber(kind Kind, size int, data []byte) (int, error) {
	if len(data) < size {
		return 0, fmt.Errorf("expected an %s of %d bytes, found %d", kind, size, len(data))
	}
	v.kind, v.data = kind, data[:size]
	return size, nil
}

func (v *Value) readDouble(data []byte) (int, error) {
	size, err := v.readNumber(Double, 8, data)
	if err == nil && (math.IsNaN(v.Float64()) || math.IsInf(v.Float64(), 0)) {
		err = fmt.Errorf("a double that is %v, which JSON does not have", v.Float64())
	}
	return size, err
}

// readBytes reads a length and as many bytes.
func (v *Value) readBytes(data []byte) (size int, err error) {
	length, prefix := uint64(0), 1
	if len(data) > 0 && data[0] < 0x80 { // nearly all are short
		length = uint64(data[0])
	} else if length, prefix = binary.Uvarint(data[:min(len(data), maxLengthSize)]); prefix <= 0 {
		return 0, fmt.Errorf("expected the length of a %s in at most %d bytes", v.kind, maxLengthSize)
	}
	if length > uint64(len(data)-prefix) {
		return 0, fmt.Errorf("expected %d bytes of the %s, found %d", length, v.kind, len(data)-prefix)
	}
	end := prefix + int(length)
	v.data = data[prefix:end]
	return end, nil
}

func (v *Value) readOpaque(data []byte) (size int, err error) {
	if len(data) < 1 {
		return 0, errors.New("expected the field type of an opaque value, found the end")
	}
	v.kind, v.field = Opaque, FieldType(data[0])
	size, err = v.readBytes(data[1:])
	return 1 + size, err
}
