package export

import (
	"encoding/base64"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/schema"
	"binmend/schema/changes"
)

// A line of JSON may be six times as long as its row. The line of a large row is made twice: first without output, to see whether it
// can be made, so that no partial line is written; then part by part. In between, the earlier lines of the chunk are handed over.
// Then it is this chunk's turn, and no other goroutine inflates values of a large row at the same time.

// largeLine is the size of a row's values, in bytes, from which the row is large. Tests make it smaller.
var largeLine = changes.FlushBytes

// partBytes is the size of a part: a multiple of three, so that base64 has no padding between parts.
var partBytes = 3 << 14

func (l *jsonLines) largeLine(c *changes.Chunk, r *record, t *jsonTable, row *decoder.Row) error {
	err := flush(c)
	if err != nil {
		return err
	}
	defer func() { l.spill = nil }()
	l.spill = func(text []byte) []byte { return text[:0] }
	if _, err = l.appendLine(nil, r, t, row); err != nil {
		return err
	}
	l.spill = func(text []byte) []byte {
		if len(text) < largeLine {
			return text
		}
		if c.Out = text; err == nil {
			err = flush(c)
		}
		return text[:0]
	}
	c.Out, _ = l.appendLine(c.Out, r, t, row)
	return err
}

// mayBeLarge reports whether values of the column can be large.
func (c *column) mayBeLarge() bool {
	return c.form == formText || c.form == formJSON || c.form == formBytes && c.Type != schema.TypeBinary
}

// appendLarge appends a large value part by part.
func (l *jsonLines) appendLarge(dst []byte, c *column, v decoder.Cell) ([]byte, error) {
	v, err := v.Inflated()
	if err != nil {
		return dst, err
	}
	switch c.form {
	case formText:
		return l.appendLargeText(dst, c, v.Raw()), nil
	case formJSON:
		dst, _, err = jsonb.PrintParsable(dst, v.Raw(), l.spill)
		return dst, err
	}
	return l.appendLargeBase64(dst, v.Raw()), nil
}

func (l *jsonLines) appendLargeText(dst []byte, c *column, stored []byte) []byte {
	each := func(yield func(part []byte)) bool { return schema.EachOfUTF8(c.Charset, stored, yield) }
	if c.isUTF8() || schema.IsASCII(stored) && c.isASCIIBased() {
		each = func(yield func(part []byte)) bool { return parts(stored, yield) && utf8.Valid(stored) }
	}
	if !each(func([]byte) {}) {
		return append(l.appendLargeBase64(append(dst, `{"base64":`...), stored), '}')
	}
	dst = append(dst, '"')
	each(func(part []byte) { dst = l.spill(jsonb.AppendEscaped(dst, part)) })
	return append(dst, '"')
}

func (l *jsonLines) appendLargeBase64(dst, data []byte) []byte {
	dst = append(dst, '"')
	parts(data, func(part []byte) { dst = l.spill(base64.StdEncoding.AppendEncode(dst, part)) })
	return append(dst, '"')
}

// parts yields the parts of a value. It always returns true.
func parts(data []byte, yield func(part []byte)) bool {
	for len(data) > partBytes {
		yield(data[:partBytes])
		data = data[partBytes:]
	}
	yield(data)
	return true
}
