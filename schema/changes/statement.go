package changes

import (
	"context"
	"errors"
	"time"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/statement"
	"binmend/decoder/walk"
	"binmend/schema/dump"
)

// Statement is a statement of a log that may be DDL, and where it stands.
type Statement struct {
	Pos decoder.Position
	dump.Statement
}

// ReadStatement reads a statement that may be DDL of a table or a database; ok is false for any other event. The beginning of
// a two-phase ALTER and one that was rolled back are no DDL: they have changed nothing.
func ReadStatement(e *decoder.Event) (st Statement, ok bool, err error) {
	q, err := ddlOf(e)
	if q == nil {
		return st, false, err
	}
	session := q.Session()
	explicit, told := session.ExplicitDefaultsOf(e.Format.Server)
	sql := q.SQL
	if len(sql) > dump.MaxDDL {
		sql = sql[:headOfLong]
	}
	return Statement{e.Pos, dump.Statement{
		Server: e.Format.Server, Database: string(q.Database), SQL: string(sql), Length: len(q.SQL), SQLMode: session.SQLMode,
		Collations: session.Collations, CollationDatabase: session.CollationDatabase,
		ErrorCode: q.ErrorCode, ExplicitDefaults: explicit, ToldDefaults: told,
		Ended:   time.Unix(int64(e.Timestamp)+int64(q.ExecTime), 0),
		Session: dump.Session{ServerID: e.ServerID, Thread: q.ThreadID, Started: e.Format.Created},
	}}, true, nil
}

// ddlOf is the statement of an event that ReadStatement reads, nil for any other event: nearly all are others.
func ddlOf(e *decoder.Event) (*decoder.Query, error) {
	if e.Type != decoder.EventQuery && e.Type != decoder.EventMariaQueryCompressed {
		return nil, nil
	}
	q, kind, err := statement.Of(e)
	if err != nil || kind.Kind != statement.DDL || kind.HasNoEffect() {
		return nil, err
	}
	return q, nil
}

// headOfLong is how much is kept of a statement longer than servers accept: the beginning names its table.
const headOfLong = 64 << 10

// EachStatement reads logs from their beginning and calls yield for every statement that may be DDL. Damage ends it without
// an error: the walk that reads the rows reports it.
func EachStatement(ctx context.Context, logs walk.Logs, yield func(Statement)) error {
	_, err := eachStatement(ctx, logs, anywhere, yield)
	return err
}

func anywhere(decoder.Position) bool { return true }

// eachStatement is EachStatement up to the first statement whose place is not wanted. It returns the damage.
func eachStatement(ctx context.Context, logs walk.Logs, isWanted func(decoder.Position) bool, yield func(Statement)) (*fault.Error, error) {
	if len(logs.Names) == 0 {
		return nil, nil
	}
	return walk.Range{Logs: logs}.Queries(func(e *decoder.Event) (more bool, err error) {
		if !isWanted(e.Pos) {
			return false, nil
		}
		st, ok, err := ReadStatement(e)
		if err != nil {
			return false, err
		}
		if ok {
			yield(st)
		}
		return true, ctx.Err()
	})
}

// eachEvent calls do for each event up to damage, or until do wants no more.
func eachEvent(ctx context.Context, w *walk.Walk, do func(*decoder.Event) (more bool, err error)) error {
	var damage *fault.Error
	for e, err := range w.All(ctx) {
		switch {
		case errors.As(err, &damage):
			return nil
		case err != nil:
			return err
		}
		if more, err := do(e); err != nil || !more {
			return err
		}
	}
	return nil
}
