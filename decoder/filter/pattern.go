package filter

import (
	"errors"
	"strings"
)

// Pattern is a table's name in which * stands for any characters and ? for one. The case of letters counts.
type Pattern struct {
	text     string
	database part // "*" when none was given
	table    part
}

// part is a name in a pattern.
type part struct {
	text     string
	isQuoted bool // it was in back-quotes: * and ? are characters of the name
}

var errPattern = errors.New("expected a table as db.table or table, with * and ? for any characters, or names in back-quotes")

// ParsePattern reads db.table, or table for a table of any database.
func ParsePattern(text string) (Pattern, error) {
	p := Pattern{text: text, database: part{text: "*"}}
	var rest string
	var err error
	if p.table, rest, err = cutPart(text); err == nil && rest != "" {
		p.database = p.table
		if p.table, rest, err = cutPart(rest[1:]); rest != "" && !p.table.isQuoted { // the database's name ends at the first dot
			p.table.text, rest = p.table.text+rest, ""
		}
	}
	if err != nil || rest != "" || p.database.text == "" || p.table.text == "" {
		return Pattern{}, errPattern
	}
	return p, nil
}

// cutPart cuts the first name off, up to a dot that is not in back-quotes.
func cutPart(text string) (first part, rest string, err error) {
	inside, isQuoted := strings.CutPrefix(text, "`")
	if !isQuoted {
		end := strings.IndexByte(text, '.')
		if end < 0 {
			end = len(text)
		}
		return part{text: text[:end]}, text[end:], nil
	}
	for end := 0; end < len(inside); end++ {
		if inside[end] != '`' {
			continue
		}
		if end++; end == len(inside) || inside[end] == '.' {
			return part{strings.ReplaceAll(inside[:end-1], "``", "`"), true}, inside[end:], nil
		}
		if inside[end] != '`' {
			break
		}
	}
	return part{}, "", errPattern
}

func (p Pattern) String() string { return p.text }

// Matches reports whether the pattern matches the table's name.
func (p Pattern) Matches(t Table) bool {
	return p.database.matches(t.Database) && p.table.matches(t.Name)
}

// matchesAllOf reports whether the pattern matches all tables of a database, and so what is done to the database itself.
func (p Pattern) matchesAllOf(database string) bool {
	return !p.table.isQuoted && strings.Trim(p.table.text, "*") == "" && p.database.matches(database)
}

func (p part) matches(name string) bool {
	if p.isQuoted {
		return p.text == name
	}
	return glob(p.text, name)
}

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
