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
	MaxConnections int          // that have logged in; 0: 151, as MySQL
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
	greeted  greeted
	ids      atomic.Uint32

	handshakeLimit time.Duration // for greeting, TLS and password together
	idleLimit      time.Duration // between two commands
	writeLimit     time.Duration // for one write to a client that reads slowly
	maxWaiting     int           // connections that have not logged in

	load counters

	mu       sync.Mutex
	sessions map[*session]*replica // nil: has not registered
	loggedIn int                   // of sessions
	gone     gone
	longSets int // bytes of long GTID sets that clients have sent, see maxLongSets
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
	defaultMaxWaiting     = 500
)

// New opens the folder, which must hold a readable log.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, uuid: serverUUID(o.Dir), key: newKey(), sessions: make(map[*session]*replica),
		handshakeLimit: defaultHandshakeLimit, idleLimit: defaultIdleLimit, writeLimit: defaultWriteLimit, maxWaiting: defaultMaxWaiting}
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
			one := s.admit(ctx, c)
			sessions.Go(func() { s.serve(one) })
		}
	}
}

// acceptPause is the wait after a failed accept.
const acceptPause = 100 * time.Millisecond

// admit adds a session. Where many clients have not logged in, one of them leaves first: connections on which nothing comes neither
// lock others out nor take memory without bound.
func (s *Server) admit(ctx context.Context, c net.Conn) *session {
	one := &session{server: s, ctx: ctx, conn: c, net: c, host: hostOf(c), id: s.ids.Add(1),
		wire: newWire(ctx, c, s.writeLimit), done: make(chan struct{})}
	one.wire.reserve = s.reserve
	for !s.add(one) {
		time.Sleep(roomPause)
	}
	return one
}

const (
	patience  = 200 * time.Millisecond // that every client has for its login, however many connect
	roomPause = 5 * time.Millisecond
)

// add adds a session. It returns false, to be called again, while all that have not logged in have only just connected.
func (s *Server) add(one *session) bool {
	s.mu.Lock()
	late := s.latest()
	if late != nil && one.ctx.Err() == nil && time.Since(late.since) < patience {
		s.mu.Unlock()
		return false
	}
	one.since = time.Now()
	s.sessions[one] = nil
	s.mu.Unlock()
	if late != nil {
		late.gaveWay.Store(true)
		late.conn.Close()
		<-late.done
	}
	return true
}

// latest is the session that gives way, nil for none: among the host with most sessions not logged in, the oldest one that has not
// answered the greeting, or else the oldest.
func (s *Server) latest() (late *session) {
	waiting, all := map[string]int{}, 0
	for one := range s.sessions {
		if !one.in {
			waiting[one.host]++
			all++
		}
	}
	if all < s.maxWaiting {
		return nil
	}
	for one := range s.sessions {
		if one.in {
			continue
		}
		if late == nil || cmp.Or(cmp.Compare(waiting[late.host], waiting[one.host]), cmp.Compare(one.answers.Load(), late.answers.Load()),
			one.since.Compare(late.since)) < 0 {
			late = one
		}
	}
	return late
}

// serve runs one session.
func (s *Server) serve(one *session) {
	defer close(one.done)
	defer one.conn.Close()
	defer s.leave(one)
	stop := context.AfterFunc(one.ctx, func() {
		one.conn.SetReadDeadline(time.Now())
		one.conn.SetWriteDeadline(time.Now().Add(lastWrite))
	})
	defer stop()
	err := one.run()
	switch {
	case errors.Is(err, errClosed) || one.ctx.Err() != nil:
	case one.gaveWay.Load():
		s.noteGaveWay(one)
	default:
		one.log().Warn("connection ended", "reason", fmt.Sprint(err)) // given err, slog prints go-mysql's stack trace
	}
}

// noteGaveWay logs that sessions gave way, at most once a second.
func (s *Server) noteGaveWay(last *session) {
	s.mu.Lock()
	s.gone.sessions++
	n, due := s.gone.sessions, time.Since(s.gone.said) >= time.Second
	if due {
		s.gone.sessions, s.gone.said = 0, time.Now()
	}
	s.mu.Unlock()
	if due {
		last.log().Warn("connections ended: they gave way to others before they had logged in", "connections", n)
	}
}

// gone are the sessions that gave way and were not told of yet.
type gone struct {
	sessions int
	said     time.Time // when others were
}

// full reports whether as many clients as may have logged in.
func (s *Server) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.loggedIn >= s.MaxConnections
}

// logIn counts a session as logged in, unless there are too many.
func (s *Server) logIn(one *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loggedIn >= s.MaxConnections {
		return false
	}
	s.loggedIn++
	one.in = true
	return true
}

func (s *Server) leave(one *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, one)
	if one.in {
		s.loggedIn--
	}
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

// greetingVersion is the version that clients are greeted with. The logs are read for it once in a while, not for every connection.
func (s *Server) greetingVersion() string {
	s.greeted.Lock()
	defer s.greeted.Unlock()
	if time.Since(s.greeted.at) < greetingAge {
		return s.greeted.version
	}
	f, err := s.readFacts()
	if err != nil {
		return "binmend"
	}
	s.greeted.version, s.greeted.at = f.greetingVersion(), time.Now()
	return s.greeted.version
}

// greetingAge is how long a version is greeted with before the logs are read again.
const greetingAge = time.Second

// greeted is the version that clients were last greeted with.
type greeted struct {
	sync.Mutex
	version string
	at      time.Time // it was read
}
