package where

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/schema"
)

// isWords reports whether values are compared as text: with strings, ENUM and SET too.
func isWords(t schema.Type) bool { return t.IsText() || t == schema.TypeEnum || t == schema.TypeSet }

// isNumeric reports whether a literal is a number, so that ENUM and SET are compared as such.
func isNumeric(values []literal) bool {
	for _, l := range values {
		if l.kind != stringLiteral && l.kind != nullLiteral {
			return true
		}
	}
	return false
}

// compileWords makes the test of text.
func compileWords(col *schema.Column, c *compare) (cellTest, error) {
	name := cmp.Or(col.Collation, defaultCollation[col.Charset])
	if c.collation != "" {
		if name = c.collation; col.Charset == "" || !strings.HasPrefix(name, col.Charset+"_") && !sameCharset(name, col.Charset) {
			return nil, fmt.Errorf("the collation %s is not one of its character set %s", name, col.Charset)
		}
	}
	rules, err := rulesOf(name)
	if err != nil {
		return nil, err
	}
	if name == "" && col.Charset != "" {
		rules = defaultRules(col.Charset)
	}
	if col.Charset != "" && !isUnicode(col.Charset) {
		rules.isForeign = true
	}
	return wordsTest(c, &rules, wordsOf(col))
}

// defaultCollation is the collation of a character set that a statement names alone, where all servers have the same one.
var defaultCollation = map[string]string{"latin1": "latin1_swedish_ci", "ascii": "ascii_general_ci", "binary": ""}

// defaultRules are what the default collations of a character set have in common.
func defaultRules(charset string) rules {
	return rules{name: "that " + charset + " has by default", folds: true}
}

func isUnicode(charset string) bool {
	return strings.HasPrefix(charset, "utf8") || charset == "ascii"
}

// sameCharset lets utf8_ stand for utf8mb3_.
func sameCharset(collation, charset string) bool {
	rest, ok := strings.CutPrefix(collation, "utf8_")
	return ok && charset == "utf8mb3" && rest != ""
}

// wordsTest makes the test of what text appends.
func wordsTest(c *compare, rules *rules, text appender) (cellTest, error) {
	switch c.op {
	case like:
		return rules.like(c, text)
	case matches:
		return rules.matches(c.values[0].text, text)
	}
	isOrder := c.op != equal && c.op != nullSafeEqual && c.op != in
	var tests []comparer
	for _, l := range c.values {
		var test comparer
		if l.kind != nullLiteral {
			test = rules.comparer(l.text, text, isOrder)
		}
		tests = append(tests, test)
	}
	return testOf(c, tests), nil
}

// appender appends a value as UTF-8.
type appender func(decoder.Cell, []byte) ([]byte, error)

// wordsOf appends a text column's value, the name of an ENUM's member, or those of a SET's.
func wordsOf(col *schema.Column) appender {
	switch col.Type {
	case schema.TypeEnum:
		return func(v decoder.Cell, dst []byte) ([]byte, error) {
			if n := v.Uint64(); n > 0 && n <= uint64(len(col.Members)) {
				dst = append(dst, col.Members[n-1]...)
			} else if n > 0 {
				return dst, fmt.Errorf("the %s has no member %d", col.SQLType(), n)
			}
			return dst, nil
		}
	case schema.TypeSet:
		return func(v decoder.Cell, dst []byte) ([]byte, error) {
			bits, begin := v.Uint64(), len(dst)
			for i, member := range col.Members {
				if i < 64 && bits&(1<<i) != 0 {
					if len(dst) > begin {
						dst = append(dst, ',')
					}
					dst = append(dst, member...)
				}
			}
			return dst, nil
		}
	}
	if isUnicode(col.Charset) || col.Charset == "" {
		return decoder.Cell.AppendBytes
	}
	return func(v decoder.Cell, dst []byte) ([]byte, error) {
		begin := len(dst)
		dst, err := v.AppendBytes(dst)
		if err != nil {
			return dst, err
		}
		text, ok := schema.ToUTF8(col.Charset, dst[begin:])
		if !ok {
			return dst, undecided("the value is not text in the character set " + col.Charset)
		}
		return append(dst[:begin], text...), nil
	}
}

// words is the text of a value; without an appender, the one that was put down.
func (s *Scratch) words(text appender, v decoder.Cell) ([]byte, error) {
	if text == nil {
		return append(s.a[:0], s.text...), nil
	}
	return text(v, s.a[:0])
}

// undecided is the error of a row for which it is not known here what a server would say.
type undecided string

func (e undecided) Error() string { return string(e) }

// rules are what is known of a collation.
type rules struct {
	name      string
	isUnknown bool // whether case counts
	isBinary  bool // code points compare as numbers
	isForeign bool // the code points of its character set are not in the order of Unicode's
	folds     bool // upper and lower case are the same
	order     ordering
	pads      padding
}

type ordering uint8

