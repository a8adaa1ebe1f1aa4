package where

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"binmend/decoder"
)

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

// defaultCollation is the collation of a character set that a statement names alone, where all servers have the same one.
var defaultCollation = map[string]string{"latin1": "latin1_swedish_ci", "ascii": "ascii_general_ci", "binary": ""}

// defaultRules are what the default collations of a character set have in common.
func defaultRules(charset string) rules {
	return rules{name: "that " + charset + " has by default", folds: true}
}

// sameCharset lets utf8_ stand for utf8mb3_.
func sameCharset(collation, charset string) bool {
	rest, ok := strings.CutPrefix(collation, "utf8_")
	return ok && charset == "utf8mb3" && rest != ""
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
