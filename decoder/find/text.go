package find

import (
	"bytes"

	"binmend/decoder"
)

// Text looks for a text in statements: those that were logged themselves, and those that the log keeps beside the rows they
// changed (binlog_rows_query_log_events, MariaDB's Annotate_rows). It ignores the case of the letters A to Z.
type Text struct {
	lower   []byte
	scratch []byte
}

// NewText prepares a text to look for.
func NewText(text string) *Text { return &Text{lower: appendLower(nil, []byte(text))} }

// In returns the statement of an event that holds the text, nil when it holds none. The statement belongs to the event.
func (t *Text) In(e *decoder.Event) (statement []byte, err error) {
	switch e.Type {
	case decoder.EventQuery, decoder.EventMariaQueryCompressed:
		q, err := e.Query()
		if err != nil {
			return nil, err
		}
		statement = q.SQL
	case decoder.EventRowsQuery, decoder.EventMariaAnnotateRows:
		statement = e.RowsQuery()
	default:
		return nil, nil
	}
	if !t.within(statement) {
		return nil, nil
	}
	return statement, nil
}

// textPart is how much of a statement is looked through at a time.
const textPart = 64 << 10

// within reports whether a statement holds the text. Parts of it overlap by what the text could have of both.
func (t *Text) within(statement []byte) bool {
	size := max(textPart, 2*len(t.lower))
	for {
		n := min(len(statement), size)
		t.scratch = appendLower(t.scratch[:0], statement[:n])
		if bytes.Contains(t.scratch, t.lower) {
			return true
		}
		if n == len(statement) {
			return false
		}
		statement = statement[n-len(t.lower):]
	}
}

func appendLower(dst, text []byte) []byte {
	for _, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
