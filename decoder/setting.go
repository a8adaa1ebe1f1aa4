package decoder

import "binmend/decoder/internal/bin"

// Intvar is an INTVAR event: a value that the statement after it needs.
type Intvar struct {
	InsertID bool // INSERT_ID; otherwise LAST_INSERT_ID
	Value    uint64
}

const (
	intvarLastInsertID = 1
	intvarInsertID     = 2
)

// Intvar interprets an INTVAR event (MySQL source: Intvar_event).
//
//	bytes  field
//	1      1: LAST_INSERT_ID, 2: INSERT_ID
//	8      value
func (e *Event) Intvar() (Intvar, error) {
	c := bin.New(e.Body)
	kind := c.Uint8("kind of value")
	v := Intvar{InsertID: kind == intvarInsertID, Value: c.Uint64("value")}
	if c.Err() == nil && kind != intvarInsertID && kind != intvarLastInsertID {
		return v, e.fail(ErrCorrupt, "expected LAST_INSERT_ID or INSERT_ID, found kind %d", kind)
	}
	return v, e.corrupt(c.Err())
}

// Rand interprets a RAND event, the seeds of RAND() in the statement after it: 8 bytes each (MySQL source: Rand_event).
func (e *Event) Rand() (seed1, seed2 uint64, err error) {
	c := bin.New(e.Body)
	seed1, seed2 = c.Uint64("first seed"), c.Uint64("second seed")
	return seed1, seed2, e.corrupt(c.Err())
}

// UserVarType is the type of a user variable's value (MySQL source: Item_result).
type UserVarType uint8

const (
	UserVarString  UserVarType = 0
	UserVarReal    UserVarType = 1 // 8 bytes, a double
	UserVarInt     UserVarType = 2 // 8 bytes
	UserVarDecimal UserVarType = 4 // one byte precision, one byte scale, and the digits as a DECIMAL column stores them
)

// UserVar is a USER_VAR event: a user variable that the statement after it reads. Its bytes belong to the event.
type UserVar struct {
	Name      []byte
	IsNull    bool
	Type      UserVarType
	Collation uint16
	Unsigned  bool // of an integer
	Value     []byte
}

// UserVar interprets a USER_VAR event (MySQL source: User_var_event).
//
//	bytes  field
//	4      length of the name
//	n      name
//	1      1: NULL, and the rest may be left out
//	1      type
//	4      collation number
//	4      length of the value
//	n      value
//	1      flags, bit 0: unsigned; left out by old servers
func (e *Event) UserVar() (v UserVar, err error) {
	c := bin.New(e.Body)
	v.Name = c.Bytes(uint64(c.Uint32("length of the name")), "name")
	if v.IsNull = c.Uint8("NULL") != 0; v.IsNull {
		return v, e.corrupt(c.Err())
	}
	v.Type = UserVarType(c.Uint8("type"))
	v.Collation = uint16(c.Uint32("collation"))
	v.Value = c.Bytes(uint64(c.Uint32("length of the value")), "value")
	v.Unsigned = c.Len() > 0 && c.Uint8("flags")&1 != 0
	if c.Err() == nil && (v.Type == UserVarReal || v.Type == UserVarInt) && len(v.Value) != 8 {
		return v, e.fail(ErrCorrupt, "expected a value of 8 bytes, found %d", len(v.Value))
	}
	return v, e.corrupt(c.Err())
}

// Cell is the value as a cell of a column of its type; ok is false for strings and NULL.
func (v *UserVar) Cell() (cell Cell, ok bool) {
	switch {
	case v.IsNull:
	case v.Type == UserVarReal:
		return NewCell(&Column{Type: TypeDouble}, v.Value), true
	case v.Type == UserVarInt && v.Unsigned:
		return NewCell(&Column{Type: TypeLonglong, Sign: Unsigned}, v.Value), true
	case v.Type == UserVarInt:
		return NewCell(&Column{Type: TypeLonglong, Sign: Signed}, v.Value), true
	case v.Type == UserVarDecimal && len(v.Value) > 2:
		return NewCell(&Column{Type: TypeNewDecimal, Precision: int(v.Value[0]), Scale: int(v.Value[1])}, v.Value[2:]), true
	}
	return Cell{}, false
}
