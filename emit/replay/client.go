package replay

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"binmend/schema"
)

// Modes of sql_mode that change where quoted text ends (MySQL source: sql/query_options.h, MODE_*).
const (
	modeANSIQuotes         = 1 << 2
	modeNoBackslashEscapes = 1 << 20
)

// misread says why some client may not send a statement to the server unchanged. The mysql and mariadb clients look for commands of
// their own in what they read (\! runs a shell), each version by its own rules, which differ slightly from the server's. So a
// statement passes only if all of them must read it the same way: quotes and comments can be recognised without knowing the version,
// executable comments end at the same place whether executed or skipped, the statement ends outside of both, and nothing outside of
// quotes looks like a command. The statement must be ASCII or UTF-8, or in a character set that hides no quote or backslash in a
// character, see hidesASCII. (MySQL source: client/mysql.cc, add_line, read_and_execute, find_command; MariaDB has the same
// functions.)
func misread(sql []byte, sqlMode uint64) error {
	c := clientScan{sql: sql, escapes: sqlMode&modeNoBackslashEscapes == 0, ansi: sqlMode&modeANSIQuotes != 0}
	for c.at < len(sql) {
		if err := c.step(); err != nil {
			return err
		}
	}
	switch {
	case c.executable:
		return errOpenComment
	case c.dollars != nil:
		return errDollars
	}
	return nil
}

var (
	errBackslash   = errors.New("it holds a backslash outside of quotes, which clients take for a command")
	errOpenQuote   = errors.New("a quote is never closed")
	errOpenComment = errors.New("a comment is never closed")
	errComment     = errors.New("clients disagree about where a comment begins or ends")
	errNull        = errors.New("it holds \\N outside of quotes, which some clients take for a command")
	errControl     = errors.New("it holds a control character or a carriage return, which clients read in different ways or drop")
	errDollars     = errors.New("clients disagree about text between dollar signs")
	errQuote       = errors.New("clients disagree about where a quoted text ends")
)

// clientScan reads a statement in steps: a character outside of quotes, a quoted text, a comment.
type clientScan struct {
	sql        []byte
	at         int
	escapes    bool   // a backslash escapes the quote after it
	ansi       bool   // "…" is a name
	executable bool   // inside a comment that servers execute, or read a hint from
	hint       bool   // inside a hint: clients see no quotes in it
	dollars    []byte // the mark that ends text between dollars, see dollarMark
}

func (c *clientScan) step() error {
	rest := c.sql[c.at:]
	if c.at == 0 || c.sql[c.at-1] == '\n' || bytes.HasSuffix(c.sql[:c.at], []byte("*/")) {
		if word := commandOf(rest); word != "" {
			return fmt.Errorf("the word %s begins a line of it or follows a comment, and clients take it for a command", word)
		}
	}
	n := 1
	var err error
	switch b := rest[0]; {
	case b == '\\':
		if err = errBackslash; bytes.HasPrefix(rest, []byte("\\N")) {
			err = errNull // an old spelling of NULL
		}
	case b == '\'' || b == '"' || b == '`':
		n, err = c.quoted(rest, b)
	case b == '#', bytes.HasPrefix(rest, []byte("--")):
		n, err = c.line(rest)
	case bytes.HasPrefix(rest, []byte("/*")):
		n, err = c.comment(rest)
	case bytes.HasPrefix(rest, []byte("*/")):
		if !c.executable {
			err = errComment
		}
		n, c.executable, c.hint = 2, false, false
	case b == '$':
		n, err = c.dollar(rest)
	case isControlByte(rest):
		err = errControl
	case hasFold(rest, "delimiter"):
		err = errors.New("it holds the word delimiter outside of quotes, which clients take for a command")
	}
	c.at += n
	return err
}

// isControlByte reports whether a text begins with a control character that is not white space for every reader. Clients drop the
// carriage return at a line's end, which changes nothing outside of quotes.
func isControlByte(rest []byte) bool {
	b := rest[0]
	return b < ' ' && b != '\t' && b != '\n' && !bytes.HasPrefix(rest, []byte("\r\n")) || b == 0x7f
}

func hasFold(text []byte, word string) bool {
	return len(text) >= len(word) && text[0]|0x20 == word[0] && bytes.EqualFold(text[:len(word)], []byte(word))
}

