package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/fixtures/servers"
	"binmend/schema/changes"
	"binmend/schema/where"
)

// TestWhereAsOnServer: a condition finds the rows in a log that the server's own SELECT finds, or is an error.
func TestWhereAsOnServer(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL56, servers.MySQL57, servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			first := len(s.Binlogs(t))
			own := ""
			literals := columnsOfWhere()
			hasJSON := line == servers.MySQL97 || line == servers.MySQL57
			if hasJSON {
				own = ", j JSON"
			}
			if line == servers.MySQL97 {
				own += ", a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"
				literals["a"] = literals["n"]
			}
			if line == servers.MariaDB118 {
				own = ", j JSON, u UUID, p INET6, q INET4, a VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci"
				literals["a"] = literals["n"]
				literals["u"] = []string{"'123e4567-e89b-12d3-a456-426655440000'", "'123E4567E89B12D3A456426655440000'", "'00000000-0000-0000-0000-000000000000'"}
				literals["p"], literals["q"] = []string{"'::1'", "'::'", "'fe80::0001'"}, []string{"'10.0.0.1'", "'0.0.0.0'"}
			}
			s.MustExec(t, "DROP DATABASE IF EXISTS w; CREATE DATABASE w; USE w; FLUSH BINARY LOGS; SET time_zone='+00:00', sql_mode='';"+
				"CREATE TABLE t (id INT PRIMARY KEY, i INT, g BIGINT UNSIGNED, d DECIMAL(10,3), f DOUBLE, v VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, "+
				"c CHAR(9) CHARACTER SET latin1 COLLATE latin1_bin, b BIT(9), x VARBINARY(9), e ENUM('new','paid',''), s SET('a','b','c'), y DATE, z DATETIME(3), "+
				"m TIMESTAMP NULL, h TIME, n VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, l VARCHAR(20) CHARACTER SET latin1, k BINARY(4), r FLOAT, "+
				"w YEAR, o TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"+own+");")
			for id := range 40 {
				names, values := "id", fmt.Sprint(id)
				n := id
				for _, column := range sortedKeys(literals) {
					list := append(slices.Clone(literals[column]), "NULL")
					names += ", " + column
					values += ", " + list[n%len(list)]
					n = (n*7 + 3) % 1_000_003
				}
				if strings.Contains(own, "j JSON") {
					names, values = names+", j", values+", '"+documents[id%len(documents)]+"'"
				}
				s.MustExec(t, fmt.Sprintf("SET time_zone='+00:00', sql_mode=''; INSERT IGNORE INTO w.t (%s) VALUES (%s);", names, values))
			}
			s.MustExec(t, "FLUSH BINARY LOGS")
			logs := s.Binlogs(t)
			logs = logs[first : len(logs)-1]
			compared, refused := 0, 0
			conditions := conditionsOf(literals)
			if hasJSON {
				conditions = append(conditions, conditionsOfJSON()...)
			}
			if line == servers.MariaDB118 {
				conditions = append(conditions, conditionsOfJSONText()...)
			}
			for _, condition := range conditions {
				got, err := idsInLog(logs, condition)
				want := idsOnServer(t, s, condition)
				switch {
				case err != nil:
					refused++
					if *showRefused {
						t.Logf("%s: %v", condition, err)
					}
				case !slices.Equal(got, want):
					t.Errorf("%s: got the rows %v, want %v", condition, got, want)
				default:
					compared++
				}
			}
			t.Logf("%d conditions find the rows that the server finds, %d are errors", compared, refused)
			if compared < 200 {
				t.Errorf("%d conditions were compared, want 200", compared)
			}
		})
	}
}

// columnsOfWhere are the columns and values to compare them with.
func columnsOfWhere() map[string][]string {
	return map[string][]string{
		"i": {"-1", "0", "2147483647", "'5'", "0x05", "x'05'"}, "g": {"18446744073709551615", "0", "7"}, "d": {"1.500", "-3", "'2.25'", "1e2"}, "f": {"1.5", "-2", "1e10"},
		"v": {"'abc'", "'ABC'", "'é'", "'a%c'", "''"}, "c": {"'abc'", "'Zé'", "''"}, "b": {"b'1'", "b'101010101'", "5", "0x05", "x'05'", "'5'"},
		"x": {"x'00ff'", "'abc'", "x'61'"}, "e": {"'new'", "'paid'", "1"}, "s": {"'a'", "'a,c'", "''", "3"},
		"y": {"'2024-01-31'", "'2023-12-01'"}, "z": {"'2024-01-31 10:11:12.5'", "'2024-01-31'"}, "m": {"'2024-01-31 10:11:12'", "'2024-02-01 00:00:00'"},
		"h": {"'10:11:12'", "'-01:00:00'", "TIME '10:11:12'"},
		"n": {"'abc'", "'ABC '", "'a_c'", "'a c'", "'zoé'", "'Жук'", "''", "'5'"}, "l": {"'abc'", "'ABC '", "'Straße'", "'a-c'", "'a1'"},
		"o": {"'abc'", "'ABC '", "'a_c'", "'a.c'", "'zoe'", "'日本'"}, "k": {"'ab'", "x'61620000'", "x'61'"}, "r": {"0.1", "1.5", "-2", "'1.5'", "1e2"},
		"w": {"2024", "'1999'", "1901"},
	}
}

