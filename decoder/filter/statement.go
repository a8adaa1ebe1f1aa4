package filter

import (
	"bytes"
	"strings"

	"binmend/decoder"
)

// isControl says whether a statement only frames a transaction.
func isControl(sql []byte) bool {
	switch firstWord(sql) {
	case "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "XA", "START":
		return true
	}
	return false
}

// statementKind is what a statement does, by its first word.
func statementKind(sql []byte) Kinds {
	switch firstWord(sql) {
	case "INSERT", "REPLACE", "LOAD":
		return Inserts
	case "UPDATE":
		return Updates
	case "DELETE":
		return Deletes
	}
	return DDL
}

// firstWord is the first word of a statement behind blanks, comments and parentheses, in upper case. A word that is
// longer than any that matters is cut.
func firstWord(sql []byte) string {
	l := lexer{sql: sql}
	var upper [16]byte
	for {
		t, ok := l.next()
		if !ok {
			return ""
		}
		if t.isName {
			return string(bytes.ToUpper(append(upper[:0], t.text[:min(len(t.text), len(upper))]...)))
		}
	}
}

// wantsStatement returns the condition that does not want a statement, or noCondition. A statement belongs to its default
// database and to the tables that its text names, whatever it does with them: one that names none is not wanted where
// tables are.
func (f *Filter) wantsStatement(q *decoder.Query) condition {
	if f.Kinds != 0 && f.Kinds&statementKind(q.SQL) == 0 {
		return byKind
	}
	if len(f.Databases) == 0 && len(f.Tables) == 0 && len(f.ExcludeTables) == 0 {
		return noCondition
	}
	names := namesIn(q)
	if len(f.Databases) > 0 && !inDatabases(f.Databases, string(q.Database), names) {
		return byDatabase
	}
	if len(f.Tables) > 0 && !names.match(f.Tables) {
		return byTable
	}
	if len(f.ExcludeTables) > 0 && names.match(f.ExcludeTables) {
		return byExcludeTable
	}
	return noCondition
}

// names are all names in a statement that may be those of tables.
type names []Table

func (n names) match(patterns []Pattern) bool {
	for _, t := range n {
		if matchesAny(patterns, t) {
			return true
		}
	}
	return false
}

// inDatabases says whether a statement is run in one of the databases, or names a table of one or one itself.
func inDatabases(databases []string, current string, n names) bool {
	for _, db := range databases {
		if db == current {
			return true
		}
		for _, t := range n {
			if t.Database == db || t.Name == db {
				return true
			}
		}
	}
	return false
}

// namesIn lists the names of a statement. A name behind a dot has the one before it as its database, the others the
// statement's default one.
func namesIn(q *decoder.Query) names {
	var list names
	l := lexer{sql: q.SQL}
	qualifier, dot := "", false
	for {
		t, ok := l.next()
		switch {
		case !ok:
			return list
		case t.isName && dot:
			list[len(list)-1] = Table{qualifier, t.name()}
			qualifier, dot = "", false
		case t.isName && t.isReserved():
			qualifier = ""
		case t.isName:
			qualifier = t.name()
			list = append(list, Table{string(q.Database), qualifier})
		default:
			dot = len(t.text) == 1 && t.text[0] == '.' && qualifier != ""
			if !dot {
				qualifier = ""
			}
		}
	}
}

// token is a name or one other character of a statement.
type token struct {
	text   []byte
	quote  byte // of a quoted name
	isName bool
}

// name is the name without its quotes.
func (t token) name() string {
	if t.quote == 0 {
		return string(t.text)
	}
	q := string(t.quote)
	return strings.ReplaceAll(string(t.text), q+q, q)
}

// reserved are words that no table can be called without quotes, those that statements are full of.
var reserved = func() map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(`ADD ALTER AND AS ASC BETWEEN BY CASE CHARACTER COLUMN CONSTRAINT CREATE DATABASE DEFAULT
		DELETE DESC DISTINCT DROP EXISTS FOREIGN FROM GRANT GROUP HAVING IF IN INDEX INSERT INTO IS JOIN KEY KEYS LEFT LIKE
		LIMIT LOAD NOT NULL ON OR ORDER PRIMARY PROCEDURE REFERENCES RENAME REPLACE REVOKE RIGHT SELECT SET TABLE THEN TO
		TRIGGER UNION UNIQUE UPDATE USING VALUES WHEN WHERE WITH`) {
		set[word] = true
	}
	return set
}()

func (t token) isReserved() bool {
	return t.quote == 0 && len(t.text) <= len("REFERENCES") && reserved[strings.ToUpper(string(t.text))]
}

// lexer finds the names in a statement. It passes over strings and comments, but for what servers execute of comments.
// Text between double quotes counts as a name: with ANSI_QUOTES it is one.
type lexer struct {
	sql []byte
	at  int
}

func (l *lexer) next() (token, bool) {
	for l.at < len(l.sql) {
		rest := l.sql[l.at:]
		switch c := rest[0]; {
		case c <= ' ':
			l.at++
		case c == '#', bytes.HasPrefix(rest, []byte("--")) && (len(rest) == 2 || rest[2] <= ' '):
			l.skipPast("\n")
		case bytes.HasPrefix(rest, []byte("/*!")), bytes.HasPrefix(rest, []byte("/*M!")):
			l.at += bytes.IndexByte(rest, '!') + 1
			l.skipDigits()
		case bytes.HasPrefix(rest, []byte("/*")):
			l.at += 2
			l.skipPast("*/")
		case c == '\'':
			l.quoted(c)
		case c == '`' || c == '"':
			return token{text: l.quoted(c), quote: c, isName: true}, true
		case isNameByte(c):
			return token{text: l.word(), isName: true}, true
		default:
			l.at++
			return token{text: rest[:1]}, true
		}
	}
	return token{}, false
}

func (l *lexer) skipPast(end string) {
	if i := bytes.Index(l.sql[l.at:], []byte(end)); i >= 0 {
		l.at += i + len(end)
	} else {
		l.at = len(l.sql)
	}
}

// skipDigits passes over the version after /*!.
func (l *lexer) skipDigits() {
	for l.at < len(l.sql) && '0' <= l.sql[l.at] && l.sql[l.at] <= '9' {
		l.at++
	}
}

// quoted passes over quoted text and returns what is between the quotes. A doubled quote, and outside of back-quotes what
// follows a backslash, is part of it.
func (l *lexer) quoted(quote byte) []byte {
	begin := l.at + 1
	for i := begin; i < len(l.sql); i++ {
		switch {
		case l.sql[i] == '\\' && quote != '`':
			i++
		case l.sql[i] != quote:
		case i+1 < len(l.sql) && l.sql[i+1] == quote:
			i++
		default:
			l.at = i + 1
			return l.sql[begin:i]
		}
	}
	l.at = len(l.sql)
	return l.sql[min(begin, len(l.sql)):]
}

func (l *lexer) word() []byte {
	begin := l.at
	for l.at < len(l.sql) && isNameByte(l.sql[l.at]) {
		l.at++
	}
	return l.sql[begin:l.at]
}

// isNameByte says whether a byte can be part of a name without quotes.
func isNameByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
