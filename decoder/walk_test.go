package decoder_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
)

// walk reads all that a log holds: every event, row and value. It returns how many rows there were and the first error. It
// panics where as many rows are not counted without their values.
func walk(log []byte) (rows int, err error) {
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return 0, err
	}
	r := decoder.NewReader(f)
	r.SetCompleter(guess)
	var tracker txn.Tracker
	for e, err := range r.All() {
		if err != nil {
			return rows, err
		}
		if _, err := tracker.AddEvent(e); err != nil {
			return rows, err
		}
		if err := e.Fields(func(decoder.Field) error { return nil }); err != nil {
			return rows, err
		}
		n, err := readEvent(e)
		rows += n
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// guess makes up the definition of a table of whose columns the log tells nothing but the types, so that its rows are read,
// rightly or not.
func guess(m *decoder.TableMap) (decoder.Definition, error) {
	def := decoder.Definition{Columns: make([]decoder.Column, len(m.Columns))}
	for i := range def.Columns {
		def.Columns[i] = decoder.Column{Type: m.Columns[i].Type, Nullable: i%2 == 0, Length: 50, LenBytes: 1 + i%2, Precision: 10, Scale: i % 7}
	}
	return def, nil
}

func readEvent(e *decoder.Event) (rows int, err error) {
	switch e.Type {
	case decoder.EventXid:
		_, err = e.Xid()
	case decoder.EventXAPrepare:
		_, err = e.XAPrepare()
	}
	if err != nil || !e.IsRows() {
		return 0, err
	}
	re, err := e.Rows()
	if err != nil {
		return 0, err
	}
	counted, miscounted := re.Count()
	if re, err = e.Rows(); err != nil {
		return 0, err
	}
	var text []byte
	for row, err := range re.All() {
		if err != nil {
			return rows, err
		}
		rows++
		for _, image := range []decoder.Image{row.Before, row.After} {
			for _, cell := range image {
				if text, err = cell.AppendText(text[:0]); err != nil {
					return rows, err
				}
			}
		}
	}
	if counted != rows || miscounted != nil {
		panic(fmt.Sprintf("%s: %d rows are counted, %v; %d are read", e.Pos, counted, miscounted, rows))
	}
	return rows, nil
}

// realLogs returns small logs of real servers: those of the project, and of the corpus where it is there.
func realLogs(t testing.TB, limit int64) []string {
	t.Helper()
	var logs []string
	for _, root := range []string{filepath.Join("..", "fixtures"), filepath.Join("..", "..", "shared", "corpus")} {
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if info, err := d.Info(); err == nil && info.Size() <= limit && isLog(path) {
				logs = append(logs, path)
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return logs
}

func isLog(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, len(logfile.Magic))
	_, err = io.ReadFull(f, magic)
	return err == nil && bytes.Equal(magic, logfile.Magic) && !strings.Contains(path, "corrupt")
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// endless gives a log's prologue once and its other events over and over, without allocating.
type endless struct {
	events [][]byte
	next   int
	first  int // after the prologue
}

func newEndless(events [][]byte) *endless {
	s := &endless{events: events}
	for s.first < len(events) && logfile.IsPrologue(decoder.EventType(events[s.first][4])) {
		s.first++
	}
	return s
}

func (s *endless) Next() ([]byte, decoder.Position, error) {
	raw := s.events[s.next]
	if s.next++; s.next == len(s.events) {
		s.next = s.first
	}
	return raw, decoder.Position{File: "log"}, nil
}

// TestNoAllocations: reading on and on, every row and every value of it, allocates nothing.
func TestNoAllocations(t *testing.T) {
	for _, name := range realLogs(t, 4<<10) {
		log := readFile(t, name)
		if rows, err := walk(log); err != nil || rows == 0 || bytes.Contains(log, []byte("compress")) {
			continue
		}
		r := decoder.NewReader(newEndless(split(t, log)))
		r.SetCompleter(guess)
		text := make([]byte, 0, 64<<10)
		read := func() {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			if !e.IsRows() {
				return
			}
			re, err := e.Rows()
			if err != nil {
				t.Fatal(err)
			}
			for row, err := re.Next(); err != io.EOF; row, err = re.Next() {
				if err != nil {
					t.Fatal(err)
				}
				text = appendRow(text[:0], row)
			}
		}
		if n := testing.AllocsPerRun(1000, read); n > 0 {
			t.Errorf("%s: %v allocations an event", name, n)
		}
	}
}

func appendRow(text []byte, row *decoder.Row) []byte {
	for _, cell := range row.Before {
		text, _ = cell.AppendText(text)
	}
	for _, cell := range row.After {
		text, _ = cell.AppendText(text)
	}
	return text
}

// split cuts a log into its events.
func split(t *testing.T, log []byte) (events [][]byte) {
	t.Helper()
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		t.Fatal(err)
	}
	for {
		raw, _, err := f.Next()
		if err == io.EOF {
			return events
		}
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, bytes.Clone(raw))
	}
}
