package stats_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/emit/stats"
	"binmend/fixtures/servers"
)

// collect counts logs one after the other.
func collect(t testing.TB, o stats.Options, logs ...string) (*stats.Report, error) {
	t.Helper()
	f := logfile.OpenFiles(logs...)
	defer f.Close()
	c := stats.New(o)
	var tracker txn.Tracker
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			return c.Report("", err), err
		}
		step, err := tracker.AddEvent(e)
		if err == nil {
			err = c.AddEvent(e, step, place{&tracker})
		}
		if err != nil {
			return c.Report("", err), err
		}
	}
	return c.Report("", nil), nil
}

type place struct{ *txn.Tracker }

func (p place) Transaction() txn.Transaction { return p.Current() }

// printed is what a server's own log reader prints of a log, counted.
type printed struct {
	events uint64
	rows   map[string]stats.Rows // by table
	groups uint64                // of transactions that can be applied at once, by their counters or commit ids
	untold map[string]bool       // tables with a value that the reader can't print: it leaves out the rest of the event
}

// read runs a log reader. ok is false where it does not read the log to its end.
func read(in *servers.Install, log string) (p printed, ok bool) {
	p.rows, p.untold = map[string]stats.Rows{}, map[string]bool{}
	cmd := in.Command(in.Line.LogReader, "-v", "--base64-output=decode-rows", log)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil || bytes.Contains(complaint.Bytes(), []byte("ERROR")) {
		return p, false
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<26)
	last := ""
	var g groups
	for lines.Scan() {
		line := lines.Text()
		g.read(line)
		if strings.Contains(line, "Don't know how to handle column type") {
			p.untold[last] = true
		}
		if strings.HasPrefix(line, "# at ") {
			p.events++
		}
		for kind, verb := range []string{"### INSERT INTO ", "### UPDATE ", "### DELETE FROM "} {
			if table, found := strings.CutPrefix(line, verb); found {
				last = table
				r := p.rows[table]
				*[]*uint64{&r.Inserts, &r.Updates, &r.Deletes}[kind]++
				p.rows[table] = r
			}
		}
	}
	p.groups = g.n
	return p, true
}

// groups counts groups out of the lines that a log reader prints for GTID events.
type groups struct {
	n           uint64
	first, last int64  // MySQL: the first and the last sequence number of the group
	id          string // MariaDB: domain and commit id of the group
}

var (
	clockLine = regexp.MustCompile(`^#.*GTID\tlast_committed=(\d+)\tsequence_number=(\d+)`)
	mariaLine = regexp.MustCompile(`^#.*\tGTID (\d+)-\d+-\d+( cid=\d+)?`)
)

func (g *groups) read(line string) {
	if m := clockLine.FindStringSubmatch(line); m != nil {
		committed, _ := strconv.ParseInt(m[1], 10, 64)
		sequence, _ := strconv.ParseInt(m[2], 10, 64)
		if sequence == 0 {
			return
		}
		if g.first == 0 || sequence <= g.last || committed >= g.first {
			g.n++
			g.first = sequence
		}
		g.last = sequence
	} else if m := mariaLine.FindStringSubmatch(line); m != nil {
		id := m[1] + m[2]
		if m[2] == "" || id != g.id {
			g.n++
		}
		g.id = id
	}
}

// TestDifferential: the rows of every table, and the number of events, are those that the servers' own log readers print,
// in the logs of the project and of the corpus where it is there.
func TestDifferential(t *testing.T) {
	readers := []*servers.Install{servers.MySQL97.Install(t), servers.MariaDB118.Install(t)}
	compared, rows := 0, uint64(0)
	for _, root := range []string{filepath.Join("..", "..", "fixtures"), filepath.Join("..", "..", "..", "shared", "corpus")} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || !isLog(path) || strings.Contains(path, "corrupt") {
				return err
			}
			if strings.Contains(path, "big-txn-relay-rotates/relay") {
				return nil // the readers print no row of a statement that goes over two logs
			}
			report, err := collect(t, stats.Options{Top: 1000}, path)
			if err != nil || report.Logs.Unreadable > 0 {
				return nil // the decoder's tests tell of such logs
			}
			in := readers[0]
			if bytes.Contains(head(path), []byte("MariaDB")) || count(report, "Write_rows_v1", "Update_rows_v1", "Delete_rows_v1") > 0 {
				in = readers[1]
			}
			want, ok := read(in, path)
			if !ok {
				return nil
			}
			compared++
			rows += report.Totals.Rows.Total()
			got := rowsByTable(report)
			for table := range got {
				if got[table] != want.rows[table] && !want.untold[table] {
					t.Errorf("%s: %s has rows %v, %s prints %v", path, table, got[table], in.Line.LogReader, want.rows[table])
				}
				delete(want.rows, table)
			}
			for table := range want.rows {
				t.Errorf("%s: %s is not counted, %s prints %v", path, table, in.Line.LogReader, want.rows[table])
			}
			if report.Parallel.Groups != want.groups {
				t.Errorf("%s: %d groups of transactions, by %s %d", path, report.Parallel.Groups, in.Line.LogReader, want.groups)
			}
			if report.Logs.Events != want.events {
				t.Errorf("%s: %d events, %s prints %d", path, report.Logs.Events, in.Line.LogReader, want.events)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	t.Logf("%d logs with %d rows compared", compared, rows)
	if compared < 20 {
		t.Errorf("only %d logs were compared", compared)
	}
}

// rowsByTable are a report's tables as the log readers name them.
func rowsByTable(r *stats.Report) map[string]stats.Rows {
	all := map[string]stats.Rows{}
	for _, t := range r.Tables {
		if t.Rows.Total() > 0 {
			all[fmt.Sprintf("`%s`.`%s`", strings.ReplaceAll(t.Database, "`", "``"), strings.ReplaceAll(t.Table, "`", "``"))] = t.Rows
		}
	}
	return all
}

func count(r *stats.Report, types ...string) (n uint64) {
	for _, e := range r.Events {
		if slices.Contains(types, e.Type) {
			n += e.Count
		}
	}
	return n
}

func isLog(path string) bool { return bytes.HasPrefix(head(path), logfile.Magic) }

// head is the beginning of a file.
func head(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, 400)
	n, _ := f.Read(b)
	return b[:n]
}
