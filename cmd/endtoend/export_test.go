package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// exported is a column whose values a server and DuckDB tell as text: by their expressions, in which $ is the column.
type exported struct {
	name, definition string
	values           []string
	server, duckDB   string
	on               []*servers.Line // that have the type; nil: all
}

var mariaDBLines = []*servers.Line{servers.MariaDB1011, servers.MariaDB114, servers.MariaDB118}

// exportedColumns have values of each type of Parquet. Those of a column stand in rows of their own.
var exportedColumns = []exported{
	{"i8", "TINYINT", []string{"-128", "127", "NULL"}, "$", "$", nil},
	{"u8", "TINYINT UNSIGNED", []string{"255"}, "$", "$", nil},
	{"i16", "SMALLINT", []string{"-32768"}, "$", "$", nil},
	{"u24", "MEDIUMINT UNSIGNED", []string{"16777215"}, "$", "$", nil},
	{"u32", "INT UNSIGNED", []string{"4294967295"}, "$", "$", nil},
	{"i64", "BIGINT", []string{"-9223372036854775808"}, "$", "$", nil},
	{"u64", "BIGINT UNSIGNED", []string{"18446744073709551615"}, "$", "$", nil},
	{"d5", "DECIMAL(5,2)", []string{"-999.99", "0.01"}, "$", "$", nil},
	{"d18", "DECIMAL(18,6)", []string{"-999999999999.999999"}, "$", "$", nil},
	{"d38", "DECIMAL(38,10)", []string{"-9999999999999999999999999999.9999999999", "0.0000000001"}, "$", "$", nil},
	{"d65", "DECIMAL(65,30)", []string{"-99999999999999999999999999999999999.999999999999999999999999999999"}, "$", "$", nil},
	{"f", "FLOAT", []string{"-0.5"}, "$", "$", nil},
	{"g", "DOUBLE", []string{"-1234567.0625"}, "$", "$", nil},
	{"bits", "BIT(64)", []string{"b'1000000000000000000000000000000000000000000000000000000000000001'"}, "$+0", "$", nil},
	{"y", "YEAR", []string{"2155", "0000"}, "$+0", "$", nil},
	{"da", "DATE", []string{"'1000-01-01'", "'9999-12-31'"}, "$", "$", nil},
	{"dt", "DATETIME(6)", []string{"'1000-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'"}, "$", "$", nil},
	{"ts", "TIMESTAMP(6) NULL", []string{"'1970-01-01 00:00:01.000001'", "'2038-01-19 03:14:07.999999'"}, "CONCAT($, '+00')", "$", nil},
	{"ti", "TIME(6)", []string{"'-838:59:58.999999'"}, "$", "$", nil},
	{"latin", "VARCHAR(9) CHARACTER SET latin1", []string{"_latin1 x'E9806120'"}, "CONVERT($ USING utf8)", "$", nil},
	{"gbk", "VARCHAR(9) CHARACTER SET gbk", []string{"_gbk x'D6D0CEC4'"}, "CONVERT($ USING utf8)", "$", nil},
	{"wide", "TEXT CHARACTER SET utf16", []string{"_utf16 x'00410042'"}, "CONVERT($ USING utf8)", "$", nil},
	{"emoji", "VARCHAR(9) CHARACTER SET utf8mb4", []string{"_utf8mb4 x'F09F9880270A'", "''"}, "HEX($)", "hex($)", nil},
	{"bin", "BINARY(4)", []string{"x'41000000'"}, "HEX($)", "hex($)", nil},
	{"blobs", "BLOB", []string{"x'00FF27'"}, "HEX($)", "hex($)", nil},
	{"en", "ENUM('a','it''s')", []string{"'it''s'", "NULL"}, "$", "$", nil},
	{"se", "SET('x','y','z')", []string{"'x,z'", "''"}, "$", "$", nil},
	{"point", "POINT", []string{"ST_GeomFromText('POINT(1 2)')"}, "HEX($)", "hex($)", nil},
	{"doc", "JSON", []string{`'{"a": [1, 1.0, null, "é\\""], "b": 18446744073709551615}'`}, "HEX(CAST($ AS CHAR))", "hex(CAST($ AS VARCHAR))", []*servers.Line{servers.MySQL8015, servers.MySQL8031, servers.MySQL97}},
	{"vec", "VECTOR(3)", []string{"x'0000C03F000000C00000803E'"}, "IF($ IS NULL, NULL, '[1.5, -2.0, 0.25]')", "$", []*servers.Line{servers.MySQL97, servers.MariaDB118}},
	{"uid", "UUID", []string{"'123e4567-e89b-12d3-a456-426655440000'"}, "$", "$", mariaDBLines},
	{"ip4", "INET4", []string{"'10.0.0.0'"}, "$", "$", mariaDBLines},
	{"ip6", "INET6", []string{"'2001:db8::'"}, "$", "$", mariaDBLines},
}

