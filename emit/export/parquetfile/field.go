package parquetfile

import (
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// Type is the type of a leaf: how its values are stored, and what they mean.
type Type struct {
	physical  format.Type
	length    int // bytes of a value of fixed length
	logical   format.LogicalTypeValue
	converted thrift.Null[deprecated.ConvertedType] // the same for readers of the format's first version
	decimal   *format.DecimalType
	unsigned  bool
}

// Int is a signed integer of 8, 16, 32 or 64 bits.
func Int(bits int) Type { return integer(bits, false) }

// Uint is an unsigned integer of 8, 16, 32 or 64 bits.
func Uint(bits int) Type { return integer(bits, true) }

func integer(bits int, unsigned bool) Type {
	t := Type{physical: format.Int32, logical: &format.IntType{BitWidth: int8(bits), IsSigned: !unsigned}, unsigned: unsigned}
	if bits == 64 {
		t.physical = format.Int64
	}
	first := deprecated.Int8
	if unsigned {
		first = deprecated.Uint8
	}
	for width := 8; width < bits; width *= 2 {
		first++
	}
	t.converted = thrift.New(first)
	return t
}

// Float and Double are IEEE 754 numbers; Bytes is a string of bytes.
var (
	Float  = Type{physical: format.Float}
	Double = Type{physical: format.Double}
	Bytes  = Type{physical: format.ByteArray}
	String = Type{physical: format.ByteArray, logical: new(format.StringType), converted: thrift.New(deprecated.UTF8)}
	Date   = Type{physical: format.Int32, logical: new(format.DateType), converted: thrift.New(deprecated.Date)}
)

// Datetime is a moment of no time zone, in microseconds since 1970 as if in UTC.
var Datetime = Type{physical: format.Int64, logical: &format.TimestampType{Unit: format.TimeUnit{Value: new(format.MicroSeconds)}}}

// Timestamp is an instant, in microseconds since 1970 in UTC.
var Timestamp = Type{physical: format.Int64, converted: thrift.New(deprecated.TimestampMicros),
	logical: &format.TimestampType{IsAdjustedToUTC: true, Unit: format.TimeUnit{Value: new(format.MicroSeconds)}}}

// Decimal is a number of so many digits: in 4 bytes up to 9 digits, in 8 up to 18, else big-endian in bytes of the given length.
func Decimal(precision, scale, length int) Type {
	d := &format.DecimalType{Precision: int32(precision), Scale: int32(scale)}
	t := Type{physical: format.FixedLenByteArray, length: length, logical: d, decimal: d, converted: thrift.New(deprecated.Decimal)}
	switch {
	case precision <= 9:
		t.physical, t.length = format.Int32, 0
	case precision <= 18:
		t.physical, t.length = format.Int64, 0
	}
	return t
}

// Field is a field of a record: a leaf of a Type, or a group of fields.
type Field struct {
	Name       string
	ID         int32 // 0 for none
	Type       Type
	Fields     []Field // of a group; nil: a leaf
	repetition format.FieldRepetitionType
	logical    format.LogicalTypeValue // of a group
	converted  thrift.Null[deprecated.ConvertedType]
}

// Leaf is a required field.
func Leaf(name string, id int32, t Type) Field {
	return Field{Name: name, ID: id, Type: t}
}

// Group is a required field that has fields.
func Group(name string, id int32, fields ...Field) Field {
	return Field{Name: name, ID: id, Fields: fields}
}

// Optional makes a field optional.
func Optional(f Field) Field {
	f.repetition = format.Optional
	return f
}

func repeated(f Field) Field {
	f.repetition = format.Repeated
	return f
}

// List is a list of required values; their id is the next one.
func List(name string, id int32, of Type) Field {
	f := Group(name, id, repeated(Group("list", 0, Leaf("element", id+1, of))))
	f.logical, f.converted = new(format.ListType), thrift.New(deprecated.List)
	return f
}

// Map maps strings to strings; their ids are the next two.
func Map(name string, id int32) Field {
	f := Group(name, id, repeated(Group("key_value", 0, Leaf("key", id+1, String), Leaf("value", id+2, String))))
	f.logical, f.converted = new(format.MapType), thrift.New(deprecated.Map)
	return f
}

// leaf is a column of the file.
type leaf struct {
	path                     []string
	of                       Type
	definitions, repetitions uint8 // the highest levels
}

// elements lists a schema depth first, as the footer has it, and its leaves.
func elements(fields []Field) (list []format.SchemaElement, leaves []leaf) {
	list = []format.SchemaElement{{Name: "change", NumChildren: thrift.New(int32(len(fields)))}}
	var walk func(fields []Field, above leaf)
	walk = func(fields []Field, above leaf) {
		for i := range fields {
			f := &fields[i]
			e := format.SchemaElement{Name: f.Name, FieldID: f.ID, RepetitionType: thrift.New(f.repetition)}
			at := above
			at.path = append(above.path[:len(above.path):len(above.path)], f.Name)
			if f.repetition != format.Required {
				at.definitions++
			}
			if f.repetition == format.Repeated {
				at.repetitions++
			}
			if f.Fields != nil {
				e.NumChildren, e.LogicalType.Value, e.ConvertedType = thrift.New(int32(len(f.Fields))), f.logical, f.converted
				list = append(list, e)
				walk(f.Fields, at)
				continue
			}
			f.Type.describe(&e)
			list = append(list, e)
			at.of = f.Type
			leaves = append(leaves, at)
		}
	}
	walk(fields, leaf{})
	return list, leaves
}

// describe sets what the schema says of a leaf's type.
func (t *Type) describe(e *format.SchemaElement) {
	e.Type, e.LogicalType.Value, e.ConvertedType = thrift.New(t.physical), t.logical, t.converted
	if t.length > 0 {
		e.TypeLength = thrift.New(int32(t.length))
	}
	if t.decimal != nil {
		e.Precision, e.Scale = thrift.New(t.decimal.Precision), thrift.New(t.decimal.Scale)
	}
}
