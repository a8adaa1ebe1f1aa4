package repair

import (
	"strings"

	"binmend/decoder"
)

// changesRows reports whether a statement that was logged as such is not DDL of a kind that leaves rows alone or that the
// definitions follow.
func changesRows(e *decoder.Event) bool {
	if e.Type == decoder.EventExecuteLoadQuery {
		return true
	}
	q, err := e.Query()
	if err != nil {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimLeft(string(q.SQL[:min(len(q.SQL), 40)]), " \t\r\n("), " ")
	switch strings.ToUpper(word) {
	case "CREATE", "ALTER", "DROP", "RENAME", "GRANT", "REVOKE", "SET", "ANALYZE", "OPTIMIZE", "REPAIR", "FLUSH", "/*!40000", "/*":
		return false
	}
	return true
}
