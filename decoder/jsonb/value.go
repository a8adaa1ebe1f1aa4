package jsonb

import (
	"encoding/binary"
	"math"
)

// Kind is what a Value is. Integers are only signed or unsigned: their stored width follows from their size.
type Kind uint8

const (
	Null Kind = iota
	True
	False
	Int
	Uint
	Double
	String
	Opaque
	Array
	Object
)

var kindNames = [...]string{
	"null", "true", "false", "integer", "unsigned integer", "double", "string", "opaque value", "array", "object",
}

func (k Kind) String() string { return kindNames[k] }

// Value is one value of a document: a view of the document's bytes, valid as long as they are. The zero Value is null.
type Value struct {
	kind  Kind
	large bool // object or array in the large format
	field FieldType
	count int    // elements of an object or array
	data  []byte // the number, the string's bytes, the opaque payload, or the object or array from its first byte
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// Len is the number of elements of an array or members of an object; 0 for others.
func (v Value) Len() int { return v.count }

// Element is the i-th element of an array, or the i-th member's value of an object. It panics if i is not in [0, Len).
func (v Value) Element(i int) Value {
	if uint(i) >= uint(v.count) {
		panic("jsonb: element out of range")
	}
	typ, at, _ := v.slot(v.entries(), i)
	var element Value
	if _, err := element.read(typ, v.data[at:]); err != nil {
		panic("jsonb: bytes of a parsed document were changed")
	}
	return element
}

// Key is the i-th key of an object. It panics if i is not in [0, Len).
func (v Value) Key(i int) []byte {
	if v.kind != Object || uint(i) >= uint(v.count) {
		panic("jsonb: key out of range")
	}
	at, size := v.keySlot(v.entries(), i)
	return v.data[at : at+size : at+size]
}

// Int64 is the value of an Int.
func (v Value) Int64() int64 {
	switch len(v.data) {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(v.data)))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(v.data)))
	}
	return int64(binary.LittleEndian.Uint64(v.data))
}

// Uint64 is the value of a Uint.
func (v Value) Uint64() uint64 {
	switch len(v.data) {
	case 2:
		return uint64(binary.LittleEndian.Uint16(v.data))
	case 4:
		return uint64(binary.LittleEndian.Uint32(v.data))
	}
	return binary.LittleEndian.Uint64(v.data)
}

// Float64 is the value of a Double. It is finite.
func (v Value) Float64() float64 { return math.Float64frombits(binary.LittleEndian.Uint64(v.data)) }

// Bytes is the text of a String. The server writes utf8mb4; this is not checked.
func (v Value) Bytes() []byte { return v.data[:len(v.data):len(v.data)] }

// Opaque is the field type and the payload of an Opaque. AppendDecimal and AppendTemporal read payloads.
func (v Value) Opaque() (FieldType, []byte) { return v.field, v.Bytes() }

// width is the size of counts, sizes and offsets inside an object or array.
func (v *Value) width() int {
	if v.large {
		return 4
	}
	return 2
}

// number reads a count, size or offset at a place inside an object or array.
func (v *Value) number(at int) uint32 {
	if v.large {
		return binary.LittleEndian.Uint32(v.data[at:])
	}
	return uint32(binary.LittleEndian.Uint16(v.data[at:]))
}

// entries is where the parts of an object or array are. The key entries follow the count and the size.
type entries struct {
	width  int // of a count, size or offset
	values int // where the entries of values begin
	bodies int // where keys and values themselves may begin
}

func (v *Value) entries() entries {
	t := entries{width: v.width()}
	t.values = 2 * t.width
	if v.kind == Object {
		t.values += v.count * (t.width + 2)
	}
	t.bodies = t.values + v.count*(1+t.width)
	return t
}

// slot returns the type of the i-th element and where in data its bytes begin: inline, in the entry itself, or at the offset
// there.
func (v *Value) slot(t entries, i int) (typ byte, at int, inline bool) {
	entry := t.values + i*(1+t.width)
	typ = v.data[entry]
	if v.inlines(typ) {
		return typ, entry + 1, true
	}
	return typ, int(v.number(entry + 1)), false
}

// inlines reports whether an object or array keeps a value of that type in the value's entry.
func (v *Value) inlines(typ byte) bool {
	switch typ {
	case typeLiteral, typeInt16, typeUint16:
		return true
	case typeInt32, typeUint32:
		return v.large
	}
	return false
}

// keySlot returns where in data the i-th key begins, and its length.
func (v *Value) keySlot(t entries, i int) (at, size int) {
	entry := 2*t.width + i*(t.width+2)
	return int(v.number(entry)), int(binary.LittleEndian.Uint16(v.data[entry+t.width:]))
}
