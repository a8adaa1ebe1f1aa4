package endtoend

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/fixtures/values"
)

// TestTypes holds what is printed of values of every type that a line has against what its server says of them: as records, and
// as SQL that puts the rows back. The row metadata is what the line writes by itself and FULL, and the definitions are a dump and
// none. Without one a table may be refused, by name; a value is never wrong.
func TestTypes(t *testing.T) {
	servers.On(t, servers.AllLines(), func(t *testing.T, line *servers.Line) {
		s := servers.Shared(t, line, servers.Options{})
		s.MustExec(t, "CREATE DATABASE edge; USE edge; SET NAMES utf8mb4;\n"+values.Of(t, line))
		dropTriggersOf(t, s)
		c := &typeCheck{T: t, server: s, dump: filepath.Join(t.TempDir(), "schema.sql")}
		if err := os.WriteFile(c.dump, []byte(s.SchemaDump(t, "edge")), 0o600); err != nil {
			t.Fatal(err)
		}
		c.readColumns()
		metadata := []string{"as it is"}
		if line != servers.MySQL56 && line != servers.MySQL57 {
			metadata = append(metadata, "FULL")
		}
		for _, m := range metadata {
			t.Run("metadata "+m, func(t *testing.T) { c.with(t).metadata(m) })
		}
	})
}

// dropTriggersOf keeps the log to the rows that are asked for.
func dropTriggersOf(t *testing.T, s *servers.Server) {
	t.Helper()
	out := s.MustExec(t, "SELECT CONCAT('DROP TRIGGER `', trigger_schema, '`.`', trigger_name, '`;') AS '-- ' "+
		"FROM information_schema.triggers WHERE trigger_schema = 'edge';")
	s.MustExec(t, out)
}

// typeCheck is the tables of a line whose values are held against the server's.
type typeCheck struct {
	*testing.T
	server *servers.Server
	dump   string
	tables []string
	types  map[string]map[string]string // by table and column, as information_schema has them
}

func (c *typeCheck) with(t *testing.T) *typeCheck {
	d := *c
	d.T = t
	return &d
}

func (c *typeCheck) readColumns() {
	c.Helper()
	rows, err := c.server.DB().Query("SELECT c.table_name, c.column_name, c.data_type, COALESCE(c.character_set_name, '') FROM information_schema.columns c " +
		"JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name " +
		"WHERE c.table_schema = 'edge' AND t.table_type <> 'VIEW' ORDER BY c.table_name, c.ordinal_position")
	if err != nil {
		c.Fatal(err)
	}
	defer rows.Close()
	c.types = map[string]map[string]string{}
	for rows.Next() {
		var table, column, kind, charset string
		if err := rows.Scan(&table, &column, &kind, &charset); err != nil {
			c.Fatal(err)
		}
		if c.types[table] == nil {
			c.types[table] = map[string]string{}
			c.tables = append(c.tables, table)
		}
		if charset == "binary" && kind == "char" {
			kind = "binary"
		}
		c.types[table][column] = kind
	}
	if err := rows.Err(); err != nil {
		c.Fatal(err)
	}
}

// metadata deletes all rows, which logs them, and looks at what is made of that log.
func (c *typeCheck) metadata(setting string) {
	if setting == "FULL" {
		c.server.MustExec(c.T, "SET GLOBAL binlog_row_metadata = FULL;")
	}
	before := c.contents()
	want := map[string]rowsOfTable{}
	for _, table := range c.tables {
		want[table] = c.selected(table)
	}
	c.server.MustExec(c.T, "FLUSH LOGS;\n"+c.deletes())
	logs := c.server.Binlogs(c.T)
	log := logs[len(logs)-1]
	c.server.MustExec(c.T, "FLUSH LOGS;")
	for name, definitions := range map[string][]string{"dump": {"--schema", c.dump}, "none": nil} {
		c.Run("definitions "+name, func(t *testing.T) {
			d := c.with(t)
			d.exported(log, definitions, want)
			d.putBack(log, definitions, before)
			d.server.MustExec(t, "SET sql_log_bin = 0;\n"+c.deletes())
		})
	}
	c.putBack(log, []string{"--schema", c.dump}, before)
}

func (c *typeCheck) deletes() string {
	var b strings.Builder
	for _, table := range c.tables {
		fmt.Fprintf(&b, "DELETE FROM edge.`%s`;\n", table)
	}
	return b.String()
}

