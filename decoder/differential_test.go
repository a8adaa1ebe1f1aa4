package decoder_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"

	"github.com/klauspost/compress/zstd"
)

// This test holds all that the decoder says of real logs against what the servers' own log readers print of them: where
// the events are, their headers, GTIDs, and every value of every row.

// notCompared names the logs of the corpus that are left out, by the beginning of their path.
var notCompared = []struct{ path, why string }{
	{"corrupt/", "damaged on purpose; damage_test.go and decoder/check have them"},
	{"encrypted/", "encrypted; decoder/crypt has them"},
	{"mysql-9.7-encrypted/", "encrypted"},
	{"mariadb-10.5/written/encrypted", "encrypted"},
	{"mariadb-10.11/written/encrypted", "encrypted"},
	{"mariadb-11.8/written/encrypted", "encrypted"},
	{"mariadb-10.2/binlog_before_20574.bin", "encrypted"},
	{"broken-replicas/m1011-gtidon-mts-big-txn-relay-rotates/relay", "mariadb-binlog prints no row of a statement that " +
		"goes over two logs; the source's log beside it has the same rows"},
	{"broken-replicas/m118-gtidon-mts-big-txn-relay-rotates/relay", "the same"},
	{"mariadb-10.5/written/old-temporals-with-fsp.binlog", "the old temporal types with a fraction have a length that no log " +
		"tells: neither reads the rows"},
	{"mariadb-10.11/written/old-temporals-with-fsp.binlog", "the same"},
	{"mariadb-11.8/written/old-temporals-with-fsp.binlog", "the same"},
	{"mysql-5.6/written/load-data.binlog", "mysqlbinlog prints the Intvar events of LOAD DATA after the transaction; logs of " +
		"MariaDB have the same events"},
	{"mysql-9.7/load-data.binlog", "the same"},
	{"mysql-5.6/binlog_output_base.flashback", "its checksums are wrong, which the reader does not look at"},
	{"mysql-5.7/history-0edade99f9.bin", "the same"},
	{"mysql-5.7/history-ac65cd7056.bin", "the same"},
	{"mysql-5.7/history-e0825ebee5.bin", "the same"},
	{"mysql-4.", "binlog version 1 to 3 has no row events; the decoder refuses it"},
	{"mysql-5.2/", "an alpha whose event types have other numbers, which no reader knows; schema/track has the rows"},
	{"mysql-5.1/bug40482-bin.000001", "an Incident without a message, which neither reader reads"},
}

// A reader is a server's own log reader.
type reader struct {
	line  *servers.Line
	words *notation
}

var (
	mysqlbinlog   = reader{servers.MySQL97, mysqlNotation}
	mariadbBinlog = reader{servers.MariaDB118, mariadbNotation}
	oldReader     = reader{servers.MariaDB1011, mariadbNotation} // the last that knows row events of the types 20 to 22
)

// TestDifferential compares log by log.
func TestDifferential(t *testing.T) {
	installs := map[*servers.Line]*servers.Install{}
	for _, r := range []reader{mysqlbinlog, mariadbBinlog, oldReader} {
		installs[r.line] = r.line.Install(t)
	}
	json := new(jsonChecks)
	for _, b := range batches(t) {
		d := &difference{t: t, notation: b.words, json: json}
		d.compare(b.logs, installs[b.line])
	}
	json.check(t)
}

// batch is the logs of a folder that one run of their reader prints.
type batch struct {
	reader
	logs []string
}

func batches(t *testing.T) (all []*batch) {
	t.Helper()
	last := &batch{}
	for _, logs := range logsToCompare(t) {
		if strings.HasSuffix(logs[0], ".zst") {
			logs = []string{decompressed(t, logs[0])}
		}
		r := readerOf(t, logs)
		if r != last.reader || filepath.Dir(logs[0]) != filepath.Dir(last.logs[0]) || !whole(last.logs) {
			last = &batch{reader: r}
			all = append(all, last)
		}
		last.logs = append(last.logs, logs...)
	}
	return all
}

// whole reports whether the last log ends with an event. The decoder reads nothing after one that is cut.
func whole(logs []string) bool {
	f := logfile.OpenFiles(logs[len(logs)-1])
	defer f.Close()
	for {
		if _, _, err := f.Next(); err != nil {
			return err == io.EOF
		}
	}
}

