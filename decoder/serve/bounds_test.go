package serve

import (
	"bytes"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// TestCommandsAreBounded: a statement of more than 64 KiB is refused when it has come so far, whatever length its packet gives.
func TestCommandsAreBounded(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)})
	c := r.mustConnect(t)
	fits := "SET @a='" + strings.Repeat("a", 60_000) + "'"
	if _, err := c.Execute(fits); err != nil {
		t.Fatalf("a statement of %d bytes: %v", len(fits), err)
	}
	for values, want := range map[int]uint16{100: 0, 200: mysql.ER_NOT_SUPPORTED_YET, 20_000: mysql.ER_TOO_MANY_FIELDS} {
		res, err := c.Execute("SELECT " + strings.TrimSuffix(strings.Repeat("@a,", values), ","))
		if errno(err) != want || err == nil && res.ColumnNumber() != values {
			t.Errorf("%d values of 60 kB each: %v", values, err)
		}
	}
	if _, err := c.Execute(fits + ", @b='" + strings.Repeat("b", 10_000) + "'"); errno(err) != mysql.ER_NET_PACKET_TOO_LARGE {
		t.Errorf("a longer one: %v", err)
	}
	raw := r.mustConnect(t)
	if _, err := raw.Conn.Conn.Write(append([]byte{0xff, 0xff, 0xff, 0, mysql.COM_QUERY}, make([]byte, 2*maxCommand)...)); err != nil {
		t.Fatal(err)
	}
	raw.Sequence = 1
	if answer, err := raw.ReadPacket(); err != nil || len(answer) < 3 || binary.LittleEndian.Uint16(answer[1:]) != mysql.ER_NET_PACKET_TOO_LARGE {
		t.Errorf("a packet that says it has 16 MiB, of which 128 KiB have come: %q, %v", answer, err)
	}
}

// TestStatementsAreLinear: the work for a statement grows as its length, not faster.
func TestStatementsAreLinear(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)})
	one := &session{server: r.Server}
	bytesFor := func(values int) int64 {
		statement := "SET " + strings.TrimSuffix(strings.Repeat("@a=1,", values), ",")
		return testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := one.query(statement); err != nil {
					b.Fatal(err)
				}
			}
		}).AllocedBytesPerOp()
	}
	if few, many := bytesFor(500), bytesFor(5000); many > 20*few {
		t.Errorf("500 values take %d bytes, 5000 take %d", few, many)
	}
}

// TestHalfOpenGivesWay: connections on which nothing comes do not lock out who logs in.
func TestHalfOpenGivesWay(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...), MaxConnections: 2}, func(s *Server) { s.handshakeLimit, s.maxWaiting = time.Hour, 2 })
	r.mustConnect(t)
	var silent []net.Conn
	for range 2 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if _, err := io.ReadFull(c, make([]byte, 4)); err != nil { // the greeting: it is counted in
			t.Fatal(err)
		}
		silent = append(silent, c)
	}
	if _, err := r.connect("native", secret); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(silent[0]); err != nil {
		t.Logf("the oldest: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sessions) > 3 {
		t.Errorf("%d sessions of at most 3", len(r.sessions))
	}
}

// TestFloodOfSilentConnections: who logs in gets through while others connect, say nothing, and connect anew without a pause.
func TestFloodOfSilentConnections(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)}, func(s *Server) { s.maxWaiting = 50 })
	stop := make(chan struct{})
	var flood sync.WaitGroup
	for range 2 {
		flood.Go(func() {
			var held []net.Conn
			defer func() {
				for _, c := range held {
					c.Close()
				}
			}()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if c, err := net.DialTimeout("tcp", r.addr, time.Second); err == nil {
					held = append(held, c)
				}
				if len(held) > 100 {
					held[0].Close()
					held = held[1:]
				}
			}
		})
	}
	for range 5 {
		c, err := r.connect("native", secret)
		if err != nil {
			t.Error(err)
			continue
		}
		c.Close()
		time.Sleep(20 * time.Millisecond)
	}
	close(stop)
	flood.Wait()
}

// TestLoggedNamesAreBounded: a user name of any length takes little of the log.
func TestLoggedNamesAreBounded(t *testing.T) {
	var log bytes.Buffer
	r := run(t, Options{Dir: folder(t, twoLogs(t)...), Log: slog.New(slog.NewTextHandler(&log, nil))})
	if _, err := r.connect(strings.Repeat("u", 3000), secret); errno(err) != mysql.ER_ACCESS_DENIED_ERROR {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); r.Load().Connections > 0 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	r.stop()
	<-r.done
	if log.Len() == 0 || log.Len() > 2000 {
		t.Errorf("%d bytes in the log: %.2000s", log.Len(), &log)
	}
}

// TestLongSetsAreBoundedTogether: what clients send of sets of GTIDs is bounded for all of them, and free again when they leave.
func TestLongSetsAreBoundedTogether(t *testing.T) {
	r := run(t, Options{Dir: folder(t, twoLogs(t)...)})
	set := append([]byte{mysql.COM_BINLOG_DUMP_GTID}, bytes.Repeat([]byte{0}, 15<<20)...)
	for i := range 5 {
		c := r.mustConnect(t)
		packet := append([]byte{byte(len(set)), byte(len(set) >> 8), byte(len(set) >> 16), 0}, set...)
		go c.Conn.Conn.Write(packet)
		c.Sequence = 1
		answer, err := c.ReadPacket()
		if err != nil || len(answer) < 3 || answer[0] != mysql.ERR_HEADER {
			t.Fatalf("client %d: %.20q, %v", i, answer, err)
		}
		c.Close()
	}
	if r.reserve(maxLongSets + 1) {
		t.Error("more than all was given")
	}
	for deadline := time.Now().Add(10 * time.Second); !r.reserve(maxLongSets); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are held after all have left", r.longSets)
		}
	}
}
