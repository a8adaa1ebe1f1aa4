package sqltext_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/decoder/logfile"
	"binmend/emit/plan"
	"binmend/emit/script"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
	"binmend/fixtures/values"
	"binmend/schema"
	"binmend/schema/dump"
)

// corpus is where the shared logs are, when they are there.
const corpus = "../../../shared/corpus"

// roundTrip takes rows out of a log, has a server store them by the statements of this package, and reads from the
// server's own log what it stored: the bytes have to be the same. The server is told nothing but SQL.
type roundTrip struct {
	line           *servers.Line
	folder, schema string
	logs           []string
}

var roundTrips = []roundTrip{
	{servers.MySQL56, "mysql-5.6/written", "schema.sql", []string{"full-crc32.binlog", "v1-row-events.binlog"}},
	{servers.MySQL97, "mysql-9.7", "schema.sql", []string{"full-minmeta-nogtid.binlog", "full-fullmeta.binlog", "partial-json-full.binlog"}},
	{servers.MariaDB1011, "mariadb-10.11/written", "schema.sql", []string{"full-crc32.binlog", "compressed.binlog"}},
	{servers.MariaDB118, "mariadb-11.8/written", "schema.sql", []string{"full-crc32.binlog", "fullmeta.binlog"}},
}

func TestRowsOfTheCorpusComeBackFromAServer(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus at " + corpus)
	}
	for _, rt := range roundTrips {
		t.Run(rt.line.String(), func(t *testing.T) {
			folder := filepath.Join(corpus, rt.folder)
			tables, err := dump.LoadFiles(filepath.Join(folder, rt.schema))
			if err != nil {
				t.Fatal(err)
			}
			for _, t := range tables.Tables() {
				t.Triggers = nil // dropTriggers; a script writes otherwise where there are some
			}
			var rows []schema.Row
			for _, log := range rt.logs {
				rows = append(rows, rowsOf(t, tables, filepath.Join(folder, log))...)
			}
			if len(rows) == 0 {
				t.Fatal("the logs hold no rows")
			}
			server := servers.Start(t, rt.line, servers.Options{})
			definitions, err := os.ReadFile(filepath.Join(folder, rt.schema))
			if err != nil {
				t.Fatal(err)
			}
			database := rows[0].Table.Database
			server.MustExec(t, "CREATE DATABASE IF NOT EXISTS `"+database+"`; USE `"+database+"`;\n"+string(definitions))
			dropTriggers(t, server)
			replay(t, server, rows)
		})
	}
}

func TestEdgeValuesComeBackFromAServer(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			server := servers.Start(t, line, servers.Options{})
			server.MustExec(t, "CREATE DATABASE edge; USE edge; SET NAMES utf8mb4;\n"+values.Of(t, line))
			logs := server.Binlogs(t)
			server.MustExec(t, "FLUSH LOGS;")
			tables, err := dump.Load(strings.NewReader(server.SchemaDump(t, "edge")), line.String())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range tables.Problems {
				t.Error(p)
			}
			replay(t, server, rowsOf(t, tables, logs[len(logs)-1]))
		})
	}
}

// dropTriggers keeps the log to the rows that were asked for.
func dropTriggers(t *testing.T, server *servers.Server) {
	t.Helper()
	out := server.MustExec(t, "SELECT CONCAT('DROP TRIGGER `', trigger_schema, '`.`', trigger_name, '`;') AS '-- ' "+
		"FROM information_schema.triggers WHERE trigger_schema NOT IN ('sys', 'mysql');")
	server.MustExec(t, out)
}

// rowsOf collects the distinct row images of a log whose tables the schema describes.
func rowsOf(t *testing.T, tables *dump.Schema, path string) []schema.Row {
	t.Helper()
	seen := map[string]bool{}
	var rows []schema.Row
	eachRow(t, path, func(ev *decoder.Event, m *decoder.TableMap, row *decoder.Row) {
		table, err := tables.Table(context.Background(), schema.Ref{Database: m.Database, Table: m.Table})
		if err != nil || schema.Verify(table, m) != nil || isSequence(table) {
			return
		}
		for _, image := range []decoder.Image{row.Before, row.After} {
			if len(image) < len(table.Columns) {
				continue
			}
			cells := make([]decoder.Cell, len(table.Columns))
			key := table.Name
			for i := range cells {
				cells[i] = image[i].Clone()
				key += fmt.Sprintf("\x00%d%q", cells[i].State(), cells[i].Raw())
			}
			if !seen[key] {
				seen[key] = true
				rows = append(rows, schema.Row{Table: table, Cells: keep(cells)})
			}
		}
	})
	return rows
}

