package script_test

import (
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/repair"
	"binmend/emit/script"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
	"binmend/schema"
	"binmend/schema/dump"
)

// hostileTexts try to end a literal, an identifier, a comment or a statement, or to start a client command.
var hostileTexts = []string{
	"'; DROP TABLE x; -- ", `\'; \! touch MARK` + "\n", "` ; -- ", "\n\\! touch MARK\n", "\ndelimiter //\n", "\nsystem touch MARK\n",
	"/* ", "*/ ;", "/*! DROP TABLE x */", "-- \n;\n", "# x\n", "\\", "\x1b[2J\r", "\u2028\u202e", "a\\`b''\"", "\x00\x1a", "DELIMITER $$\nSELECT 1$$",
}

// TestHostileTextGoesThroughTheClients repairs a replica whose table, column and member names and values are hostile,
// through both families of clients, and looks whether a client ran anything of its own.
func TestHostileTextGoesThroughTheClients(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			clients := []string{line.Client}
			if line == servers.MySQL97 {
				clients = append(clients, "mariadb")
			}
			for _, client := range clients {
				t.Run(client, func(t *testing.T) { repairHostile(t, line, client) })
			}
		})
	}
}

func repairHostile(t *testing.T, line *servers.Line, client string) {
	pair := servers.SharedPair(t, line, servers.Options{})
	pair.Reset(t)
	mark := filepath.Join(t.TempDir(), "mark")
	texts := make([]string, len(hostileTexts))
	for i, s := range hostileTexts {
		texts[i] = strings.ReplaceAll(s, "MARK", mark)
	}
	d := sqltext.For(versionOf(t, pair.Replica))
	table, create := hostileTable(t, d, texts)
	execute(t, pair.Source, "CREATE DATABASE shop", create)
	var rows []string
	for i, s := range texts {
		rows = append(rows, fmt.Sprintf("(%d, %s, %s)", i, d.AppendString(nil, s), d.AppendString(nil, s+s)))
	}
	name := string(d.AppendTable(nil, table))
	execute(t, pair.Source, "INSERT INTO "+name+" VALUES "+strings.Join(rows, ", "))
	pair.Sync(t)
	execute(t, pair.Replica, "SET sql_log_bin=0", "DELETE FROM "+name+" WHERE "+string(d.AppendIdent(nil, table.Columns[0].Name))+" < 5")
	c := string(d.AppendIdent(nil, table.Columns[1].Name))
	execute(t, pair.Source, "UPDATE "+name+" SET "+c+" = CONCAT('x', "+c+")")
	pair.WaitError(t, 1032)

	r := repair.Repair{Plan: lastUpdate(t, pair.Source, table), Facts: facts(),
		Replica: control.Input{Version: d.Version(), Errno: 1032, Message: strings.Join(texts, " ")}}
	r.Facts.Files, r.Facts.Notes, r.Facts.Schema = texts, texts, texts
	var text bytes.Buffer
	if err := script.Write(&text, &r, script.Options{}); err != nil {
		t.Fatal(err)
	}
	run := pair.Replica.Client()
	if client != line.Client {
		run = otherClient(t, pair.Replica, client)
	}
	run.Stdin = bytes.NewReader(text.Bytes())
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, text.String())
	}
	pair.Sync(t)
	if source, replica := pair.Source.Contents(t, "shop"), pair.Replica.Contents(t, "shop"); source != replica {
		t.Errorf("source\n%s\nreplica\n%s", source, replica)
	}
	if found, _ := filepath.Glob(mark + "*"); len(found) > 0 {
		t.Error("a client ran a command out of the script")
	}
}

// otherClient is the client of another line, connected to the server.
func otherClient(t *testing.T, s *servers.Server, client string) *exec.Cmd {
	t.Helper()
	install := servers.MariaDB118.Install(t)
	plugins, err := filepath.Glob(filepath.Join(install.Dir, "root/usr/lib/*/libmariadb3/plugin"))
	if err != nil || len(plugins) == 0 {
		t.Skip("the client's authentication plugins are not there")
	}
	return install.Command(client, "--user=root", "--socket="+s.Socket, "--skip-ssl", "--default-character-set=utf8mb4",
		"--plugin-dir="+plugins[0])
}

// hostileTable is a table whose names are hostile, and its definition.
func hostileTable(t *testing.T, d sqltext.Dialect, texts []string) (*schema.Table, string) {
	t.Helper()
	names := []string{"t`'\"\n\\! x", "id -- ;", "v`/*\ndelimiter $$", "e\\'x"}
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = string(d.AppendIdent(nil, n))
	}
	create := fmt.Sprintf("CREATE TABLE shop.%s (%s INT PRIMARY KEY, %s VARCHAR(300), %s TEXT) CHARSET utf8", quoted[0], quoted[1], quoted[2], quoted[3])
	definitions, err := dump.Load(strings.NewReader(create+";"), "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range definitions.Problems {
		t.Fatal(p)
	}
	return definitions.Tables()[0], create
}

// lastUpdate plans the updates of the source's log.
func lastUpdate(t *testing.T, s *servers.Server, table *schema.Table) *plan.Plan {
	t.Helper()
	files := logfile.OpenFiles(s.Binlogs(t)...)
	defer files.Close()
	reader, planner := decoder.NewReader(files), plan.NewPlanner()
	for {
		ev, err := reader.Next()
		if err == io.EOF {
			return planner.Plan()
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
		for row, err := range re.All() {
			if err != nil {
				t.Fatal(err)
			}
			if re.Kind != decoder.Update {
				continue
			}
			if err := planner.Update(table, row.Before, row.After, plan.Origin{Pos: ev.Pos, Type: ev.Type, Row: re.Number(), Transaction: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// execute runs statements on one connection, without a client.
func execute(t *testing.T, s *servers.Server, statements ...string) {
	t.Helper()
	conn, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, statement := range slices.Concat([]string{"SET NAMES utf8mb4"}, statements, []string{"SET sql_log_bin=1"}) {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%v\n%q", err, statement)
		}
	}
}

func versionOf(t *testing.T, s *servers.Server) decoder.Version {
	t.Helper()
	var v decoder.Version
	if err := s.DB().QueryRow("SELECT @@version").Scan(&v.Text); err != nil {
		t.Fatal(err)
	}
	if s.Install.Line.Flavor == servers.MariaDB {
		v.Flavor = decoder.MariaDB
	}
	if _, err := fmt.Sscanf(v.Text, "%d.%d.%d", &v.Major, &v.Minor, &v.Patch); err != nil {
		t.Fatalf("version %q: %v", v.Text, err)
	}
	return v
}
