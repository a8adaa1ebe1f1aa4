package stats_test

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/decoder/txn"
	"binmend/emit/stats"
)

// TestNoAllocations: counting on and on allocates nothing.
func TestNoAllocations(t *testing.T) {
	for _, line := range []string{"mysql-5.6", "mysql-9.7", "mariadb-10.11", "mariadb-11.8"} {
		s := &again{}
		f := logfile.OpenFiles(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000002"))
		for {
			raw, _, err := f.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			s.events = append(s.events, append([]byte(nil), raw...))
		}
		f.Close()
		s.leaveOutStatements(t)
		r := decoder.NewReader(s)
		var tracker txn.Tracker
		c := stats.New(stats.Options{Top: 3})
		next := func() {
			e, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			step, err := tracker.AddEvent(e)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.AddEvent(e, step, place{&tracker}); err != nil {
				t.Fatal(err)
			}
		}
		for range 1000 {
			next()
		}
		if n := testing.AllocsPerRun(1000, next); n > 0 {
			t.Errorf("%s: %v allocations an event", line, n)
		}
	}
}

// again gives the events of a log over and over: the prologue once, and no DDL, which is listed and so takes memory.
type again struct {
	events [][]byte
	next   int
	first  int // after the prologue
}

func (s *again) leaveOutStatements(t *testing.T) {
	t.Helper()
	var kept [][]byte
	for _, raw := range s.events {
		switch kind := decoder.EventType(raw[4]); {
		case logfile.IsPrologue(kind):
			s.first = len(kept) + 1
		case kind == decoder.EventQuery && bytes.Contains(raw, []byte("CREATE")):
			continue
		}
		kept = append(kept, raw)
	}
	s.events = kept
}

func (s *again) Next() ([]byte, decoder.Position, error) {
	raw := s.events[s.next]
	if s.next++; s.next == len(s.events) {
		s.next = s.first
	}
	return raw, decoder.Position{File: "log"}, nil
}
