package filter

import (
	"errors"
	"strings"
)

// Pattern is a table's name in which * stands for any characters and ? for one. The case of letters counts.
type Pattern struct {
	text     string
	database string // "*" when none was given
	table    string
}

// ParsePattern reads db.table, or table for a table of any database.
func ParsePattern(text string) (Pattern, error) {
	database, table, found := strings.Cut(text, ".")
	if !found {
		database, table = "*", text
	}
	if database == "" || table == "" {
		return Pattern{}, errors.New("expected a table as db.table or table, with * and ? for any characters")
	}
	return Pattern{text: text, database: database, table: table}, nil
}

func (p Pattern) String() string { return p.text }

// Matches reports whether the pattern matches the table's name.
func (p Pattern) Matches(t Table) bool { return glob(p.database, t.Database) && glob(p.table, t.Name) }

func matchesAny(patterns []Pattern, t Table) bool {
	for _, p := range patterns {
		if p.Matches(t) {
			return true
		}
	}
	return false
}

// glob matches s with a pattern of * and ?. It goes back to the last * only, so its time is at most the product of the
// lengths.
func glob(pattern, s string) bool {
	p, r := []rune(pattern), []rune(s)
	star, from := -1, 0
	i, j := 0, 0
	for j < len(r) {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == r[j]):
			i++
			j++
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