const (
	noOrder     ordering = iota
	upperOrder           // ASCII by the upper case
	unicodeRoot          // ASCII in the order of the Default Unicode Collation Element Table
)

type padding uint8

const (
	padsUnknown padding = iota
	padsSpaces
	padsNothing
)

// rulesOf knows collations by their names. Those with rules of a language are refused.
func rulesOf(name string) (rules, error) {
	r := rules{name: name, pads: padsSpaces}
	charset, rest, _ := strings.Cut(name, "_")
	if strings.Contains(rest, "nopad_") {
		rest, r.pads = strings.Replace(rest, "nopad_", "", 1), padsNothing
	}
	switch {
	case name == "":
		return rules{name: "of its database", folds: true, isUnknown: true}, nil // ASCII that differs in more than case is not the same
	case rest == "bin":
		r.isBinary = true
	case rest == "0900_bin":
		r.isBinary, r.pads = true, padsNothing
	case rest == "0900_ai_ci", rest == "0900_as_ci":
		r.folds, r.order, r.pads = true, unicodeRoot, padsNothing
	case rest == "0900_as_cs":
		r.pads = padsNothing
	case rest == "unicode_ci", rest == "unicode_520_ci", rest == "uca1400_ai_ci", rest == "uca1400_as_ci":
		r.folds, r.order = true, unicodeRoot
	case rest == "uca1400_as_cs", rest == "general_cs":
	case rest == "general_ci", rest == "general_mysql500_ci", charset == "latin1" && rest == "swedish_ci":
		r.folds, r.order = true, upperOrder
	default:
		return r, fmt.Errorf("the collation %s has rules that are not known here: compare with COLLATE %s_bin", name, charset)
	}
	return r, nil
}

// comparer compares text with a string.
func (r *rules) comparer(want string, text appender, isOrder bool) comparer {
	b := []byte(want)
	return func(s *Scratch, v decoder.Cell) (int, error) {
		var err error
		if s.a, err = s.words(text, v); err != nil {
			return 0, err
		}
		if isOrder {
			return r.compare(s.a, b)
		}
		same, err := r.same(s.a, b)
		if same {
			return 0, err
		}
		return 1, err
	}
}

const spaces = " "

// same reports whether two texts are equal.
func (r *rules) same(a, b []byte) (bool, error) {
	if bytes.Equal(a, b) {
		return true, nil
	}
	x, y := bytes.TrimRight(a, spaces), bytes.TrimRight(b, spaces)
	switch r.pads {
	case padsSpaces:
		a, b = x, y
	case padsUnknown:
		if bytes.EqualFold(x, y) && len(a) != len(b) {
			return false, r.undecided(a, b)
		}
	}
	switch {
	case bytes.Equal(a, b):
		return true, nil
	case r.isBinary:
		return false, nil
	case isPlain(a) && isPlain(b):
		isSame := r.folds && bytes.EqualFold(a, b)
		if isSame && r.isUnknown {
			return false, r.undecided(a, b)
		}
		return isSame, nil
	case mayBeSame(a, b):
		return false, r.undecided(a, b)
	}
	return false, nil
}

func (r *rules) undecided(a, b []byte) error {
	return undecided(fmt.Sprintf("how the collation %s compares %q with %q is not known here: compare with COLLATE and a collation in _bin", r.name, a, b))
}

// isPlain reports whether a text is of printable ASCII characters only.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// mayBeSame is false for texts that are equal in no collation with rules for all languages: where plain ASCII characters of one can
// stand for nothing in the other. Any other character may be the same as some ASCII characters, or as none, but those of scripts
// that have nothing to do with Latin.
func mayBeSame(a, b []byte) bool {
	x, y := bytes.Runes(bytes.ToLower(a)), bytes.Runes(bytes.ToLower(b))
	// reach[j]: the first i of x can be the same as the first j of y
	reach := make([]bool, len(y)+1)
	reach[0] = true
	for j, r := range y {
		reach[j+1] = reach[j] && canVanish(r)
	}
	for _, c := range x {
		diagonal := reach[0]
		reach[0] = reach[0] && canVanish(c)
		for j, d := range y {
			above := reach[j+1]
			reach[j+1] = diagonal && canBe(c, d) || above && (canVanish(c) || canVanish(d)) || reach[j] && (canVanish(c) || canVanish(d))
			diagonal = above
		}
	}
	return reach[len(y)]
}

func isASCII(r rune) bool { return r >= ' ' && r <= '~' }

// canVanish reports whether a character may count for nothing, or for several others.
func canVanish(r rune) bool { return !isASCII(r) && !isOtherScript(r) }

// canBe reports whether two characters may be the same.
func canBe(a, b rune) bool {
	switch {
	case a == b:
		return true
	case isASCII(a) && isASCII(b):
		return false
	case isASCII(a):
		return !isOtherScript(b)
	case isASCII(b):
		return !isOtherScript(a)
	}
	return true
}

// isOtherScript reports whether a letter is of a script whose letters are never the same as Latin ones, nor as nothing.
func isOtherScript(r rune) bool {
	return unicode.IsLetter(r) && unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Georgian)
}