// logsToCompare returns the logs of the project, and of the corpus where it is there. The relay logs of a replica come
// together: a transaction may go over two of them.
func logsToCompare(t *testing.T) (logs [][]string) {
	t.Helper()
	corpus := filepath.Join("..", "..", "shared", "corpus")
	for _, root := range []string{filepath.Join("..", "fixtures"), corpus} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			relative, err := filepath.Rel(root, path)
			for _, left := range notCompared {
				if strings.HasPrefix(filepath.ToSlash(relative), left.path) {
					return err
				}
			}
			switch last := len(logs) - 1; {
			case !isLog(path) && !strings.HasSuffix(path, ".binlog.zst"):
			case last >= 0 && isRelayLog(path) && isRelayLog(logs[last][0]) && filepath.Dir(path) == filepath.Dir(logs[last][0]):
				logs[last] = append(logs[last], path)
			default:
				logs = append(logs, []string{path})
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if len(logs) == 0 {
		t.Fatal("no log to compare")
	}
	return logs
}

func isRelayLog(path string) bool { return strings.HasPrefix(filepath.Base(path), "relay") }

func decompressed(t *testing.T, path string) string {
	t.Helper()
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := zstd.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out, err := os.Create(filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(path), ".zst")))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := io.Copy(out, z); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

// readerOf chooses the reader of logs. That of MySQL 9.7 reads neither MariaDB's events, nor row events of version 1, nor
// event headers of more than 19 bytes.
func readerOf(t *testing.T, logs []string) reader {
	t.Helper()
	f := logfile.OpenFiles(logs...)
	defer f.Close()
	for {
		raw, _, err := f.Next()
		if err != nil {
			return mysqlbinlog
		}
		switch kind := decoder.EventType(raw[4]); {
		case kind == decoder.EventFormatDescription && (bytes.Contains(raw, []byte("MariaDB")) || raw[19+56] != 19):
			return mariadbBinlog
		case kind >= decoder.EventPreGAWriteRows && kind <= decoder.EventPreGADeleteRows:
			return oldReader
		case kind >= decoder.EventWriteRowsV1 && kind <= decoder.EventDeleteRowsV1:
			return mariadbBinlog
		}
	}
}

// difference compares a reader's output for a log with the decoder's.
type difference struct {
	t        *testing.T
	notation *notation
	json     *jsonChecks
	found    int
}

// The four kinds of lines that are compared. Each comes in the order of the log, but one kind may run ahead of another:
// the readers print the rows of a statement when it is whole, and an Annotate_rows event with its table map.
type lineKind int

const (
	placeLine  lineKind = iota // where an event begins
	headerLine                 // header of an event, and what the reader prints beside it
	gtidLine
	rowLine
	otherLine
)

func (k lineKind) String() string { return [...]string{"place", "header", "GTID", "row"}[k] }

func kindOf(line string) lineKind {
	switch {
	case strings.HasPrefix(line, "# at "):
		return placeLine
	case isHeader(line):
		return headerLine
	case strings.HasPrefix(line, "SET @@SESSION.GTID_NEXT= '") && !strings.Contains(line, "'AUTOMATIC'"):
		return gtidLine
	case strings.HasPrefix(line, "### ") && !strings.HasPrefix(line, "### Extra row info"):
		return rowLine
	}
	return otherLine
}

// isHeader knows lines such as "#231114 22:13:20 server id 1  end_log_pos 4 …".
func isHeader(line string) bool {
	return len(line) > 16 && line[0] == '#' && line[1] >= '0' && line[1] <= '9' && line[7] == ' ' && strings.HasPrefix(line[16:], " server id ")
}

func (d *difference) compare(logs []string, in *servers.Install) {
	d.t.Helper()
	var ours [otherLine]struct {
		next func() (expected, bool)
		stop func()
	}
	for kind := range ours {
		ours[kind].next, ours[kind].stop = iter.Pull(d.expect(logs, lineKind(kind)))
		defer ours[kind].stop()
	}
	for line := range d.print(logs, in) {
		kind := kindOf(line)
		if kind == otherLine {
			continue
		}
		want, ok := ours[kind].next()
		if !ok {
			want.text = "nothing"
		}
		if !d.same(kind, want, line) && d.found > 5 {
			return
		}
	}
	for kind := range ours {
		if want, ok := ours[kind].next(); ok {
			d.report(lineKind(kind), want, "nothing")
		}
	}
}

