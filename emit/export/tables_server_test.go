package export_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/fixtures/servers"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/track"
)

// TestTablesOfOneDatabase: a dump from any moment gives the values that the server had, or an error, where tables are dropped, made anew with
// other columns, copied, and change names with each other; where names differ in case only; and where the server takes such names for one.
func TestTablesOfOneDatabase(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Run("names", func(t *testing.T) { checkTables(t, line, 0, "t", "u", "v") })
			t.Run("cases", func(t *testing.T) { checkTables(t, line, 0, "t", "T", "u") })
			if !slices.Contains([]*servers.Line{servers.MySQL8015, servers.MySQL8031, servers.MySQL97}, line) { // which are told when they are made
				t.Run("one case", func(t *testing.T) { checkTables(t, line, 1, "t", "u", "T") })
			}
		})
	}
}

func checkTables(t *testing.T, line *servers.Line, lowerCase int, names ...string) {
	s := servers.Shared(t, line, servers.Options{Args: []string{fmt.Sprintf("--lower-case-table-names=%d", lowerCase)}})
	s.DB().SetMaxOpenConns(1)
	answered, all := 0, 0
	for i := range *histories {
		seed := *historySeed + uint64(i)
		h := &tablesHistory{history: &history{Rand: rand.New(rand.NewPCG(seed, 12)), seed: seed, t: t, server: s}, names: names}
		h.live()
		for moment := range h.dumps {
			for _, date := range []string{"", h.date(moment)} {
				files, err := dump.Load(strings.NewReader(h.dumps[moment]+date), fmt.Sprintf("moment-%d.sql", moment))
				if err != nil {
					t.Fatal(err)
				}
				for log := 1; log < len(h.logs); log++ {
					all++
					answered += h.readFrom(log, moment, files)
				}
				at := []track.At{track.Detect}
				if moment == 0 {
					at = append(at, track.Start)
				}
				if moment == len(h.dumps)-1 {
					at = append(at, track.End)
				}
				for _, at := range at {
					all++
					answered += h.readTables(fmt.Sprintf("moment %d, %s, at %d", moment, date, at), &changes.Definitions{Files: files, At: at, Logs: walk.Logs{Names: h.logs}})
				}
			}
		}
		server, err := live.Connect(context.Background(), live.Options{Socket: s.Socket, User: "root"})
		if err != nil {
			t.Fatal(err)
		}
		all++
		answered += h.readTables("the server's own", &changes.Definitions{Live: server.Tables(), Logs: walk.Logs{Names: h.logs}})
		server.Close()
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, strings.Join(h.ran, ";\n"))
		}
	}
	t.Logf("%d of %d definitions read all rows", answered, all)
}

// tablesHistory is that of several tables. The rows of all are numbered.
type tablesHistory struct {
	*history
	names  []string
	dumps  []string // after each statement
	inLog  []int    // the log of each row
	dumpIn []int    // and of each dump
	log    int      // the current one
}

func (h *tablesHistory) live() {
	h.isDated = true
	h.must("SET time_zone='+00:00', timestamp=" + fmt.Sprint(h.time(0)))
	h.must("DROP DATABASE IF EXISTS d")
	h.must("CREATE DATABASE d CHARACTER SET utf8mb4")
	h.must("USE d")
	for _, name := range h.names[:2] {
		h.run(h.create(name))
	}
	h.must("FLUSH BINARY LOGS")
	first := len(h.server.Binlogs(h.t)) - 1
	h.addDump()
	for range 8 + h.IntN(6) {
		for range 1 + h.IntN(3) {
			h.add(h.of(h.names...))
		}
		for tried := 0; tried < 20; tried++ {
			if h.run(h.statement()) {
				h.addDump()
				break
			}
		}
		if h.IntN(4) == 0 {
			h.must("FLUSH BINARY LOGS")
			h.log++
		}
	}
	for _, name := range h.names {
		h.add(name)
	}
	h.must("FLUSH BINARY LOGS")
	logs := h.server.Binlogs(h.t)
	for _, log := range logs[first : len(logs)-1] {
		h.logs = append(h.logs, h.timed(log))
	}
}

// run runs a statement, if the server takes it.
func (h *tablesHistory) run(statement string) bool {
	h.must("SET timestamp=" + fmt.Sprint(h.time(len(h.dumps))))
	if _, err := h.server.DB().Exec(statement); err != nil {
		return false
	}
	h.ran = append(h.ran, statement)
	return true
}

// list is the first column of a query.
func (h *tablesHistory) list(query string) (list []string) {
	rows, err := h.server.DB().Query(query)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			h.t.Fatal(err)
		}
		list = append(list, text)
	}
	return list
}

