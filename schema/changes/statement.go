package changes

import (
	"context"
	"errors"
	"io"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/walk"
	"binmend/schema/dump"
)

// Statement is a statement of a log that may be DDL, and where it stands.
type Statement struct {
	Pos decoder.Position
	dump.Statement
}

// ReadStatement reads a statement that may be DDL of a table or a database; ok is false for any other event.
func ReadStatement(e *decoder.Event) (st Statement, ok bool, err error) {
	if e.Type != decoder.EventQuery && e.Type != decoder.EventMariaQueryCompressed {
		return st, false, nil
	}
	q, err := e.Query()
	if err != nil || !dump.MayBeDDL(q.SQL) {
		return st, false, err
	}
	collations, _ := q.Collations()
	return Statement{e.Pos, dump.Statement{
		Server: e.Format.Server, Database: string(q.Database), SQL: string(q.SQL), Collations: collations,
	}}, true, nil
}

// EachStatement reads logs from their beginning and calls yield for every statement that may be DDL. Damage ends it without
// an error: that is told where rows are read.
func EachStatement(ctx context.Context, logs walk.Logs, yield func(Statement)) error {
	src := logs.Opener.OpenFiles(logs.Names...)
	defer src.Close()
	reader := decoder.NewReader(src)
	var damage *fault.Error
	for {
		e, err := reader.Next()
		switch {
		case err == io.EOF, errors.As(err, &damage):
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		st, ok, err := ReadStatement(e)
		if err != nil {
			return err
		}
		if ok {
			yield(st)
		}
	}
}
