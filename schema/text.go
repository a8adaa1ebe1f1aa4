package schema

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// encodings are the character sets that a library reads: those of several bytes, of which charsets.txt has the exceptions, and Unicode.
var encodings = map[string]encoding.Encoding{
	"gbk": simplifiedchinese.GBK, "gb2312": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030,
	"big5": traditionalchinese.Big5, "sjis": japanese.ShiftJIS, "cp932": japanese.ShiftJIS,
	"ujis": japanese.EUCJP, "eucjpms": japanese.EUCJP, "euckr": korean.EUCKR,
	"ucs2":    unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf16":   unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf32":   utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
}

// ToUTF8 reads bytes of a character set as the servers convert them: false when they can't be read without loss.
func ToUTF8(charset string, b []byte) (string, bool) {
	switch {
	case charset == "utf8mb4" || charset == "utf8mb3":
		return string(b), utf8.Valid(b)
	case charset == "binary":
		return string(b), IsASCII(b)
	}
	ranges, ok := charsets()[charset]
	switch {
	case !ok:
		return decode(charset, b)
	case multibyte[charset] != nil:
		return readMultibyte(charset, b, ranges)
	}
	return readSingle(charset, b, ranges)
}

// Readable is ToUTF8 for text of which a part can't be read: that becomes U+FFFD. It goes from character to character as servers do when they
// look for the end of a string, so that a byte that is a quote to them is one here.
func Readable(charset string, b []byte) string {
	var text strings.Builder
	for at := 0; at < len(b); {
		size := characterSize(charset, b[at:])
		char, ok := ToUTF8(charset, b[at:at+size])
		if !ok {
			char = string(utf8.RuneError)
			if size > 1 && b[at+1] < 0x80 && (b[at+1] < '@' || !hasASCIITails[charset]) {
				size = 1
			}
		}
		text.WriteString(char)
		at += size
	}
	return text.String()
}

// hasASCIITails are the character sets in which the second byte of a character may be one of ASCII, from @ on, that is not a letter.
var hasASCIITails = map[string]bool{"big5": true, "gbk": true, "gb18030": true, "sjis": true, "cp932": true}

// characterSize is the length of the character that text begins with, by its first bytes.
func characterSize(charset string, b []byte) int {
	size := multibyte[charset]
	if b[0] < utf8.RuneSelf || size == nil || len(b) < 2 {
		return 1
	}
	return min(size(b[0], b[1]), len(b))
}

// singleBytes keeps the tables of the character sets of one byte.
var singleBytes sync.Map // character set → *[256]rune

func readSingle(charset string, b []byte, ranges []codeRange) (string, bool) {
	table, ok := singleBytes.Load(charset)
	if !ok {
		table, _ = singleBytes.LoadOrStore(charset, singleByte(ranges))
	}
	chars := table.(*[256]rune)
	text := make([]byte, 0, len(b)+len(b)/4)
	for _, c := range b {
		if chars[c] == utf8.RuneError {
			return "", false
		}
		text = utf8.AppendRune(text, chars[c])
	}
	return string(text), true
}

// decoders keeps a decoder of each character set for one caller at a time, as making one is expensive.
var decoders sync.Map // character set → *sync.Pool

// decode reads text by the library.
func decode(charset string, b []byte) (string, bool) {
	enc, ok := encodings[charset]
	if !ok {
		return "", false
	}
	pool, _ := decoders.LoadOrStore(charset, &sync.Pool{New: func() any { return enc.NewDecoder() }})
	decoder := pool.(*sync.Pool).Get().(*encoding.Decoder)
	defer pool.(*sync.Pool).Put(decoder)
	text, err := decoder.Bytes(b)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", false
	}
	return string(text), true
}

// FromUTF8 writes text in a character set: false when that has no bytes for it that the servers read as this text.
func FromUTF8(charset, text string) ([]byte, bool) {
	var b []byte
	switch enc := encodings[charset]; {
	case charset == "utf8mb4" || charset == "utf8mb3":
		b = []byte(text)
	case enc != nil:
		b, _ = enc.NewEncoder().Bytes([]byte(text))
	default:
		b = fromSingle(charset, text)
	}
	back, ok := ToUTF8(charset, b)
	return b, ok && back == text
}

// fromSingle writes text in a character set of one byte; a character that it does not have is left out.
func fromSingle(charset, text string) []byte {
	chars := singleByte(charsets()[charset])
	var b []byte
	for _, c := range text {
		if i := slices.Index(chars[:], c); i >= 0 && c != utf8.RuneError {
			b = append(b, byte(i))
		}
	}
	return b
}

// AsStored is text as servers keep it in a character set: with ? for each character that it does not have.
func AsStored(charset, text string) string {
	if IsASCII(text) || charset == "" || charset == "binary" || charset == "utf8mb4" {
		return text
	}
	return strings.Map(func(c rune) rune {
		if c >= utf8.RuneSelf && lacks(charset, c) {
			return '?'
		}
		return c
	}, text)
}

// lacks reports whether a character set does not have a character. What the library has at another code than the servers counts as there.
func lacks(charset string, c rune) bool {
	switch charset {
	case "utf8mb3", "ucs2":
		return c > 0xffff
	}
	if _, ok := FromUTF8(charset, string(c)); ok {
		return false
	}
	return multibyte[charset] == nil || !slices.ContainsFunc(charsets()[charset], func(r codeRange) bool {
		return r.char > 0 && c >= r.char && c-r.char <= rune(r.last-r.first)
	})
}

// Reread is text whose bytes in one character set are taken for those of another one, as servers do with the members of ENUM and SET columns
// in CONVERT TO CHARACTER SET; false where they are none.
func Reread(from, to, text string) (string, bool) {
	if IsASCII(text) && (from == "" || isASCIIBased(from)) && isASCIIBased(to) {
		return text, true
	}
	b, ok := FromUTF8(from, text)
	if !ok {
		return "", false
	}
	return ToUTF8(to, b)
}

// EachOfUTF8 is ToUTF8 for text that may be too large to stand in memory as a whole: it gives its parts, one after the other. If it
// reports false at the end, what it gave is of no use.
func EachOfUTF8(charset string, b []byte, yield func(part []byte)) bool {
	const most = 64 << 10
	for len(b) > 0 {
		n := min(len(b), most)
		text, ok := ToUTF8(charset, b[:n])
		for back := 1; !ok && n == most && back < utf8.UTFMax; back++ { // a part may have ended inside a character
			if text, ok = ToUTF8(charset, b[:most-back]); ok {
				n = most - back
			}
		}
		if !ok {
			return false
		}
		yield([]byte(text))
		b = b[n:]
	}
	return true
}

// IsASCII reports whether a text has no byte but those of ASCII.
func IsASCII[T string | []byte](text T) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