// exportedOn are the columns of a line.
func exportedOn(line *servers.Line) []exported {
	return slices.DeleteFunc(slices.Clone(exportedColumns), func(c exported) bool { return c.on != nil && !slices.Contains(c.on, line) })
}

// TestExport: what DuckDB reads in exported files is what the server has, and the JSON lines agree with the files.
func TestExport(t *testing.T) {
	duckDB := servers.InstallDuckDB(t)
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		s := servers.Shared(t, line, servers.Options{GTID: true})
		s.MustExec(t, exportScript(exportedOn(line)))
		dir := filepath.Join(t.TempDir(), "changes")
		logs := s.Binlogs(t)
		args := []string{"--database", "shop"}
		run := binmend(t, "", slices.Concat([]string{"export", "--format", "parquet", "--all-dates", "--strict", "--output-dir", dir}, args, logs)...)
		if run.exit != 1 || !strings.Contains(run.stderr, "2 values that Parquet can't hold") {
			t.Fatalf("exit code %d: %s", run.exit, run.stderr)
		}
		lines := binmend(t, "", slices.Concat([]string{"export"}, args, logs)...)
		if lines.exit != 0 {
			t.Fatalf("exit code %d: %s", lines.exit, lines.stderr)
		}
		e := exportCheck{t, s, duckDB, dir}
		e.sums()
		e.values(exportedOn(line))
		e.zeroDates()
		e.agree(lines.script)
	})
}

// exportScript makes a table whose rows are inserted, changed and deleted, and one with a row for each value.
func exportScript(columns []exported) string {
	var b strings.Builder
	b.WriteString("SET time_zone = '+00:00', sql_mode = '';\nCREATE DATABASE shop;\nUSE shop;\n" +
		"CREATE TABLE orders (id INT PRIMARY KEY, amount DECIMAL(12,2), qty INT UNSIGNED) ENGINE=InnoDB;\n")
	for i := range 200 {
		fmt.Fprintf(&b, "INSERT INTO orders VALUES (%d, %d.%02d, %d);\n", i, i*7-300, i%100, i*3)
	}
	b.WriteString("UPDATE orders SET amount = amount * 2, qty = qty + 1 WHERE id % 3 = 0;\nDELETE FROM orders WHERE id % 10 = 7;\n")
	b.WriteString("CREATE TABLE zero (id INT PRIMARY KEY, d DATE, dt DATETIME) ENGINE=InnoDB;\n" +
		"INSERT INTO zero VALUES (1, '0000-00-00', '2024-00-15 10:11:12');\n")
	b.WriteString("CREATE TABLE types (id INT PRIMARY KEY AUTO_INCREMENT")
	for _, c := range columns {
		fmt.Fprintf(&b, ", `%s` %s", c.name, c.definition)
	}
	b.WriteString(") ENGINE=InnoDB;\n")
	for _, c := range columns {
		for _, v := range c.values {
			fmt.Fprintf(&b, "INSERT INTO types (`%s`) VALUES (%s);\n", c.name, v)
		}
	}
	b.WriteString("FLUSH LOGS;\n")
	return b.String()
}

