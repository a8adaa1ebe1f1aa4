package serve

import (
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder/logfile"
)

// Options say what to serve, and to whom.
type Options struct {
	Dir            string
	Opener         logfile.Opener // with the keys of encrypted logs
	Accounts       *Accounts
	TLS            *tls.Config  // nil: no TLS
	RequireTLS     bool         // refuse clients without TLS
	ServerID       uint32       // 0 for the source's
	MaxConnections int          // 0: 151, as MySQL
	Log            *slog.Logger // one line per dump that begins or ends, and per refused client; nil for none
}

// Server serves the logs of one folder. It is made by New.
type Server struct {
	Options
	logs     *logs
	uuid     string
	key      func() (*rsa.PrivateKey, error)
	seen     seenUsers
	progress progress
	ids      atomic.Uint32

	handshakeLimit time.Duration // for greeting, TLS and password together
	idleLimit      time.Duration // between two commands
	writeLimit     time.Duration // for one write to a client that reads slowly

	load counters

	mu       sync.Mutex
	sessions map[*session]*replica // nil: has not registered
	longSets int                   // bytes of long GTID sets that clients have sent, see maxLongSets
}

// maxLongSets bounds the memory for GTID sets longer than a usual command, of all clients together. A set is kept until its
// client leaves.
const maxLongSets = 64 << 20

// reserve takes n bytes of maxLongSets.
func (s *Server) reserve(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.longSets+n > maxLongSets {
		return false
	}
	s.longSets += n
	return true
}

const (
	defaultConnections    = 151
	defaultHandshakeLimit = 10 * time.Second
	defaultIdleLimit      = 5 * time.Minute
	defaultWriteLimit     = time.Minute
)

// New opens the folder, which must hold a readable log.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, uuid: serverUUID(o.Dir), key: newKey(), sessions: make(map[*session]*replica),
		handshakeLimit: defaultHandshakeLimit, idleLimit: defaultIdleLimit, writeLimit: defaultWriteLimit}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.MaxConnections == 0 {
		s.MaxConnections = defaultConnections
	}
	var err error
	if s.logs, err = openLogs(o.Dir); err != nil {
		return nil, err
	}
	_, err = s.readFacts()
	return s, err
}

// Serve accepts clients until ctx is done or the listener is closed. It closes the listener, and returns when every session has
// ended. When ctx is done, it returns no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	var sessions sync.WaitGroup
	defer sessions.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		case err != nil: // such as too many open files; that passes
			s.Log.Error("accepting a connection", "error", err)
			time.Sleep(acceptPause)
		default:
			sessions.Go(func() { s.serve(ctx, c) })
		}
	}
}

// acceptPause is the wait after a failed accept.
const acceptPause = 100 * time.Millisecond

// serve runs one session.
func (s *Server) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	one := &session{server: s, ctx: ctx, conn: c, net: c, id: s.ids.Add(1), wire: newWire(ctx, c, s.writeLimit)}
	one.wire.reserve = s.reserve
	if !s.admit(one) {
		one.wire.sendError(mysql.NewDefaultError(mysql.ER_CON_COUNT_ERROR))
		one.log().Warn("too many connections", "limit", s.MaxConnections)
		return
	}
	defer s.leave(one)
	stop := context.AfterFunc(ctx, func() {
		c.SetReadDeadline(time.Now())
		c.SetWriteDeadline(time.Now().Add(lastWrite))
	})
	defer stop()
	if err := one.run(); !errors.Is(err, errClosed) && ctx.Err() == nil {
		one.log().Warn("connection ended", "reason", fmt.Sprint(err)) // given err, slog prints go-mysql's stack trace
	}
}

// admit adds a session, unless there are too many. A client that has not logged in gives way to the next one, so that idle or
// slow connections lock nobody out.
func (s *Server) admit(one *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.sessions) >= s.MaxConnections {
		late := s.latest()
		if late == nil {
			return false
		}
		late.conn.Close()
		delete(s.sessions, late)
	}
	one.since = time.Now()
	s.sessions[one] = nil
	return true
}

// latest is the session that gives way: among the host with most sessions not logged in, the oldest such session; nil when all
// have logged in.
func (s *Server) latest() (late *session) {
	waiting := map[string]int{}
	for one := range s.sessions {
		if !one.in {
			waiting[one.client()]++
		}
	}
	for one := range s.sessions {
		if one.in {
			continue
		}
		if late == nil || cmp.Or(cmp.Compare(waiting[late.client()], waiting[one.client()]), one.since.Compare(late.since)) < 0 {
			late = one
		}
	}
	return late
}

// loggedIn notes that a session's client has logged in.
func (s *Server) loggedIn(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.in = true
}

func (s *Server) leave(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, one)
	s.longSets -= one.wire.reserved
}

// registered notes what a client says about itself.
func (s *Server) registered(one *session, r replica) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[one] = &r
}

// showReplicas lists the clients that have registered.
func (s *Server) showReplicas() answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := answer{columns: []string{"Server_Id", "Host", "Port"}}
	var all []*replica
	for _, r := range s.sessions {
		if r != nil {
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(x, y *replica) int { return cmp.Compare(x.serverID, y.serverID) })
	for _, r := range all {
		a.rows = append(a.rows, []cell{number(r.serverID), text(r.host), number(uint32(r.port))})
	}
	return a
}

// greetingVersion is the version that clients are greeted with.
func (s *Server) greetingVersion() string {
	f, err := s.readFacts()
	if err != nil {
		return "binmend"
	}
	return f.greetingVersion()
}
