package sqltext

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strconv"

	"binmend/decoder"
	"binmend/schema"
)

// AppendLiteral appends a literal that, assigned to column c, stores the value of the cell. It allocates nothing for
// the common types. A cell that holds no value is an error.
func (d Dialect) AppendLiteral(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	switch v.State() {
	case decoder.Null:
		return append(dst, "NULL"...), nil
	case decoder.Value:
	default:
		return dst, fmt.Errorf("column %s: expected a value, but the log does not hold it", c.Name)
	}
	dst, err := d.appendValue(dst, c, v)
	if err != nil {
		return dst, fmt.Errorf("column %s: %w", c.Name, err)
	}
	return dst, nil
}

func (d Dialect) appendValue(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt:
		if c.Unsigned {
			return strconv.AppendUint(dst, v.Uint64(), 10), nil
		}
		return strconv.AppendInt(dst, v.Int64(), 10), nil
	case schema.TypeDecimal:
		return v.AppendText(dst)
	case schema.TypeFloat:
		return appendDouble(dst, float64(v.Float32()))
	case schema.TypeDouble:
		return appendDouble(dst, v.Float64())
	case schema.TypeBit:
		// As b'…' it would be a string to some comparisons: MySQL 5.6 does not find 64 ones.
		return strconv.AppendUint(dst, v.Uint64(), 10), nil
	case schema.TypeYear, schema.TypeDate, schema.TypeTime, schema.TypeDatetime, schema.TypeTimestamp:
		dst, err := v.AppendText(append(dst, '\''))
		return append(dst, '\''), err
	case schema.TypeEnum:
		return d.appendEnum(dst, c, v.Uint64()), nil
	case schema.TypeSet:
		return d.appendSet(dst, c, v.Uint64()), nil
	case schema.TypeJSON:
		return d.appendJSON(dst, v.Raw())
	case schema.TypeUUID:
		return appendUUID(dst, v.Raw())
	case schema.TypeInet4, schema.TypeInet6:
		return appendInet(dst, c.Type, v.Raw())
	case schema.TypeBinary:
		return appendPadded(dst, c, v)
	}
	if c.Type.IsText() {
		text, err := content(v)
		if err != nil {
			return dst, err
		}
		return d.appendText(dst, c, text)
	}
	if c.Type.IsBytes() {
		data, err := content(v)
		if err != nil {
			return dst, err
		}
		if len(data) == 0 {
			return append(dst, "''"...), nil
		}
		return appendHexLiteral(d, dst, data), nil
	}
	return dst, errors.New("the schema does not say its type")
}

// appendDouble appends the shortest decimal that reads back as the same double. A FLOAT is written as the double that
// it widens to: then it is right as a value and in a comparison, which the server makes between doubles. Minus zero
// needs an exponent to be a double at all.
func appendDouble(dst []byte, f float64) ([]byte, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return dst, fmt.Errorf("%v can't be stored by a server", f)
	case f == 0 && math.Signbit(f):
		return append(dst, "-0e0"...), nil
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64), nil
}

// appendPadded appends a BINARY(n) value: the row image drops the trailing 0x00 bytes, the column has them.
func appendPadded(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, error) {
	data := v.Raw()
	length := c.Length
	if length == 0 {
		length = v.Column().Length
	}
	dst = append(dst, "x'"...)
	dst = appendHex(dst, data)
	for i := len(data); i < length; i++ {
		dst = append(dst, "00"...)
	}
	return append(dst, '\''), nil
}

// appendEnum appends a quoted member, or its number if the member is unknown or the server might find another one by that name.
// Number 0 is the empty value that stands for an invalid one; no quoted text gives it.
func (d Dialect) appendEnum(dst []byte, c *schema.Column, index uint64) []byte {
	if index == 0 || index > uint64(len(c.Members)) {
		return strconv.AppendUint(dst, index, 10)
	}
	member, ok := c.MemberName(int(index))
	if !ok || !isFirst(c, int(index)-1) {
		return strconv.AppendUint(dst, index, 10)
	}
	return d.AppendString(dst, member)
}

// appendSet appends the quoted members, or the number where one of them is unknown, can't be quoted, or stands for another value, too: of the
// empty member text has no trace, and of two that are equal to its collation a server finds the first.
func (d Dialect) appendSet(dst []byte, c *schema.Column, bits uint64) []byte {
	if len(c.Members) < 64 && bits>>len(c.Members) != 0 || slices.Contains(c.Members, "") {
		return strconv.AppendUint(dst, bits, 10)
	}
	begin := len(dst)
	dst = append(dst, '\'')
	for i := range c.Members {
		if bits>>i&1 == 0 {
			continue
		}
		member, ok := c.MemberName(i + 1)
		if !ok || !d.quotable(member) || !isFirst(c, i) {
			return strconv.AppendUint(dst[:begin], bits, 10)
		}
		if len(dst) > begin+1 {
			dst = append(dst, ',')
		}
		for j := 0; j < len(member); j++ {
			if member[j] == '\'' {
				dst = append(dst, '\'')
			}
			dst = append(dst, member[j])
		}
	}
	return append(dst, '\'')
}

// uuidSegments gives, for each part of a UUID's text, where its bytes are in a record that has the parts reversed.
var uuidSegments = [5]struct{ at, n int }{{12, 4}, {10, 2}, {8, 2}, {6, 2}, {0, 6}}

// appendUUID appends a UUID as text. MariaDB stores versions 1 to 5 with the parts reversed, the node first, so that
// they sort by time; the top bit of the variant then stands in byte 6 and the version in byte 8. Others are stored as
// they are written. (MariaDB source: UUID::rec_need_swap in plugin/type_uuid/sql_type_uuid.h.)
func appendUUID(dst, stored []byte) ([]byte, error) {
	var record [16]byte
	if len(stored) > len(record) {
		return dst, fmt.Errorf("expected a UUID of at most 16 bytes, found %d", len(stored))
	}
	copy(record[:], stored)
	reversed := record[6]&-record[8]&0x80 != 0
	dst = append(dst, '\'')
	at := 0
	for i, segment := range uuidSegments {
		if i > 0 {
			dst = append(dst, '-')
		}
		from := at
		if reversed {
			from = segment.at
		}
		for _, b := range record[from : from+segment.n] {
			dst = append(dst, "0123456789abcdef"[b>>4], "0123456789abcdef"[b&15])
		}
		at += segment.n
	}
	return append(dst, '\''), nil
}

// appendInet appends an INET4 or INET6 as text. The row image drops trailing 0x00 bytes.
func appendInet(dst []byte, t schema.Type, stored []byte) ([]byte, error) {
	var full [16]byte
	size := 16
	if t == schema.TypeInet4 {
		size = 4
	}
	if len(stored) > size {
		return dst, fmt.Errorf("expected an address of at most %d bytes, found %d", size, len(stored))
	}
	copy(full[:], stored)
	addr, _ := netip.AddrFromSlice(full[:size])
	dst = addr.AppendTo(append(dst, '\''))
	return append(dst, '\''), nil
}
