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
	t.scratch = appendLower(t.scratch[:0], statement)
	if !bytes.Contains(t.scratch, t.lower) {
		return nil, nil
	}
	return statement, nil
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
