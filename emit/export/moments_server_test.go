package export_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/emit/export"
	"binmend/emit/list"
	"binmend/fixtures/servers"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/track"
)

var (
	histories   = flag.Int("histories", 2, "tables with a random history, for each line")
	historySeed = flag.Uint64("history-seed", 1, "of the first one")
	showRefused = flag.Bool("refused", false, "show the histories of rows that were refused although they can be known")
)

// TestMoments: a definition from whatever moment gives the values that the server had, or an error. Random tables get rows and
// ALTERs by turns. The log is then read with the table's definition from each moment of its history, and with the server's own.
func TestMoments(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{})
			s.DB().SetMaxOpenConns(1)
			var all, dated tally
			for i := range *histories {
				seed := *historySeed + uint64(i)
				h := newHistory(t, s, seed)
				h.isTerse = !slices.Contains([]*servers.Line{servers.MySQL8015, servers.MySQL8031, servers.MySQL97}, line)
				h.live(8 + h.IntN(8))
				all.addTally(h.check())
				h.isDated = true
				dated.addTally(h.checkMoments())
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(h.ran, ";\n"))
				}
			}
			t.Log("dumps without a date: ", all)
			t.Log("dumps with a date: ", dated)
		})
	}
}

// tally counts what was read. A refusal is right where the row that it is about reads otherwise in another history that leaves the
// same definition and the same log.
type tally struct {
	definitions, answered, rows, read, wrong int
	refused                                  map[string]int // by what is not known; "" for what could have been known
}

func (t *tally) addTally(o tally) {
	t.definitions += o.definitions
	t.answered += o.answered
	t.rows += o.rows
	t.read += o.read
	t.wrong += o.wrong
	if t.refused == nil {
		t.refused = map[string]int{}
	}
	for why, n := range o.refused {
		t.refused[why] += n
	}
}

func (t tally) String() string {
	could := t.answered + t.refused[""]
	return fmt.Sprintf("%d definitions: %d of %d read all rows that can be known (%.1f %%); others refused, because the log does not hold: %v; "+
		"%d rows of %d were read, %d wrong", t.definitions, t.answered, could, 100*float64(t.answered)/float64(max(could, 1)), t.refused, t.read, t.rows, t.wrong)
}

// history is that of one table.
type history struct {
	*rand.Rand
	seed    uint64
	isTerse bool // the log has neither signs nor character sets
	isDated bool // dumps of the table have a date
	t       *testing.T
	server  *servers.Server
	table   string
	logs    []string            // it stands in these
	ran     []string            // statements that the server took
	steps   []step              // the same but the first
	shown   []string            // SHOW CREATE TABLE after each of them
	values  []map[string]string // that each row had when it was written
	at      []int               // how many statements had run before each row
	columns []string            // but the first, k
}

func newHistory(t *testing.T, s *servers.Server, seed uint64) *history {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 11)), seed: seed, t: t, server: s, table: "t"}
	h.must("SET time_zone='+00:00', timestamp=" + fmt.Sprint(h.time(0)))
	h.must("DROP DATABASE IF EXISTS d")
	h.must("CREATE DATABASE d CHARACTER SET utf8mb4")
	h.must("USE d")
	create := "CREATE TABLE t (k int NOT NULL"
	for i := range 2 + h.IntN(4) {
		name := string(rune('a' + i))
		h.columns = append(h.columns, name)
		create += ", " + name + " " + h.kind()
	}
	h.must(create + h.of("", ", PRIMARY KEY (k)", ", UNIQUE u (k)") + ")")
	h.must("FLUSH BINARY LOGS")
	h.ran, h.shown = []string{create}, []string{h.show()}
	return h
}

func (h *history) of(words ...string) string { return words[h.IntN(len(words))] }

func (h *history) must(statement string) {
	h.t.Helper()
	if _, err := h.server.DB().Exec(statement); err != nil {
		h.t.Fatalf("%s: %v", statement, err)
	}
}

// kind draws a type: few of them, so that columns can be mistaken for each other.
func (h *history) kind() string {
	return h.of("int", "int", "int unsigned", "bigint", "varchar(20)", "varchar(20)", "varchar(20) CHARACTER SET latin1", "char(9)",
		"enum('x','y','z')", "enum('y','x','z','w')", "enum('w','x','y','z')", "set('x','y')", "set('y','x')", "decimal(6,2)",
		"datetime", "text", "tinyint unsigned", "tinyint") + h.of("", "", "", " NOT NULL")
}

func (h *history) column() string { return h.columns[h.IntN(len(h.columns))] }

