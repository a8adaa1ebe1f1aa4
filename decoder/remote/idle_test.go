package remote

import (
	"testing"
	"time"

	"binmend/decoder"
)

// TestIdleness: which packets a source may send beside its log, and how many.
func TestIdleness(t *testing.T) {
	const second = time.Second
	for name, c := range map[string]struct {
		follow  bool
		every   time.Duration
		advance int64 // bytes from one heartbeat to the next
		event   int   // each such packet is an event of the log
		most    int   // packets that are taken; -1 for no bound
	}{
		"a flood of heartbeats":                 {every: time.Millisecond, most: mostIdle},
		"a flood of heartbeats while following": {follow: true, every: time.Millisecond, most: mostIdle},
		"slow heartbeats":                       {every: 30 * second, most: 21},
		"slow heartbeats while following":       {follow: true, every: heartbeat, most: -1},
		"two for one while following":           {follow: true, every: heartbeat / 2, most: -1},
		"heartbeats that advance":               {every: heartbeat, advance: 1, most: -1},
		"a flood that advances":                 {every: 0, advance: 1, most: -1},
		"heartbeats that go back":               {every: heartbeat, advance: -1, most: 61},
		"events between them":                   {every: second, event: mostIdle, most: -1},
		"few events between them":               {every: second, event: mostIdle + 2, most: mostIdle},
	} {
		idle, now, taken := idleness{follow: c.follow}, time.Unix(0, 0), 0
		for n := range 20_000 {
			kind := Aside
			if c.event > 0 && (n+1)%c.event == 0 {
				kind = Logged
			}
			if idle.add(kind, "bin.000007", 1_000_000+int64(n)*c.advance, now) {
				break
			}
			now, taken = now.Add(c.every), taken+1
		}
		if want := c.most; want == -1 && taken != 20_000 || want >= 0 && taken != want {
			t.Errorf("%s: %d packets taken, want %d", name, taken, want)
		}
	}
}

// TestHeartbeatPlace: a heartbeat's place is in its header and its log's name in its body, with a checksum or without.
func TestHeartbeatPlace(t *testing.T) {
	s := &stream{}
	for n := range uint32(3 * mostIdle) {
		if _, err := receive(s, 7, packetOf(eventOf(decoder.EventHeartbeat, 500+n, 0, "bin.000009"))); err != nil {
			t.Fatal(err)
		}
		if s.isEndless() {
			t.Fatalf("heartbeat %d advances, and is taken for idle", n)
		}
	}
	for n := 1; ; n++ {
		if _, err := receive(s, 7, packetOf(eventOf(decoder.EventHeartbeat, 500, 0, "bin.000009"))); err != nil {
			t.Fatal(err)
		}
		if s.isEndless() {
			return
		}
		if n > mostIdle {
			t.Fatalf("%d heartbeats that do not advance", n)
		}
	}
}
