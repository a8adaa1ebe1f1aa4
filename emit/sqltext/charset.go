package sqltext

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	utfenc "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// family is what decides how text of a character set is written.
type family uint8

const (
	otherText  family = iota // bytes may mean other characters than in ASCII: always hex
	asciiBased               // bytes 0x20 to 0x7E, the backslash apart, are the characters of ASCII
	unicode8                 // UTF-8 or a part of it
	binaryText               // no characters
)

// charset describes a character set of the servers.
type charset struct {
	family family
	// wide says that a character may take more than one byte, so a prefix can't be cut by counting bytes.
	wide bool
	// readable decodes text for a comment; nil where no decoder is at hand.
	readable encoding.Encoding
}

// charsets lists the character sets of MySQL and MariaDB. swe7 and armscii8 give ASCII bytes other meanings, and ucs2,
// utf16 and utf32 give them no meaning of their own. latin1 is Windows-1252 to the servers.
var charsets = map[string]charset{
	"ascii":    {family: unicode8},
	"utf8":     {family: unicode8},
	"utf8mb3":  {family: unicode8},
	"utf8mb4":  {family: unicode8},
	"binary":   {family: binaryText},
	"latin1":   {family: asciiBased, readable: charmap.Windows1252},
	"latin2":   {family: asciiBased, readable: charmap.ISO8859_2},
	"latin5":   {family: asciiBased, readable: charmap.ISO8859_9},
	"latin7":   {family: asciiBased, readable: charmap.ISO8859_13},
	"greek":    {family: asciiBased, readable: charmap.ISO8859_7},
	"hebrew":   {family: asciiBased, readable: charmap.ISO8859_8},
	"cp1250":   {family: asciiBased, readable: charmap.Windows1250},
	"cp1251":   {family: asciiBased, readable: charmap.Windows1251},
	"cp1256":   {family: asciiBased, readable: charmap.Windows1256},
	"cp1257":   {family: asciiBased, readable: charmap.Windows1257},
	"cp850":    {family: asciiBased, readable: charmap.CodePage850},
	"cp852":    {family: asciiBased, readable: charmap.CodePage852},
	"cp866":    {family: asciiBased, readable: charmap.CodePage866},
	"koi8r":    {family: asciiBased, readable: charmap.KOI8R},
	"koi8u":    {family: asciiBased, readable: charmap.KOI8U},
	"macroman": {family: asciiBased, readable: charmap.Macintosh},
	"tis620":   {family: asciiBased, readable: charmap.Windows874},
	"macce":    {family: asciiBased},
	"keybcs2":  {family: asciiBased},
	"dec8":     {family: asciiBased},
	"hp8":      {family: asciiBased},
	"geostd8":  {family: asciiBased},
	"gbk":      {family: asciiBased, wide: true, readable: simplifiedchinese.GBK},
	"gb2312":   {family: asciiBased, wide: true, readable: simplifiedchinese.GBK},
	"gb18030":  {family: asciiBased, wide: true, readable: simplifiedchinese.GB18030},
	"big5":     {family: asciiBased, wide: true, readable: traditionalchinese.Big5},
	"euckr":    {family: asciiBased, wide: true, readable: korean.EUCKR},
	"ujis":     {family: asciiBased, wide: true, readable: japanese.EUCJP},
	"eucjpms":  {family: asciiBased, wide: true, readable: japanese.EUCJP},
	"sjis":     {wide: true, readable: japanese.ShiftJIS},
	"cp932":    {wide: true, readable: japanese.ShiftJIS},
	"ucs2":     {wide: true, readable: utfenc.UTF16(utfenc.BigEndian, utfenc.IgnoreBOM)},
	"utf16":    {wide: true, readable: utfenc.UTF16(utfenc.BigEndian, utfenc.IgnoreBOM)},
	"utf16le":  {wide: true, readable: utfenc.UTF16(utfenc.LittleEndian, utfenc.IgnoreBOM)},
	"utf32":    {wide: true, readable: utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
	"swe7":     {},
	"armscii8": {},
}

// charsetOf returns what is known of a character set. Of one that is not in the list nothing is assumed.
func charsetOf(name string) charset {
	if cs, ok := charsets[name]; ok {
		return cs
	}
	return charset{wide: true}
}

// plainASCII says whether text consists of visible ASCII characters and holds no backslash: such text means the same
// in every sql_mode, connection character set and client.
func plainASCII[T ~string | ~[]byte](text T) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// plainUTF8 says whether text is UTF-8 of visible characters without a backslash.
func plainUTF8[T ~string | ~[]byte](text T) bool {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c < ' ' || c > '~' || c == '\\' {
				return false
			}
			i++
			continue
		}
		r, size := decodeRune(text, i)
		if r == utf8.RuneError && size == 1 || !unicode.IsPrint(r) {
			return false
		}
		i += size
	}
	return true
}

// word says whether s can stand in SQL as a character set or collation name.
func word(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return s != ""
}
