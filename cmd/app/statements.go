package app

import (
	"context"
	"errors"
	"io"
	"strings"

	"binmend/decoder"
	"binmend/decoder/find"
	"binmend/schema/dump"
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

// located is a statement and where it stands.
type located struct {
	pos decoder.Position
	dump.Statement
}

// readStatement reads the statement of a Query event.
func readStatement(e *decoder.Event) (located, error) {
	q, err := e.Query()
	collations, _ := q.Collations()
	return located{e.Pos, dump.Statement{
		Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL), Collations: collations,
	}}, err
}

// eachStatement reads logs from the beginning and calls yield for every Query event, until it returns false. Damage ends
// it without an error: that is told where rows are read.
func eachStatement(ctx context.Context, logs find.Logs, yield func(located) bool) error {
	src := logs.Opener.OpenFiles(logs.Names...)
	defer src.Close()
	reader := decoder.NewReader(src)
	var damage *decoder.Error
	for {
		e, err := reader.Next()
		switch {
		case err == io.EOF, errors.As(err, &damage):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case !isQuery(e):
			continue
		}
		st, err := readStatement(e)
		if err != nil || !yield(st) {
			return err
		}
	}
}
