package dump

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
	"binmend/schema"
)

// TestServers makes the tables of testdata/servers on real servers, dumps them with the server's own program, and
// compares what is understood with what the server itself says of the tables: the table maps in its binlog, and its
// information_schema.
func TestServers(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			var options servers.Options
			if line != servers.MySQL56 {
				options.Args = []string{"--binlog-row-metadata=FULL"}
			}
			server := servers.Start(t, line, options)
			script := "CREATE DATABASE d DEFAULT CHARACTER SET latin1;\nUSE d;\n" + tablesFor(t, line)
			server.MustExec(t, script)
			s := load(t, server.SchemaDump(t, "d"))
			for _, p := range s.Problems {
				t.Error(p)
			}
			compareScript(t, load(t, script), s)
			compareColumns(t, server, s)
			compareKeys(t, server, s)
			compareLog(t, server, s)
		})
	}
}

// tablesFor reads the files of the tables that the line understands.
func tablesFor(t *testing.T, line *servers.Line) string {
	t.Helper()
	names := []string{"all.sql", "alter.sql"}
	switch line {
	case servers.MySQL97:
		names = append(names, "mysql.sql")
	case servers.MariaDB1011:
		names = append(names, "mariadb.sql")
	case servers.MariaDB118:
		names = append(names, "mariadb.sql", "mariadb118.sql")
	}
	var script strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join("testdata", "servers", name))
		if err != nil {
			t.Fatal(err)
		}
		script.Write(content)
	}
	return script.String()
}

// table asks the schema for a table of the test's database.
func table(t *testing.T, s *Schema, name string) *schema.Table {
	t.Helper()
	found, err := s.Table(context.Background(), schema.Ref{Database: "d", Table: name})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// query returns the rows of a query that prints tab-separated columns, without the heading.
func query(t *testing.T, server *servers.Server, sql string) [][]string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(server.MustExec(t, sql), "\n"), "\n")
	var rows [][]string
	for _, line := range lines[1:] {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}

// compareScript compares what is understood of the script that made the tables with what is understood of the dump.
func compareScript(t *testing.T, script, dumped *Schema) {
	t.Helper()
	for _, p := range script.Problems {
		t.Error(p)
	}
	for _, want := range dumped.Tables() {
		if want.Name == "keyless" {
			continue // the server gives it a key by itself
		}
		got := table(t, script, want.Name)
		if g, w := outline(got), outline(want); g != w {
			t.Errorf("%s\n by its script: %s\n by its dump:   %s", want.Name, g, w)
		}
	}
}

// outline is what must be the same of a table in a script and in a dump.
func outline(of *schema.Table) string {
	var b strings.Builder
	for i := range of.Columns {
		c := of.Columns[i]
		if c.Type == schema.TypeJSON {
			c.Type, c.Charset = schema.TypeLongText, "utf8mb4" // in MariaDB's dumps
		}
		fmt.Fprintf(&b, "%s %s %s %v %v %v %v; ", c.Name, c.SQLType(), c.Charset, c.Nullable, c.Generated, c.Invisible, c.AutoIncrement)
	}
	var keys []string // a server has an order of its own for them
	for _, k := range of.Keys {
		keys = append(keys, fmt.Sprintf("%s:%s %v; ", k.Name, keyText(of, k), k.WithoutOverlaps))
	}
	slices.Sort(keys)
	return b.String() + strings.Join(keys, "")
}

// compareColumns compares names, types, character sets and nullability with information_schema.columns.
func compareColumns(t *testing.T, server *servers.Server, s *Schema) {
	t.Helper()
	rows := query(t, server, "SELECT table_name, ordinal_position, column_name, data_type,"+
		" IFNULL(character_set_name, ''), IFNULL(collation_name, ''), is_nullable, extra"+
		" FROM information_schema.columns WHERE table_schema = 'd' AND table_name NOT IN"+
		" (SELECT table_name FROM information_schema.tables WHERE table_schema = 'd' AND table_type <> 'BASE TABLE'"+
		" AND table_type <> 'SYSTEM VERSIONED')"+
		" ORDER BY table_name, ordinal_position")
	if len(rows) == 0 {
		t.Fatal("information_schema has no columns")
	}
	ordinals := map[string]int{}
	for _, row := range rows {
		of := table(t, s, row[0])
		i := ordinals[row[0]]
		ordinals[row[0]]++
		if i >= len(of.Columns) {
			t.Errorf("%s: no column %d, %s", row[0], i+1, row[2])
			continue
		}
		compareColumn(t, row, &of.Columns[i])
	}
}

