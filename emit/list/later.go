package list

import (
	"unsafe"

	"binmend/decoder"
	"binmend/decoder/txn"
)

// later has row events of a transaction that are counted only if it is shown. Nearly no transaction is, and to count the rows of an
// event takes longer than to copy it.
type later struct {
	events []decoder.DetachedRows
	bytes  []byte // of the events
	reader decoder.RowsDecoder
}

// maxLater bounds the memory of the events. Of larger transactions, what follows is counted as it is read.
const maxLater = 256 << 10

// add adds an event, if it is one of rows inside a transaction, and there is room.
func (l *later) add(e *decoder.Event, step txn.Step) bool {
	if step != txn.Inside || !e.IsRows() || l.size()+e.Unfolded() > maxLater {
		return false
	}
	m, err := e.RowsTable()
	if err != nil {
		return false
	}
	l.events = append(l.events, decoder.DetachedRows{})
	l.bytes = e.Detach(&l.events[len(l.events)-1], m, l.bytes)
	return true
}

func (l *later) size() int {
	return len(l.bytes) + len(l.events)*int(unsafe.Sizeof(decoder.DetachedRows{}))
}

// count counts the rows of the events.
func (l *later) count(c *Contents) {
	for i := range l.events {
		rows, err := l.reader.Rows(&l.events[i])
		c.countRows(rows, err, l.events[i].Pos)
		l.reader.Release()
	}
	l.forget()
}

func (l *later) forget() {
	clear(l.events)
	l.events, l.bytes = l.events[:0], l.bytes[:0]
}