// isSequence tells MariaDB's sequences, which take an INSERT and no DELETE.
func isSequence(t *schema.Table) bool { return t.Columns[0].Name == "next_not_cached_value" }

// keep copies what a cell says of its column, which lives as long as its event.
func keep(cells []decoder.Cell) []decoder.Cell {
	for i, c := range cells {
		if c.State() == decoder.Value {
			column := *c.Column()
			cells[i] = decoder.NewCell(&column, c.Raw())
		}
	}
	return cells
}

func eachRow(t *testing.T, path string, visit func(*decoder.Event, *decoder.TableMap, *decoder.Row)) {
	t.Helper()
	files := logfile.OpenFiles(path)
	defer files.Close()
	reader := decoder.NewReader(files)
	for {
		ev, err := reader.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if !ev.IsRows() {
			continue
		}
		re, err := ev.Rows()
		if err != nil {
			t.Fatal(err)
		}
		for {
			row, err := re.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			visit(ev, re.Map, row)
		}
	}
}

// replay stores the rows one after the other and compares what the server logged with what was asked for.
func replay(t *testing.T, server *servers.Server, rows []schema.Row) {
	t.Helper()
	d := sqltext.For(serverVersion(t, server))
	server.MustExec(t, "FLUSH LOGS;")
	var text bytes.Buffer
	text.WriteString("SET NAMES utf8mb4;\nSET SESSION time_zone='+00:00', foreign_key_checks=0;\n")
	var stored []schema.Row
	for _, row := range rows {
		if !hasLiterals(t, d, row) {
			continue
		}
		p := plan.Presence{Row: row, Key: &schema.Key{}, Count: 1}
		sql, err := script.AppendReplaceMissing(nil, d, &p)
		if len(stored)%2 == 0 || errors.Is(err, sqltext.ErrNoLiteral) { // of a condition
			sql, err = script.AppendReplace(nil, d, &p)
		}
		if err != nil {
			t.Errorf("%s: %v", row.Table.Name, err)
			continue
		}
		mode := "STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
		if sqltext.NeedsLenientMode(row) {
			mode = "ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO"
		}
		fmt.Fprintf(&text, "SET sql_mode='%s';\nDELETE FROM %s;\n%s;\n", mode, d.AppendTable(nil, row.Table), sql)
		// The same statement again finds the row that it put, so it adds none.
		missing, err := script.AppendReplaceMissing(nil, d, &p)
		if err == nil && !slices.ContainsFunc(row.Table.Columns, func(c schema.Column) bool { return c.SystemTime }) {
			fmt.Fprintf(&text, "%s;\n", missing)
		}
		for i := range row.Table.Keys {
			if condition, ok := keyed(d, row, &row.Table.Keys[i]); ok {
				fmt.Fprintf(&text, "SELECT %s, %s FROM %s;\n", d.AppendString(nil, row.Table.Name), condition, d.AppendTable(nil, row.Table))
			}
		}
		stored = append(stored, row)
	}
	out, err := server.Exec(text.String())
	var failed *servers.ClientError
	if errors.As(err, &failed) {
		t.Fatalf("%v\n%s", failed.Stderr, near(text.String(), string(failed.Stderr)))
	} else if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.HasSuffix(line, "\t0") || strings.HasSuffix(line, "\tNULL") {
			t.Errorf("a row is not found by its own key: %s", line)
		}
	}
	logs := server.Binlogs(t)
	at := 0
	eachRow(t, logs[len(logs)-1], func(ev *decoder.Event, m *decoder.TableMap, got *decoder.Row) {
		if len(got.After) == 0 || len(got.Before) > 0 {
			return
		}
		for at < len(stored) && stored[at].Table.Name != m.Table {
			t.Errorf("row %d of %s was not stored", at, stored[at].Table.Name)
			at++
		}
		if at == len(stored) {
			t.Fatalf("a row of %s was stored that nobody asked for", m.Table)
		}
		compareRows(t, stored[at], got.After)
		at++
	})
	if at < len(stored) {
		t.Errorf("%d rows were asked for, %d stored", len(stored), at)
	}
	t.Logf("%d rows", at)
}

