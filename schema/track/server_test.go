package track

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/statement"
	"binmend/fixtures/servers"
	"binmend/schema"
	"binmend/schema/dump"
)

// TestServers runs the statements of testdata/ddl.sql on real servers and compares, after each one, the tables as tracked
// with what the server shows of them; and in the end once more, by the statements as the server logged them.
func TestServers(t *testing.T) {
	text, err := os.ReadFile("testdata/ddl.sql")
	if err != nil {
		t.Fatal(err)
	}
	var used [256]bool
	compared := 0 // lines; one that can't be had is skipped
	statements := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			c := newComparison(t, line)
			for i, sql := range statements {
				used[i] = c.run(sql) || used[i]
			}
			c.followLog()
			compared++
		})
	}
	for i, sql := range statements {
		if !used[i] && !t.Failed() && compared == len(servers.Lines()) {
			t.Errorf("no server takes: %s", sql)
		}
	}
}

// TestClientCharset: a client writes its statements in its own character set, in which they are logged.
func TestClientCharset(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			c := newComparison(t, line)
			client := c.server.Client("--default-character-set=latin1", "--database=d")
			client.Stdin = strings.NewReader("CREATE TABLE `\xe9t\xe9` (`caf\xe9` int, `m` enum('\xe0','b')); CREATE TABLE gone (`\xe9` int);" +
				"ALTER TABLE `\xe9t\xe9` ADD `no\xebl` int; RENAME TABLE gone TO `gon\xe9`; DROP TABLE `gon\xe9`;")
			if output, err := client.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			c.followLog()
		})
	}
}

// comparison runs statements on a server and through a tracker.
type comparison struct {
	t       *testing.T
	server  *servers.Server
	version decoder.Version
	collate uint16 // collation_server
	tracker *Tracker
	pos     int64
	logged  bool     // the statements come from the server's log, in which CREATE TABLE tells all columns
	ran     []string // the statements that the server took
}

func newComparison(t *testing.T, line *servers.Line) *comparison {
	c := &comparison{t: t, server: servers.Shared(t, line, servers.Options{}), tracker: New(nil, Detect)}
	c.server.DB().SetMaxOpenConns(1)
	var version string
	collations := "information_schema.collations WHERE collation_name"
	if line == servers.MariaDB118 {
		collations = "information_schema.collation_character_set_applicability WHERE full_collation_name"
	}
	query := "SELECT @@version, id FROM " + collations + " = @@collation_server"
	if err := c.server.DB().QueryRow(query).Scan(&version, &c.collate); err != nil {
		t.Fatal(err)
	}
	c.version, _ = decoder.ParseVersion(version)
	for _, sql := range []string{"CREATE DATABASE d CHARACTER SET utf8mb4", "CREATE DATABASE other", "USE d"} {
		c.run(sql)
	}
	return c
}

// run runs a statement; false when the server does not take it.
func (c *comparison) run(sql string) bool {
	c.t.Helper()
	mode := uint64(0)
	if name, rest, found := strings.Cut(sql, ": "); found && modes[name] != 0 {
		mode, sql = modes[name], rest
		c.exec("SET sql_mode='" + name + "'")
		defer c.compare(sql)
		defer c.exec("SET sql_mode=''")
	}
	if _, err := c.server.DB().Exec(sql); err != nil {
		return false
	}
	c.pos++
	if !strings.HasPrefix(sql, "DROP TABLE IF") {
		c.ran = append(c.ran, sql)
	}
	pos := decoder.Position{File: "log", Offset: c.pos}
	st := dump.Statement{Server: c.version, Database: "d", SQL: sql, SQLMode: mode, Collations: decoder.Collations{Server: c.collate}}
	if err := c.tracker.Apply(pos, st); err != nil {
		c.t.Errorf("%s\n%v", sql, err)
	}
	if mode == 0 {
		c.compare(sql)
	}
	return true
}

// modes are the values of sql_mode that a line may begin with: its statement runs under it.
var modes = map[string]uint64{"ANSI_QUOTES": statement.ANSIQuotes, "NO_BACKSLASH_ESCAPES": statement.NoBackslashEscapes, "REAL_AS_FLOAT": 1}

func (c *comparison) exec(sql string) {
	c.t.Helper()
	if _, err := c.server.DB().Exec(sql); err != nil {
		c.t.Fatal(err)
	}
}

// followLog applies the statements of the server's log to a new tracker, and compares what comes out.
func (c *comparison) followLog() {
	c.t.Helper()
	c.tracker, c.logged = New(nil, Detect), true
	for _, path := range c.server.Binlogs(c.t) {
		f, err := logfile.Open(path)
		if err != nil {
			c.t.Fatal(err)
		}
		for e, err := range decoder.NewReader(f).All() {
			if err != nil {
				c.t.Fatal(err)
			}
			if e.Type != decoder.EventQuery {
				continue
			}
			q, err := e.Query()
			if err != nil {
				c.t.Fatal(err)
			}
			s := q.Session()
			st := dump.Statement{Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL), SQLMode: s.SQLMode,
				Session: dump.Session{ServerID: e.ServerID, Thread: q.ThreadID, Started: e.Format.Created}, Collations: s.Collations}
			if err := c.tracker.Apply(e.Pos, st); err != nil {
				c.t.Error(err)
			}
		}
		f.Close()
	}
	c.compare("by the server's log")
}

