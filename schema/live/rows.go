package live

import (
	"context"
	"database/sql"
	"fmt"
)

// RowsError: the rows of a server could not be read to their end.
type RowsError struct {
	Server string
	Err    error
}

func (e *RowsError) Error() string { return fmt.Sprintf("%s: reading rows: %v", e.Server, e.Err) }
func (e *RowsError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *RowsError) Hint() string {
	switch {
	case denied(e.Err):
		return "let the account read the table: GRANT SELECT ON it TO the account that connects"
	case serverErrno(e.Err) != 0:
		return "the server refused the question; nothing was changed on it"
	}
	return "the connection is gone; nothing was changed on the server: look whether it runs, then run binmend again"
}

// Select runs a SELECT and calls yield for each row as it comes. The values, nil for NULL, are valid until yield returns.
// Where the server fails the error is a *RowsError.
func (s *Server) Select(ctx context.Context, query string, yield func(values [][]byte) error) error {
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
	return &RowsError{Server: s.Name(), Err: err}
}
