package pull

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// memory is a file that keeps what is written, and how long it was after each write.
type memory struct {
	file
	b     []byte
	sizes []int
	room  int
}

func (m *memory) Write(p []byte) (int, error) {
	n := min(len(p), m.room)
	m.b, m.room = append(m.b, p[:n]...), m.room-n
	m.sizes = append(m.sizes, len(m.b))
	if n < len(p) {
		return n, errors.New("full")
	}
	return n, nil
}

// TestBuffer writes events of many sizes in pieces: the file has them all, and ends in the middle of one only while that is
// larger than the buffer.
func TestBuffer(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	m := &memory{room: 1 << 30}
	w := newBuffer(m)
	var want []byte
	ends := []int{0}
	for range 300 {
		event := bytes.Repeat([]byte{byte(random.Uint32())}, 1+random.IntN(1<<random.IntN(20)))
		want = append(want, event...)
		ends = append(ends, len(want))
		for len(event) > 0 {
			n := 1 + random.IntN(len(event))
			if err := w.write(event[:n]); err != nil {
				t.Fatal(err)
			}
			event = event[n:]
			if random.IntN(5) == 0 {
				w.flush()
			}
		}
		w.mark()
	}
	if w.flush(); !bytes.Equal(m.b, want) {
		t.Fatalf("%d bytes, want %d", len(m.b), len(want))
	}
	for _, size := range m.sizes {
		i, isEnd := slices.BinarySearch(ends, size)
		if !isEnd && ends[i]-ends[i-1] <= writeBuffer {
			t.Errorf("the file ended at %d, inside an event that fits the buffer", size)
		}
	}
}

// TestBufferStopsAtAnError: nothing is written after a write that failed, which may have written a part.
func TestBufferStopsAtAnError(t *testing.T) {
	m := &memory{room: 5}
	w := newBuffer(m)
	w.write([]byte("12345678"))
	w.mark()
	if err := w.flush(); err == nil {
		t.Fatal("no error")
	}
	m.room = 100
	w.write([]byte("9"))
	w.mark()
	if err := w.flush(); err == nil || string(m.b) != "12345" {
		t.Errorf("%q, %v", m.b, err)
	}
}
