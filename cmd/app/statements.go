package app

import (
	"strings"

	"binmend/decoder"
)

// statementText is the text of an event that changes something by a statement, not by rows; "" for any other event.
// ROLLBACK and ROLLBACK TO are such statements: they take back rows.
func statementText(e *decoder.Event) (string, error) {
	switch {
	case e.Type == decoder.EventExecuteLoadQuery:
		return "LOAD DATA INFILE", nil
	case !isQuery(e):
		return "", nil
	}
	q, err := e.Query()
	if err != nil {
		return "", err
	}
	word, _, _ := strings.Cut(strings.TrimSpace(string(q.SQL[:min(len(q.SQL), 20)])), " ")
	switch strings.ToUpper(word) {
	case "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "XA", "START":
		return "", nil
	}
	return inDatabase(q.Database) + brief(q.SQL), nil
}

func isQuery(e *decoder.Event) bool {
	return e.Type == decoder.EventQuery || e.Type == decoder.EventMariaQueryCompressed
}
