package stats

import (
	"bytes"
	"strings"
)

// kind says what a statement that was logged as such does.
type kind uint8

const (
	control   kind = iota // BEGIN, COMMIT, SAVEPOINT, XA START: a transaction's frame
	ddl                   // CREATE, ALTER, DROP, RENAME, TRUNCATE
	temporary             // the same of temporary tables
	dml                   // changes data, which no row event shows
	admin                 // accounts, maintenance
	other
)

func (k kind) String() string {
	return [...]string{"control", "ddl", "temporary", "dml", "admin", "other"}[k]
}

// verb is what a statement begins with.
type verb struct {
	name string // upper case: "ALTER TABLE", "INSERT"
	kind kind
}

// firstWords are the verbs by the first word of a statement.
var firstWords = verbs(map[kind]string{
	control: "BEGIN COMMIT ROLLBACK SAVEPOINT RELEASE XA START",
	ddl:     "CREATE ALTER DROP RENAME TRUNCATE",
	dml:     "INSERT UPDATE DELETE REPLACE LOAD CALL DO SELECT WITH TABLE",
	admin:   "GRANT REVOKE SET ANALYZE OPTIMIZE REPAIR CHECK FLUSH INSTALL UNINSTALL RESET IMPORT",
})

func verbs(words map[kind]string) map[string]verb {
	all := map[string]verb{}
	for k, list := range words {
		for word := range strings.FieldsSeq(list) {
			all[word] = verb{word, k}
		}
	}
	return all
}

// objects are the words that say what a CREATE, ALTER or DROP is of.
var objects = map[string]bool{
	"TABLE": true, "DATABASE": true, "SCHEMA": true, "INDEX": true, "VIEW": true, "TRIGGER": true, "PROCEDURE": true, "FUNCTION": true,
	"PACKAGE": true, "EVENT": true, "USER": true, "ROLE": true, "SEQUENCE": true, "TABLESPACE": true, "SERVER": true, "LOGFILE": true,
	"UNDO": true, "SPATIAL": true, "RESOURCE": true, "INSTANCE": true, "LIBRARY": true,
}

// verbOf reads the first words of a statement.
func verbOf(sql []byte) verb {
	words := words{text: sql}
	v, known := firstWords[string(words.next())]
	if !known {
		return verb{"OTHER", other}
	}
	if v.kind != ddl {
		return v
	}
	for range maxWords {
		switch w := words.next(); {
		case len(w) == 0:
			return v
		case string(w) == "TEMPORARY":
			v = verb{v.name + " TEMPORARY", temporary}
		case objects[string(w)]:
			v.name += " " + string(w)
			return v
		}
	}
	return v
}

// maxWords is how many words may stand between CREATE and what is created.
const maxWords = 12

// words reads the words of a statement, in upper case and without its comments. What MySQL runs out of a comment,
// /*!40000 … */, counts.
type words struct {
	text []byte
	word [longestWord]byte // the word last read
}

// longestWord is more than any word has that is looked for; a longer one is cut.
const longestWord = 16

// next is the next word: none at the end, and "?" for something else than a word. It lives until the next call.
func (w *words) next() []byte {
	for {
		w.text = w.text[blanks(w.text):]
		skipped := comment(w.text)
		if skipped == 0 {
			break
		}
		w.text = w.text[skipped:]
	}
	if len(w.text) == 0 {
		return nil
	}
	n := 0
	for n < len(w.text) && isLetter(w.text[n]) {
		n++
	}
	if n == 0 {
		w.text = w.text[token(w.text):]
		return append(w.word[:0], '?')
	}
	word := w.word[:copy(w.word[:], w.text[:n])]
	for i, c := range word {
		if c >= 'a' && c <= 'z' {
			word[i] = c - ('a' - 'A')
		}
	}
	w.text = w.text[n:]
	return word
}

// token is the length of something that is no word: a quoted name, or one character.
func token(text []byte) int {
	quote := text[0]
	if quote != '`' && quote != '\'' && quote != '"' {
		return 1
	}
	for i := 1; i < len(text); i++ {
		if text[i] == quote {
			return i + 1
		}
	}
	return len(text)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func blanks(text []byte) int {
	n := 0
	for n < len(text) && (text[n] <= ' ' || text[n] == '(') {
		n++
	}
	return n
}

// comment is the length of the comment that a text begins with, of the beginning or the end of one whose content is
// run, or 0.
func comment(text []byte) int {
	s := string(text[:min(len(text), 3)])
	switch {
	case strings.HasPrefix(s, "*/"):
		return 2
	case s == "/*!" || s == "/*M":
		n := 3
		for n < len(text) && (text[n] == '!' || text[n] >= '0' && text[n] <= '9') {
			n++
		}
		return n
	case strings.HasPrefix(s, "/*"):
		return end(text, 2, "*/")
	case strings.HasPrefix(s, "-- "), strings.HasPrefix(s, "#"):
		return end(text, 1, "\n")
	}
	return 0
}

// end is where a text is behind a mark that is looked for from an offset on.
func end(text []byte, from int, mark string) int {
	i := bytes.Index(text[from:], []byte(mark))
	if i < 0 {
		return len(text)
	}
	return from + i + len(mark)
}