// quoted is the length of quoted text with its quotes. A backslash in it must not hide a quote or a line's end from any reader, in
// text where backslashes escape nothing and in names, where they do so only for some clients.
func (c *clientScan) quoted(rest []byte, quote byte) (int, error) {
	escapes := c.escapes && (quote == '\'' || quote == '"' && !c.ansi)
	for i := 1; i < len(rest); i++ {
		switch b := rest[i]; {
		case b == '\\' && c.hint:
			return 0, errComment
		case b == '\\':
			next := i + 1
			if next == len(rest) {
				return 0, errOpenQuote
			}
			if rest[next] == '\n' || rest[next] == quote && !escapes || isControlByte(rest[next:]) || rest[next] == '\r' {
				return 0, errQuote
			}
			if escapes {
				i = next
			}
		case b == quote && i+1 < len(rest) && rest[i+1] == quote:
			i++
		case b == quote && c.dollars != nil && bytes.IndexByte(rest[:i], '$') >= 0:
			return 0, errDollars
		case b == quote:
			return i + 1, nil
		case b == '\r' || isControlByte(rest[i:]):
			return 0, errControl
		case c.hint && (b == '\n' || b == ';' || b == '$' || b == '#' || hasFold(rest[i:], "delimiter") || bytes.HasPrefix(rest[i:], []byte("--"))):
			return 0, errComment // clients do not see it as quoted
		case c.executable && (bytes.HasPrefix(rest[i:], []byte("*/")) || bytes.HasPrefix(rest[i:], []byte("/*"))):
			return 0, errComment // a server that skips the comment sees no quotes in it
		}
	}
	return 0, errOpenQuote
}

// line is the length of a comment up to the end of its line. For servers, -- and a control character begin one. For clients, it takes
// white space or, at the beginning of a line, nothing after --.
func (c *clientScan) line(rest []byte) (int, error) {
	if c.executable || rest[0] == '-' && len(rest) > 2 && rest[2] != ' ' && rest[2] != '\t' && rest[2] != '\n' {
		return 0, errComment
	}
	end := lineLength(rest)
	if c.dollars != nil && bytes.IndexByte(rest[:end], '$') >= 0 {
		return 0, errDollars
	}
	return end, controls(rest[:end])
}

// dollar is the length of a dollar quote's mark, such as $$ or $body$, which newer servers and clients read as a quote. Others don't,
// so the text inside must be safe like any other, and its end must be outside of quotes and comments.
func (c *clientScan) dollar(rest []byte) (int, error) {
	mark := dollarMark(rest)
	switch {
	case mark == nil:
	case c.executable, c.dollars != nil && !bytes.Equal(mark, c.dollars):
		return 0, errDollars
	case c.dollars != nil:
		c.dollars = nil
	case c.at > 0 && isWord(c.sql[c.at-1]): // for some it is part of the name
		return 0, errDollars
	default:
		c.dollars = mark
	}
	return max(1, len(mark)), nil
}

// dollarMark is the mark that a text begins with: two dollars, with letters, digits and the like between them.
func dollarMark(rest []byte) []byte {
	for i := 1; i < len(rest); i++ {
		if rest[i] == '$' {
			return rest[:i+1]
		}
		if !isWord(rest[i]) {
			break
		}
	}
	return nil
}

// isWord reports whether a byte can stand in a name without quotes.
func isWord(b byte) bool { return isLetter(b) || b >= '0' && b <= '9' || b == '$' }

// controls reports whether a text has a control character.
func controls(text []byte) error {
	for i := range text {
		if isControlByte(text[i:]) {
			if text[i] == '\r' && i == len(text)-1 {
				continue
			}
			return errControl
		}
	}
	return nil
}

// comment is the length of a comment between /* and */, or of only the beginning of an executable comment or hint: clients read its
// text like any other.
func (c *clientScan) comment(rest []byte) (int, error) {
	if c.executable {
		return 0, errComment
	}
	if body := rest[2:]; bytes.HasPrefix(body, []byte("!")) || bytes.HasPrefix(body, []byte("+")) || bytes.HasPrefix(body, []byte("M!")) {
		c.executable, c.hint = true, bytes.HasPrefix(body, []byte("+"))
		return 3, nil
	}
	n := bytes.Index(rest[2:], []byte("*/"))
	if n < 0 {
		return 0, errOpenComment
	}
	text := rest[2 : 2+n]
	if bytes.HasPrefix(rest, []byte("/*/")) || bytes.Contains(rest[2:2+n+1], []byte("/*")) {
		return 0, errComment
	}
	if c.dollars != nil && bytes.IndexByte(text, '$') >= 0 {
		return 0, errDollars
	}
	for begin := bytes.IndexByte(text, '\n'); begin >= 0; {
		line := bytes.TrimLeft(text[begin+1:], " \t")
		if lineLength(line) == len(line) && (bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(line, []byte("--"))) {
			return 0, errComment // clients skip such a line and miss the end of the comment
		}
		next := bytes.IndexByte(text[begin+1:], '\n')
		if next < 0 {
			break
		}
		begin += 1 + next
	}
	return 2 + n + 2, controls(text)
}