func compareColumn(t *testing.T, row []string, c *schema.Column) {
	t.Helper()
	tableName, name, dataType, charset, collation, nullable, extra := row[0], row[2], row[3], row[4], row[5], row[6], row[7]
	typ := c.Type.String()
	if c.Type == schema.TypeGeometry {
		typ = c.GeometryOf
	}
	if dataType == "geomcollection" {
		dataType = "geometrycollection"
	}
	charset, collation = schema.NormalCharset(charset), schema.NormalCollation(collation)
	ours := c.Charset
	if charset == "" && ours == "binary" {
		ours = "" // the server names none for BINARY, VARBINARY and BLOB
	}
	switch {
	case c.Name != name || typ != dataType:
		t.Errorf("%s: %s %s, the server says %s %s", tableName, c.Name, typ, name, dataType)
	case ours != charset:
		t.Errorf("%s.%s: character set %q, the server says %q", tableName, name, c.Charset, charset)
	case c.Collation != "" && c.Collation != collation:
		t.Errorf("%s.%s: collation %q, the server says %q", tableName, name, c.Collation, collation)
	case c.Nullable != (nullable == "YES"):
		t.Errorf("%s.%s: nullable %v, the server says %s", tableName, name, c.Nullable, nullable)
	case c.AutoIncrement != strings.Contains(extra, "auto_increment"):
		t.Errorf("%s.%s: AUTO_INCREMENT %v, the server says %s", tableName, name, c.AutoIncrement, extra)
	case c.Invisible != strings.Contains(extra, "INVISIBLE"):
		t.Errorf("%s.%s: INVISIBLE %v, the server says %s", tableName, name, c.Invisible, extra)
	case c.SystemTime: // the server says STORED GENERATED
	case (c.Generated == schema.Stored) != strings.Contains(extra, "STORED GENERATED"):
		t.Errorf("%s.%s: generated %v, the server says %s", tableName, name, c.Generated, extra)
	case (c.Generated == schema.Virtual) != strings.Contains(extra, "VIRTUAL GENERATED"):
		t.Errorf("%s.%s: generated %v, the server says %s", tableName, name, c.Generated, extra)
	}
}

// compareKeys compares the parts of all unique keys with information_schema.statistics.
func compareKeys(t *testing.T, server *servers.Server, s *Schema) {
	t.Helper()
	rows := query(t, server, "SELECT table_name, index_name, IFNULL(column_name, ''), IFNULL(sub_part, 0)"+
		" FROM information_schema.statistics WHERE table_schema = 'd' AND non_unique = 0"+
		" ORDER BY table_name, index_name, seq_in_index")
	theirs, ours := map[string]string{}, map[string]string{}
	for _, row := range rows {
		theirs[row[0]+"."+row[1]] += " " + row[2] + "(" + row[3] + ")"
	}
	for _, of := range s.Tables() {
		for _, k := range of.Keys {
			ours[of.Name+"."+k.Name] = keyText(of, k)
		}
	}
	for key, want := range theirs {
		if ours[key] != want {
			t.Errorf("key %s:%s, the server says%s", key, ours[key], want)
		}
		delete(ours, key)
	}
	for key := range ours {
		t.Errorf("key %s, which the server does not have", key)
	}
}

func keyText(of *schema.Table, k schema.Key) string {
	var b strings.Builder
	for _, p := range k.Parts {
		name := ""
		if p.Column >= 0 {
			name = of.Columns[p.Column].Name
		}
		b.WriteString(" " + name + "(" + strconv.Itoa(p.Prefix) + ")")
	}
	return b.String()
}

// compareLog compares every table with the table map of a row in the server's binlog.
func compareLog(t *testing.T, server *servers.Server, s *Schema) {
	t.Helper()
	seen := map[string]bool{}
	for _, path := range server.Binlogs(t) {
		f, err := logfile.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for e, err := range decoder.NewReader(f).All() {
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
			seen[rows.Map.Table] = true
			if err := schema.Verify(table(t, s, rows.Map.Table), rows.Map); err != nil {
				t.Error(err)
			}
		}
		f.Close()
	}
	for _, of := range s.Tables() {
		if !seen[of.Name] && of.Columns[0].Name != "next_not_cached_value" {
			t.Errorf("table %s has no row in the binlog: nothing was compared", of.Name)
		}
	}
}
