package serve

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// session is one client's connection.
type session struct {
	server *Server
	ctx    context.Context // of the connection, which lives as long as the session
	conn   net.Conn        // as it was accepted
	net    net.Conn        // the same, or TLS over it
	wire   *wire
	id     uint32
	salt   []byte
	secure bool // within TLS
	user   string
	host   string    // that the client connects from
	since  time.Time // it is connected
	in     bool      // it has logged in; the server's

	answers atomic.Int32 // whole packets that came before the login
	gaveWay atomic.Bool
	done    chan struct{} // closed at its end

	variables map[string]cell // what the client has set
}

// errClosed ends a session of which nothing remains to be said, such as one that the client has ended.
var errClosed = errors.New("closed by the client")

// run serves the client until it leaves or the server ends. It always returns why: errClosed when the client closed the
// connection.
func (s *session) run() error {
	deadline := time.Now().Add(s.server.handshakeLimit)
	if err := s.net.SetReadDeadline(deadline); err != nil {
		return err
	}
	if s.server.full() {
		return s.tooMany()
	}
	if err := s.handshake(); err != nil {
		return err
	}
	s.wire.widen()
	for {
		if err := s.net.SetReadDeadline(time.Now().Add(s.server.idleLimit)); err != nil {
			return err
		}
		if s.ctx.Err() != nil { // a write may have replaced the deadline of the end
			return s.ctx.Err()
		}
		s.wire.ResetSequence()
		command, err := s.wire.readCommand()
		if errors.Is(err, errTooLarge) {
			return s.refuse(mysql.NewError(mysql.ER_NET_PACKET_TOO_LARGE, "Got a packet bigger than this server takes"))
		}
		if err != nil {
			return err
		}
		if len(command) == 0 {
			return s.refuse(mysql.NewDefaultError(mysql.ER_UNKNOWN_COM_ERROR))
		}
		if err := s.command(command[0], command[1:]); err != nil {
			return err
		}
	}
}

// command runs one command. An error ends the session.
func (s *session) command(kind byte, arguments []byte) error {
	switch kind {
	case mysql.COM_QUIT:
		return errClosed
	case mysql.COM_PING:
		return s.wire.sendOK()
	case mysql.COM_RESET_CONNECTION:
		s.variables = nil
		return s.wire.sendOK()
	case mysql.COM_SET_OPTION:
		return s.wire.sendEOF()
	case mysql.COM_QUERY:
		return s.answer(string(arguments))
	case mysql.COM_REGISTER_SLAVE:
		r, err := parseRegister(arguments)
		if err != nil {
			return s.malformed(err)
		}
		s.server.registered(s, r)
		return s.wire.sendOK()
	case mysql.COM_BINLOG_DUMP:
		r, err := parseDump(arguments)
		if err != nil {
			return s.malformed(err)
		}
		return s.dump(r)
	case mysql.COM_BINLOG_DUMP_GTID:
		r, err := parseDumpGTID(arguments)
		if err != nil {
			return s.malformed(err)
		}
		return s.dump(r)
	}
	return s.wire.sendError(mysql.NewDefaultError(mysql.ER_UNKNOWN_COM_ERROR))
}

func (s *session) answer(statement string) error {
	a, err := s.query(statement)
	if err != nil {
		var known *mysql.MyError
		if !errors.As(err, &known) {
			known = asError(err)
			s.log().Error("statement failed", "error", err)
		}
		return s.wire.sendError(known)
	}
	if a.columns == nil {
		return s.wire.sendOK()
	}
	return s.wire.sendRows(a.columns, a.rows)
}

func (s *session) malformed(err error) error {
	return s.refuse(mysql.NewError(mysql.ER_MALFORMED_PACKET, "Malformed communication packet: "+err.Error()))
}

// refuse sends the client an error and returns it.
func (s *session) refuse(e *mysql.MyError) error {
	if err := s.wire.sendError(e); err != nil {
		return err
	}
	return e
}

// tooMany refuses a client because there are too many.
func (s *session) tooMany() error {
	s.log().Warn("too many connections", "limit", s.server.MaxConnections)
	if err := s.wire.sendError(mysql.NewDefaultError(mysql.ER_CON_COUNT_ERROR)); err != nil {
		return err
	}
	return errClosed
}

// hostOf is the host that a client connects from.
func hostOf(c net.Conn) string {
	address := c.RemoteAddr().String()
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// userVariable is the value that the client has set under one of the names. MySQL and MariaDB, old and new, use different names.
func (s *session) userVariable(names ...string) (string, bool) {
	for _, name := range names {
		if c, ok := s.variables["@"+name]; ok && !c.null {
			return c.text, true
		}
	}
	return "", false
}

// flag reports whether the client has set a variable to 1 or ON.
func (s *session) flag(name string) bool {
	value := s.variables[name].text
	return value == "1" || strings.EqualFold(value, "ON")
}

func (s *session) userNumber(names ...string) (uint64, error) {
	value, ok := s.userVariable(names...)
	if !ok || value == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0, refuse("@%s: expected a number, found %q", names[0], value)
	}
	return n, nil
}

// maxUser is how much of a user name is logged, in bytes: no server has longer ones (MariaDB: 128 characters).
const maxUser = 512

// log is the server's logger, with the client's name.
func (s *session) log() *slog.Logger {
	user := s.user
	if len(user) > maxUser {
		user = user[:maxUser] + "..."
	}
	return s.server.Log.With("connection", s.id, "client", s.conn.RemoteAddr().String(), "user", user)
}
