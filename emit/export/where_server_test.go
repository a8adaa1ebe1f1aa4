package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
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
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			first := len(s.Binlogs(t))
			own := ""
			literals := columnsOfWhere()
			if line == servers.MariaDB118 {
				own = ", u UUID, p INET6, q INET4"
				literals["u"] = []string{"'123e4567-e89b-12d3-a456-426655440000'", "'123E4567E89B12D3A456426655440000'", "'00000000-0000-0000-0000-000000000000'"}
				literals["p"], literals["q"] = []string{"'::1'", "'::'", "'fe80::0001'"}, []string{"'10.0.0.1'", "'0.0.0.0'"}
			}
			s.MustExec(t, "DROP DATABASE IF EXISTS w; CREATE DATABASE w; USE w; FLUSH BINARY LOGS; SET time_zone='+00:00', sql_mode='';"+
				"CREATE TABLE t (id INT PRIMARY KEY, i INT, g BIGINT UNSIGNED, d DECIMAL(10,3), f DOUBLE, v VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, "+
				"c CHAR(9) CHARACTER SET latin1 COLLATE latin1_bin, b BIT(9), x VARBINARY(9), e ENUM('new','paid',''), s SET('a','b','c'), y DATE, z DATETIME(3), "+
				"m TIMESTAMP NULL, h TIME"+own+");")
			for id := range 24 {
				names, values := "id", fmt.Sprint(id)
				n := id
				for _, column := range sortedKeys(literals) {
					list := append(slices.Clone(literals[column]), "NULL")
					names += ", " + column
					values += ", " + list[n%len(list)]
					n = n*7 + 3
				}
				s.MustExec(t, fmt.Sprintf("SET time_zone='+00:00', sql_mode=''; INSERT IGNORE INTO w.t (%s) VALUES (%s);", names, values))
			}
			s.MustExec(t, "FLUSH BINARY LOGS")
			logs := s.Binlogs(t)
			logs = logs[first : len(logs)-1]
			compared, refused := 0, 0
			for _, condition := range conditionsOf(literals) {
				got, err := idsInLog(logs, condition)
				want := idsOnServer(t, s, condition)
				switch {
				case err != nil:
					refused++
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
		"h": {"'10:11:12'", "'-01:00:00'"},
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
	return append(list, "v LIKE 'a%'", "v NOT LIKE '_b_'", `v LIKE 'a\%c'`, "v REGEXP '^a.c$'", "v NOT RLIKE '[A-Z]'", "c REGEXP 'b'", "id BETWEEN 3 AND 5 && i < 9 || g = 7")
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
