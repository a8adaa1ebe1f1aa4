package sqltext_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver"
	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// hostile draws bytes that are likely to break out of where they stand.
var hostile = rapid.Custom(func(t *rapid.T) string {
	pieces := rapid.SliceOfN(rapid.OneOf(
		rapid.SampledFrom([]string{"'", "''", `\`, `\'`, "`", `"`, ";", "--", "-- ", "#", "/*", "*/", "\n", "\r\n", "\x00", "\x1a", "\x1b[2J",
			`\!`, `\. x`, "delimiter //", "system ls", "\u2028", "\u202e", "\ufeff", "\xff", "\xc2", "\xe2\x82", "\x81\x5c", "😀", "日", "é", "/*M!", "/*!50000"}),
		rapid.StringN(0, 5, 20),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
	), 0, 8).Draw(t, "pieces")
	return strings.Join(pieces, "")
})

func TestStringsStayInTheirLiterals(t *testing.T) {
	p := parser.New()
	rapid.Check(t, func(t *rapid.T) {
		s := hostile.Draw(t, "text")
		literal := string(mysql(9, 7, 4).AppendString(nil, s))
		for _, c := range literal {
			if c < ' ' || c == '\\' {
				t.Fatalf("%q holds a control character or a backslash", literal)
			}
		}
		if !utf8.ValidString(s) {
			return
		}
		stmts, _, err := p.ParseSQL("SELECT " + literal)
		if err != nil || len(stmts) != 1 {
			t.Fatalf("%s: %d statements, %v", literal, len(stmts), err)
		}
		field := stmts[0].(*ast.SelectStmt).Fields.Fields[0].Expr.(ast.ValueExpr)
		if got := field.GetString(); got != s {
			t.Fatalf("%s reads as %q, want %q", literal, got, s)
		}
	})
}

func TestNamesStayInTheirQuotes(t *testing.T) {
	p := parser.New()
	rapid.Check(t, func(t *rapid.T) {
		name := hostile.Draw(t, "name")
		if name == "" || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
			return
		}
		sql := "SELECT " + string(mysql(9, 7, 4).AppendIdent(nil, name))
		stmts, _, err := p.ParseSQL(sql)
		if err != nil || len(stmts) != 1 {
			t.Fatalf("%s: %d statements, %v", sql, len(stmts), err)
		}
		if got := stmts[0].(*ast.SelectStmt).Fields.Fields[0].Expr.(*ast.ColumnNameExpr).Name.Name.O; got != name {
			t.Fatalf("%s reads as %q, want %q", sql, got, name)
		}
	})
}

func TestCommentsAreOneLineOfVisibleCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := hostile.Draw(t, "text")
		line := sqltext.AppendComment(nil, s)
		body, ok := bytes.CutSuffix(line, []byte("\n"))
		if !ok || !bytes.HasPrefix(body, []byte("--")) || len(body) > 2 && body[2] != ' ' {
			t.Fatalf("%q is not a comment line", line)
		}
		if !utf8.Valid(body) || bytes.ContainsAny(body, "\\\n\r\x00\x1a\x1b\u2028\u202e\ufeff") {
			t.Fatalf("%q holds a character that can't be seen", line)
		}
	})
}

func TestVisible(t *testing.T) {
	for text, want := range map[string]string{
		"plain 日本":            "plain 日本",
		"a\nb\x1b[0m":         "a<0A>b<1B>[0m",
		`\! rm`:               "<5C>! rm",
		"\xffé":               "<xFF>é",
		"\u202eabc\U000e0001": "<202E>abc<E0001>",
		"":                    "",
	} {
		if got := string(sqltext.AppendVisible(nil, text)); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestTextOfAnyBytesStaysInItsLiteral(t *testing.T) {
	charsets := []string{"utf8mb4", "utf8mb3", "ascii", "latin1", "gbk", "sjis", "big5", "utf16", "swe7", "binary", "", "koi8r"}
	rapid.Check(t, func(t *rapid.T) {
		c, v := text(rapid.SampledFrom(charsets).Draw(t, "charset"), hostile.Draw(t, "bytes"))
		literal, err := mariaDB(10, 11, 19).AppendLiteral(nil, c, v)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := appendReady(mariaDB(10, 11, 19), c, &v); err != nil || string(same) != string(literal) {
			t.Fatalf("for its column: %q, %v, want %q", same, err, literal)
		}
		rest := string(literal)
		if i := strings.IndexByte(rest, '\''); i > 0 {
			rest = rest[i:]
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(rest, "'"), "'")
		if len(rest) < 2 || strings.Contains(strings.ReplaceAll(inner, "''", ""), "'") || !utf8.ValidString(rest) || strings.ContainsAny(rest, "\\\n\x00") {
			t.Fatalf("%q is not one literal", literal)
		}
	})
}

func TestExpressionsThatLeaveTheirPlaceAreRefused(t *testing.T) {
	table := &schema.Table{Database: "d", Name: "t", Columns: []schema.Column{{Name: "a", Type: schema.TypeInt}}}
	for _, expr := range []string{"a) OR (1=1", "a; DROP TABLE t", "a -- x", "a /* x */", "a # x", "'a", "`a", `\! ls`, "(a", "a\n", `'a\'`} {
		if sql, err := deleteBy(table, expr); err == nil {
			t.Errorf("%q was taken: %s", expr, sql)
		}
	}
	for _, expr := range []string{"lower(`a`)", "concat(`a`,_utf8mb4'it''s; -- x')", `concat(a,'\'')`, "a - -1"} {
		if _, err := deleteBy(table, expr); err != nil {
			t.Errorf("%q: %v", expr, err)
		}
	}
}

func deleteBy(table *schema.Table, expr string) ([]byte, error) {
	key := schema.Key{Name: "f", Parts: []schema.KeyPart{{Column: -1, Expr: expr, Columns: []int{0}}}}
	cells := []decoder.Cell{cell(&decoder.Column{Type: decoder.TypeLong}, "01000000")}
	return mysql(9, 7, 4).AppendDelete(nil, keyedRow(table, cells, &key), nil)
}
