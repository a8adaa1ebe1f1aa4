package sqltext

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// AppendComment appends a comment line with its newline. No byte of the text can leave it.
func AppendComment(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, "--\n"...)
	}
	dst = append(dst, "-- "...)
	return append(AppendVisible(dst, text), '\n')
}

// AppendVisible appends text for a person to read: each character that can't be seen for what it is (a control or
// format character, a line separator, an unusual space) is shown as its code point, <0A> or <202E>, and each byte that
// is not UTF-8 as <xE9>. A backslash is shown as <5C>, so that no client ever finds a command of its own (\! runs a
// shell) in what a log says.
func AppendVisible[T ~string | ~[]byte](dst []byte, text T) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if c < ' ' || c == 0x7f || c == '\\' {
				dst = appendCode(dst, rune(c))
			} else {
				dst = append(dst, c)
			}
			i++
			continue
		}
		r, size := decodeRune(text, i)
		switch {
		case r == utf8.RuneError && size == 1:
			dst = fmt.Appendf(dst, "<x%02X>", text[i])
		case unicode.IsPrint(r):
			dst = utf8.AppendRune(dst, r)
		default:
			dst = appendCode(dst, r)
		}
		i += size
	}
	return dst
}

// decodeRune decodes the character at text[i] without copying the rest of the text.
func decodeRune[T ~string | ~[]byte](text T, i int) (rune, int) {
	var b [utf8.UTFMax]byte
	n := copy(b[:], text[i:min(len(text), i+utf8.UTFMax)])
	return utf8.DecodeRune(b[:n])
}

func appendCode(dst []byte, r rune) []byte { return fmt.Appendf(dst, "<%02X>", r) }
