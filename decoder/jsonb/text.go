package jsonb

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendText appends a document as MySQL prints it. After an error it returns dst unchanged.
func AppendText(dst, doc []byte) ([]byte, error) {
	dst, _, err := AppendParsable(dst, doc)
	return dst, err
}

// AppendParsable is AppendText, and reports whether a server that parses the text gets the same types. The server reads a
// number without fraction and exponent as unsigned from 2^32 on and as signed below, and never makes an opaque value.
func AppendParsable(dst, doc []byte) (_ []byte, same bool, err error) {
	return PrintParsable(dst, doc, nil)
}

// PrintParsable is AppendParsable for text too large to be kept in memory. If spill is not nil, it is called with the text so
// far, and printing goes on with what it returns: it may write the text elsewhere and return it empty. It is called only
// between characters.
func PrintParsable(dst, doc []byte, spill func([]byte) []byte) (_ []byte, same bool, err error) {
	p := printer{checker: checker{unspent: len(doc)}, text: dst, spill: spill}
	v, err := p.root(doc)
	if err == nil {
		err = p.value(&v, 1, 1)
	}
	if err != nil {
		return dst, false, err
	}
	return p.text, !p.loses, nil
}

// AppendText appends the value as MySQL prints it: `, ` and `: ` between the parts, doubles in the shortest form that
// reads back the same and always with a point or exponent, opaque decimals as numbers, opaque dates and times as
// strings, and other opaque values as strings of the form base64:typeN:… (MySQL source: json_dom.cc,
// wrapper_to_string).
func (v Value) AppendText(dst []byte) []byte {
	p := printer{checker: checker{unspent: math.MaxInt}, text: dst} // the whole document was checked
	if err := p.value(&v, 0, 1); err != nil {
		panic("jsonb: bytes of a parsed document were changed")
	}
	return p.text
}

// printer checks a document while it prints it: one walk does both.
type printer struct {
	checker
	text  []byte
	loses bool                // the text loses the type of a value
	spill func([]byte) []byte // see PrintParsable; nil: text is kept
}

// partBytes is how much text is printed before it is spilled.
const partBytes = 64 << 10

// part spills the text if it is long enough.
func (p *printer) part() {
	if p.spill != nil && len(p.text) >= partBytes {
		p.text = p.spill(p.text)
	}
}

// string prints text as a JSON string.
func (p *printer) string(text []byte) {
	if p.spill == nil || len(text) <= partBytes {
		p.text = AppendString(p.text, text)
		return
	}
	p.text = append(p.text, '"')
	for len(text) > 0 {
		n := endOfCharacter(text, min(partBytes, len(text)))
		p.text = AppendEscaped(p.text, text[:n])
		p.part()
		text = text[n:]
	}
	p.text = append(p.text, '"')
}

// endOfCharacter is the last place up to n where a UTF-8 character ends; n if there is none nearby.
func endOfCharacter(text []byte, n int) int {
	for at := n; at < len(text) && at > n-utf8.UTFMax; at-- {
		if utf8.RuneStart(text[at]) {
			return at
		}
	}
	return n
}

// value prints a value, and checks what it contains. The offset is that of the value in the document; depth counts from 1.
func (p *printer) value(v *Value, offset, depth int) (err error) {
	switch v.kind {
	case Null:
		p.text = append(p.text, "null"...)
	case True:
		p.text = append(p.text, "true"...)
	case False:
		p.text = append(p.text, "false"...)
	case Int:
		p.text = strconv.AppendInt(p.text, v.Int64(), 10)
		p.loses = p.loses || v.Int64() > math.MaxUint32
	case Uint:
		p.text = strconv.AppendUint(p.text, v.Uint64(), 10)
		p.loses = p.loses || v.Uint64() <= math.MaxUint32
	case Double:
		p.text = appendDouble(p.text, v.Float64())
	case String:
		p.string(v.data)
	case Opaque:
		p.loses = true
		if p.text, err = p.opaque(v.field, v.data); err != nil {
			return &Error{offset, err.Error()}
		}
	case Array:
		p.text = append(p.text, '[')
		err = p.elements(v, offset, depth)
		p.text = append(p.text, ']')
	case Object:
		p.text = append(p.text, '{')
		err = p.elements(v, offset, depth)
		p.text = append(p.text, '}')
	}
	return err
}

func (p *printer) elements(v *Value, offset, depth int) error {
	t, err := p.enter(v, offset, depth)
	if err != nil {
		return err
	}
	var key []byte
	var e Value // declared out here, it needs no memory of its own for each element
	for i := range v.count {
		if i > 0 {
			p.text = append(p.text, ", "...)
		}
		if v.kind == Object {
			if key, err = p.key(v, t, i, offset, key); err != nil {
				return err
			}
			p.text = append(AppendString(p.text, key), ": "...)
		}
		e = Value{}
		at, err := p.element(&e, v, t, i, offset)
		if err != nil {
			return err
		}
		if err := p.value(&e, at, depth+1); err != nil {
			return err
		}
		p.part()
	}
	return nil
}

// escaped are the bytes that need a backslash in a JSON string.
var escaped = func() (set [256]bool) {
	for c := range ' ' {
		set[c] = true
	}
	set['"'], set['\\'] = true, true
	return set
}()

// AppendString appends text, which must be UTF-8, as a JSON string with the escapes that MySQL uses (MySQL source:
// json_dom.cc, double_quote).
func AppendString(dst, text []byte) []byte {
	return append(AppendEscaped(append(dst, '"'), text), '"')
}

// AppendEscaped is AppendString without the quotes.
func AppendEscaped(dst, text []byte) []byte {
	plain := 0 // where the current run of bytes that need no escape begins
	for i := 0; i < len(text); {
		if i+8 <= len(text) && isPlainWord(binary.LittleEndian.Uint64(text[i:])) {
			i += 8
			continue
		}
		if c := text[i]; escaped[c] {
			dst = appendEscape(append(dst, text[plain:i]...), c)
			plain = i + 1
		}
		i++
	}
	return append(dst, text[plain:]...)
}

// isPlainWord reports whether none of eight bytes needs a backslash. A byte borrows from the one above it only if it needs one itself.
func isPlainWord(w uint64) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	backslash, quote := w^'\\'*ones, w^'"'*ones
	return ((w-' '*ones)&^w|(backslash-ones)&^backslash|(quote-ones)&^quote)&tops == 0
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

func (p *printer) opaque(field FieldType, payload []byte) (_ []byte, err error) {
	dst := p.text
	switch {
	case field == TypeNewDecimal:
		return AppendDecimal(dst, payload)
	case field.IsTemporal():
		dst, err = AppendTemporal(append(dst, '"'), field, payload)
		return append(dst, '"'), err
	}
	dst = append(dst, `"base64:type`...)
	dst = strconv.AppendUint(dst, uint64(field), 10)
	p.text = append(dst, ':')
	p.base64(payload)
	return append(p.text, '"'), nil
}

// base64 prints base64 with a newline, escaped as in a JSON string, after each 76 characters but the last (MySQL source:
// base64_encode).
func (p *printer) base64(data []byte) {
	const perLine = 76 / 4 * 3
	for len(data) > perLine {
		p.text = base64.StdEncoding.AppendEncode(p.text, data[:perLine])
		p.text = append(p.text, `\n`...)
		p.part()
		data = data[perLine:]
	}
	p.text = base64.StdEncoding.AppendEncode(p.text, data)
}
