package sqltext

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/schema"
)

const hexDigits = "0123456789ABCDEF"

// hexPairs has the two digits of each byte.
var hexPairs = func() (pairs [256][2]byte) {
	for i := range pairs {
		pairs[i] = [2]byte{hexDigits[i>>4], hexDigits[i&15]}
	}
	return pairs
}()

func appendHex[T ~string | ~[]byte](dst []byte, data T) []byte {
	begin := len(dst)
	dst = slices.Grow(dst, 2*len(data))[:begin+2*len(data)]
	for i, out := 0, dst[begin:]; i < len(data); i++ {
		copy(out[2*i:2*i+2], hexPairs[data[i]][:])
	}
	return dst
}

// appendHexLiteral appends x'…'.
func appendHexLiteral[T ~string | ~[]byte](d Dialect, dst []byte, data T) []byte {
	dst = inParts(d, append(dst, "x'"...), data, appendHex[T])
	return append(dst, '\'')
}

// appendQuoted appends '…' with quotes doubled. The text has to be plain.
func appendQuoted[T ~string | ~[]byte](d Dialect, dst []byte, text T) []byte {
	dst = inParts(d, append(dst, '\''), text, appendDoubled[T])
	return append(dst, '\'')
}

// appendDoubled appends text with quotes doubled.
func appendDoubled[T ~string | ~[]byte](dst []byte, text T) []byte {
	begin := len(dst)
	return doubleQuotes(append(dst, text...), begin)
}

// doubleQuotes doubles the quotes of dst after begin.
func doubleQuotes(dst []byte, begin int) []byte {
	n := bytes.Count(dst[begin:], []byte{'\''})
	if n == 0 {
		return dst
	}
	from := len(dst) - 1
	dst = append(dst, make([]byte, n)...)
	for to := len(dst) - 1; to > from; to-- {
		dst[to] = dst[from]
		if dst[from] == '\'' {
			to--
			dst[to] = '\''
		}
		from--
	}
	return dst
}

// closeString makes a literal of UTF-8 text that stands at the end of dst, after a quote at begin, as AppendString does.
func (d Dialect) closeString(dst []byte, begin int) []byte {
	text := dst[begin+1:]
	if quotableUTF8(d, text) {
		return append(doubleQuotes(dst, begin+1), '\'')
	}
	n := len(text)
	head := len("_ x'") + len(d.Charset())
	dst = append(dst, make([]byte, head-1+n)...)
	for i := n - 1; i >= 0; i-- { // from the end: no byte is written before it was read
		c := dst[begin+1+i]
		dst[begin+head+2*i], dst[begin+head+2*i+1] = hexDigits[c>>4], hexDigits[c&15]
	}
	copy(dst[begin:], "_")
	copy(dst[begin+1:], d.Charset())
	copy(dst[begin+head-len(" x'"):], " x'")
	return append(dst, '\'')
}

// AppendString appends a literal of UTF-8 text: quoted when it is plain, else as hex with an introducer.
func (d Dialect) AppendString(dst []byte, text string) []byte { return appendString(d, dst, text) }

func appendString[T ~string | ~[]byte](d Dialect, dst []byte, text T) []byte {
	if quotableUTF8(d, text) {
		return appendQuoted(d, dst, text)
	}
	dst = append(append(dst, '_'), d.Charset()...)
	return appendHexLiteral(d, append(dst, ' '), text)
}

// Plain reports whether AppendString writes the text quoted: some statements take no other form of a string.
func (d Dialect) Plain(text string) bool { return d.quotable(text) }

// quotable reports whether UTF-8 text may stand between quotes. Without utf8mb4 a connection carries three bytes a
// character at most.
func (d Dialect) quotable(text string) bool { return quotableUTF8(d, text) }

func quotableUTF8[T ~string | ~[]byte](d Dialect, text T) bool {
	if !plainUTF8(text) {
		return false
	}
	if d.Charset() == "utf8mb4" {
		return true
	}
	for i := 0; i < len(text); i++ {
		if text[i] >= 0xf0 {
			return false
		}
	}
	return true
}

// appendText appends a literal of a text column's bytes.
func (d Dialect) appendText(dst []byte, c *schema.Column, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return append(dst, "''"...), nil
	}
	family := families[c.Charset]
	switch {
	case family == unicode8 && quotableUTF8(d, text), family == asciiBased && plainASCII(text):
		return appendQuoted(d, dst, text), nil
	case family == unicode8:
		dst = append(append(dst, '_'), d.Charset()...)
		return appendHexLiteral(d, append(dst, ' '), text), nil
	case family == binaryText, c.Charset == "":
		// A binary string is stored in a text column byte for byte.
		return appendHexLiteral(d, dst, text), nil
	case !word(c.Charset):
		return dst, fmt.Errorf("%q is not the name of a character set", c.Charset)
	}
	dst = append(append(dst, '_'), c.Charset...)
	return appendHexLiteral(d, append(dst, ' '), text), nil
}

// maxReadable is how many characters of a value a comment shows.
const maxReadable = 120

// AppendReadable appends what a person needs to see of a value that its literal shows only as hex, fit for a comment.
// It reports false, and appends nothing, when the literal can be read as it is or when the value is not text.
func (d Dialect) AppendReadable(dst []byte, c *schema.Column, v decoder.Cell) ([]byte, bool) {
	if v.State() != decoder.Value || !c.Type.IsString() {
		return dst, false
	}
	data, err := content(v)
	if err != nil || len(data) == 0 || d.literalIsReadable(c, data) {
		return dst, false
	}
	charset := c.Charset
	if c.Type.IsBinary() {
		charset = "utf8mb4"
	}
	text, ok := beginning(charset, data)
	if !ok || c.Type.IsBinary() && !plainUTF8(text) {
		return dst, false
	}
	head := cutRunes(text, maxReadable)
	dst = AppendVisible(dst, head)
	if len(head) < len(text) {
		dst = append(dst, "…"...)
	}
	return dst, true
}

// beginning is text as UTF-8, of long text only as much as is shown: up to a place where whole characters end.
func beginning(charset string, data []byte) (_ string, ok bool) {
	const enough = 64 * maxReadable // bytes
	if len(data) <= enough {
		return schema.ToUTF8(charset, data)
	}
	for cut := enough; cut > enough-utf8.UTFMax; cut-- {
		if text, ok := schema.ToUTF8(charset, data[:cut]); ok {
			return text, true
		}
	}
	return "", false
}

// literalIsReadable reports whether appendText quotes the text.
func (d Dialect) literalIsReadable(c *schema.Column, text []byte) bool {
	switch families[c.Charset] {
	case unicode8:
		return quotableUTF8(d, text)
	case asciiBased:
		return plainASCII(text)
	}
	return false
}

// cutRunes returns the first n characters of UTF-8 text.
func cutRunes[T ~string | ~[]byte](text T, n int) T {
	at := 0
	for ; n > 0 && at < len(text); n-- {
		_, size := decodeRune(text, at)
		at += size
	}
	return text[:at]
}

// content is the value of a string or blob cell, inflated where it is compressed; it is copied only then.
func content(v decoder.Cell) ([]byte, error) {
	switch v.Column().Type {
	case decoder.TypeVarcharCompressed, decoder.TypeBlobCompressed:
		return v.AppendBytes(nil)
	}
	return v.Raw(), nil
}
