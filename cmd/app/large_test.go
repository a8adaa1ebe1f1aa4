package app

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// measured is binmend, and says at its end how much memory it had at most.
func measured() {
	code := Main(os.Args, streamsOfTest())
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		fmt.Fprintf(os.Stderr, "%s\n", regexp.MustCompile(`VmHWM:.*`).Find(status))
	}
	os.Exit(code)
}

// TestLargeLog: a log over 4 GiB with a transaction over 1 GB in it, or over 4 GiB, is read in less than 64 MiB. It comes
// through a pipe, so that no disk has to hold it.
func TestLargeLog(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 4 GiB five times")
	}
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc/self/status to read the memory from")
	}
	for _, tc := range []struct {
		args  string
		large int    // rows of 60 kB in the first transaction
		pack  bool   // the log comes compressed
		says  string // on the last line of the output
	}{
		{"events -", 18_000, false, "COMMIT"},
		{"events --transactions -", 18_000, false, "shop.orders: insert 10"},
		{"events --transactions -", 73_000, false, "shop.orders: insert 73000"},
		{"check /dev/stdin", 18_000, false, "whole, "},
		{"check /dev/stdin", 18_000, true, "whole, "},
	} {
		t.Run(fmt.Sprintf("%s, %d rows, packed %v", tc.args, tc.large, tc.pack), func(t *testing.T) {
			log := newLargeLog(t, tc.large)
			cmd := exec.Command("binmend-measured", strings.Fields(tc.args)...)
			cmd.Stdin = log
			if tc.pack {
				cmd.Stdin = zstdStream(log)
			}
			var out lastLine
			var messages bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &messages
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s", err, &messages)
			}
			if log.given < 4<<30 {
				t.Errorf("read %d bytes only", log.given)
			}
			if !strings.Contains(string(out.line), tc.says) {
				t.Errorf("the output ends %q, want %q in it", out.line, tc.says)
			}
			peak := regexp.MustCompile(`VmHWM:\s*(\d+) kB`).FindStringSubmatch(messages.String())
			if peak == nil {
				t.Fatalf("no peak memory in %q", &messages)
			}
			if kib, _ := strconv.Atoi(peak[1]); kib == 0 || kib > 64<<10 {
				t.Errorf("peak memory %d KiB", kib)
			} else {
				t.Logf("peak memory %d KiB", kib)
			}
		})
	}
}

// zstdStream compresses while it is read.
func zstdStream(log io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err == nil {
			if _, err = io.Copy(z, log); err == nil {
				err = z.Close()
			}
		}
		w.CloseWithError(err)
	}()
	return r
}

// lastLine keeps the last line written to it.
type lastLine struct{ line []byte }

func (l *lastLine) Write(p []byte) (int, error) {
	l.line = append(l.line, p...)
	whole := bytes.TrimRight(l.line, "\n")
	if i := bytes.LastIndexByte(whole, '\n'); i >= 0 {
		l.line = append(l.line[:0], l.line[i+1:]...)
	}
	return len(p), nil
}

// largeLog gives the beginning of a real relay log, a transaction of many rows of 60 kB, and transactions of ten such rows
// up to 4.3 GB. All are copies of one real transaction.
type largeLog struct {
	parts []part
	given int64
}

// part is bytes that come so many times.
type part struct {
	b     []byte
	times int
	at    int
}

func newLargeLog(t *testing.T, large int) *largeLog {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	begin, tableMap, xid := log[1965:2127], log[2127:2190], log[2308:2339]
	rows := largeRow(log[2190:2308])
	small := bytes.Join([][]byte{begin, tableMap, bytes.Repeat(rows, 10), xid}, nil)
	return &largeLog{parts: []part{{b: log[:1965], times: 1}, {b: begin, times: 1}, {b: tableMap, times: 1},
		{b: rows, times: large}, {b: xid, times: 1}, {b: small, times: (73_000 - large) / 10}}}
}

// largeRow makes a row event of one row of shop.orders with a note of 60,000 bytes, which does not end its statement. Its copies have
// no place in the source's log: with the place of the first they would stand before each other.
func largeRow(event []byte) []byte {
	const header, postHeader = 19, 6 + 2 + 2 + 1 + 1
	note := bytes.Repeat([]byte("x"), 60_000)
	row := binary.LittleEndian.AppendUint16(make([]byte, 1+8+4+4+7), uint16(len(note)))
	made := bytes.Join([][]byte{event[:header+postHeader], row, note, make([]byte, 4)}, nil)
	made[header+6] = 0
	binary.LittleEndian.PutUint32(made[9:], uint32(len(made)))
	binary.LittleEndian.PutUint32(made[13:], 0)
	binary.LittleEndian.PutUint32(made[len(made)-4:], crc32.ChecksumIEEE(made[:len(made)-4]))
	return made
}

func (l *largeLog) Read(b []byte) (int, error) {
	for len(l.parts) > 0 {
		p := &l.parts[0]
		if p.times == 0 {
			l.parts = l.parts[1:]
			continue
		}
		n := copy(b, p.b[p.at:])
		if p.at += n; p.at == len(p.b) {
			p.at, p.times = 0, p.times-1
		}
		l.given += int64(n)
		return n, nil
	}
	return 0, io.EOF
}
