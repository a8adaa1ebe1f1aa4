package replay

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// clientForm is how a statement goes through a client: unchanged, unchanged after changing the client's character set, or as hex that
// the server prepares.
type clientForm struct {
	charset  string // for the client
	prepared error  // why the client does not get its text
}

// clientForm chooses a form in which no client can mistake part of the statement for one of its commands, and the statement reaches
// the server as it was logged. An error says why there is none: no server runs the statement, or it can neither go through every
// client nor be prepared.
func (r *renderer) clientForm(f *decoder.Format, sql []byte, s *decoder.Session) (clientForm, error) {
	charset, known := "utf8mb4", true
	if s.HasCollations {
		_, charset, known = schema.CollationByNumber(s.Collations.Client)
	}
	text, whole := masked(sql, charset)
	why := misread(text, s.SQLMode)
	if known && (why == errOpenQuote || why == errOpenComment || why == errBackslash) {
		return clientForm{}, fmt.Errorf("%w: no server runs such a statement", why)
	}
	hidden := hidesASCII(charset) && hides(sql)
	switch {
	case why == nil && !hidden:
		return clientForm{}, nil
	case canPrepare(r.dialect(f), sql):
		return clientForm{prepared: cmp.Or(why, errHidden)}, nil
	case why == nil && whole && known && charset != "gb18030": // which MariaDB's client does not know
		return clientForm{charset: charset}, nil
	}
	return clientForm{}, fmt.Errorf("%w; servers prepare no such statement, so it can't be written in hex", cmp.Or(why, errHidden))
}

// appendForm appends a statement in the form that was chosen.
func (r *renderer) appendForm(sql []byte, f clientForm) {
	if f.prepared != nil {
		r.appendPrepared(sql, f.prepared)
	} else {
		r.appendTerminated(sql)
	}
}

// appendPrepared appends a statement in hex, which only the server reads, after a comment that shows it or its beginning.
func (r *renderer) appendPrepared(sql []byte, why error) {
	r.text = sqltext.AppendComment(r.text, "In hex, because "+why.Error()+". The statement:")
	for line := range bytes.Lines(sql[:min(len(sql), maxShown)]) {
		r.text = sqltext.AppendComment(r.text, "  "+string(bytes.TrimRight(line, "\r\n")))
	}
	if len(sql) > maxShown {
		r.text = sqltext.AppendComment(r.text, fmt.Sprintf("  … and %d more bytes", len(sql)-maxShown))
	}
	r.appendVariable("@binmend_statement", sql)
	r.text = append(r.text, "PREPARE binmend_statement FROM @binmend_statement; EXECUTE binmend_statement; DEALLOCATE PREPARE binmend_statement;\n"...)
}

// canPrepare reports whether a server of the dialect executes a statement by PREPARE: MariaDB from 10.6 on accepts all, other servers
// the documented ones. (MySQL manual, "SQL Syntax Permitted in Prepared Statements"; tried on 5.6, 9.7 and MariaDB 10.11.)
func canPrepare(d sqltext.Dialect, sql []byte) bool {
	words := newWords(sql)
	verb := words.next()
	if d.MariaDB() && d.Version().AtLeast(10, 6, 2) {
		return verb != "PREPARE" && verb != "EXECUTE" && verb != "DEALLOCATE"
	}
	switch verb {
	case "INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "CALL", "DO", "SET", "TRUNCATE", "GRANT", "REVOKE", "ANALYZE",
		"OPTIMIZE", "REPAIR", "FLUSH", "RENAME", "COMMIT":
		return true
	case "CREATE", "DROP", "ALTER":
		return canPrepareDDL(verb, words)
	}
	return false
}

// canPrepareDDL looks for the kind of object, which may follow options.
func canPrepareDDL(verb string, words *wordReader) bool {
	for {
		switch words.next() {
		case "TABLE", "INDEX", "USER":
			return true
		case "VIEW", "DATABASE", "SCHEMA":
			return verb != "ALTER"
		case "", "PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "UNDO", "RESOURCE", "REFERENCE",
			"INSTANCE", "PACKAGE":
			return false
		}
	}
}

// wordReader returns the words of a statement in capitals. It skips quoted text, numbers, signs and comments, but not the text of
// executable comments.
type wordReader struct{ rest []byte }

func newWords(sql []byte) *wordReader { return &wordReader{sql} }

// next is the next word, "" at the end.
func (w *wordReader) next() string {
	for len(w.rest) > 0 {
		rest := w.rest
		switch b := rest[0]; {
		case b == '#', bytes.HasPrefix(rest, []byte("--")):
			w.rest = rest[lineLength(rest):]
		case bytes.HasPrefix(rest, []byte("/*!")), bytes.HasPrefix(rest, []byte("/*M!")):
			w.rest = bytes.TrimLeft(rest[3:], "!0123456789")
		case bytes.HasPrefix(rest, []byte("/*")):
			_, w.rest, _ = bytes.Cut(rest[2:], []byte("*/"))
		case b == '\'' || b == '"' || b == '`':
			_, w.rest, _ = bytes.Cut(rest[1:], rest[:1])
		case isLetter(b):
			end := bytes.IndexFunc(rest, func(r rune) bool { return r < 0x80 && !isLetter(byte(r)) && (r < '0' || r > '9') })
			if end < 0 {
				end = len(rest)
			}
			w.rest = rest[end:]
			return strings.ToUpper(string(rest[:min(end, 64)]))
		default:
			w.rest = rest[1:]
		}
	}
	return ""
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' || b == '_' || b >= 0x80 }
