package jsonb_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
)

// Expressions whose values reach every type of binary JSON, both formats, and the edges of each.
var serverDocuments = []string{
	`'{}'`, `'[]'`, `'null'`, `'true'`, `'false'`, `'0'`, `'-1'`, `'32767'`, `'-32768'`, `'32768'`, `'65535'`,
	`'-32769'`, `'2147483647'`, `'2147483648'`, `'-2147483649'`, `'4294967296'`, `'9223372036854775807'`,
	`'18446744073709551615'`, `CAST(CAST(7 AS UNSIGNED) AS JSON)`, `CAST(CAST(65536 AS UNSIGNED) AS JSON)`,
	`'[1.0, -0.0, 1e15, 1e14, 999999999999999.0, 1e16, 123456789012345678901234567890, 1e308, 5e-324, 1e-15, 9.9e-16, 1e-7]'`,
	`'[1234567890123456.5, 123456789012345.67, 0.1, 1.7976931348623157e308, -2.2250738585072014e-308, 4503599627370496.5]'`,
	`'[9007199254740993.0, 1e22, 1e23, 8.41e21, 5e-320, 2.2250738585072011e-308, 0.30000000000000004, 1.7976931348623155e-15]'`,
	`JSON_QUOTE('a"b\\c/\b\f\n\r\t\0\Z')`, `'"\\u0001\\u001f\\u007f\\u0080\\u2028\\ud83d\\ude00"'`,
	`JSON_OBJECT('', 1, 'b', 2, 'a', 3, 'aa', 4, 'é', 5, 'key "q"', 6)`, `CAST(1.50 AS JSON)`,
	`CAST(CAST('0.5' AS DECIMAL(30,30)) AS JSON)`, `CAST(CAST(-0.00 AS DECIMAL(5,2)) AS JSON)`,
	`CAST(CAST(0 AS DECIMAL(65,0)) AS JSON)`,
	`CAST(-99999999999999999999999999999999999.999999999999999999999999999999 AS JSON)`,
	`CAST(CAST(1000000000 AS DECIMAL(10,0)) AS JSON)`, `CAST(0.000000001 AS JSON)`,
	`CAST(CAST('0000-00-00' AS DATE) AS JSON)`, `CAST(DATE'9999-12-31' AS JSON)`,
	`CAST(TIME'-838:59:59' AS JSON)`, `CAST(CAST('-00:00:00.000001' AS TIME(6)) AS JSON)`,
	`CAST(CAST('9999-12-31 23:59:59.999999' AS DATETIME(6)) AS JSON)`,
	`JSON_ARRAY(TIMESTAMP'2024-01-02 03:04:05', CURRENT_TIMESTAMP(6), NOW(3))`,
	`JSON_ARRAY(x'00ff', b'101', CAST('x' AS BINARY), _binary'"quoted"')`,
	`JSON_ARRAY(REPEAT(x'80', 57), REPEAT(x'80', 58), REPEAT(x'80', 1000))`,
	`JSON_ARRAY(ST_GeomFromText('POINT(1 2)'), CAST(2024 AS YEAR), CAST(1.25 AS FLOAT), TRUE, NULL)`,
	`JSON_OBJECT('a', REPEAT('x', 127), 'b', REPEAT('y', 128), 'c', REPEAT('z', 16383), 'd', REPEAT('w', 16384))`,
	`JSON_ARRAY(REPEAT('x', 65525))`, `JSON_ARRAY(REPEAT('x', 65526))`,
	`JSON_ARRAY(JSON_ARRAY(REPEAT('x', 66000), 100000, 5), 1)`,
	`JSON_OBJECT('big', REPEAT('q', 70000), 'i32', 100000, 'u32', CAST(100000 AS UNSIGNED), 'i64', 5000000000, 'small', JSON_OBJECT('a', 100000))`,
	`CONCAT(REPEAT('[', 100), REPEAT(']', 100))`, `CONCAT('[', REPEAT('1,', 22000), '1]')`,
}

// updatedDocument is the j that each of serverUpdates changes.
const updatedDocument = `JSON_OBJECT('a', 1, 'b', JSON_ARRAY(1, 2, 3),
	'c', JSON_OBJECT('d', 'text', 'k 1', NULL), 'pad', REPEAT('p', 2000))`