type exportCheck struct {
	*testing.T
	server *servers.Server
	duckDB *servers.DuckDB
	dir    string
}

// files is the row changes in a table's files.
func (e *exportCheck) files(table string) string {
	return fmt.Sprintf("(SELECT * FROM read_parquet('%s/database=shop/table=%s/*/*.parquet') WHERE change NOT IN ('ddl', 'truncate'))", e.dir, table)
}

// ask asks the server.
func (e *exportCheck) ask(query string) (rows [][]string) {
	e.Helper()
	for line := range strings.Lines(e.server.MustExec(e.T, "SET time_zone = '+00:00', NAMES utf8mb4;\n"+query)) {
		rows = append(rows, strings.Split(strings.TrimRight(line, "\n"), "\t"))
	}
	return rows[1:] // the names of the columns
}

func (e *exportCheck) same(what string, got, want [][]string) {
	e.Helper()
	if !slices.EqualFunc(got, want, slices.Equal) {
		e.Errorf("%s: DuckDB has\n%q\nthe server\n%q", what, got, want)
	}
}

// sums: what was inserted, and changed, and not deleted, is what the table holds.
func (e *exportCheck) sums() {
	got := e.duckDB.Query(e, `SELECT count(after) - count(before), sum(coalesce(after.amount, 0) - coalesce(before.amount, 0))::DECIMAL(20,2),
		sum(coalesce(after.qty::BIGINT, 0) - coalesce(before.qty::BIGINT, 0)) FROM `+e.files("orders"))
	e.same("orders", got, e.ask("SELECT COUNT(*), SUM(amount), SUM(qty) FROM shop.orders"))
	got = e.duckDB.Query(e, "SELECT count(*), sum(after.qty - before.qty) FROM "+e.files("orders")+" WHERE change = 'update' AND day >= DATE '2020-01-01'")
	e.same("updated orders", got, [][]string{{"67", "67"}})
}

// values: each type has the values that the server shows.
func (e *exportCheck) values(columns []exported) {
	var server, duck []string
	for _, c := range columns {
		server = append(server, strings.ReplaceAll(c.server, "$", "`"+c.name+"`"))
		duck = append(duck, "CAST("+strings.ReplaceAll(c.duckDB, "$", `after."`+c.name+`"`)+" AS VARCHAR)")
	}
	got := e.duckDB.Query(e, "SELECT "+strings.Join(duck, ", ")+" FROM "+e.files("types")+" ORDER BY after.id")
	want := e.ask("SELECT " + strings.Join(server, ", ") + " FROM shop.types ORDER BY id")
	for row := range want {
		for i, c := range columns {
			if row < len(got) && got[row][i] != want[row][i] {
				e.Errorf("%s %s: DuckDB has %q, the server %q", c.name, c.definition, got[row][i], want[row][i])
			}
		}
	}
	if len(got) != len(want) {
		e.Errorf("%d rows of types, the server has %d", len(got), len(want))
	}
}

// zeroDates: what Parquet has no value for is told beside it.
func (e *exportCheck) zeroDates() {
	got := e.duckDB.Query(e, "SELECT after.d, after.dt, not_representable['after.d'], not_representable['after.dt'] FROM "+e.files("zero"))
	e.same("zero dates", got, [][]string{{"NULL", "NULL", "0000-00-00", "2024-00-15 10:11:12"}})
}

// agree: both forms hold the same changes at the same places.
func (e *exportCheck) agree(lines string) {
	file := filepath.Join(e.TempDir(), "changes.ndjson")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		e.Fatal(err)
	}
	const columns = `SELECT "table", change, file, "offset"::BIGINT, "row"::INT, gtid, time::TIMESTAMP, server_id::INT FROM %s ORDER BY ALL`
	e.same("places", e.duckDB.Query(e, fmt.Sprintf(columns, fmt.Sprintf("read_parquet('%s/**/*.parquet', union_by_name = true)", e.dir))),
		e.duckDB.Query(e, fmt.Sprintf(columns, fmt.Sprintf("read_ndjson('%s')", file))))
}
