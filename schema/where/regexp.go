package where

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"binmend/decoder"
)

// plainExpression is what all servers' regular expressions have in common.
var plainExpression = regexp.MustCompile(`^(?:[A-Za-z0-9 _,;:!'"@/&#%<=>~.^$|()*+?-]|\{\d+(?:,\d*)?\}|\[\^?[A-Za-z0-9 _,;:!@/&#%<=>~.$|()*+?-]+\])*$`)

// repeatedTwice is a repetition of a repetition, such as a lazy one, which not all servers know.
var repeatedTwice = regexp.MustCompile(`[*+?}][*+?]`)

// matches makes the test whether a text has a part that a regular expression matches.
func (r *rules) matches(expression string, text appender) (cellTest, error) {
	if !plainExpression.MatchString(expression) || strings.Contains(expression, "(?") || repeatedTwice.MatchString(expression) || expression == "" {
		return nil, fmt.Errorf("%q: servers differ in regular expressions but for letters, digits, . ^ $ | ( ) * + ? {n,m} and [a-z]", expression)
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
