package sqltext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"binmend/emit/display"
)

// CommentWidth is where the text of a paragraph wraps, so that it fits a terminal of 80 columns together with its mark.
const CommentWidth = 76

// AppendComment appends a comment line with its newline. No byte of the text can leave it.
func AppendComment(dst []byte, text string) []byte {
	if text == "" {
		return append(dst, "--\n"...)
	}
	dst = append(dst, "-- "...)
	return append(AppendVisible(dst, text), '\n')
}

// AppendParagraph appends a text as comment lines, wrapped, each after an indent.
func AppendParagraph(dst []byte, indent, text string) []byte {
	for _, line := range display.Wrap(text, CommentWidth-len(indent)) {
		dst = AppendComment(dst, indent+line)
	}
	return dst
}

// AppendHanging appends a text as comment lines, wrapped, of which those after the first are indented.
func AppendHanging(dst []byte, text string) []byte {
	const indent = "  "
	for i, line := range display.Wrap(text, CommentWidth-len(indent)) {
		if i > 0 {
			line = indent + line
		}
		dst = AppendComment(dst, line)
	}
	return dst
}

// AppendField appends a line of a script's header: a label and a value, whose further lines are aligned. An empty value has no line.
func AppendField(dst []byte, label, value string) []byte {
	if value == "" {
		return dst
	}
	label = fmt.Sprintf("%-13s", label+":")
	for _, line := range display.Wrap(value, CommentWidth-len(label)) {
		dst = AppendComment(dst, label+line)
		label = strings.Repeat(" ", len(label))
	}
	return dst
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
