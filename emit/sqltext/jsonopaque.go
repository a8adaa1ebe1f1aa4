package sqltext

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"

	"binmend/decoder/fault"
	"binmend/decoder/jsonb"
)

// ErrNoLiteral is the reason why an exact dialect writes no literal: no SQL that the server knows makes the value.
var ErrNoLiteral = fault.NewReason("a value that no SQL of the server makes")

// noLiteral is the error for an opaque value inside a JSON document.
func (d Dialect) noLiteral(field jsonb.FieldType) error {
	name := jsonTypeNames[field]
	if name == "" {
		name = "value of type " + strconv.Itoa(int(field))
	}
	server := "the server"
	if d.version != nil && d.version.Major > 0 {
		server = fmt.Sprintf("MySQL %d.%d.%d", d.version.Major, d.version.Minor, d.version.Patch)
	}
	return &fault.Error{Reason: ErrNoLiteral, What: fmt.Sprintf("the JSON document holds a %s, and no SQL of %s puts one into a document", name, server)}
}

// The types of opaque values that are strings of bytes to JSON, and YEAR, which only MySQL 5.7 makes opaque.
const (
	jsonVarbinary  = 15
	jsonBit        = 16
	jsonYear       = 13
	jsonTinyBlob   = 249
	jsonMediumBlob = 250
	jsonLongBlob   = 251
	jsonBlob       = 252
	jsonBinary     = 254
)

var jsonTypeNames = map[jsonb.FieldType]string{
	jsonb.TypeTimestamp: "TIMESTAMP", jsonYear: "YEAR", jsonVarbinary: "VARBINARY", jsonBit: "BIT", jsonTinyBlob: "TINYBLOB",
	jsonMediumBlob: "MEDIUMBLOB", jsonLongBlob: "LONGBLOB", jsonBlob: "BLOB", jsonb.TypeVarString: "binary string", jsonBinary: "BINARY",
}

// appendJSONBytes appends a string of bytes. A document keeps the type that the value had. An expression has one of a few types;
// those of columns come out of JSON_TABLE, which MySQL has since 8.0.4 (tried on 5.7.22, 8.0.15, 8.0.31 and 9.7):
//
//	type               MySQL 5.7                       MySQL 8.0.4 and later
//	VARBINARY          _binary x'…'                    the same
//	253                CAST(x'…' AS BINARY)            none: the same CAST is a VARBINARY
//	BIT                x'…'                            a column of up to 64 bits
//	LONGBLOB           what UNCOMPRESS returns         a column
//	MEDIUMBLOB         the beginning of a LONGBLOB     a column
//	BLOB               a UNION of a LONGBLOB           a column
//	TINYBLOB, BINARY   none                            a column
//	YEAR               none                            none: a YEAR is a number there
//
// The nearest to what there is no SQL for is a VARBINARY of the same bytes, or the number of the year.
func (d Dialect) appendJSONBytes(dst []byte, field jsonb.FieldType, payload []byte) ([]byte, error) {
	isOld := d.version != nil && d.version.Major == 5
	switch {
	case field == jsonVarbinary:
		return d.appendBinary(dst, payload), nil
	case d.hasJSONTable() && hasColumnOf(field, payload):
		return d.appendBytesColumn(dst, field, payload), nil
	case field == jsonLongBlob:
		return d.appendLongBlob(dst, payload), nil
	case field == jsonMediumBlob:
		return append(d.appendLongBlob(append(dst, "LEFT("...), payload), ", 16777215)"...), nil
	case field == jsonBlob:
		return append(d.appendLongBlob(append(dst, "(SELECT "...), payload), " UNION ALL SELECT '' FROM DUAL WHERE FALSE)"...), nil
	case isOld && field == jsonBit:
		return appendHexLiteral(d, dst, payload), nil
	case isOld && field == jsonb.TypeVarString:
		return append(appendHexLiteral(d, append(dst, "CAST("...), payload), " AS BINARY)"...), nil
	case d.exact:
		return dst, d.noLiteral(field)
	case field == jsonYear && isDigits(payload):
		return append(dst, payload...), nil
	}
	return d.appendBinary(dst, payload), nil
}

func isDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) > 0
}

func (d Dialect) appendBinary(dst, data []byte) []byte {
	return appendHexLiteral(d, append(dst, "_binary "...), data)
}

func (d Dialect) appendLongBlob(dst, data []byte) []byte {
	return append(appendHexLiteral(d, append(dst, "UNCOMPRESS(COMPRESS("...), data), "))"...)
}

// hasColumnOf reports whether a column of JSON_TABLE can be of the type and hold the bytes.
func hasColumnOf(field jsonb.FieldType, data []byte) bool {
	switch field {
	case jsonBit:
		return len(data) > 0 && len(data) <= 8
	case jsonTinyBlob, jsonBinary:
		return len(data) <= 255
	case jsonBlob:
		return len(data) <= 65535
	case jsonMediumBlob, jsonLongBlob:
		return true
	}
	return false
}

// appendBytesColumn appends a column of JSON_TABLE as a document. The CAST stands inside: in MySQL 8.0.15 a BIT becomes text outside.
func (d Dialect) appendBytesColumn(dst []byte, field jsonb.FieldType, data []byte) []byte {
	dst = append(dst, "(SELECT CAST(v AS JSON) FROM JSON_TABLE("...)
	sqlType := jsonTypeNames[field]
	switch field {
	case jsonBit:
		var bits [8]byte
		copy(bits[8-len(data):], data)
		dst = fmt.Appendf(dst, "'[%d]'", binary.BigEndian.Uint64(bits[:]))
		sqlType = fmt.Sprintf("BIT(%d)", 8*len(data))
	case jsonBinary:
		sqlType = fmt.Sprintf("BINARY(%d)", len(data))
		fallthrough
	default:
		dst = append(d.appendBinary(append(dst, "JSON_ARRAY("...), data), ')')
	}
	return fmt.Appendf(dst, ", '$[*]' COLUMNS (v %s PATH '$')) AS j)", sqlType)
}

// appendJSONTime appends a TIME. Servers that keep a TIME with its days apart, as MySQL 5.7 and 8.0 do, lose hours when they put it
// into a document: of 32 hours they make a day of 24 (hour h is stored as h/32*24 + h%32). MySQL 9.7 stores what it is given. So
// from 24 hours on the server itself says which TIME ends up as the wanted one.
func appendJSONTime(dst, payload []byte) ([]byte, error) {
	text, err := jsonb.AppendTemporal(nil, jsonb.TypeTime, payload)
	if err != nil {
		return dst, err
	}
	text, isNegative := bytes.CutPrefix(text, []byte("-"))
	clock, rest, _ := bytes.Cut(text, []byte(":"))
	hours, err := strconv.Atoi(string(clock))
	sign := ""
	if isNegative {
		sign = "-"
	}
	if hours < 24 {
		return fmt.Appendf(dst, "CAST('%s%s' AS TIME(6))", sign, text), err
	}
	return fmt.Appendf(dst, `IF(CAST(CAST(TIME'32:00:00' AS JSON) AS CHAR) LIKE '"32:%%', CAST('%s%s' AS TIME(6)), CAST('%s%d:%s' AS TIME(6)))`,
		sign, text, sign, hours/24*32+hours%24, rest), err
}

// hasLongTime reports whether a document holds a TIME of 24 hours or more, which some servers lose hours of while they compare.
func hasLongTime(v jsonb.Value) bool {
	switch v.Kind() {
	case jsonb.Array, jsonb.Object:
		for i := range v.Len() {
			if hasLongTime(v.Element(i)) {
				return true
			}
		}
	case jsonb.Opaque:
		field, payload := v.Opaque()
		text, err := jsonb.AppendTemporal(nil, field, payload)
		hours, _, _ := bytes.Cut(bytes.TrimPrefix(text, []byte("-")), []byte(":"))
		return err == nil && field == jsonb.TypeTime && (len(hours) > 2 || string(hours) >= "24")
	}
	return false
}
