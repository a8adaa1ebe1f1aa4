package export

import (
	"math/bits"

	"binmend/emit/export/parquetfile"
	"binmend/schema"
)

// kind is what Parquet stores of a column: its family and size. Columns of the same kind have the same bytes.
type kind struct {
	family    family
	bits      int // of integers
	precision int // of decimals
	scale     int // of decimals; of moments: the digits of a second's fraction, which only their text shows
}

type family uint8

const (
	familyInt family = iota
	familyUint
	familyFloat
	familyDouble
	familyDecimal
	familyDate
	familyDatetime
	familyTimestamp
	familyText
	familyBytes
	familyVector
)

// kindOf is the kind of a column as its definition has it.
func kindOf(c *column) kind {
	switch c.form {
	case formInt:
		return kind{family: familyInt, bits: c.width()}
	case formUint:
		return kind{family: familyUint, bits: c.width()}
	case formYear:
		return kind{family: familyUint, bits: 16}
	case formFloat:
		return kind{family: familyFloat}
	case formDouble:
		return kind{family: familyDouble}
	case formDecimal:
		return decimalKind(max(c.Length, 1)-c.Decimals, c.Decimals)
	case formDate:
		return kind{family: familyDate}
	case formDatetime:
		return kind{family: familyDatetime, scale: c.Decimals}
	case formTimestamp:
		return kind{family: familyTimestamp, scale: c.Decimals}
	case formText, formName, formPlain, formJSON:
		return kind{family: familyText}
	case formVector:
		return kind{family: familyVector}
	}
	return kind{family: familyBytes}
}

// width is the number of bits of the Parquet integer that holds the column.
func (c *column) width() int {
	switch c.Type {
	case schema.TypeTinyInt:
		return 8
	case schema.TypeSmallInt:
		return 16
	case schema.TypeMediumInt, schema.TypeInt:
		return 32
	}
	return 64
}

// maxDecimal is the most digits that engines read as DECIMAL. MySQL allows 65; columns with more than this become text.
const maxDecimal = 38

// decimalKind holds numbers with so many digits before and after the point.
func decimalKind(whole, scale int) kind {
	if whole+scale > maxDecimal {
		return kind{family: familyText}
	}
	return kind{family: familyDecimal, precision: max(1, whole+scale), scale: scale}
}

// decimalBytes is the length of a big-endian two's complement number of so many digits.
func decimalBytes(precision int) int {
	limit := powersOfTen[precision]
	n := 128 - bits.LeadingZeros64(limit.hi)
	if limit.hi == 0 {
		n = 64 - bits.LeadingZeros64(limit.lo)
	}
	return n/8 + 1 // with the sign
}

// size is the length of each value; 0 when it has one of its own, in four bytes before it.
func (k kind) size() int {
	switch k.family {
	case familyInt, familyUint:
		return max(4, k.bits/8)
	case familyFloat, familyDate:
		return 4
	case familyDouble, familyDatetime, familyTimestamp:
		return 8
	case familyDecimal:
		switch {
		case k.precision <= 9:
			return 4
		case k.precision <= 18:
			return 8
		}
		return decimalBytes(k.precision)
	}
	return 0
}

// field is a column of a row image.
func (k kind) field(name string, id int32) parquetfile.Field {
	switch k.family {
	case familyInt:
		return parquetfile.Leaf(name, id, parquetfile.Int(k.bits))
	case familyUint:
		return parquetfile.Leaf(name, id, parquetfile.Uint(k.bits))
	case familyFloat:
		return parquetfile.Leaf(name, id, parquetfile.Float)
	case familyDouble:
		return parquetfile.Leaf(name, id, parquetfile.Double)
	case familyDecimal:
		return parquetfile.Leaf(name, id, parquetfile.Decimal(k.precision, k.scale, k.size()))
	case familyDate:
		return parquetfile.Leaf(name, id, parquetfile.Date)
	case familyDatetime:
		return parquetfile.Leaf(name, id, parquetfile.Datetime)
	case familyTimestamp:
		return parquetfile.Leaf(name, id, parquetfile.Timestamp)
	case familyText:
		return parquetfile.Leaf(name, id, parquetfile.String)
	case familyVector:
		return parquetfile.List(name, id, parquetfile.Float)
	}
	return parquetfile.Leaf(name, id, parquetfile.Bytes)
}

// widened is the smallest kind that holds the values of both: a column that an ALTER changed has it in all of its files.
// Where numbers and moments have none in common they are text, and what has bytes is bytes.
func (k kind) widened(o kind) kind {
	switch {
	case k.family == o.family:
		return k.larger(o)
	case k.family == familyBytes || o.family == familyBytes:
		return kind{family: familyBytes}
	case k.isInteger() && o.isInteger():
		return k.signed(o)
	case k.isFloat() && o.isFloat(), k.isFloat() && o.fitsDouble(), o.isFloat() && k.fitsDouble():
		return kind{family: familyDouble}
	case k.isExact() && o.isExact():
		a, b := k.asDecimal(), o.asDecimal()
		return decimalKind(max(a.precision-a.scale, b.precision-b.scale), max(a.scale, b.scale))
	case k.family == familyDate && o.family == familyDatetime:
		return o
	case o.family == familyDate && k.family == familyDatetime:
		return k
	}
	return kind{family: familyText}
}

// larger is the larger one of two kinds of a family.
func (k kind) larger(o kind) kind {
	if k.family == familyDecimal {
		return decimalKind(max(k.precision-k.scale, o.precision-o.scale), max(k.scale, o.scale))
	}
	k.bits, k.scale = max(k.bits, o.bits), max(k.scale, o.scale)
	return k
}

// signed holds a signed and an unsigned integer.
func (k kind) signed(o kind) kind {
	if k.family == familyInt {
		k, o = o, k
	}
	if k.bits == 64 {
		return k.asDecimal()
	}
	return kind{family: familyInt, bits: max(2*k.bits, o.bits)}
}

func (k kind) isInteger() bool  { return k.family == familyInt || k.family == familyUint }
func (k kind) isFloat() bool    { return k.family == familyFloat || k.family == familyDouble }
func (k kind) fitsDouble() bool { return k.isInteger() && k.bits <= 32 }
func (k kind) isExact() bool    { return k.isInteger() || k.family == familyDecimal }

// asDecimal is the decimal that holds an integer.
func (k kind) asDecimal() kind {
	if k.family == familyDecimal {
		return k
	}
	digits := map[int]int{8: 3, 16: 5, 32: 10, 64: 20}[k.bits]
	return kind{family: familyDecimal, precision: digits}
}