// compare orders two texts.
func (r *rules) compare(a, b []byte) (int, error) {
	switch {
	case bytes.Equal(a, b):
		return 0, nil
	case r.isBinary && (!r.isForeign || isPlain(a) && isPlain(b)):
		return r.compareBinary(a, b), nil
	case r.order == noOrder:
		return 0, r.undecided(a, b)
	}
	if r.pads == padsSpaces {
		a, b = bytes.TrimRight(a, spaces), bytes.TrimRight(b, spaces)
	}
	for i := 0; ; i++ {
		x, y, ok := at(a, i), at(b, i), true
		if r.pads == padsNothing && (i == len(a) || i == len(b)) {
			ok = isPlain(a[min(i, len(a)):]) && isPlain(b[min(i, len(b)):])
			if ok {
				return len(a) - len(b), nil
			}
		}
		if !ok || !isPlain([]byte{x}) || !isPlain([]byte{y}) {
			return 0, r.undecided(a, b)
		}
		if c := r.weight(x) - r.weight(y); c != 0 {
			return c, nil
		}
		if i >= len(a) && i >= len(b) {
			return 0, nil
		}
	}
}

// at is a byte of a text that spaces follow.
func at(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return ' '
}

func (r *rules) compareBinary(a, b []byte) int {
	if r.pads == padsNothing {
		return bytes.Compare(a, b)
	}
	for i := range max(len(a), len(b)) {
		if x, y := at(a, i), at(b, i); x != y {
			return int(x) - int(y)
		}
	}
	return 0
}

// unicodeASCII is printable ASCII in the order of the root collation of Unicode, small letters only.
const unicodeASCII = ` _-,;:!?.'"()[]{}@*/\&#%` + "`" + `^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz`

func (r *rules) weight(c byte) int {
	if r.order == upperOrder {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		return int(c)
	}
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return strings.IndexByte(unicodeASCII, c)
}

// like makes the test of a pattern.
func (r *rules) like(c *compare, text appender) (cellTest, error) {
	p, err := compilePattern(c.values[0].text, c.escape)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) {
		var err error
		if s.a, err = s.words(text, v); err != nil {
			return isFalse, err
		}
		if r.isBinary {
			return truthOf(p.matches(s.a, func(a, b rune) bool { return a == b })), nil
		}
		surely := p.matches(s.a, r.surelySame)
		if perhaps := p.matches(s.a, r.perhapsSame); surely != perhaps {
			return isFalse, r.undecided(s.a, []byte(c.values[0].text))
		}
		return truthOf(surely), nil
	}, nil
}

func (r *rules) surelySame(a, b rune) bool {
	return a == b || r.folds && !r.isUnknown && isASCII(a) && isASCII(b) && lower(a) == lower(b)
}

func (r *rules) perhapsSame(a, b rune) bool {
	if isASCII(a) && isASCII(b) {
		return a == b || r.folds && lower(a) == lower(b)
	}
	return canBe(lower(a), lower(b))
}

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + 'a' - 'A'
	}
	return r
}

// plainExpression is what all servers' regular expressions have in common.
var plainExpression = regexp.MustCompile(`^(?:[A-Za-z0-9 _,;:!'"@/&#%<=>~.^$|()*+?-]|\{\d+(?:,\d*)?\}|\[\^?[A-Za-z0-9 _,;:!@/&#%<=>~.$|()*+?-]+\])*$`)

// matches makes the test whether a text has a part that a regular expression matches.
func (r *rules) matches(expression string, text appender) (cellTest, error) {
	if !plainExpression.MatchString(expression) || strings.Contains(expression, "(?") || regexp.MustCompile(`[*+?}][*+?]`).MatchString(expression) || expression == "" {
		return nil, fmt.Errorf("%q: of regular expressions that are understood alike by all servers has letters, digits, . ^ $ | ( ) * + ? {n,m} and [a-z]", expression)
	}
	if r.isUnknown {
		return nil, errors.New("REGEXP depends on the collation, which is not known")
	}
	flags := "(?s)"
	if r.folds {
		flags = "(?is)"
	}
	compiled, err := regexp.Compile(flags + expression)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %w", expression, err)
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) {
		var err error
		if s.a, err = s.words(text, v); err != nil {
			return isFalse, err
		}
		found := compiled.Match(s.a)
		s.b = appendBytewise(s.b[:0], s.a)
		if bytes.ContainsAny(s.a, "\n\r\v\f\u0085\u2028\u2029") || compiled.Match(s.b) != found {
			return isFalse, undecided(fmt.Sprintf("servers differ in whether %s matches %s", strconv.Quote(expression), strconv.Quote(string(s.a))))
		}
		return truthOf(found), nil
	}, nil
}

// appendBytewise appends each byte as a character: MySQL before 8.0 matches bytes.
func appendBytewise(dst, text []byte) []byte {
	for _, c := range text {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return dst
}
