package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"binmend/emit/export"
	"binmend/fixtures/forms"
	"binmend/fixtures/servers"
)

// xaEvent is the XA_prepare event of a transaction whose XID is its name.
const xaEvent = 38

func prepareXA(name string) []byte {
	body := append(make([]byte, 1), 1, 0, 0, 0, byte(len(name)), 0, 0, 0, 0, 0, 0, 0)
	return event(xaEvent, true, body, []byte(name))
}

func xid(name string) string { return fmt.Sprintf("X'%x',X'',1", name) }

// composed are logs of one server: tables are made, altered, renamed and dropped between and within them, an XA transaction that one
// log prepares another rolls back, and one log has no row.
func composed(t *testing.T) (dir string, names []string) {
	insert := func(b *logBuilder, id uint64, table string, columns, rows int) {
		b.transaction(event(tableMapEvent, true, intTable(id, table, columns)), b.insert(id, columns, rows))
	}
	logs := []func(*logBuilder){
		func(b *logBuilder) {
			b.addEvent(queryEvent, query(createIntTable("t", 2)))
			insert(b, 7, "t", 2, 3)
			b.addEvent(queryEvent, query("ALTER TABLE t ADD late INT"))
			insert(b, 8, "t", 3, 5)
			b.addEvent(queryEvent, query(createIntTable("only_made", 4)))
		},
		func(b *logBuilder) {
			insert(b, 8, "t", 3, 7)
			b.addEvent(queryEvent, query("XA START "+xid("one")))
			b.Write(event(tableMapEvent, true, intTable(8, "t", 3)))
			b.Write(b.insert(8, 3, 11))
			b.addEvent(queryEvent, query("XA END "+xid("one")))
			b.Write(prepareXA("one"))
		},
		func(*logBuilder) {},
		func(b *logBuilder) {
			b.addEvent(queryEvent, query("XA ROLLBACK "+xid("one")))
			b.addEvent(queryEvent, query("RENAME TABLE t TO u"))
			b.addEvent(queryEvent, query(createIntTable("t", 1)))
			insert(b, 9, "t", 1, 13)
		},
		func(b *logBuilder) {
			insert(b, 8, "u", 3, 17)
			insert(b, 9, "t", 1, 19)
			b.addEvent(queryEvent, query("DROP TABLE u"))
			b.addEvent(queryEvent, query("ALTER TABLE t ADD brief DATE"))
			b.addEvent(queryEvent, query("ALTER TABLE t DROP brief, MODIFY c0 BIGINT UNSIGNED"))
		},
	}
	dir = t.TempDir()
	for i, write := range logs {
		b := newLogBuilder(t, "mysql-9.7")
		write(b)
		name := filepath.Join(dir, fmt.Sprintf("binlog.%06d", i+1))
		if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return dir, names
}

// done runs a command line that ends with exit code 0.
func done(t *testing.T, in []byte, args ...string) string {
	t.Helper()
	var out, messages bytes.Buffer
	code := run(context.Background(), args, Streams{In: bytes.NewReader(in), Out: &out, Err: &messages, Getenv: func(string) string { return "" }})
	if code != exitDone {
		t.Fatalf("binmend %s: exit code %d: %s", strings.Join(args, " "), code, &messages)
	}
	return out.String()
}

// treeOf is the files of a folder with their contents.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestExportComposes: the exports of single logs, each with the definitions that schema --at-each-log has written for it, are
// together the export of all of them, in any order, however often, from files and from standard input.
func TestExportComposes(t *testing.T) {
	dir, logs := composed(t)
	defs := filepath.Join(dir, "defs")
	done(t, nil, append([]string{"schema", "--at-each-log", "--output-dir", defs, "--schema-at", "start", "--schema", emptySchema(t)}, logs...)...)
	each := func(log string, more ...string) []string {
		name := filepath.Base(log)
		return append([]string{"export", "--source", "db7", "--schema", filepath.Join(defs, name+".sql"), "--schema-at", "start"}, more...)
	}

	var together strings.Builder
	for _, log := range logs {
		args := append(each(log), log)
		if strings.HasSuffix(log, "3") { // it has no row
			continue
		}
		together.WriteString(done(t, nil, args...))
	}
	whole := done(t, nil, append([]string{"export", "--source", "db7"}, logs...)...)

	var first map[string]string
	for seed := range uint64(3) {
		order := slices.Concat(logs, logs)
		random := rand.New(rand.NewPCG(seed, 7))
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		out := filepath.Join(dir, fmt.Sprint("out", seed))
		for _, log := range order {
			text, err := os.ReadFile(log)
			if err != nil {
				t.Fatal(err)
			}
			args := each(log, "--output-dir", out, "--append")
			if random.IntN(2) == 0 {
				done(t, text, append(args, "--log-name", filepath.Base(log), "-")...)
			} else {
				done(t, nil, append(args, log)...)
			}
		}
		tree := treeOf(t, out)
		if first == nil {
			first = tree
		}
		if !maps.Equal(tree, first) {
			t.Errorf("order %d gives %q, another order %q", seed, slices.Sorted(maps.Keys(tree)), slices.Sorted(maps.Keys(first)))
		}
	}
	checkManifests(t, first)
	if lasting := withoutRolledBack(t, together.String(), first); lasting != whole {
		t.Errorf("single logs give\n%s\nand all of them\n%s", lasting, whole)
	}
	single := filepath.Join(dir, "single")
	done(t, nil, append([]string{"export", "--output-dir", single, "--schema-at", "start", "--schema", emptySchema(t)}, logs...)...)
	checkSameTables(t, first, treeOf(t, single))
}

// checkSameTables holds that the files of single logs have the schemas and the records of the files of all logs together.
func checkSameTables(t *testing.T, each, whole map[string]string) {
	t.Helper()
	got, gotRecords := tablesOf(t, each)
	want, wantRecords := tablesOf(t, whole)
	for table, schemas := range want {
		if len(schemas) != 1 || !slices.Equal(got[table], schemas) {
			t.Errorf("%s: files of all logs have the schemas\n%s\nand those of single ones\n%s", table, schemas, got[table])
		}
	}
	lasting := slices.Sorted(strings.Lines(withoutRolledBack(t, gotRecords, each)))
	if all := slices.Sorted(strings.Lines(wantRecords)); !slices.Equal(lasting, all) {
		t.Errorf("single logs give\n%s\nand all of them\n%s", lasting, all)
	}
}

// tablesOf is the schemas of the Parquet files of each table, and all records but what depends on the range.
func tablesOf(t *testing.T, tree map[string]string) (schemas map[string][]string, lines string) {
	t.Helper()
	schemas = map[string][]string{}
	for name, text := range tree {
		if !strings.HasSuffix(name, ".parquet") {
			continue
		}
		file, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		var of strings.Builder
		for _, e := range file.Metadata().Schema {
			fmt.Fprintln(&of, e.Name, e.FieldID, e.Type, e.LogicalType)
		}
		table := filepath.Dir(filepath.Dir(name))
		if !slices.Contains(schemas[table], of.String()) {
			schemas[table] = append(schemas[table], of.String())
		}
		for rows := parquet.NewReader(file); ; {
			record := map[string]any{"in": table}
			if err := rows.Read(&record); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			delete(record, "source")
			delete(record, "transaction")
			line, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			lines += string(line) + "\n"
		}
	}
	return schemas, lines
}

// TestExportDiffers: a log that is exported beside others with other columns is a finding; with the columns of all it is none.
func TestExportDiffers(t *testing.T) {
	dir, logs := composed(t)
	out, none := filepath.Join(dir, "out"), emptySchema(t)
	args := []string{"export", "--source", "db7", "--schema-at", "start", "--output-dir", out, "--append"}
	done(t, nil, append(args, "--schema", none, logs[0])...)
	defs := filepath.Join(dir, "defs")
	done(t, nil, append([]string{"schema", "--at-each-log", "--output-dir", defs, "--schema-at", "start", "--schema", none}, logs...)...)
	last := []string{"--schema", filepath.Join(defs, "binlog.000005.sql")}
	var messages bytes.Buffer
	streams := Streams{Out: io.Discard, Err: &messages, Getenv: func(string) string { return "" }}
	if code := run(context.Background(), slices.Concat(args, last, logs[4:]), streams); code != exitFindings || !strings.Contains(messages.String(), "database=shop/table=t;") {
		t.Errorf("a log of other columns: exit code %d: %s", code, &messages)
	}
	done(t, nil, slices.Concat(args, []string{"--schema", none, "--columns", filepath.Join(defs, "binlog.000001.sql")}, logs[:1])...)
	done(t, nil, slices.Concat(args, last, logs[4:])...)
}

// withoutRolledBack removes the rows that a later log has rolled back, according to the manifests.
func withoutRolledBack(t *testing.T, lines string, tree map[string]string) string {
	t.Helper()
	ended := map[string]bool{}
	var list []export.Manifest
	for name, text := range tree {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var m export.Manifest
		if err := json.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
		for _, e := range m.Ended {
			ended[e.XID] = e.RolledBack
		}
	}
	var kept strings.Builder
	for line := range strings.Lines(lines) {
		var r struct {
			File   string
			Offset int64
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(list, func(m export.Manifest) bool {
			return m.Log == r.File && slices.ContainsFunc(m.Prepared, func(p export.Prepared) bool {
				return ended[p.XID] && p.Start <= r.Offset && r.Offset < p.End
			})
		}) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

func emptySchema(t *testing.T) string {
	name := filepath.Join(t.TempDir(), "none.sql")
	if err := os.WriteFile(name, []byte("-- no table yet\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkManifests checks what the manifests of composed logs say, and that they name every file.
func checkManifests(t *testing.T, tree map[string]string) {
	t.Helper()
	form, err := forms.Of("export-manifest")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	rows := []uint64{8, 18, 0, 13, 36}
	for i, want := range rows {
		name := fmt.Sprintf("/_manifests/db7~binlog.%06d.json", i+1)
		if _, err := form.Check([]byte(tree[name])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var m export.Manifest
		if err := json.Unmarshal([]byte(tree[name]), &m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.Rows != want {
			t.Errorf("%s: %d rows, want %d", name, m.Rows, want)
		}
		if isPrepared, isEnded := len(m.Prepared) > 0, len(m.Ended) > 0; isPrepared != (i == 1) || isEnded != (i == 3) {
			t.Errorf("%s: prepared %v, ended %v", name, m.Prepared, m.Ended)
		}
		if i == 3 && (m.Ended[0].XID != "X'6F6E65',X'',1" || !m.Ended[0].RolledBack) {
			t.Errorf("%s: ended %v", name, m.Ended)
		}
		named[name] = true
		for _, f := range m.Files {
			named["/"+f.Path] = true
			if int64(len(tree["/"+f.Path])) != f.Bytes {
				t.Errorf("%s: %d bytes, the manifest says %d", f.Path, len(tree["/"+f.Path]), f.Bytes)
			}
		}
	}
	for name := range tree {
		if !named[name] {
			t.Errorf("no manifest names %s", name)
		}
	}
}

// TestScaleRecipe: the lines of the topic about scale do what it says, in a shell.
func TestScaleRecipe(t *testing.T) {
	if _, err := exec.LookPath("xargs"); err != nil {
		t.Skip(err)
	}
	dir, logs := composed(t)
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, log := range logs {
		if err := os.Rename(log, filepath.Join(dir, "logs", filepath.Base(log))); err != nil {
			t.Fatal(err)
		}
	}
	for _, beside := range []string{"binlog.index", "binlog.state", "binlog.000001.idx", "binmend-pull.lock"} { // what servers and pull keep beside their logs
		if err := os.WriteFile(filepath.Join(dir, "logs", beside), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(emptySchema(t), filepath.Join(dir, "schema.sql")); err != nil {
		t.Fatal(err)
	}
	_, recipe, _ := strings.Cut(helpText(t, "scale"), "\n    binmend schema")
	recipe, _, _ = strings.Cut("    binmend schema"+recipe, "\n\n")
	for range 2 { // a second run changes nothing
		cmd := exec.Command("sh", "-ec", recipe)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s\n%v: %s", recipe, err, out)
		}
		tree := treeOf(t, filepath.Join(dir, "changes"))
		if _, marked := tree["/_SUCCESS"]; !marked {
			t.Errorf("%s\nmakes %q", recipe, slices.Sorted(maps.Keys(tree)))
		}
		delete(tree, "/_SUCCESS")
		checkManifests(t, tree)
	}
}

// TestEachLogNeedsWholeLogs: what can't be read of a log is an error where later logs need its DDL, and said where none does.
func TestEachLogNeedsWholeLogs(t *testing.T) {
	for _, tc := range []struct {
		cut, code int
		want      string
	}{{1, exitFailed, "binlog.000002"}, {4, exitFindings, "the definitions are whole; the last log could not be read to its end: .*binlog.000005"}} {
		dir, logs := composed(t)
		content, err := os.ReadFile(logs[tc.cut])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(logs[tc.cut], content[:len(content)-7], 0o600); err != nil {
			t.Fatal(err)
		}
		defs := filepath.Join(dir, "defs")
		var messages bytes.Buffer
		code := run(context.Background(), append([]string{"schema", "--at-each-log", "--output-dir", defs}, logs...),
			Streams{In: strings.NewReader(""), Out: io.Discard, Err: &messages, Getenv: func(string) string { return "" }})
		_, err = os.Stat(defs)
		if code != tc.code || os.IsNotExist(err) != (tc.code == exitFailed) || !regexp.MustCompile(tc.want).MatchString(messages.String()) {
			t.Errorf("log %d cut: exit code %d, %v: %s", tc.cut, code, err, &messages)
		}
	}
}

// TestEachLogNeedsAll: no definitions are written for logs that follow a missing one, whose DDL nobody has seen.
func TestEachLogNeedsAll(t *testing.T) {
	dir, logs := composed(t)
	defs := filepath.Join(dir, "defs")
	var messages bytes.Buffer
	code := run(context.Background(), []string{"schema", "--at-each-log", "--output-dir", defs, logs[0], logs[2]},
		Streams{In: strings.NewReader(""), Out: io.Discard, Err: &messages, Getenv: func(string) string { return "" }})
	if _, err := os.Stat(defs); code != exitFailed || !os.IsNotExist(err) || !strings.Contains(messages.String(), "binlog.000002 is missing") {
		t.Errorf("exit code %d, %v: %s", code, err, &messages)
	}
}

// TestCopiesOfOneLog: export takes one log under two numbers, with a RISK line; sql, whose statements would run twice, refuses it.
func TestCopiesOfOneLog(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000001")) // it has no row
	if err != nil {
		t.Fatal(err)
	}
	names := []string{filepath.Join(t.TempDir(), "relay.000002")}
	names = append(names, filepath.Join(filepath.Dir(names[0]), "relay.000007"))
	for _, name := range names {
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		command string
		code    int
		said    string
	}{
		{"export", exitFindings, "RISK: by how they end, relay.000002 and relay.000007 are the same log: its rows are there each time"},
		{"sql", exitFailed, "relay.000002 and relay.000007 are the same log"},
	} {
		var out, messages bytes.Buffer
		args := append([]string{c.command}, names...)
		code := run(context.Background(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: func(string) string { return "" }})
		if code != c.code || !strings.Contains(messages.String(), c.said) {
			t.Errorf("%s: exit code %d, want %d: %s", c.command, code, c.code, &messages)
		}
	}
}

// TestDefinitionsOfAnotherLog: a file of schema --at-each-log says which log it is of. With another one there is a RISK line, and no files
// are made of it.
func TestDefinitionsOfAnotherLog(t *testing.T) {
	dir, logs := composed(t)
	defs := filepath.Join(dir, "defs")
	done(t, nil, append([]string{"schema", "--at-each-log", "--output-dir", defs}, logs...)...)
	const doubt = "the definitions are those where binlog.000001 begins, and the logs begin with binlog.000002"
	for _, c := range []struct {
		file  string
		code  int
		args  []string
		found bool
	}{
		{"binlog.000002.sql", exitDone, []string{"export", logs[1]}, false},
		{"binlog.000001.sql", exitDone, []string{"export", "--type", "ddl", logs[1], logs[2], logs[3]}, true},
		{"binlog.000001.sql", exitDone, []string{"export", "--type", "ddl", logs[0], logs[1]}, false},
		{"binlog.000001.sql", exitFailed, []string{"schema", "--at-each-log", "--output-dir", filepath.Join(dir, "more"), logs[1], logs[2]}, true},
	} {
		args := append(slices.Clone(c.args), "--schema", filepath.Join(defs, c.file), "--schema-at", "start")
		var messages bytes.Buffer
		code := run(context.Background(), args, Streams{In: strings.NewReader(""), Out: io.Discard, Err: &messages, Getenv: func(string) string { return "" }})
		if code != c.code || strings.Contains(messages.String(), doubt) != c.found {
			t.Errorf("%v: exit code %d: %s", args, code, &messages)
		}
	}
}

// TestExportNamesPartner: DDL that moves rows between two tables is a record of each.
func TestExportNamesPartner(t *testing.T) {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query("ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE other.np"))
	log := filepath.Join(t.TempDir(), "binlog.000001")
	if err := os.WriteFile(log, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	both := done(t, nil, "export", log)
	if strings.Count(both, "\n") != 2 || !strings.Contains(both, `"table":"p"`) || !strings.Contains(both, `"database":"other","table":"np"`) {
		t.Errorf("the records are %s", both)
	}
	if one := done(t, nil, "export", "-T", "other.np", log); one != both[strings.Index(both, "\n")+1:] {
		t.Errorf("the records of one table are %s", one)
	}
}

// TestUnfinished: a manifest names the transaction that the log breaks off, and none where the range ends between two.
func TestUnfinished(t *testing.T) {
	b := newLogBuilder(t, "mysql-9.7")
	b.addEvent(queryEvent, query(createIntTable("t", 2)))
	b.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), b.insert(7, 2, 3))
	between := b.Len()
	b.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), b.insert(7, 2, 5))
	xid := len(event(xidEvent, true, make([]byte, 8)))
	for _, c := range []struct {
		name      string
		size      int
		stop      int
		rows, end int
		want      *export.Unfinished
	}{
		{"stops between", b.Len(), between, 3, between, nil},
		{"stops in the first", b.Len(), between - xid - 1, 3, between, nil},
		{"ends between", between, b.Len(), 3, between, nil},
		{"ends in the second", b.Len() - xid, b.Len(), 8, b.Len() - xid, &export.Unfinished{Start: int64(between)}},
	} {
		log, dir := filepath.Join(t.TempDir(), "binlog.000001"), filepath.Join(t.TempDir(), "out")
		if err := os.WriteFile(log, b.Bytes()[:c.size], 0o600); err != nil {
			t.Fatal(err)
		}
		done(t, nil, "export", "--source", "db7", "--stop-position", strconv.Itoa(c.stop), "--output-dir", dir, log)
		var m export.Manifest
		text, err := os.ReadFile(filepath.Join(dir, "_manifests", "db7~binlog.000001.json"))
		if err == nil {
			err = json.Unmarshal(text, &m)
		}
		if err != nil || int(m.Rows) != c.rows || int(m.End) != c.end || !reflect.DeepEqual(m.Unfinished, c.want) {
			t.Errorf("%s: %v, %s", c.name, err, text)
		}
	}
}

// TestNDJSONQuery: DuckDB's query of NDJSON in the topic about engines reads lines whose values have several types under one name.
func TestNDJSONQuery(t *testing.T) {
	duckDB := servers.InstallDuckDB(t)
	const lines = `{"change":"insert","table":"orders","after":{"id":1,"amount":"1.50","doc":[1,2]}}
{"change":"insert","table":"orders","after":{"id":2,"amount":"12345678901234567890.25","doc":{"a":1}}}
{"change":"delete","table":"orders","before":{"id":1,"amount":"1.50","doc":"text"}}
{"change":"insert","table":"other","after":{"id":"x","amount":{"a":1},"A":1,"a":2}}
`
	file := filepath.Join(t.TempDir(), "changes.ndjson")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	_, query, _ := strings.Cut(helpText(t, "engines"), "SELECT json->>")
	query, _, _ = strings.Cut("SELECT json->>"+query, "\n    ClickHouse")
	got := duckDB.Query(t, strings.Replace(query, "'changes.ndjson'", "'"+file+"'", 1)+" ORDER BY 1")
	want := [][]string{{"delete", "1", "NULL"}, {"insert", "2", "12345678901234567891.75"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%s\nhas %q, want %q", query, got, want)
	}
}

// TestXAQuery: the query of the topic about scale leaves out the rows of an XA transaction that a later log rolls back, and no others,
// as the export of all logs does.
func TestXAQuery(t *testing.T) {
	duckDB := servers.InstallDuckDB(t)
	dir, logs := composed(t)
	defs, all, whole := filepath.Join(dir, "defs"), filepath.Join(dir, "all"), filepath.Join(dir, "whole")
	before := []string{"--schema-at", "start", "--schema", emptySchema(t)}
	done(t, nil, slices.Concat([]string{"schema", "--at-each-log", "--output-dir", defs}, before, logs)...)
	for _, log := range logs {
		done(t, nil, "export", "--source", "db7", "--schema", filepath.Join(defs, filepath.Base(log)+".sql"), "--schema-at", "start", "--output-dir", all, "--append", log)
	}
	done(t, nil, slices.Concat([]string{"export", "--output-dir", whole}, before, logs)...)
	tables, err := filepath.Glob(filepath.Join(all, "database=*", "table=t"))
	if err != nil || len(tables) != 1 {
		t.Fatalf("folders of the table: %q, %v", tables, err)
	}
	_, query, _ := strings.Cut(helpText(t, "scale"), "\n    WITH m AS")
	query = strings.TrimSuffix(strings.TrimSpace("WITH m AS"+query), ";")
	const place = "'changes/database=shop/table=orders/**/*.parquet'"
	if !strings.Contains(query, place) {
		t.Fatalf("no %s in\n%s", place, query)
	}
	query = strings.NewReplacer(place, "'"+tables[0]+"/**/*.parquet'", "'changes/", "'"+all+"/").Replace(query)
	const counted = `SELECT file, "offset", count(*) FROM (%s) GROUP BY ALL ORDER BY ALL`
	got := duckDB.Query(t, fmt.Sprintf(counted, query))
	want := duckDB.Query(t, fmt.Sprintf(counted, "SELECT * FROM '"+strings.Replace(tables[0], all, whole, 1)+"/**/*.parquet'"))
	if !slices.EqualFunc(got, want, slices.Equal) || len(want) == 0 {
		t.Errorf("%s\nhas %q, the export of all logs %q", query, got, want)
	}
}
