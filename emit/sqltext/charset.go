package sqltext

import (
	"unicode"
	"unicode/utf8"
)

// family decides how text of a character set is written.
type family uint8

const (
	otherText  family = iota // ASCII bytes may mean other characters: always hex
	asciiBased               // bytes 0x20 to 0x7E, except the backslash, are ASCII characters
	unicode8                 // UTF-8 or a part of it
	binaryText               // no characters
)

// families lists the character sets of MySQL and MariaDB in which ASCII can be recognised by its bytes. In swe7 and armscii8, ASCII
// bytes have other meanings; in ucs2, utf16 and utf32, a single byte has no meaning.
var families = map[string]family{
	"utf8mb3": unicode8, "utf8mb4": unicode8,
	"binary": binaryText,
	"ascii":  asciiBased, "latin1": asciiBased, "latin2": asciiBased, "latin5": asciiBased, "latin7": asciiBased, "greek": asciiBased,
	"hebrew": asciiBased, "cp1250": asciiBased, "cp1251": asciiBased, "cp1256": asciiBased, "cp1257": asciiBased,
	"cp850": asciiBased, "cp852": asciiBased, "cp866": asciiBased, "koi8r": asciiBased, "koi8u": asciiBased,
	"macroman": asciiBased, "macce": asciiBased, "keybcs2": asciiBased, "dec8": asciiBased, "hp8": asciiBased,
	"geostd8": asciiBased, "tis620": asciiBased,
	"gbk": asciiBased, "gb2312": asciiBased, "gb18030": asciiBased, "big5": asciiBased, "euckr": asciiBased,
	"ujis": asciiBased, "eucjpms": asciiBased, "sjis": asciiBased, "cp932": asciiBased,
}

// plainASCII reports whether text consists of visible ASCII characters other than the backslash: such text means the same in every
// sql_mode, connection character set and client.
func plainASCII[T ~string | ~[]byte](text T) bool { return plainPrefix(text) == len(text) }

// plainPrefix is the length of the prefix that plainASCII accepts.
func plainPrefix[T ~string | ~[]byte](text T) int {
	i := 0
	for ; i+8 <= len(text) && plainWord(text[i:i+8]); i += 8 {
	}
	for ; i < len(text) && isPlain[text[i]]; i++ {
	}
	return i
}

// isPlain has the visible ASCII characters except the backslash.
var isPlain = func() (set [256]bool) {
	for c := ' '; c <= '~'; c++ {
		set[c] = c != '\\'
	}
	return set
}()

// plainWord looks at eight bytes at once. With bytes below 0x80, adding 0x01 reaches 0x80 from 0x7f on, subtracting 0x20
// borrows below 0x20, and what is 0 after ^ 0x5c is a backslash.
func plainWord[T ~string | ~[]byte](b T) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	_ = b[7]
	w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 |
		uint64(b[6])<<48 | uint64(b[7])<<56
	backslash := w ^ 0x5c*ones
	return (w|(w+ones)|(w-0x20*ones)|(backslash-ones)&^backslash)&tops == 0
}

// plainUTF8 reports whether text is UTF-8 of visible characters without a backslash.
func plainUTF8[T ~string | ~[]byte](text T) bool {
	for i := plainPrefix(text); i < len(text); {
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

// word reports whether s can stand in SQL as a character set or collation name.
func word(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !(c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return s != ""
}