func conditionsOf(literals map[string][]string) (list []string) {
	for _, column := range sortedKeys(literals) {
		values := literals[column]
		for _, value := range values {
			for _, op := range []string{"=", "<>", "<", ">=", "<=>"} {
				list = append(list, column+" "+op+" "+value)
			}
		}
		list = append(list, column+" IS NULL", "NOT "+column+" IS NOT NULL", fmt.Sprintf("%s IN (%s, NULL)", column, values[0]),
			fmt.Sprintf("%s NOT IN (%s, %s)", column, values[0], values[1]), fmt.Sprintf("%s BETWEEN %s AND %s", column, values[1], values[0]),
			fmt.Sprintf("NOT (%s = %s OR i > 0) AND v IS NOT NULL", column, values[0]))
	}
	return append(list, "n LIKE 'A%'", "n LIKE '%b%'", "n NOT LIKE 'z_é'", "n LIKE 'a|_c' ESCAPE '|'", "n REGEXP '^A'", "n REGEXP '^z..$'", "l LIKE 'STRA%'", "l REGEXP 'b+c?$'", "o LIKE 'A%C'",
		"o > 'abb' AND o < 'abd'", "n COLLATE utf8mb4_bin = 'abc'", "n COLLATE utf8mb4_bin > 'abc'", "l COLLATE latin1_bin = 'Straße'", "e > 'new'", "e < 'PAID'", "e LIKE 'n%'",
		"s LIKE '%c'", "e IN ('NEW', 'x')", "e IN ('new', 2)", "e IN ('2', 0)", "e = 0x01", "e <> b'10'", "e BETWEEN 0x01 AND 'paid'", "s IN (1, 'c')", "s = 0x61", "g IN ('7', -1)", "g NOT IN (-1, 7.0)", "b IN (5, -1)", "b < 1e2", "s > 'a'", "'abc' = n", "5 < i", "0 <= f", "(i = 5) IS TRUE", "(i = 5) IS NOT FALSE", "(n = 'abc') IS UNKNOWN", "i = 5 XOR f = 1.5", "i = 1 XOR NULL <=> i",
		"y = DATE '2024-01-31'", "z >= TIMESTAMP '2024-01-31 00:00:00'", "y BETWEEN '2023-01-01' AND '2023-12-31'", "i IN (TRUE, FALSE)", "i = -1 OR i = +5", "NOT i = 5", "NOT (i IN (5, NULL))",
		"d = 1.5e0", "g = 18446744073709551615e0", "d < '2.0'", "f BETWEEN -5 AND 1.5", "n IN ('ABC', 'zoé', NULL)", "n BETWEEN 'a' AND 'b'", "n <> 'ABC'", "n = 'abc' AND v = 'abc'",
		"v LIKE 'a%'", "v NOT LIKE '_b_'", `v LIKE 'a\%c'`, "v REGEXP '^a.c$'", "v NOT RLIKE '[A-Z]'", "c REGEXP 'b'", "id BETWEEN 3 AND 5 && i < 9 || g = 7")
}

// documents are what the JSON column holds.
var documents = []string{
	`{"a": 1, "b": "x", "c": [1, 2, 3], "d": {"e": null, "f g": true}}`, `{"a": "x", "b": 5, "c": {"0": 1}}`, `{"a": 1.5, "b": "X", "c": []}`, `[1, "x", [2, 3]]`, `"x"`, `5`,
	`{"a": true, "b": null, "c": "abc "}`, `{"a": -3, "b": "Zoé", "c": 18446744073709551615}`, `{"a": 1e2, "b": "", "c": [[5]]}`, `{"a": [1], "b": {"x": 1}, "c": false}`,
	`null`, `{"a":"x ","a":"y","b":[1 ,{"e" : "f"}],"c":"1"}`, `{"a":9007199254740993,"b":"12abc","c":[{"a":false},null]}`, `{"a": 1.50, "b": "\\u00e9", "c": {"a":[]}}`, `{"a": 100, "b": "say \\\"hi\\\"", "c": 0.1}`, `true`,
}