// untold matches the error of a table whose columns a client's CREATE TABLE does not tell.
var untold = regexp.MustCompile("SELECT does not name all columns|copies a temporary table")

// compare compares all tables.
func (c *comparison) compare(after string) {
	c.t.Helper()
	shown := c.shown()
	for _, want := range shown.Tables() {
		got, err := c.tracker.Table(context.Background(), schema.Ref{Database: want.Database, Table: want.Name})
		switch {
		case err != nil && !c.logged && untold.MatchString(err.Error()):
		case err != nil:
			c.t.Errorf("%s: %s\n%v", c.version.Text, after, err)
		case outline(got) != outline(want):
			c.t.Errorf("%s: %s\ntable %s%s", c.version.Text, after, want.Name, difference(outline(got), outline(want)))
		}
	}
	for name, l := range c.tracker.tables {
		_, err := shown.Definition(name)
		if err != nil && len(l.candidates) > 0 {
			c.t.Errorf("%s: %s\ntable %s is tracked, but not there", c.version.Text, after, name)
		}
	}
	if c.t.Failed() {
		c.t.Fatalf("after:\n%s", strings.Join(c.ran[max(len(c.ran)-10, 0):], ";\n"))
	}
}

// shown is what the server shows of all tables.
func (c *comparison) shown() *dump.Schema {
	c.t.Helper()
	rows, err := c.server.DB().Query("SELECT table_schema, table_name FROM information_schema.tables" +
		" WHERE table_schema IN ('d', 'other', 'plain') ORDER BY 1, 2")
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	var names []dump.Name
	for rows.Next() {
		var n dump.Name
		if err := rows.Scan(&n.Database, &n.Table); err != nil {
			c.t.Fatal(err)
		}
		names = append(names, n)
	}
	var text strings.Builder
	for _, n := range names {
		var name, create string
		if err := c.server.DB().QueryRow("SHOW CREATE TABLE "+n.String()).Scan(&name, &create); err != nil {
			c.t.Fatal(err)
		}
		fmt.Fprintf(&text, "USE %s;\n%s;\n", n.Database, create)
	}
	s, err := dump.Load(strings.NewReader(text.String()), "server")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range s.Problems {
		c.t.Error(p)
	}
	return s
}

// difference shows where two outlines are not the same.
func difference(tracked, shown string) string {
	a, b := strings.Split(tracked, "; "), strings.Split(shown, "; ")
	var text strings.Builder
	for i := range max(len(a), len(b)) {
		of := [2]string{"nothing", "nothing"}
		if i < len(a) {
			of[0] = a[i]
		}
		if i < len(b) {
			of[1] = b[i]
		}
		if of[0] != of[1] {
			fmt.Fprintf(&text, "\n tracked: %s\n  server: %s", of[0], of[1])
		}
	}
	return text.String()
}

// outline is what must be the same of a table as tracked and as shown.
func outline(of *schema.Table) string {
	var b strings.Builder
	for i := range of.Columns {
		c := &of.Columns[i]
		fmt.Fprintf(&b, "%s %s %s null=%v %v invisible=%v auto=%v; ", c.Name, c.SQLType(), c.Charset, c.Nullable, c.Generated,
			c.Invisible, c.AutoIncrement)
	}
	var keys []string // a server has an order of its own for them
	for _, k := range of.Keys {
		keys = append(keys, fmt.Sprintf("%s%s; ", k.Name, parts(of, &k)))
	}
	slices.Sort(keys)
	return b.String() + strings.Join(keys, "") + fmt.Sprint(of.SystemVersioned)
}

func parts(of *schema.Table, k *schema.Key) string {
	var list []string
	for _, p := range k.Parts {
		if p.Column < 0 {
			list = append(list, "an expression")
			continue
		}
		list = append(list, fmt.Sprintf("%s %d", of.Columns[p.Column].Name, p.Prefix))
	}
	return fmt.Sprintf("%q", list)
}

// TestCharsetClauses gives real servers each pair of clauses with a character set in one ALTER TABLE, in both orders, and compares what
// they make of it.
func TestCharsetClauses(t *testing.T) {
	clauses := []string{"DEFAULT CHARSET latin1", "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "COLLATE latin1_bin", "CHARACTER SET DEFAULT", "CONVERT TO CHARACTER SET utf8mb4",
		"CONVERT TO CHARACTER SET DEFAULT", "MODIFY a varchar(10)", "MODIFY a text COLLATE latin1_bin", "CHANGE a n varchar(10) CHARACTER SET cp1251", "ADD n varchar(5)",
		"ADD n SET('x') BINARY FIRST"}
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97, servers.MariaDB118} {
		t.Run(line.String(), func(t *testing.T) {
			c := newComparison(t, line)
			for i, first := range clauses {
				for j, second := range clauses {
					if i == j {
						continue
					}
					c.run("CREATE TABLE c (a varchar(20) CHARACTER SET cp1250, b varchar(20), t tinytext, e ENUM('a','b'), x varbinary(9)) CHARACTER SET latin2")
					c.run("ALTER TABLE c " + first + ", " + second)
					c.run("DROP TABLE c")
				}
			}
		})
	}
}