// exported holds the records of each table against the rows that the server had.
func (c *typeCheck) exported(log string, definitions []string, want map[string]rowsOfTable) {
	c.Helper()
	refused := 0
	for _, table := range c.tables {
		run := binmend(c.T, "", slices.Concat([]string{"export", "--type", "insert,update,delete", "--table", "edge." + table}, definitions, []string{log})...)
		switch {
		case run.exit == 1 && len(want[table]) == 0: // nothing was deleted
		case run.exit != 0:
			refused++
			c.checkRefusal("export", table, definitions, run)
		default:
			c.compare(table, c.recorded(run.script), want[table])
		}
	}
	c.Logf("export: %d of %d tables refused", refused, len(c.tables))
}

// untold are the tables that have what no log tells: that columns are generated. The server refuses the statements that name them.
var untold = []string{"computed", "derived"}

// putBack takes the deletion back, table by table, and looks whether the rows are as before.
func (c *typeCheck) putBack(log string, definitions []string, before map[string]string) {
	c.Helper()
	var all strings.Builder
	refused := map[string]string{}
	for _, table := range c.tables {
		if definitions == nil && slices.Contains(untold, table) || table == "versions" { // whose history has the time of each deletion
			refused[table] = "not run"
			continue
		}
		run := binmend(c.T, "", slices.Concat([]string{"sql", "--rollback", "--disable-log-bin", "--table", "edge." + table}, definitions, []string{log})...)
		switch {
		case run.exit == 0 || run.exit == 1 && !strings.Contains(run.stderr, "can't be rolled back"):
			all.WriteString(run.script)
		default:
			refused[table] = run.stderr
			c.checkRefusal("sql", table, definitions, run)
		}
	}
	c.Logf("sql: %d of %d tables refused", len(refused), len(c.tables))
	if _, err := c.server.Exec(all.String()); err != nil {
		c.Fatal(err)
	}
	got := c.contents()
	for _, table := range c.tables {
		if refused[table] == "" && got[table] != before[table] {
			c.Errorf("what the SQL puts back into %s:\n%s", table, servers.Difference(got[table], before[table]))
		}
	}
}

// checkRefusal: a table may be refused where the log does not say enough of it, and where MySQL 5.7 has put a value into a document
// that its SQL does not put there.
func (c *typeCheck) checkRefusal(command, table string, definitions []string, run fixRun) {
	c.Helper()
	named := strings.Contains(run.stderr, table)
	switch {
	case run.exit == 2 && named && definitions == nil && strings.Contains(run.stderr, "--schema"):
	case run.exit == 1 && named && definitions == nil && strings.Contains(run.stderr, "the log does not hold all columns"): // but hidden ones
	case run.exit == 1 && named && c.server.Install.Line == servers.MySQL57 && strings.Contains(run.stderr, "no SQL of MySQL 5.7"):
	default:
		c.Errorf("%s of %s: exit code %d\n%s", command, table, run.exit, run.stderr)
	}
}

// contents are the rows of each table, to the byte.
func (c *typeCheck) contents() map[string]string {
	c.Helper()
	m, table := map[string]string{}, ""
	for line := range strings.Lines(c.server.Contents(c.T, "edge")) {
		if !strings.HasPrefix(line, "  ") {
			table = strings.Split(line, "`")[3]
		}
		m[table] += line
	}
	return m
}

// rowsOfTable are rows as the texts of their columns, each in all forms that are right.
type rowsOfTable []map[string][]string

