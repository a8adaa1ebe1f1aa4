package statement_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// tokens writes the tokens of a statement, each with a mark for its kind.
func tokens(sql string, context statement.Context) string {
	s := statement.NewScanner([]byte(sql), context)
	var list []string
	for {
		t := s.Scan()
		if t.Kind == statement.End {
			return strings.Join(list, " ")
		}
		mark := [...]string{"", "w", "i", "q", "s", "n", "o", "c", "h", "{", "}"}[t.Kind]
		list = append(list, mark+":"+string(s.Text(t)))
	}
}

func TestTokens(t *testing.T) {
	var (
		nine  = statement.Context{Writer: decoder.Version{Flavor: decoder.MySQL, Major: 9, Minor: 7}}
		my    = statement.Context{Writer: mysql80}
		mdb   = statement.Context{Writer: maria}
		plain = statement.Context{}
		with  = func(mode uint64, client uint16) statement.Context {
			return statement.Context{Writer: mysql80, SQLMode: mode, Client: client}
		}
	)
	const sjis, gbk, big5, gb18030, latin1, utf8 = 13, 28, 1, 248, 8, 255
	for _, c := range []struct {
		name, sql string
		context   statement.Context
		want      string
	}{
		{"names with digits first", "a.2020 3e 1a 0xZ 0b2", my, "w:a o:. i:2020 i:3e i:1a i:0xZ i:0b2"},
		{"names after dots are no keywords", "d.select .t `a`.table", my, "w:d o:. i:select o:. i:t q:`a` o:. i:table"},
		{"a dot with blanks around it", "d . select", my, "w:d o:. w:select"},
		{"numbers", "1 1.5 .5 1. 1e3 1E-3 1.5e+2 0x1F 0b01 1e", my, "n:1 n:1.5 n:.5 n:1. n:1e3 n:1E-3 n:1.5e+2 n:0x1F n:0b01 i:1e"},
		{"0X is a name", "0X1F", my, "i:0X1F"},
		{"variables and hosts", "@a.b @@session.sql_mode root@10.0.0.1 'a'@`b` @'c'", my,
			"o:@ i:a.b o:@ o:@ i:session o:. i:sql_mode w:root o:@ i:10.0.0.1 s:'a' o:@ q:`b` o:@ s:'c'"},
		{"operators", "a<=>b:=c->>'$' != || \\N -1", my, `w:a o:<=> w:b o::= w:c o:->> s:'$' o:!= o:|| o:\N o:- n:1`},
		{"strings", `'it''s' "a""b" 'a\'b' x'0a' N'n' _utf8'ü'`, my, `s:'it''s' s:"a""b" s:'a\'b' s:x'0a' s:N'n' w:_utf8 s:'ü'`},
		{"a backslash in a name", "`a\\` b", my, "q:`a\\` w:b"},
		{"NO_BACKSLASH_ESCAPES", `'a\' b`, with(statement.NoBackslashEscapes, 0), `s:'a\' w:b`},
		{"ANSI_QUOTES", `"a\" 'b\'c'`, with(statement.ANSIQuotes, 0), `q:"a\" s:'b\'c'`},
		{"two dashes without a blank", "1--1 -- a\n--\tb\n--\x01c\n--\x7f\n--", my, "n:1 o:- o:- n:1 c:-- a c:--\tb c:--\x01c c:--\x7f c:--"},
		{"the end of a line comment is its line feed", "#a\rb\nc", my, "c:#a\rb w:c"},
		{"comments do not nest", "/* a /* b */ c", my, "c:/* a /* b */ w:c"},
		{"one that is passed over by its version nests once", "/*!99999 a /* b */ c */ d", my, "c:/*!99999 a /* b */ c */ w:d"},
		{"an executable one holds a plain one", "/*!50001 a /* b */ c */ d */", my, "{:/*!50001 w:a c:/* b */ w:c }:*/ w:d o:* o:/"},
		{"an executable one in another", "/*!50001 a /*!40000 b */ c", my, "{:/*!50001 w:a {:/*!40000 w:b }:*/ w:c"},
		{"fewer digits are no version", "/*!4000 a*/ /*!a*/", my, "{:/*! n:4000 w:a }:*/ {:/*! w:a }:*/"},
		{"MySQL's own version", "/*!80036 a*/ /*!80037 b*/", my, "{:/*!80036 w:a }:*/ c:/*!80037 b*/"},
		{"six digits", "/*!080036 a*/ /*!100100 b*/", my, "{:/*!080036 w:a }:*/ c:/*!100100 b*/"},
		{"MariaDB's comments to MySQL", "/*M!50001 a*/ b", my, "c:/*M!50001 a*/ w:b"},
		{"MariaDB's comments", "/*M!101106 a*/ /*M!101107 a*/ /*M! b*/", mdb, "{:/*M!101106 w:a }:*/ c:/*M!101107 a*/ {:/*M! w:b }:*/"},
		{"MySQL's versions to MariaDB", "/*!50699 a*/ /*!50700 b*/ /*!99999 c*/ /*!100000 d*/", mdb,
			"{:/*!50699 w:a }:*/ c:/*!50700 b*/ c:/*!99999 c*/ {:/*!100000 w:d }:*/"},
		{"a writer that is not known", "/*!80400 a*/ /*M!100100 b*/ /*M!999999\\- x */", plain, "{:/*!80400 w:a }:*/ {:/*M!100100 w:b }:*/ c:/*M!999999\\- x */"},
		{"hints", "SELECT /*+ QB_NAME(`*/`) */ 1 /*+ `*/ b", my, "w:SELECT h:/*+ QB_NAME(`*/`) */ n:1 h:/*+ `*/ w:b"},
		{"sjis: the second byte is a backslash", "'\x83\x5c' '\x81\x5f'", with(0, sjis), "s:'\x83\x5c' s:'\x81\x5f'"},
		{"sjis: the second byte of a name is a back quote", "\x83\x60 `\x83\x60` b", with(0, sjis), "w:\x83\x60 q:`\x83\x60` w:b"},
		{"gbk", "'\xd6\x5c' b", with(0, gbk), "s:'\xd6\x5c' w:b"},
		{"big5", "'\xa5\x5c' b", with(0, big5), "s:'\xa5\x5c' w:b"},
		{"gb18030", "'\x81\x30\x81\x30\x81\x5c' b", with(0, gb18030), "s:'\x81\x30\x81\x30\x81\x5c' w:b"},
		{"the same bytes in UTF-8", "'\xd6\x5c' b'", with(0, utf8), "s:'\xd6\x5c' b'"},
		{"a first byte without a second one", "'\x83' '\x83\x20'", with(0, sjis), "s:'\x83' s:'\x83\x20'"},
		{"latin1 has a no-break space", "a\xa0b", with(0, latin1), "w:a w:b"},
		{"it is part of a name elsewhere", "a\xa0b", with(0, utf8), "w:a\xa0b"},
		{"dollar quotes", "$$ it's $$ $js$ $$ $js$ $a", nine, "s:$$ it's $$ s:$js$ $$ $js$ w:$a"},
		{"dollar quotes before 8.1", "$$ a", my, "w:$$ w:a"},
	} {
		if got := tokens(c.sql, c.context); got != c.want {
			t.Errorf("%s: %q:\n got %q\nwant %q", c.name, c.sql, got, c.want)
		}
	}
}

