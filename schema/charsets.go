package schema

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// charsetsText has a line for each character set: its name, and codes in hexadecimal with the character of each, "A1=104"; a range of
// codes whose characters follow one another, "F9A1-F9FE=E178"; or codes without a character, "A2A1-A2AA". Of a character set of one byte
// the codes that are ASCII's are left out, of one of several those that the library has as the servers do.
//
//go:embed charsets.txt
var charsetsText string

// codeRange is codes of one length and what they are.
type codeRange struct {
	length      int
	first, last uint32
	char        rune // of the first; 0: none has one
}

// charsets reads the text at the first use.
var charsets = sync.OnceValue(func() map[string][]codeRange {
	all := map[string][]codeRange{}
	for line := range strings.Lines(charsetsText) {
		words := strings.Fields(line)
		if words[0] == "#" {
			continue
		}
		all[words[0]] = []codeRange{}
		for _, word := range words[1:] {
			codes, char, _ := strings.Cut(word, "=")
			first, last, isRange := strings.Cut(codes, "-")
			if !isRange {
				last = first
			}
			all[words[0]] = append(all[words[0]], codeRange{(len(first) + 1) / 2, uint32(hex(first)), uint32(hex(last)), rune(hex(char))})
		}
	}
	return all
})

// hex reads a number of the text, which a test has seen.
func hex(digits string) uint64 {
	n, _ := strconv.ParseUint(digits, 16, 32)
	return n
}

// singleByte are the characters of a character set of one byte; RuneError where there is none.
func singleByte(ranges []codeRange) *[256]rune {
	var chars [256]rune
	for i := range chars {
		chars[i] = rune(i)
		if i >= utf8.RuneSelf {
			chars[i] = utf8.RuneError
		}
	}
	for _, r := range ranges {
		chars[r.first] = r.char
		if r.char == 0 && r.first != 0 {
			chars[r.first] = utf8.RuneError
		}
	}
	return &chars
}

// multibyte returns the length of a code by its first two bytes.
var multibyte = map[string]func(first, second byte) int{
	"big5": twoBytes, "gbk": twoBytes, "gb2312": twoBytes, "euckr": twoBytes,
	"sjis": shiftedBytes, "cp932": shiftedBytes,
	"ujis": japaneseBytes, "eucjpms": japaneseBytes,
	"gb18030": func(first, second byte) int {
		if first > 0x80 && second >= '0' && second <= '9' {
			return 4
		}
		return twoBytes(first, second)
	},
}

func twoBytes(first, _ byte) int {
	if first > 0x80 {
		return 2
	}
	return 1
}

func shiftedBytes(first, _ byte) int {
	if first > 0x80 && (first < 0xa0 || first > 0xdf) {
		return 2
	}
	return 1
}

func japaneseBytes(first, _ byte) int {
	if first == 0x8f {
		return 3
	}
	return twoBytes(first, 0)
}

// find returns the range that holds a code.
func find(ranges []codeRange, code []byte) (codeRange, uint32, bool) {
	n := uint32(0)
	for _, b := range code {
		n = n<<8 | uint32(b)
	}
	i, _ := slices.BinarySearchFunc(ranges, n, func(r codeRange, n uint32) int {
		switch {
		case r.length != len(code):
			return r.length - len(code)
		case r.last < n:
			return -1
		}
		return 1
	})
	if i == len(ranges) || ranges[i].length != len(code) || ranges[i].first > n {
		return codeRange{}, 0, false
	}
	return ranges[i], n, true
}

// readMultibyte reads text by the library and, where that differs from the servers, by the ranges.
func readMultibyte(charset string, text []byte, ranges []codeRange) (string, bool) {
	length := multibyte[charset]
	var read strings.Builder
	unread := 0
	for at := 0; at < len(text); {
		second := byte(0)
		if at+1 < len(text) {
			second = text[at+1]
		}
		end := min(at+length(text[at], second), len(text))
		r, code, differs := find(ranges, text[at:end])
		switch {
		case !differs:
		case r.char == 0:
			return "", false
		default:
			before, ok := decode(charset, text[unread:at])
			if !ok {
				return "", false
			}
			read.WriteString(before)
			read.WriteRune(r.char + rune(code-r.first))
			unread = end
		}
		at = end
	}
	rest, ok := decode(charset, text[unread:])
	if unread == 0 || !ok {
		return rest, ok
	}
	read.WriteString(rest)
	return read.String(), true
}