// selected are the rows of a table as the server shows them.
func (c *typeCheck) selected(table string) (all rowsOfTable) {
	c.Helper()
	ctx := context.Background()
	conn, err := c.server.DB().Conn(ctx)
	if err != nil {
		c.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SET NAMES utf8mb4, time_zone = '+00:00'"); err != nil {
		c.Fatal(err)
	}
	columns := c.columns(table)
	var selects []string
	for _, column := range columns {
		selects = append(selects, shown("`"+column+"`", c.types[table][column]), "HEX(`"+column+"`)")
	}
	rows, err := conn.QueryContext(ctx, "SELECT "+strings.Join(selects, ", ")+" FROM edge.`"+table+"`")
	if err != nil {
		c.Fatal(err)
	}
	defer rows.Close()
	fields := make([]sql.NullString, len(selects))
	targets := make([]any, len(fields))
	for i := range fields {
		targets[i] = &fields[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			c.Fatal(err)
		}
		row := map[string][]string{}
		for i, column := range columns {
			row[column] = []string{"NULL", "null"} // to JSON the document null is the same
			if text := fields[2*i]; text.Valid {
				row[column] = serverTexts(c.types[table][column], text.String, fields[2*i+1].String)
			}
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		c.Fatal(err)
	}
	return all
}

func (c *typeCheck) columns(table string) []string {
	var columns []string
	for column := range c.types[table] {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	return columns
}

// shown is the expression whose text has all of a value.
func shown(column, kind string) string {
	switch kind {
	case "float", "double":
		return column + " * 1e0"
	case "bit":
		return column + " + 0"
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set":
		return "CONVERT(" + column + " USING utf8mb4)"
	case "json":
		return "CAST(" + column + " AS CHAR)"
	}
	return column
}

// serverTexts are the forms in which a value may be recorded: numbers by value, bytes as base64, text in a character set that is not
// known as its bytes, UUIDs and addresses as the bytes of the log where nothing tells that they are none.
func serverTexts(kind, text, hexed string) []string {
	raw, _ := hex.DecodeString(hexed)
	encoded := base64.StdEncoding.EncodeToString(raw)
	switch kind {
	case "float", "double":
		f, _ := strconv.ParseFloat(text, 64)
		return []string{strconv.FormatFloat(f, 'g', -1, 64)}
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext":
		return []string{text, compactJSON(text), `{"base64":"` + encoded + `"}`}
	case "json":
		return []string{compactJSON(strings.ReplaceAll(text, "\n", `\n`))}
	case "vector":
		var numbers []float32
		for ; len(raw) >= 4; raw = raw[4:] {
			numbers = append(numbers, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
		}
		list, _ := json.Marshal(numbers)
		return []string{string(list), encoded}
	case "int", "tinyint", "smallint", "mediumint", "bigint", "decimal", "bit", "year", "date", "time", "datetime", "timestamp", "enum", "set":
		return []string{text}
	case "uuid", "inet4", "inet6":
		return []string{text, encoded}
	}
	return []string{encoded}
}

// compactJSON is a document without spaces, and with its numbers as MySQL 5.7 writes them too: 1 for 1.0.
func compactJSON(text string) string {
	var b bytes.Buffer
	if json.Compact(&b, []byte(text)) != nil {
		return text
	}
	return wholeNumber.ReplaceAllString(b.String(), "$1$2")
}

var wholeNumber = regexp.MustCompile(`([\[:,]|^)(-?[0-9]+)\.0\b`)

// recorded are the rows of exported records.
func (c *typeCheck) recorded(records string) (all []map[string]json.RawMessage) {
	c.Helper()
	for record := range strings.Lines(records) {
		var r struct{ Before map[string]json.RawMessage }
		if err := json.Unmarshal([]byte(record), &r); err != nil {
			c.Fatal(err)
		}
		all = append(all, r.Before)
	}
	return all
}

// compare looks for each recorded row among those of the server. A column that the log leaves out (MariaDB 11.8 does so with
// generated ones) is not in the record.
func (c *typeCheck) compare(table string, got []map[string]json.RawMessage, want rowsOfTable) {
	c.Helper()
	if len(got) != len(want) {
		c.Errorf("export of %s: %d rows, want %d", table, len(got), len(want))
		return
	}
	left := slices.Clone(want)
	for _, row := range got {
		nearest, differ := -1, []string(nil)
		for i := range left {
			if d := c.differences(table, row, left[i]); nearest < 0 || len(d) < len(differ) {
				nearest, differ = i, d
			}
		}
		if len(differ) > 0 {
			c.Errorf("export of %s: a row differs from every one of the server, least in\n%.2000s", table, strings.Join(differ, "\n"))
			return
		}
		left = slices.Delete(left, nearest, nearest+1)
	}
}

func (c *typeCheck) differences(table string, got map[string]json.RawMessage, want map[string][]string) (differ []string) {
	for column, forms := range want {
		if value, ok := got[column]; ok && !slices.Contains(forms, recordedText(c.types[table][column], value)) {
			differ = append(differ, fmt.Sprintf("%s %s: %s, the server has %q", column, c.types[table][column], value, forms))
		}
	}
	return differ
}

func recordedText(kind string, value json.RawMessage) string {
	var text string
	switch isString := json.Unmarshal(value, &text) == nil; {
	case kind == "json":
		return compactJSON(string(value)) // null is a document as well
	case string(value) == "null":
		return "NULL"
	case !isString:
		text = string(value)
	}
	if bits := map[string]int{"float": 32, "double": 64}[kind]; bits > 0 {
		f, _ := strconv.ParseFloat(text, bits)
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	return text
}