// print runs the reader and gives its lines. A value that it prints over several lines comes as one.
func (d *difference) print(logs []string, in *servers.Install) iter.Seq[string] {
	return func(yield func(string) bool) {
		// What LOAD DATA loaded goes to files of the reader's.
		args := append([]string{"-vv", "--base64-output=decode-rows", "--local-load=" + d.t.TempDir()}, d.notation.options...)
		cmd := in.Command(in.Line.LogReader, append(args, logs...)...)
		cmd.Env = append(os.Environ(), "TZ=UTC")
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		out, err := cmd.StdoutPipe()
		if err != nil {
			d.t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			d.t.Fatal(err)
		}
		defer func() {
			io.Copy(io.Discard, out)
			if err := cmd.Wait(); err != nil {
				d.t.Errorf("%s %s: %v\n%s", in.Line.LogReader, logs, err, complaint.Bytes())
			}
		}()
		lines := bufio.NewReaderSize(out, 1<<20)
		held := ""
		for {
			line, err := lines.ReadString('\n')
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "###     ") {
				held += " " + strings.TrimSpace(line[len("###"):])
				continue
			}
			if held != "" && !yield(held) {
				return
			}
			held = line
			if err != nil {
				if held != "" {
					yield(held)
				}
				return
			}
		}
	}
}

func (d *difference) same(kind lineKind, want expected, got string) bool {
	d.t.Helper()
	switch kind {
	case headerLine:
		got = withoutChecksum(got)
		if rest, ok := strings.CutPrefix(got, want.text); ok && (rest == "" || strings.HasPrefix(rest, "\t") || strings.HasPrefix(rest, " ")) {
			return true
		}
	case rowLine:
		got = withoutType(got)
		if want.text == got || want.changed != nil && d.json.take(want.pos, want.changed, got) {
			return true
		}
	default:
		if want.text == got {
			return true
		}
	}
	d.report(kind, want, got)
	return false
}

func (d *difference) report(kind lineKind, ours expected, theirs string) {
	d.t.Helper()
	d.found++
	d.t.Errorf("%s: %v\n  ours   %.300q\n  theirs %.300q", ours.pos, kind, ours.text, theirs)
}

// withoutChecksum cuts the checksum out of a header line.
func withoutChecksum(line string) string {
	before, after, found := strings.Cut(line, " CRC32 0x")
	if !found {
		return line
	}
	return before + after[len("00000000"):]
}

// expected is a line as the reader should print it.
type expected struct {
	pos     decoder.Position
	text    string
	changed *change // of a JSON value that a partial update may have changed
}

// expect gives the lines of one kind that the decoder leads one to expect.
func (d *difference) expect(logs []string, kind lineKind) iter.Seq[expected] {
	return func(yield func(expected) bool) {
		f := logfile.OpenFiles(logs...)
		defer f.Close()
		var outer uint32 // end_log_pos of the last Transaction_payload event
		for e, err := range decoder.NewReader(f).All() {
			if err != nil {
				if !errors.Is(err, decoder.ErrTruncated) {
					yield(expected{text: err.Error()})
				}
				return
			}
			pos := e.Pos
			switch {
			case e.Type == decoder.EventTransactionPayload:
				outer = e.EndLogPos
			case e.Inner > 0: // the reader puts them where the payload event ends
				e.Pos.Offset, e.EndLogPos = int64(outer), outer
			}
			placed := func(line expected) bool {
				line.pos = pos
				return yield(line)
			}
			if !d.notation.expectEvent(e, kind, placed) {
				return
			}
		}
	}
}

func (n *notation) expectEvent(e *decoder.Event, kind lineKind, yield func(expected) bool) bool {
	switch {
	case kind == placeLine:
		return yield(expected{text: fmt.Sprintf("# at %d", e.Pos.Offset)})
	case kind == headerLine:
		return yield(expected{text: n.header(e)})
	case kind == gtidLine && e.IsGtid() && e.Type != decoder.EventMariaGtid:
		g, err := e.Gtid()
		if err != nil {
			return yield(expected{text: err.Error()})
		}
		return yield(expected{text: "SET @@SESSION.GTID_NEXT= '" + gtidNext(e, g) + "'/*!*/;"})
	case kind == rowLine && e.IsRows():
		return n.rows(e, yield)
	}
	return true
}