var serverUpdates = []string{
	`JSON_SET(j, '$.a', 2)`, `JSON_SET(j, '$.a', 100000)`, `JSON_SET(j, '$.b[1]', 'x')`,
	`JSON_SET(j, '$.b[3]', 4)`, `JSON_SET(j, '$.new', JSON_OBJECT('x', 1.0))`,
	`JSON_REPLACE(j, '$.c.d', JSON_ARRAY(1, 2))`, `JSON_REPLACE(j, '$.b[last]', 9)`,
	`JSON_REPLACE(j, '$.b[last - 1]', CAST(1.50 AS JSON))`, `JSON_REMOVE(j, '$.a')`, `JSON_REMOVE(j, '$.b[0]')`,
	`JSON_REMOVE(j, '$.b[last]')`, `JSON_REMOVE(j, '$.c."k 1"')`, `JSON_SET(j, '$.c."a.b\\"[0]"', TRUE)`,
	`JSON_SET(j, '$.c."日本"', '日本')`, `JSON_SET(j, '$."é"', NULL)`,
	`JSON_SET(JSON_REMOVE(j, '$.a'), '$.b[0]', JSON_OBJECT(), '$.c.e', REPEAT('x', 300))`,
	`JSON_SET(j, '$.a', REPEAT('x', 70000))`, `JSON_SET(j, '$.a[0]', 5)`, `JSON_SET(j, '$.a[1]', 5)`,
	`JSON_SET(j, '$.c.d', DATE'2024-01-02')`, `JSON_REPLACE(j, '$.none', 1)`, `JSON_SET(j, '$.c.""', '')`,
	`JSON_SET(j, '$.c."\\n\\u0001"', 1)`,
}

// What MySQL logs prints as MySQL prints it, whole documents and partial updates alike; and a document that MySQL has
// just made is, byte for byte, what this package makes of its parts.
func TestAgainstServer(t *testing.T) {
	s := servers.Shared(t, servers.MySQL97, servers.Options{})
	var script strings.Builder
	script.WriteString("SET SESSION binlog_row_value_options = PARTIAL_JSON, sql_mode = '';\n" +
		"CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, j JSON);\n")
	for _, expression := range serverDocuments {
		script.WriteString("INSERT INTO d.t (j) VALUES (" + expression + ");\n")
	}
	for _, expression := range serverUpdates {
		script.WriteString("INSERT INTO d.t (j) VALUES (" + updatedDocument + ");\n")
		script.WriteString("UPDATE d.t SET j = " + expression + " WHERE id = LAST_INSERT_ID();\n")
	}
	s.MustExec(t, script.String())

	want := map[string]string{}
	rows, err := s.DB().Query("SELECT id, j FROM d.t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			t.Fatal(err)
		}
		want[id] = text
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}

	got := map[string]string{}
	partial := 0
	for _, name := range s.Binlogs(t) {
		eachRow(t, name, func(kind decoder.EventType, after decoder.Image) {
			id, err := after[0].AppendText(nil)
			if err != nil {
				t.Fatal(err)
			}
			doc := after[1].Raw()
			text, err := jsonb.AppendText(nil, doc)
			if err != nil {
				t.Fatalf("row %s: %v", id, err)
			}
			got[string(id)] = string(text)
			if kind == decoder.EventPartialUpdateRows {
				partial++
				return
			}
			// Without diffs, Apply writes the document afresh.
			if again, err := jsonb.Apply(nil, doc, nil); err != nil || string(again) != string(doc) {
				t.Errorf("row %s, %.100s, written again, %v:\n got %.200x\nwant %.200x", id, text, err, again, doc)
			}
		})
	}
	for id, text := range want {
		if got[id] != text {
			t.Errorf("row %s:\n   got %.1000s\nserver %.1000s", id, got[id], text)
		}
	}
	if partial < len(serverUpdates)/2 {
		t.Errorf("only %d of %d updates were logged as partial", partial, len(serverUpdates))
	}
	t.Logf("%d documents, %d partial updates", len(want), partial)
}

// eachRow calls visit with the after image of every inserted or updated row of a log.
func eachRow(t *testing.T, name string, visit func(decoder.EventType, decoder.Image)) {
	t.Helper()
	f, err := logfile.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := decoder.NewReader(f)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		rows, err := e.Rows()
		if err != nil {
			t.Fatal(err)
		}
		for row, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
			if row.After != nil {
				visit(e.Type, row.After)
			}
		}
	}
}
