package walk

import (
	"bytes"
	"slices"
)

// Logs that are given twice under different names, such as a copy that was made as a backup.

// births are logs by what they say of their making.
type births map[birth][]*member

type birth struct {
	created, writer uint32
	isRelay         bool
}

// add adds a log, and returns an earlier one that it is a copy of, nil for none. Logs with different numbers and one name are taken for what
// these say.
func (seen births) add(l Logs, m *member) *member {
	if m.head == nil {
		return nil
	}
	of := birth{m.head.Created, m.head.Writer, m.head.Relay}
	i := slices.IndexFunc(seen[of], func(other *member) bool { return !m.isNumberedBeside(other) && l.shared(m, other) >= leastShared })
	if seen[of] = append(seen[of], m); i < 0 {
		return nil
	}
	return seen[of][i]
}

// isNumberedBeside reports whether the names of two files have different numbers and nothing else that differs.
func (m *member) isNumberedBeside(other *member) bool {
	stem, _, _ := numberOf(m.name)
	otherStem, _, _ := numberOf(other.name)
	return stem == otherStem && haveOwnNumbers(m.name, other.name)
}

// haveOwnNumbers reports whether both file names have a number, each another one.
func haveOwnNumbers(a, b string) bool {
	_, first, isNumbered := numberOf(a)
	_, second, alsoNumbered := numberOf(b)
	return isNumbered && alsoNumbered && first != second
}

// leastShared is more than what the relay logs of two channels have in common when they begin at one moment.
const leastShared = 1 << 10

// beginning bounds what of two logs is compared: their head, and the times and transactions of the first events.
const beginning = 64 << 10

// shared is how many bytes of the beginning of two logs are compared and equal: as many as the shorter one has; 0 if they differ.
func (l Logs) shared(m, other *member) int {
	a, b := l.beginning(m.name), l.beginning(other.name)
	n := min(len(a), len(b))
	if !bytes.Equal(a[:n], b[:n]) {
		return 0
	}
	return n
}

// beginning are a log's first bytes; nil if they can't be read directly.
func (l Logs) beginning(name string) []byte {
	f, err := l.Opener.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	b := make([]byte, max(0, min(f.Size(), beginning)))
	if _, err := f.ReadAt(b, 0); err != nil {
		return nil
	}
	return b
}