// lineLength is the number of bytes up to the end of the line.
func lineLength(rest []byte) int {
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		return end
	}
	return len(rest)
}

// commandOf is the client command at the beginning of a line; "" for none. Clients look for one at the beginning of a statement or,
// with --named-commands, of every line. A command without an argument has nothing after it.
func commandOf(line []byte) string {
	line = bytes.TrimFunc(line[:lineLength(line)], func(r rune) bool { return r <= ' ' || r >= utf8.RuneSelf })
	word, rest := line, []byte(nil)
	if end := bytes.IndexAny(line, " \t"); end >= 0 {
		word, rest = line[:end], line[end:]
	}
	if len(word) > len("ssl_session_data_print;") {
		return ""
	}
	name := strings.TrimRight(strings.ToLower(string(word)), ";")
	if takesArgument, ok := clientCommands[name]; ok && (takesArgument || len(bytes.Trim(rest, " \t;")) == 0) {
		return name
	}
	return ""
}

// clientCommands are the words that the mysql or the mariadb client executes itself, and whether they take an argument (MySQL
// source: client/mysql.cc, commands; MariaDB has the same table).
var clientCommands = map[string]bool{"?": true, "charset": true, "clear": false, "connect": true, "costs": false, "delimiter": true,
	"edit": false, "ego": false, "exit": false, "go": false, "help": true, "nopager": false, "notee": false, "nowarning": false,
	"pager": true, "print": false, "prompt": true, "query_attributes": true, "quit": false, "rehash": false,
	"resetconnection": false, "sandbox": false, "source": true, "ssl_session_data_print": true, "status": false, "system": true,
	"tee": true, "use": true, "warnings": false}

// hidesASCII reports whether a character of the set can end in the byte of a backslash or a backtick: a reader with another character
// set sees one. An unknown set may be like that.
func hidesASCII(charset string) bool {
	switch charset {
	case "", "big5", "cp932", "gbk", "sjis", "gb18030":
		return true
	}
	return false
}

// errHidden is the error for a text in such a character set.
var errHidden = errors.New("a character of its character set ends in a backslash or a back-quote, which clients may take for one")

// hides reports whether a character of a text may end in a backslash or a backtick.
func hides(sql []byte) bool {
	for i := 1; i < len(sql); i++ {
		if (sql[i] == '\\' || sql[i] == '`') && sql[i-1] >= 0x80 {
			return true
		}
	}
	return false
}

// masked is a text as a server reads it in a character set: characters that hide ASCII are replaced by meaningless bytes. whole is
// false if a byte of the text belongs to no character. (MySQL source: strings/ctype-gbk.cc, ctype-big5.cc, ctype-sjis.cc,
// ctype-cp932.cc, ctype-gb18030.cc, the is...head and is...tail macros.)
func masked(sql []byte, charset string) (text []byte, whole bool) {
	set, ok := pairsOf[charset]
	if !ok || schema.IsASCII(sql) {
		return sql, true
	}
	text, whole = bytes.Clone(sql), true
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b < 0x80 || set.single(b):
		case i+1 < len(text) && set.head(b) && set.tail(text[i+1]) && (i == 0 || text[i-1] != '\\'):
			text[i], text[i+1] = 0xff, 0xff
			i++
		default: // also the second half of a character after a backslash
			whole = false
		}
	}
	return text, whole
}

// pairs are the bytes that make up the characters of a set. gb18030's digits, its other bytes, hide nothing.
type pairs struct{ single, head, tail func(byte) bool }

var (
	between = func(from, to byte) func(byte) bool { return func(b byte) bool { return from <= b && b <= to } }
	none    = func(byte) bool { return false }
	either  = func(a, b func(byte) bool) func(byte) bool { return func(c byte) bool { return a(c) || b(c) } }
	sjis    = pairs{between(0xa1, 0xdf), either(between(0x81, 0x9f), between(0xe0, 0xfc)), either(between(0x40, 0x7e), between(0x80, 0xfc))}
	gbk     = pairs{none, between(0x81, 0xfe), either(between(0x40, 0x7e), between(0x80, 0xfe))}
	pairsOf = map[string]pairs{
		"sjis": sjis, "cp932": sjis, "gbk": gbk, "gb18030": gbk,
		"big5": {none, between(0xa1, 0xf9), either(between(0x40, 0x7e), between(0xa1, 0xfe))},
	}
)
