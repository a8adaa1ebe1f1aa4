package replica

import (
	"io"
	"mime/quotedprintable"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// escapeSequence is what a terminal takes for a command, not for text: colours, cursor movements, titles, links.
var escapeSequence = regexp.MustCompile("\x1b(?:\\[[0-9;:?<=>!]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[()][0-9A-Za-z]|[=>78cDEHMNOZ])")

// plainText brings what was pasted into UTF-8 with line feeds: without byte order marks, terminal commands, characters of
// no width, and with plain blanks and colons for their look-alikes. Line numbers stay.
func plainText(text string) string {
	text = decodeUTF16(text)
	text = strings.TrimPrefix(text, "\ufeff")
	text = escapeSequence.ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = decodeQuotedPrintable(text)
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '：' || r == '﹕' || r == '︓':
			return ':'
		case r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\u2060' || r == '\ufeff' || r == '\u200e' || r == '\u200f':
			return -1
		case r != '\n' && r != '\t' && unicode.IsSpace(r), r == '\u2007':
			return ' '
		}
		return r
	}, text)
}

// softBreak is a line that mail in the quoted-printable form goes on in the next one.
var softBreak = regexp.MustCompile(`(?m)^.{60,75}=$`)

// decodeQuotedPrintable undoes what mail does to long lines and to what is not ASCII. Other text stays as it is.
func decodeQuotedPrintable(text string) string {
	if len(softBreak.FindAllStringIndex(text, 2)) < 2 {
		return text
	}
	decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(text)))
	if err != nil {
		return text
	}
	return string(decoded)
}

// decodeUTF16 turns UTF-16, which PowerShell's > writes, into UTF-8. Without a byte order mark the zero bytes of its plain
// letters give it away. Other text stays as it is.
func decodeUTF16(text string) string {
	big := strings.HasPrefix(text, "\xfe\xff")
	little := strings.HasPrefix(text, "\xff\xfe")
	begin := 2
	if !big && !little && len(text) >= 8 {
		begin = 0
		big = isZeroed(text[:8], 0)
		little = isZeroed(text[:8], 1)
	}
	if !big && !little {
		return text
	}
	low := 0
	if big {
		low = 1
	}
	units := make([]uint16, 0, len(text)/2)
	for i := begin; i+1 < len(text); i += 2 {
		units = append(units, uint16(text[i+low])|uint16(text[i+1-low])<<8)
	}
	return string(utf16.Decode(units))
}

// isZeroed reports whether every second byte, from the given one on, is the zero of an ASCII character, and no other is.
func isZeroed(s string, from int) bool {
	for i := range len(s) {
		if (s[i] == 0) != (i%2 == from) {
			return false
		}
	}
	return true
}

// word is what may be the name of a column, or a part of it.
var word = regexp.MustCompile(`@{0,2}[A-Za-z]\w*(?:\(\))?`)

// afterName is what stands between a name and its value, or the next name.
var afterName = regexp.MustCompile("^[\"'`*\\])}]*\\s*(?::|=|\\||│|\t|,|;)")

// namePlace is where the first column's name of a line begins, -1 when there is none that something follows.
func namePlace(line string) int {
	for _, at := range word.FindAllStringIndex(line, -1) {
		if shape, _ := columnShapeOf(line[at[0]:at[1]]); shape != unknownColumn && afterName.MatchString(line[at[1]:]) {
			return at[0]
		}
	}
	return -1
}

// cutPrefixes removes what grep, logs, containers and mail put before every line: a file's name and a number, a time, a
// host. What stands before the names of columns tells; a prefix counts when lines of the same kind share it, digits apart, or
// when there are too few lines to compare.
func cutPrefixes(lines []string) {
	const few = 3
	shapes := map[string]int{}
	named := 0
	for _, line := range lines {
		if at := namePlace(line); at >= 0 {
			named++
			shapes[prefixShape(line[:at])]++
		}
	}
	delete(shapes, "")
	var kept []string
	for shape, n := range shapes {
		if n*3 >= named || named <= few && looksLikePrefix(shape) {
			kept = append(kept, shape)
		}
	}
	slices.SortFunc(kept, func(a, b string) int { return len(b) - len(a) })
	for _, shape := range kept {
		prefix := prefixPattern(shape)
		for i, line := range lines {
			lines[i] = line[len(prefix.FindString(line)):]
		}
	}
}

var (
	digits = regexp.MustCompile(`\d+`)
	blanks = regexp.MustCompile(`\s+`)
	// Times, numbers of lines, and names of files before those.
	commonPrefix = regexp.MustCompile(`^(?:[^\s:]*[.:/-]?\d+|.*\d+:\d+:\d+.*)$`)
)

// prefixShape is a prefix with its numbers and blanks made alike, without what leads over to the name.
func prefixShape(prefix string) string {
	prefix = strings.TrimFunc(prefix, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '[' && r != ']' })
	return blanks.ReplaceAllString(digits.ReplaceAllString(strings.TrimRight(prefix, "["), "0"), " ")
}

func looksLikePrefix(shape string) bool { return commonPrefix.MatchString(shape) }

// prefixPattern matches the prefixes of a shape, with what separates them from the line.
func prefixPattern(shape string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`^[^\p{L}\p{N}\[]*`)
	for _, r := range shape {
		switch r {
		case '0':
			b.WriteString(`\d+`)
		case ' ':
			b.WriteString(`\s+`)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`(?:\s*[\])>:|-]+)?`)
	return regexp.MustCompile(b.String())
}

// quotedMail are the marks of a mail that is quoted.
var quotedMail = regexp.MustCompile(`^(?:\s*>)+ ?`)

// cutMailQuotes removes the marks of a quoted mail where most lines have them.
func cutMailQuotes(lines []string) {
	quoted, all := 0, 0
	for _, line := range lines {
		if strings.TrimSpace(line) == "" {
			continue
		}
		all++
		if quotedMail.MatchString(line) {
			quoted++
		}
	}
	if quoted*2 <= all {
		return
	}
	for i, line := range lines {
		lines[i] = line[len(quotedMail.FindString(line)):]
	}
}