// live adds rows and alters the table by turns.
func (h *history) live(n int) {
	first := len(h.server.Binlogs(h.t)) - 1
	for range n {
		for range 1 + h.IntN(2) {
			h.insert()
		}
		for tried := 0; tried < 20; tried++ {
			statement := h.statement()
			h.must("SET timestamp=" + fmt.Sprint(h.time(len(h.ran))))
			if _, err := h.server.DB().Exec(statement.sql); err != nil {
				continue
			}
			h.ran, h.steps = append(h.ran, statement.sql), append(h.steps, statement)
			h.look()
			h.shown = append(h.shown, h.show())
			break
		}
		if h.IntN(4) == 0 {
			h.must("FLUSH BINARY LOGS")
		}
	}
	h.insert()
	h.must("FLUSH BINARY LOGS")
	logs := h.server.Binlogs(h.t)
	h.logs = nil
	for _, log := range logs[first : len(logs)-1] {
		h.logs = append(h.logs, h.timed(log))
	}
}

// timed is a copy of a log in which statements took no time: under SET timestamp they seem to take until today.
func (h *history) timed(log string) string {
	b, err := os.ReadFile(log)
	if err != nil {
		h.t.Fatal(err)
	}
	const header, typeAt, lengthAt, execTimeAt, checksum = 19, 4, 9, 19 + 4, 4
	for at := 4; at+header <= len(b); at += int(binary.LittleEndian.Uint32(b[at+lengthAt:])) {
		if event := b[at : at+int(binary.LittleEndian.Uint32(b[at+lengthAt:]))]; event[typeAt] == byte(decoder.EventQuery) {
			clear(event[execTimeAt : execTimeAt+4])
			binary.LittleEndian.PutUint32(event[len(event)-checksum:], crc32.ChecksumIEEE(event[:len(event)-checksum]))
		}
	}
	name := filepath.Join(h.t.TempDir(), filepath.Base(log))
	if err := os.WriteFile(name, b, 0o600); err != nil {
		h.t.Fatal(err)
	}
	return name
}

func (h *history) statement() step {
	t := "ALTER TABLE " + h.table + " "
	place := h.of("", "", " FIRST", " AFTER "+h.column(), " AFTER k")
	fresh := string(rune('a' + h.IntN(12)))
	switch h.IntN(16) {
	case 0, 1, 2:
		return altering(t, change{"MODIFY", h.column(), "", h.kind(), place})
	case 3:
		c := h.column()
		return altering(t, change{"MODIFY", c, "", h.kindNow(c), place})
	case 4:
		return altering(t, change{"ADD", "", fresh, h.kind(), ""})
	case 5:
		return altering(t, change{"ADD", "", fresh, h.kind(), place})
	case 6:
		return altering(t, change{"DROP", h.column(), "", "", ""})
	case 7:
		return altering(t, change{"CHANGE", h.column(), fresh, h.kind(), place})
	case 8:
		return altering(t, change{"RENAME", h.column(), fresh, "", ""})
	case 9:
		a, b := h.column(), h.column()
		return altering(t, change{"RENAME", a, b, "", ""}, change{"RENAME", b, a, "", ""})
	case 10:
		return step{sql: t + h.of("ADD UNIQUE (k)", "ADD UNIQUE v (k, "+h.column()+")", "ADD KEY ("+h.column()+")", "DROP KEY u", "DROP KEY v", "DROP PRIMARY KEY", "ADD PRIMARY KEY (k)")}
	case 11:
		convert := h.of("CONVERT TO CHARACTER SET ", "DEFAULT CHARACTER SET ")
		return step{sql: t + convert + h.of("latin1", "utf8mb4"), converts: strings.HasPrefix(convert, "CONVERT")}
	case 12:
		return altering(t, change{"ADD", "", fresh, "int AS (k + 1) " + h.of("VIRTUAL", "STORED"), place})
	case 13:
		return step{sql: t + h.of("ENGINE=InnoDB", "COMMENT 'x'", "FORCE", "ALTER "+h.column()+" DROP DEFAULT")}
	case 14:
		return altering(t, change{"ADD", "", fresh, "int", place}, change{"MODIFY", h.column(), "", h.kind(), h.of("", " FIRST")})
	}
	other := map[string]string{"t": "u", "u": "t"}[h.table]
	return step{sql: "RENAME TABLE " + h.table + " TO " + other}
}

// kindNow is the type that a column has.
func (h *history) kindNow(column string) string {
	var typ string
	_ = h.server.DB().QueryRow("SELECT column_type FROM information_schema.columns WHERE table_schema='d' AND table_name=? AND column_name=?",
		h.table, column).Scan(&typ)
	return typ
}

