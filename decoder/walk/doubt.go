package walk

import (
	"fmt"
	"path/filepath"

	"binmend/decoder/words"
)

// doubtNext says why a log with the next number may be of another server with the same server id and log name; "" when nothing shows
// it. A log that ends for the next one is followed by one that begins at once, not with a start of its server; any other log is
// followed by one that begins with a start.
func (m *member) doubtNext(next *member) string {
	if m.head == nil || next.head == nil || m.head.Relay || next.head.Relay || !m.placed || !next.placed {
		return ""
	}
	a, b := m.head, next.head
	starts := b.Format.Created != 0
	missing, why := missingByTime(m, next)
	switch {
	case missing != "":
		return m.doubt(next, why)
	case b.Created < max(a.Created, m.ended):
		return m.doubt(next, fmt.Sprintf("the later one began at %s, and the earlier one was in use at %s", words.Clock(int64(b.Created)), words.Clock(int64(max(a.Created, m.ended)))))
	case m.open && !starts:
		return m.doubt(next, "the later one did not begin with a start of its server, and the earlier one does not end by beginning another")
	case !starts && a.Format.Server.Text != b.Format.Server.Text:
		return m.doubt(next, fmt.Sprintf("their servers are %s and %s", a.Format.Server.Text, b.Format.Server.Text))
	case a.set != nil && b.set != nil && !b.set.Holds(a.set), goesBack(a.list, b.list):
		return m.doubt(next, "GTIDs that the earlier one says came before it did not come before the later one")
	}
	return ""
}

// doubtRenamed is doubtNext for logs of another name: a server takes one when it starts.
func (m *member) doubtRenamed(next *member) string {
	a, b := m.head, next.head
	if a == nil || b == nil || a.Relay || b.Relay || a.Writer != b.Writer || b.Format.Created != 0 && b.Created >= max(a.Created, m.ended) {
		return ""
	}
	return m.doubt(next, "their names differ, and the later one did not begin with a start of its server after the earlier one")
}

func (m *member) doubt(next *member, why string) string {
	return fmt.Sprintf("%s may not continue %s, though both have server id %d: %s", filepath.Base(next.name), filepath.Base(m.name), m.head.Writer, why)
}