func (h *tablesHistory) addDump() {
	text := "CREATE DATABASE d CHARACTER SET utf8mb4; USE d;\n"
	for _, name := range h.list("SELECT table_name FROM information_schema.tables WHERE table_schema='d'") {
		h.table = name
		text += h.show() + ";\n"
	}
	h.dumps, h.dumpIn = append(h.dumps, text), append(h.dumpIn, h.log)
}

// add adds a row, if there is such a table.
func (h *tablesHistory) add(table string) {
	h.table, h.columns = table, h.columnsOf(table)
	if len(h.columns) > 0 {
		h.insert()
		h.inLog = append(h.inLog, h.log)
		h.ran = append(h.ran, fmt.Sprintf("-- row %d of %s: %v", len(h.values), table, h.values[len(h.values)-1]))
	}
}

// columnsOf lists a table's columns but the first.
func (h *tablesHistory) columnsOf(table string) []string {
	return h.list("SELECT column_name FROM information_schema.columns WHERE table_schema='d' AND table_name='" + table + "' AND column_name<>'k'")
}

func (h *tablesHistory) create(name string) string {
	statement := "CREATE TABLE " + name + " (k int NOT NULL"
	for _, i := range h.Perm(4)[:1+h.IntN(3)] {
		statement += ", " + string(rune('a'+i)) + " " + h.kind()
	}
	return statement + ")"
}

// kind draws a type: fewer of them than one table has.
func (h *tablesHistory) kind() string {
	return h.of("int", "int unsigned", "enum('x','y','z')", "enum('y','x','z')", "varchar(20)", "varchar(20) CHARACTER SET latin1")
}

func (h *tablesHistory) statement() string {
	name, other := h.of(h.names...), h.of(h.names...)
	columns := append(h.columnsOf(name), "nothing")
	column := columns[h.IntN(len(columns))]
	place := h.of("", " FIRST", " AFTER "+columns[h.IntN(len(columns))])
	fresh := string(rune('a' + h.IntN(4)))
	switch h.IntN(15) {
	case 0:
		return "DROP TABLE " + name
	case 1, 2, 3:
		return h.create(name)
	case 4:
		return "RENAME TABLE " + name + " TO " + other
	case 5:
		return "RENAME TABLE " + name + " TO zz, " + other + " TO " + name + ", zz TO " + other
	case 6:
		return "CREATE TABLE " + name + " LIKE " + other
	case 7, 8, 9:
		return "ALTER TABLE " + name + " MODIFY " + column + " " + h.kind() + place
	case 10:
		return "ALTER TABLE " + name + " ADD " + fresh + " " + h.kind() + place
	case 11:
		return "ALTER TABLE " + name + " DROP " + column
	case 12:
		return "ALTER TABLE " + name + " CHANGE " + column + " " + fresh + " " + h.kind() + place
	case 13:
		return strings.Replace(h.create(name), "CREATE", "CREATE OR REPLACE", 1)
	}
	return "ALTER TABLE " + name + " CONVERT TO CHARACTER SET " + h.of("latin1", "utf8mb4")
}

// readTables compares the rows with what the server had, unless the definitions are said to be in doubt, and returns 1 where all were
// read.
func (h *tablesHistory) readTables(with string, d *changes.Definitions) int {
	h.t.Helper()
	var out bytes.Buffer
	_, failed := export.NDJSON(context.Background(), &out, h.stream(d), export.Options{Workers: 1})
	if d.Doubted() != nil {
		return 0
	}
	text := out.String()
	of := h.compare(with, &out)
	if of.wrong > 0 {
		h.t.Logf("%v, risks %q\n%s", failed, d.Risks, text)
	}
	n := of.read
	switch {
	case failed != nil:
		return 0
	case n < len(h.values):
		h.t.Errorf("with %s: %d rows of %d", with, n, len(h.values))
	}
	return 1
}

// readFrom reads from the beginning of a log on: with the logs before it, and without them where the dump is not from before it.
func (h *tablesHistory) readFrom(log, moment int, files *dump.Schema) (answered int) {
	h.t.Helper()
	values := h.values
	defer func() { h.values = values }()
	h.values = nil
	for i, in := range h.inLog {
		if in >= log {
			h.values = values[i:]
			break
		}
	}
	begin := decoder.Position{File: h.logs[log], Offset: 4}
	answered = h.readTables(fmt.Sprintf("moment %d, from log %d", moment, log), &changes.Definitions{Files: files, Logs: walk.Logs{Names: h.logs}, Begin: begin})
	if h.dumpIn[moment] >= log {
		h.readTables(fmt.Sprintf("moment %d, logs from %d", moment, log), &changes.Definitions{Files: files, Logs: walk.Logs{Names: h.logs[log:]}})
	}
	return answered
}
