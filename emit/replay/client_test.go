package replay

import (
	"strings"
	"testing"

	"binmend/decoder"
)

// TestCheckForClient: what a client would not send as it is.
func TestCheckForClient(t *testing.T) {
	gbk := decoder.Session{Collations: decoder.Collations{Client: 28}}
	noEscapes := decoder.Session{SQLMode: modeNoBackslashEscapes}
	for _, tc := range []struct {
		name, sql string
		session   decoder.Session
		refused   string // "" when it is not
	}{
		{"plain", "INSERT INTO t VALUES (1)", decoder.Session{}, ""},
		{"a backslash in quotes", `INSERT INTO t VALUES ('\! x', "\\", 'it''s \' \! x')`, decoder.Session{}, ""},
		{"a backslash in a comment", "SELECT 1 /* \\! x */ -- \\! y\n# \\! z", decoder.Session{}, ""},
		{"a backslash in back-quotes", "SELECT `\\! x` FROM t", decoder.Session{}, ""},
		{"NULL as it was written once", `INSERT INTO t VALUES (\N)`, decoder.Session{}, ""},
		{"a command", `SELECT 1 \! touch x`, decoder.Session{}, "backslash"},
		{"a command behind text that ends with a backslash", `INSERT INTO t VALUES ('a\') \! touch x -- '`, noEscapes, "backslash"},
		{"no command in text that goes on behind a quote", `INSERT INTO t VALUES ('a\') \! touch x -- ')`, decoder.Session{}, ""},
		{"a command in a comment that servers execute", "SELECT 1 /*! \\! x */", decoder.Session{}, "backslash"},
		{"delimiter at the beginning", "delimiter //\nx", decoder.Session{}, "delimiter"},
		{"delimiter at the beginning of a line", "SELECT 1\n  DELIMITER x", decoder.Session{}, "delimiter"},
		{"delimiter in text", "INSERT INTO t VALUES ('\ndelimiter x\n')", decoder.Session{}, ""},
		{"a command by its name", "system touch x", decoder.Session{}, "system"},
		{"a command behind comments", "-- x\n/* y */ # z\n  SOURCE x", decoder.Session{}, "SOURCE"},
		{"a command's name further on", "SELECT 1\nsystem touch x", decoder.Session{}, ""},
		{"a name that begins like it", "SELECT\ndelimiters FROM t", decoder.Session{}, ""},
		{"a character whose second byte is a backslash", "INSERT INTO t VALUES ('\xd5\\') ", gbk, ""},
		{"the same bytes in another character set", "INSERT INTO t VALUES ('\xd5\\') \\! ", decoder.Session{}, ""},
		{"a command behind such a character", "INSERT INTO t VALUES ('\xd5\\') \\! x", gbk, "backslash"},
		{"a zero byte", "SELECT 1\x00\n", decoder.Session{}, "zero byte"},
	} {
		err := checkForClient([]byte(tc.sql), &tc.session)
		if (err == nil) != (tc.refused == "") || err != nil && !strings.Contains(err.Error(), tc.refused) {
			t.Errorf("%s: %v, want %q", tc.name, err, tc.refused)
		}
	}
}

// TestTerminated: how a statement ends.
func TestTerminated(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{"SELECT 1", "SELECT 1;\n"},
		{"SELECT 1 ;\n", "SELECT 1;\n"},
		{"SELECT 1 -- one", "SELECT 1 -- one\n;\n"},
		{"SELECT ';'", "DELIMITER //\nSELECT ';'\n//\nDELIMITER ;\n"},
		{"SELECT '; //'", "DELIMITER //1//\nSELECT '; //'\n//1//\nDELIMITER ;\n"},
	} {
		if got := string(appendTerminated(nil, []byte(tc.sql))); got != tc.want {
			t.Errorf("%q: found %q, want %q", tc.sql, got, tc.want)
		}
	}
}

// FuzzClient: any statement has an end.
func FuzzClient(f *testing.F) {
	f.Add("SELECT '\\'' /* x */ `a``b` -- y\n# z", true)
	f.Fuzz(func(t *testing.T, sql string, wide bool) {
		s := decoder.Session{}
		if wide {
			s.Collations.Client = 28
		}
		_ = checkForClient([]byte(sql), &s)
		if got := appendTerminated(nil, []byte(sql)); len(got) < len(strings.TrimRight(sql, " \t\r\n;")) {
			t.Errorf("%q lost something: %q", sql, got)
		}
	})
}
