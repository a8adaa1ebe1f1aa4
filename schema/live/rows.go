package live

import (
	"context"
	"database/sql"

	"binmend/decoder/dial"
	"binmend/decoder/fault"
)

// Select runs a SELECT and calls yield for each row as it comes. The values, nil for NULL, are valid until yield returns.
// Where the server fails the error is a fault.Error.
func (s *Server) Select(ctx context.Context, query string, yield func(values [][]byte) error) error {
	s.connector.limit(selected)
	defer s.connector.limit(dial.Small)
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return s.rowsError(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return s.rowsError(ctx, err)
	}
	raw, into := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
	values := make([][]byte, len(columns))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return s.rowsError(ctx, err)
		}
		for i := range raw {
			values[i] = raw[i]
		}
		if err := yield(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.rowsError(ctx, err)
	}
	return nil
}

func (s *Server) rowsError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	reason := ErrRowsLost
	switch {
	case denied(err):
		reason = ErrRowsDenied
	case serverErrno(err) != 0:
		reason = ErrRowsRefused
	}
	return &fault.Error{Reason: reason, About: s.Name(), What: "reading rows", Err: s.connector.failure(err)}
}
