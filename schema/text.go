package schema

import (
	"bytes"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// encodings are the character sets that can be read. MySQL's latin1 is Windows-1252; gb2312 is a part of gbk. There is
// none for armscii8, dec8, geostd8, hp8, keybcs2, macce and swe7.
var encodings = map[string]encoding.Encoding{
	"latin1": charmap.Windows1252, "latin2": charmap.ISO8859_2, "latin5": charmap.ISO8859_9,
	"latin7": charmap.ISO8859_13, "greek": charmap.ISO8859_7, "hebrew": charmap.ISO8859_8,
	"cp1250": charmap.Windows1250, "cp1251": charmap.Windows1251, "cp1256": charmap.Windows1256,
	"cp1257": charmap.Windows1257, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852,
	"cp866": charmap.CodePage866, "koi8r": charmap.KOI8R, "koi8u": charmap.KOI8U, "macroman": charmap.Macintosh,
	"tis620": charmap.Windows874,
	"gbk":    simplifiedchinese.GBK, "gb2312": simplifiedchinese.GBK, "gb18030": simplifiedchinese.GB18030,
	"big5": traditionalchinese.Big5, "sjis": japanese.ShiftJIS, "cp932": japanese.ShiftJIS,
	"ujis": japanese.EUCJP, "eucjpms": japanese.EUCJP, "euckr": korean.EUCKR,
	"ucs2":    unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf16":   unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"utf16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf32":   utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM),
}

// asciiSets are character sets without an encoding here whose bytes below 0x80 are ASCII.
var asciiSets = map[string]bool{
	"ascii": true, "binary": true, "armscii8": true, "dec8": true, "geostd8": true, "hp8": true, "keybcs2": true, "macce": true,
}

// decoders keeps a decoder of each character set for one caller at a time; making one is dear.
var decoders sync.Map // character set → *sync.Pool

// ToUTF8 reads bytes of a character set as text, for people and for names: false when they can't be read without loss.
func ToUTF8(charset string, b []byte) (string, bool) {
	switch {
	case charset == "utf8mb4" || charset == "utf8mb3":
		return string(b), utf8.Valid(b)
	case asciiSets[charset]:
		return string(b), isASCII(b)
	}
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

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
