package live

import (
	"context"
	"database/sql/driver"

	"binmend/decoder/dial"
)

// guardedConn is a connection of the driver, which panics where a server sends what is shorter than it says: an OK without its status, a row
// with fewer values than columns. Such a server gets an error, as one that sends other nonsense.
type guardedConn struct {
	driver.Conn
	wire *dial.Conn
}

// guard makes an error of a panic of the driver, and ends the connection, whose state is not known then.
func guard(wire *dial.Conn, err *error) {
	if recover() != nil {
		*err = wire.NoAnswer("a packet that is shorter than it says")
	}
}

// QueryContext asks.
func (c *guardedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	defer guard(c.wire, &err)
	if rows, err = c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args); err != nil {
		return nil, err
	}
	return &guardedRows{rows, c.wire}, nil
}

// ExecContext runs a statement without a result.
func (c *guardedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer guard(c.wire, &err)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

// CheckNamedValue, ResetSession and IsValid are the driver's.

// CheckNamedValue checks an argument of a statement.
func (c *guardedConn) CheckNamedValue(v *driver.NamedValue) error {
	return c.Conn.(driver.NamedValueChecker).CheckNamedValue(v)
}

// ResetSession is called before a connection is used again.
func (c *guardedConn) ResetSession(ctx context.Context) (err error) {
	defer guard(c.wire, &err)
	return c.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid says whether a connection can be used again.
func (c *guardedConn) IsValid() bool { return c.Conn.(driver.Validator).IsValid() }

// guardedRows are rows of the driver.
type guardedRows struct {
	driver.Rows
	wire *dial.Conn
}

// Next reads a row.
func (r *guardedRows) Next(to []driver.Value) (err error) {
	defer guard(r.wire, &err)
	return r.Rows.Next(to)
}

// Close reads what is left.
func (r *guardedRows) Close() (err error) {
	defer guard(r.wire, &err)
	return r.Rows.Close()
}