func TestUnclosed(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want error
	}{
		{"'a", statement.ErrUnclosedQuote}, {`"a\"`, statement.ErrUnclosedQuote}, {"`a``", statement.ErrUnclosedQuote}, {"'a\\", statement.ErrUnclosedQuote},
		{"/*", statement.ErrUnclosedComment}, {"/*/", statement.ErrUnclosedComment}, {"/*! a", statement.ErrUnclosedComment},
		{"/*!99999 /* */", statement.ErrUnclosedComment}, {"/*+ a", statement.ErrUnclosedComment},
		{"-- a", nil}, {"#", nil}, {"'a' \"b\" `c` /**/ /*! a */", nil}, {"*/", nil},
	} {
		s := statement.NewScanner([]byte(c.sql), statement.Context{Writer: mysql80})
		for s.Next().Kind != statement.End {
		}
		if !errors.Is(s.Err(), c.want) {
			t.Errorf("%q: got %v, want %v", c.sql, s.Err(), c.want)
		}
	}
}

func TestNamesAndStrings(t *testing.T) {
	for _, c := range []struct {
		sql  string
		mode uint64
		want string
	}{
		{"`a``b`", 0, "name a`b"}, {"`a\\n`", 0, `name a\n`}, {`"a""b"`, statement.ANSIQuotes, `name a"b`},
		{`'it''s'`, 0, "string it's"}, {`'\0\b\n\r\t\Z\\\'\x\%\_'`, 0, "string \x00\b\n\r\t\x1a\\'x\\%\\_"},
		{`'a\n'`, statement.NoBackslashEscapes, `string a\n`}, {"x'41'", 0, "string 41"}, {"'a", 0, "string a"}, {"''", 0, "string "},
	} {
		s := statement.NewScanner([]byte(c.sql), statement.Context{SQLMode: c.mode})
		token := s.Next()
		name, ok := s.Name(token)
		got := fmt.Sprintf("name %s", name)
		if !ok {
			got = fmt.Sprintf("string %s", s.AppendString(nil, token))
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.sql, got, c.want)
		}
	}
}
