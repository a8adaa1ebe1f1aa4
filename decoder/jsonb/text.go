package jsonb

import (
	"bytes"
	"encoding/base64"
	"math"
	"strconv"
)

// AppendText appends a document as MySQL prints it. On an error it returns dst as it was.
func AppendText(dst, doc []byte) ([]byte, error) {
	v, err := Parse(doc)
	if err != nil {
		return dst, err
	}
	return v.AppendText(dst), nil
}

// AppendText appends the value as MySQL prints it: `, ` and `: ` between the parts, doubles in the shortest form that
// reads back the same and always with a point or exponent, opaque decimals as numbers, opaque dates and times as
// strings, and other opaque values as strings of the form base64:typeN:… (MySQL source: json_dom.cc,
// wrapper_to_string).
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case True:
		return append(dst, "true"...)
	case False:
		return append(dst, "false"...)
	case Int:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case Uint:
		return strconv.AppendUint(dst, v.Uint64(), 10)
	case Double:
		return appendDouble(dst, v.Float64())
	case String:
		return appendQuoted(dst, v.data)
	case Opaque:
		return appendOpaque(dst, v.field, v.data)
	case Array:
		return v.appendArray(dst)
	case Object:
		return v.appendObject(dst)
	}
	return dst
}

func (v Value) appendArray(dst []byte) []byte {
	dst = append(dst, '[')
	for i := range v.count {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = v.Element(i).AppendText(dst)
	}
	return append(dst, ']')
}

func (v Value) appendObject(dst []byte) []byte {
	dst = append(dst, '{')
	for i := range v.count {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendQuoted(dst, v.Key(i))
		dst = append(dst, ": "...)
		dst = v.Element(i).AppendText(dst)
	}
	return append(dst, '}')
}

// appendQuoted appends a JSON string with the escapes that MySQL uses (MySQL source: json_dom.cc, double_quote).
func appendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	plain := 0 // where the run of bytes that need no escape begins
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[plain:i]...)
		dst = appendEscape(dst, c)
		plain = i + 1
	}
	dst = append(dst, text[plain:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const hexDigits = "0123456789abcdef"
	switch c {
	case '"', '\\':
	case '\b':
		c = 'b'
	case '\f':
		c = 'f'
	case '\n':
		c = 'n'
	case '\r':
		c = 'r'
	case '\t':
		c = 't'
	default:
		return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, '\\', c)
}

// appendDouble appends the shortest text that reads back as the same double. MySQL writes it without an exponent from
// 1e-15 to below 1e15, and above when it has a fraction (MySQL source: dtoa.cc, my_gcvt), and marks a whole number with
// `.0` (json_dom.cc).
func appendDouble(dst []byte, f float64) []byte {
	abs, whole := math.Abs(f), f == math.Trunc(f)
	if abs != 0 && (abs < 1e-15 || abs >= 1e15 && whole) {
		return appendExponent(dst, f)
	}
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	if whole {
		dst = append(dst, ".0"...)
	}
	return dst
}

// appendExponent appends 1e20, where Go has 1e+20.
func appendExponent(dst []byte, f float64) []byte {
	begin := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if plus := bytes.IndexByte(dst[begin:], '+'); plus >= 0 {
		return append(dst[:begin+plus], dst[begin+plus+1:]...)
	}
	return dst
}

func appendOpaque(dst []byte, field FieldType, payload []byte) []byte {
	switch {
	case field == TypeVarString:
		return appendQuoted(dst, payload)
	case field == TypeNewDecimal:
		dst, _ = AppendDecimal(dst, payload)
		return dst
	case field.IsTemporal():
		dst = append(dst, '"')
		dst, _ = AppendTemporal(dst, field, payload)
		return append(dst, '"')
	}
	dst = append(dst, `"base64:type`...)
	dst = strconv.AppendUint(dst, uint64(field), 10)
	dst = append(dst, ':')
	dst = appendBase64(dst, payload)
	return append(dst, '"')
}

// appendBase64 appends base64 with a newline, escaped as in a JSON string, after each 76 characters but the last (MySQL
// source: base64_encode).
func appendBase64(dst, data []byte) []byte {
	const perLine = 76 / 4 * 3
	for len(data) > perLine {
		dst = base64.StdEncoding.AppendEncode(dst, data[:perLine])
		dst = append(dst, `\n`...)
		data = data[perLine:]
	}
	return base64.StdEncoding.AppendEncode(dst, data)
}
