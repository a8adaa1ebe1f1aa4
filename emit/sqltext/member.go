package sqltext

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"binmend/schema"
)

// isFirst reports whether a server that looks for a member of an ENUM or SET by its name finds this one: it takes the first that is equal by the
// column's collation. A source without strict mode takes ENUM('e', 'é').
func isFirst(c *schema.Column, ordinal int) bool {
	member := c.Members[ordinal]
	isExact := strings.HasSuffix(c.Collation, "_bin") || strings.Contains(c.Collation, "_as_") || strings.HasSuffix(c.Collation, "_cs")
	skeleton := ""
	return !slices.ContainsFunc(c.Members[:ordinal], func(earlier string) bool {
		switch {
		case strings.EqualFold(earlier, member):
			return true
		case isExact || schema.IsASCII(earlier) && schema.IsASCII(member):
			return false
		case skeleton == "":
			skeleton = skeletonOf(member)
		}
		return skeletonOf(earlier) == skeleton
	})
}

// spelledOut are letters that collations compare as others, and that do not decompose.
var spelledOut = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ħ", "h", "ı", "i", "ς", "σ")

// skeletonOf is text as the loosest collations compare it: without case and accents, and katakana as hiragana.
func skeletonOf(text string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r >= 'ァ' && r <= 'ヶ':
			return r - ('ァ' - 'ぁ')
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return spelledOut.Replace(plain)
}
