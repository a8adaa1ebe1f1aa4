package live

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"

	"binmend/decoder/dial"
)

// connector opens connections for the driver on those of package dial.
type connector struct {
	endpoint Endpoint

	mu     sync.Mutex
	answer dial.Answer // bounds each
	wire   *dial.Conn  // the last one
}

// selected bounds the answer to a SELECT of rows, which are read as they come.
var selected = dial.Answer{Bytes: 4 << 30, Time: time.Hour}

// limit bounds the answers from now on.
func (c *connector) limit(a dial.Answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer = a; c.wire != nil {
		c.wire.Limit(a)
	}
}

// failure is package dial's error for a server; the driver only says that the connection is gone.
func (c *connector) failure(err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wire != nil && errors.Is(c.wire.Failed, dial.ErrServer) {
		return c.wire.Failed
	}
	return err
}

// Connect logs in, and makes the session a read only one.
func (c *connector) Connect(ctx context.Context) (conn driver.Conn, err error) {
	e := &c.endpoint
	to := dial.Options{Network: e.Network, Address: e.Address, TLS: e.TLS, Plaintext: e.Plaintext, ClearText: e.ClearText,
		ServerKey: e.ServerKey, Password: e.Password}
	wire, err := dial.Login(ctx, to, func(wire *dial.Conn) error {
		conn, err = c.logIn(ctx, wire)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wire = wire
	wire.Limit(c.answer)
	return conn, nil
}

// logIn lets the driver log in. The driver has to know whether the connection is private, as a socket is: then it may send a password that
// it would have to encrypt otherwise.
func (c *connector) logIn(ctx context.Context, wire *dial.Conn) (_ driver.Conn, err error) {
	defer guard(wire, &err)
	config := c.config()
	config.DialFunc = func(context.Context, string, string) (net.Conn, error) { return wire, nil }
	if wire.Secure {
		config.Net = "unix"
	}
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, badOption("%v", err)
	}
	logged, err := inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := &guardedConn{logged, wire}
	for _, statement := range settings {
		if _, err := conn.ExecContext(ctx, statement, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// settings are what each session sets, of its own variables only. A global sql_mode may have SHOW CREATE TABLE quote names as strings
// are (ANSI_QUOTES) or leave options out (NO_TABLE_OPTIONS, ORACLE), and servers may take another character set than the one that the
// handshake asks for (skip-character-set-client-handshake). With a global sql_select_limit a SELECT leaves out rows: of a table, or of the
// appliers that have failed.
var settings = []string{"SET SESSION TRANSACTION READ ONLY", "SET SESSION sql_mode = '', sql_select_limit = 18446744073709551615, NAMES utf8mb4"}

// Driver is the driver.
func (c *connector) Driver() driver.Driver { return mysql.MySQLDriver{} }

// config is what the driver needs. It sends nothing on its own: no multiple statements, no prepared ones, no variables.
func (c *connector) config() *mysql.Config {
	config := mysql.NewConfig()
	config.Net, config.Addr = "tcp", c.endpoint.Address
	config.User, config.Passwd = c.endpoint.User, c.endpoint.Password
	config.InterpolateParams = true
	config.Collation = "" // the handshake's own utf8mb4; settings has SET NAMES
	config.Logger = &mysql.NopLogger{}
	config.AllowCleartextPasswords = c.endpoint.ClearText // package dial says where
	return config
}