// hasLiterals reports whether a server's SQL makes the values of a row. MySQL 5.7 alone puts YEAR, BINARY, TINYBLOB and TIMESTAMP into
// documents and has no SQL that does so without a column.
func hasLiterals(t *testing.T, d sqltext.Dialect, row schema.Row) bool {
	t.Helper()
	for i, cell := range row.Cells {
		_, err := d.Exact().AppendLiteral(nil, &row.Table.Columns[i], cell)
		if errors.Is(err, sqltext.ErrNoLiteral) {
			if d.MySQLSince(8, 0, 4) {
				t.Errorf("%s: %v", row.Table.Name, err)
			}
			return false
		}
	}
	return true
}

// keyed returns the condition by which the package finds a row by its key, taken from its DELETE.
func keyed(d sqltext.Dialect, row schema.Row, key *schema.Key) (string, bool) {
	for _, part := range key.Parts {
		if part.Column >= 0 && (row.Cells[part.Column].State() != decoder.Value || row.Table.Columns[part.Column].SystemTime) {
			return "", false
		}
		for _, ordinal := range part.Columns {
			if row.Cells[ordinal].State() != decoder.Value {
				return "", false
			}
		}
	}
	sql, err := d.AppendDelete(nil, schema.KeyedRow{Row: row, Key: key}, nil)
	if err != nil {
		return "", false
	}
	_, condition, _ := strings.Cut(string(sql), " WHERE ")
	return condition, true
}

func compareRows(t *testing.T, want schema.Row, got decoder.Image) {
	t.Helper()
	for i := range want.Cells {
		c := &want.Table.Columns[i]
		if c.SystemTime {
			continue
		}
		w, g := want.Cells[i], got[i]
		if w.State() == g.State() && bytes.Equal(stored(w), stored(g)) {
			continue
		}
		wText, _ := w.AppendText(nil)
		gText, _ := g.AppendText(nil)
		t.Errorf("%s.%s (%s): wanted %.200x (%.200q), stored %.200x (%.200q)", want.Table.Name, c.Name, c.SQLType(),
			w.Raw(), wText, g.Raw(), gText)
	}
}

// stored is what a cell holds; a compressed value is compared by its content.
func stored(c decoder.Cell) []byte {
	if c.State() != decoder.Value {
		return nil
	}
	if c.Column().Type == decoder.TypeJSON {
		if v, err := jsonb.Parse(c.Raw()); err == nil {
			return appendTyped(nil, v)
		}
	}
	data, err := c.AppendBytes(nil)
	if err != nil {
		return c.Raw()
	}
	return data
}

// appendTyped spells a document out with the type of each value. Its stored bytes may have gaps that an update left.
func appendTyped(dst []byte, v jsonb.Value) []byte {
	dst = append(dst, v.Kind().String()...)
	switch v.Kind() {
	case jsonb.Array, jsonb.Object:
		for i := range v.Len() {
			if v.Kind() == jsonb.Object {
				dst = fmt.Appendf(dst, " %q:", v.Key(i))
			}
			dst = append(appendTyped(append(dst, " ("...), v.Element(i)), ')')
		}
	case jsonb.Opaque:
		field, payload := v.Opaque()
		dst = fmt.Appendf(dst, " type %d %x", field, payload)
	default:
		dst = v.AppendText(append(dst, ' '))
	}
	return dst
}

func serverVersion(t *testing.T, server *servers.Server) decoder.Version {
	t.Helper()
	v := decoder.Version{Text: server.MustExec(t, "SELECT @@version;")}
	v.Text = strings.TrimSpace(strings.TrimPrefix(v.Text, "@@version\n"))
	if server.Install.Line.Flavor == servers.MariaDB {
		v.Flavor = decoder.MariaDB
	}
	if _, err := fmt.Sscanf(v.Text, "%d.%d.%d", &v.Major, &v.Minor, &v.Patch); err != nil {
		t.Fatalf("version %q: %v", v.Text, err)
	}
	return v
}

// near returns the lines of a script around the one that an error message names.
func near(script, message string) string {
	_, rest, _ := strings.Cut(message, "at line ")
	number := 0
	fmt.Sscanf(rest, "%d", &number)
	lines := strings.Split(script, "\n")
	from, to := max(0, number-3), min(len(lines), number+1)
	if from >= to {
		return ""
	}
	for i := from; i < to; i++ {
		lines[i] = lines[i][:min(len(lines[i]), 2000)]
	}
	return strings.Join(lines[from:to], "\n")
}