// conditionsOfJSON are conditions on parts of documents.
func conditionsOfJSON() (list []string) {
	parts := []string{"j", "j->'$.a'", "j->'$.b'", "j->'$.c'", "j->'$.c[0]'", "JSON_EXTRACT(j, '$.d.e')", `j->'$.d."f g"'`, "j->'$[1]'", "j->'$[0]'", "j->'$.c[0][0]'"}
	for _, part := range parts {
		for _, op := range []string{"=", "<>", "<", ">=", "<=>"} {
			for _, value := range []string{"1", "'x'", "1.5", "TRUE", "100", "0.1", "1e2", "-3", "18446744073709551615", "FALSE"} {
				list = append(list, part+" "+op+" "+value)
			}
		}
		list = append(list, part+" IS NULL", part+" IS NOT NULL", part+" <=> NULL")
	}
	texts := []string{"j->>'$.a'", "JSON_UNQUOTE(j->'$.b')", "j->>'$.c'", "JSON_UNQUOTE(JSON_EXTRACT(j, '$.c[0]'))", "j->>'$'", "j->>'$.d'", "JSON_UNQUOTE(j)"}
	for _, text := range texts {
		for _, test := range []string{"= 'x'", "= 'X'", "= '1'", "= '1.5'", "= 'true'", "= 'null'", "= 'abc'", "<> 'abc '", "< 'x'", ">= 'Zoé'", "IN ('x', '5', 'Zoé')", "LIKE '%x%'", "LIKE '_'", "IS NULL",
			"BETWEEN '1' AND '5'", "REGEXP '^[a-z]'", "= '[1, 2, 3]'", "= '[]'", `= '{"x": 1}'`, "= '100'", `LIKE 'say "hi"'`, "NOT IN ('x', NULL)"} {
			list = append(list, text+" "+test)
		}
	}
	return list
}

// conditionsOfJSONText are conditions on what MariaDB's functions find in documents.
func conditionsOfJSONText() (list []string) {
	var parts []string
	for _, path := range []string{"$.a", "$.b", "$.c", "$.c[0]", "$.d.e", `$.d."f g"`, "$[1]", "$[0]", "$.c[0][0]", "$", "$.c[0].a", "$.b[1].e", "$.a[0]", "$.b[0].x"} {
		parts = append(parts, "JSON_EXTRACT(j, '"+path+"')", "JSON_VALUE(j, '"+path+"')", "JSON_UNQUOTE(JSON_EXTRACT(j, '"+path+"'))")
	}
	for _, part := range append(parts, "JSON_UNQUOTE(j)") {
		for _, op := range []string{"=", "<>", "<", ">=", "<=>"} {
			for _, value := range []string{"1", "'x'", "1.5", "TRUE", "100", "'1'", "1e2", "-3", "0", "FALSE", "'Zoé'", "'true'", "'[1, 2, 3]'", "''", "'null'", "'1.50'", "'é'"} {
				list = append(list, part+" "+op+" "+value)
			}
		}
		for _, test := range []string{"IS NULL", "IS NOT NULL", "<=> NULL", "IN ('x', '5', 'Zoé')", "LIKE '%x%'", "LIKE '_'", "BETWEEN '1' AND '5'", "BETWEEN 1 AND 5", "IN (1, 5, NULL)", "REGEXP '^[a-z]'", "NOT IN ('x', NULL)",
			`= '{"x": 1}'`, `= 'say "hi"'`, "COLLATE utf8mb4_general_ci = 'X'"} {
			list = append(list, part+" "+test)
		}
	}
	return list
}

func sortedKeys(m map[string][]string) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func idsOnServer(t *testing.T, s *servers.Server, condition string) (ids []int) {
	t.Helper()
	rows, err := s.DB().Query("SELECT id FROM w.t WHERE " + condition + " ORDER BY id")
	if err != nil {
		t.Fatal(condition, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func idsInLog(logs []string, text string) (ids []int, err error) {
	condition, err := where.Parse(text)
	if err != nil {
		return nil, err
	}
	d := &changes.Definitions{Logs: walk.Logs{Names: logs}}
	w, err := d.Logs.From(decoder.Position{})
	if err != nil {
		return nil, err
	}
	defer w.Close()
	var out bytes.Buffer
	if _, err = export.NDJSON(context.Background(), &out, changes.NewStream(changes.Options{Events: w, Definitions: d, Where: condition}), export.Options{Workers: 1}); err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(&out); decoder.More(); {
		var row struct{ After struct{ ID int } }
		if err := decoder.Decode(&row); err != nil {
			return nil, err
		}
		ids = append(ids, row.After.ID)
	}
	slices.Sort(ids)
	return ids, nil
}
