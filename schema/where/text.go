package where

import (
	"cmp"
	"fmt"
	"strings"

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

func isUnicode(charset string) bool {
	return strings.HasPrefix(charset, "utf8") || charset == "ascii"
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
		return func(v decoder.Cell, dst []byte) ([]byte, error) { return appendMember(dst, col, v.Uint64()) }
	case schema.TypeSet:
		return func(v decoder.Cell, dst []byte) ([]byte, error) { return appendMembers(dst, col, v.Uint64()), nil }
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

// appendMember appends the name of an ENUM's value; 0 is the empty text of a value that was not valid.
func appendMember(dst []byte, col *schema.Column, number uint64) ([]byte, error) {
	switch {
	case number == 0:
		return dst, nil
	case number > uint64(len(col.Members)):
		return dst, fmt.Errorf("the %s has no member %d", col.SQLType(), number)
	}
	return append(dst, col.Members[number-1]...), nil
}

// appendMembers appends the names of a SET's members whose bits are set.
func appendMembers(dst []byte, col *schema.Column, bits uint64) []byte {
	begin := len(dst)
	for i, member := range col.Members {
		if i >= 64 || bits&(1<<i) == 0 {
			continue
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = append(dst, member...)
	}
	return dst
}

// words is the text of a value; without an appender, the one that was put down.
func (s *Scratch) words(text appender, v decoder.Cell) ([]byte, error) {
	if text == nil {
		return append(s.a[:0], s.text...), nil
	}
	return text(v, s.a[:0])
}
