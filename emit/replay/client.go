package replay

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// Modes of sql_mode that change where quoted text ends (MySQL source: sql/query_options.h, MODE_*).
const (
	modeANSIQuotes         = 1 << 2
	modeNoBackslashEscapes = 1 << 20
)

// isUnsafe says whether a byte of ASCII can be the second one of a character: quoted text then ends elsewhere for those who
// don't know the character set.
func isUnsafe(charset string) bool {
	switch charset {
	case "big5", "cp932", "gbk", "sjis", "gb18030":
		return true
	}
	return false
}

// checkForClient refuses a statement that the mysql or the mariadb client would not send as it is: they have commands of
// their own, which begin with a backslash outside of quotes, or with the word delimiter at the beginning of a line.
func checkForClient(sql []byte, s *decoder.Session) error {
	if bytes.IndexByte(sql, 0) >= 0 {
		return errors.New("it holds a zero byte, at which clients end it")
	}
	if word := firstWord(sql); clientCommands[strings.ToLower(string(word))] {
		return fmt.Errorf("it begins with the word %s, which clients take for a command", word)
	}
	if !bytes.ContainsAny(sql, "\\\n") && !isDelimiter(sql) {
		return nil
	}
	_, charset, _ := schema.CollationByNumber(s.Collations.Client)
	c := clientLexer{sql: sql, escapes: s.SQLMode&modeNoBackslashEscapes == 0, wide: isUnsafe(charset)}
	return c.check()
}

// clientCommands are the words that the mysql or the mariadb client executes itself when a statement begins with them (MySQL
// source: client/mysql.cc, commands; MariaDB has the same table). No statement that servers log begins with one.
var clientCommands = map[string]bool{"?": true, "charset": true, "clear": true, "connect": true, "costs": true, "delimiter": true,
	"edit": true, "ego": true, "exit": true, "go": true, "help": true, "nopager": true, "notee": true, "nowarning": true,
	"pager": true, "print": true, "prompt": true, "query_attributes": true, "quit": true, "rehash": true,
	"resetconnection": true, "sandbox": true, "source": true, "ssl_session_data_print": true, "status": true, "system": true,
	"tee": true, "use": true, "warnings": true}

// firstWord is the first word behind blanks and comments, which may take whole lines.
func firstWord(sql []byte) []byte {
	for {
		sql = bytes.TrimLeft(sql, " \t\r\n\v\f")
		switch {
		case bytes.HasPrefix(sql, []byte("#")), bytes.HasPrefix(sql, []byte("--")):
			sql = sql[lineLength(sql):]
		case bytes.HasPrefix(sql, []byte("/*")) && !bytes.HasPrefix(sql, []byte("/*!")):
			sql = sql[commentLength(sql):]
		default:
			end := bytes.IndexAny(sql, " \t\r\n\v\f;(")
			if end < 0 {
				end = len(sql)
			}
			return sql[:end]
		}
	}
}

// clientLexer passes over quoted text and comments as a client does.
type clientLexer struct {
	sql     []byte
	escapes bool // a backslash takes the meaning from the quote behind it
	wide    bool // a byte from 0x81 on and the next one are a character
}

func (c *clientLexer) check() error {
	lineBegin := true
	for i := 0; i < len(c.sql); {
		rest := c.sql[i:]
		if lineBegin && isDelimiter(rest) {
			return errors.New("a line of it begins with the word delimiter, which clients take for a command")
		}
		lineBegin = rest[0] == '\n'
		switch b := rest[0]; {
		case b == '\\' && !(len(rest) > 1 && rest[1] == 'N'): // \N is NULL
			return errors.New("it holds a backslash outside of quotes, which clients take for a command")
		case b == '\'' || b == '"' || b == '`':
			i += c.quoted(rest, b)
		case b == '#', bytes.HasPrefix(rest, []byte("--")) && (len(rest) == 2 || rest[2] <= ' '):
			i += lineLength(rest)
		case bytes.HasPrefix(rest, []byte("/*")) && !bytes.HasPrefix(rest, []byte("/*!")):
			i += commentLength(rest)
		default:
			i += c.size(rest)
		}
	}
	return nil
}

func isDelimiter(line []byte) bool {
	const word = "delimiter"
	line = bytes.TrimLeft(line, " \t")
	return len(line) > len(word) && bytes.EqualFold(line[:len(word)], []byte(word)) && line[len(word)] <= ' '
}

// size is the number of bytes of a character.
func (c *clientLexer) size(rest []byte) int {
	if c.wide && rest[0] >= 0x81 && len(rest) > 1 {
		return 2
	}
	return 1
}

// quoted is the length of quoted text with its quotes.
func (c *clientLexer) quoted(rest []byte, quote byte) int {
	for i := 1; i < len(rest); {
		switch {
		case rest[i] == '\\' && c.escapes && quote != '`':
			i += 2
		case rest[i] == quote && i+1 < len(rest) && rest[i+1] == quote:
			i += 2
		case rest[i] == quote:
			return i + 1
		default:
			i += c.size(rest[i:])
		}
	}
	return len(rest)
}

// lineLength is the number of bytes up to the end of the line.
func lineLength(rest []byte) int {
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		return end
	}
	return len(rest)
}

func commentLength(rest []byte) int {
	if end := bytes.Index(rest[2:], []byte("*/")); end >= 0 {
		return 2 + end + 2
	}
	return len(rest)
}