// look notes the table's name and columns.
func (h *history) look() {
	if err := h.server.DB().QueryRow("SELECT table_name FROM information_schema.tables WHERE table_schema='d'").Scan(&h.table); err != nil {
		h.t.Fatal(err)
	}
	h.columns = slices.DeleteFunc(slices.Collect(keys(h.row("SELECT * FROM d."+h.table+" LIMIT 1"))), func(c string) bool { return c == "k" })
	slices.Sort(h.columns)
	if len(h.columns) == 0 {
		h.columns = []string{"nothing"}
	}
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (h *history) show() string {
	var name, create string
	if err := h.server.DB().QueryRow("SHOW CREATE TABLE d."+h.table).Scan(&name, &create); err != nil {
		h.t.Fatal(err)
	}
	return create
}

// time is when the n-th statement ran: many days lie between two.
func (h *history) time(n int) int64 { return 1_700_000_000 + int64(n)*10*24*60*60 }

// date is the last line of a dump that was made after the n-th statement.
func (h *history) date(n int) string {
	if !h.isDated {
		return ""
	}
	return time.Unix(h.time(n), 0).AddDate(0, 0, 5).UTC().Format("-- Dump completed on 2006-01-02 15:04:05\n")
}

// insert adds a row of drawn values, and notes what the server has then.
func (h *history) insert() {
	var names, values []string
	for _, c := range h.columns {
		if h.IntN(4) > 0 {
			names = append(names, c)
			values = append(values, h.of("1", "-1", "'x'", "'y'", "'z'", "'w'", "2", "'\u00e9'", "200", "'2024-02-03 04:05:06'", "NULL", "3000000000", "'9.5'"))
		}
	}
	k := len(h.values) + 1
	h.must("SET sql_mode=''")
	for {
		statement := fmt.Sprintf("INSERT IGNORE INTO %s (k%s) VALUES (%d%s)", h.table, join(names), k, join(values))
		result, err := h.server.DB().Exec(statement)
		if err == nil {
			if n, _ := result.RowsAffected(); n == 0 {
				return // a key is in the way
			}
			break
		}
		if len(names) == 0 {
			h.t.Fatalf("%s: %v", statement, err)
		}
		names, values = names[1:], values[1:] // a generated column, or what IGNORE does not pardon
	}
	h.must("SET sql_mode=DEFAULT")
	h.values, h.at = append(h.values, h.row(fmt.Sprintf("SELECT * FROM d.%s WHERE k = %d", h.table, k))), append(h.at, len(h.ran))
}

func join(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return ", " + strings.Join(list, ", ")
}

// row is the first row of a query as text.
func (h *history) row(query string) map[string]string {
	h.t.Helper()
	rows, err := h.server.DB().Query(query)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	cells := make([]sql.NullString, len(names))
	into := make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	if rows.Next() {
		if err := rows.Scan(into...); err != nil {
			h.t.Fatal(err)
		}
	}
	row := map[string]string{}
	for i, name := range names {
		if row[name] = cells[i].String; !cells[i].Valid {
			row[name] = "<nil>"
		}
	}
	return row
}

// check reads the log with the definition of each moment, with those where each log begins, and with the server's own.
func (h *history) check() tally {
	of := h.checkMoments()
	h.checkEachLog()
	server, err := live.Connect(context.Background(), live.Options{Socket: h.server.Socket, User: "root"})
	if err != nil {
		h.t.Fatal(err)
	}
	defer server.Close()
	of.addTally(h.read("the server's own definition", len(h.steps), []int{len(h.steps)}, func() *changes.Definitions {
		return &changes.Definitions{Live: server.Tables(), Logs: walk.Logs{Names: h.logs}}
	}))
	return of
}

// checkMoments reads the log with the definition of each moment.
func (h *history) checkMoments() tally {
	var of tally
	var all []int
	for i := range h.shown {
		all = append(all, i)
	}
	for moment, create := range h.shown {
		if h.isDated {
			all = []int{moment}
		}
		files, err := dump.Load(strings.NewReader("USE d;\n"+create+";\n"+h.date(moment)), fmt.Sprintf("moment-%d.sql", moment))
		if err != nil {
			h.t.Fatal(err)
		}
		of.addTally(h.read(fmt.Sprintf("the definition after statement %d", moment), moment, all, func() *changes.Definitions {
			return &changes.Definitions{Files: files, Logs: walk.Logs{Names: h.logs}}
		}))
	}
	return of
}

// checkEachLog reads each log alone, with the definitions that the DDL before it leads to.
func (h *history) checkEachLog() {
	h.t.Helper()
	files, err := dump.Load(strings.NewReader("CREATE DATABASE d CHARACTER SET utf8mb4; USE d;\n"+h.shown[0]+";\n"), "first")
	if err != nil {
		h.t.Fatal(err)
	}
	dir := h.t.TempDir()
	unknown, rest, err := list.EachLog(context.Background(), dir, list.TableOptions{Files: files, At: track.Start, Logs: walk.Logs{Names: h.logs}}, &export.Columns{})
	if err != nil || rest != nil || unknown > 0 {
		h.t.Fatalf("%d tables not known, %v, %v", unknown, rest, err)
	}
	var out bytes.Buffer
	for _, log := range h.logs {
		defs, err := dump.LoadFiles(filepath.Join(dir, filepath.Base(log)+".sql"))
		if err != nil || len(defs.Problems) > 0 {
			h.t.Fatal(err, defs)
		}
		d := &changes.Definitions{Files: defs, At: track.Start, Logs: walk.Logs{Names: []string{log}}}
		if _, err := export.NDJSON(context.Background(), &out, h.stream(d), export.Options{Workers: 1}); err != nil {
			h.t.Errorf("with the definitions where %s begins: %v", log, err)
		}
	}
	if n := h.compare("the definitions where each log begins", &out); n.read < len(h.values) {
		h.t.Errorf("with the definitions where each log begins: %d rows of %d", n.read, len(h.values))
	}
}

// read compares the rows, as far as they are read, with what the server had.
func (h *history) read(with string, moment int, moments []int, definitions func() *changes.Definitions) tally {
	h.t.Helper()
	var out bytes.Buffer
	_, failed := export.NDJSON(context.Background(), &out, h.stream(definitions()), export.Options{Workers: 1})
	of := tally{definitions: 1, rows: len(h.values)}
	if failed == nil {
		of.answered = 1
	}
	of.addTally(h.compare(with, &out))
	if failed == nil && of.read < len(h.values) {
		h.t.Errorf("with %s: %d rows of %d", with, of.read, len(h.values))
	}
	if failed != nil {
		row := h.rowOf(failed)
		why := h.unknowable(row, h.tables()[moment], moments)
		of.refused = map[string]int{why: 1}
		if why == "" && *showRefused {
			h.t.Logf("seed %d, with %s: %v\nrow %v\n%s", h.seed, with, failed, h.values[max(row, 0)], strings.Join(h.ran, ";\n"))
		}
	}
	h.checkKeys(with, definitions())
	return of
}

// compare compares NDJSON with what the server had.
func (h *history) compare(with string, out io.Reader) (of tally) {
	h.t.Helper()
	d := json.NewDecoder(out)
	d.UseNumber()
	for d.More() {
		var record struct{ After map[string]any }
		if err := d.Decode(&record); err != nil {
			h.t.Fatal(err)
		}
		if record.After == nil { // DDL
			continue
		}
		if of.read == len(h.values) {
			h.t.Fatalf("with %s: more rows than there were", with)
		}
		want := h.values[of.read]
		of.read++
		for name, value := range record.After {
			if got := fmt.Sprint(value); got != want[name] || len(record.After) != len(want) {
				of.wrong++
				h.t.Errorf("with %s: row %d, column %s: got %s, want %s of %v", with, of.read, name, got, want[name], want)
				break
			}
		}
	}
	return of
}

// checkKeys makes sure that each unique key that a row is taken to have is one that the table had then.
func (h *history) checkKeys(with string, d *changes.Definitions) {
	h.t.Helper()
	row := 0
	_ = h.stream(d).Run(context.Background(), 1, func(_ int, c *changes.Chunk) error {
		for i := range c.Items {
			if c.Items[i].Kind != changes.KindRows || row >= len(h.at) {
				continue
			}
			had, err := dump.Load(strings.NewReader("USE d;\n"+h.shown[h.at[row]-1]+";\n"), "server")
			if err != nil {
				return err
			}
			row++
			real := keyTexts(had.Tables()[0])
			for _, key := range keyTexts(c.Items[i].Table) {
				if !slices.Contains(real, key) {
					h.t.Errorf("with %s: row %d: there is no unique key %s, but %v", with, row, key, real)
				}
			}
		}
		return nil
	}, func(*changes.Chunk) error { return nil })
}

func keyTexts(t *schema.Table) (list []string) {
	for _, k := range t.Keys {
		text := ""
		for _, p := range k.Parts {
			text += fmt.Sprintf("%s(%d) ", t.Columns[p.Column].Name, p.Prefix)
		}
		list = append(list, text)
	}
	return list
}

func (h *history) stream(d *changes.Definitions) *changes.Stream {
	h.t.Helper()
	w, err := d.Logs.From(d.Begin)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { w.Close() })
	return changes.NewStream(changes.Options{Events: w, Definitions: d})
}
