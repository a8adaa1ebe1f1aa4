// Package live reads a running replica: its version, the status of its replication, where its relay logs lie, and its
// tables. In go options as MySQL's own clients have them; out come what the packages replica and schema make of pasted
// text and of dumps. Every session is read only, set so before anything else, and sends nothing but SELECT and SHOW
// after it has set its own sql_mode and character set. The package changes nothing on a server and opens no log.
//
// Nothing that a server answers is trusted: names go into statements quoted, and messages are for the caller to escape.
package live

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"

	"binmend/decoder"
	"binmend/decoder/dial"
)

// Server is a connection to a server.
type Server struct {
	Version decoder.Version

	db        *sql.DB
	connector *connector
	options   Options
	facts     facts
}

// facts are the variables of a server that tell how to read it.
type facts struct {
	version   string
	host      string
	dataDir   string
	relayLogs string // @@relay_log_basename; "" where the server does not say
}

// Connect opens a connection. Its errors are *ConnectionError, or *OptionError for options that contradict each other.
func Connect(ctx context.Context, options Options) (*Server, error) {
	endpoint, err := options.Endpoint()
	if err != nil {
		return nil, err
	}
	connector := &connector{endpoint: endpoint, answer: dial.Small}
	s := &Server{db: sql.OpenDB(connector), connector: connector, options: options}
	s.db.SetMaxOpenConns(1)
	if err := s.readFacts(ctx); err != nil {
		s.Close()
		return nil, connectionError(&options, connector.failure(err))
	}
	return s, nil
}

// Close ends the connection.
func (s *Server) Close() error { return s.db.Close() }

// Name is where the server is reached, for messages.
func (s *Server) Name() string { return s.options.Address() }

// Endpoint is how another client reaches the server.
func (s *Server) Endpoint() (Endpoint, error) { return s.options.Endpoint() }

func (s *Server) readFacts(ctx context.Context) error {
	f := &s.facts
	err := s.db.QueryRowContext(ctx, "SELECT @@version, @@hostname, @@datadir, COALESCE(@@relay_log_basename, '')").
		Scan(&f.version, &f.host, &f.dataDir, &f.relayLogs)
	if err != nil {
		return err
	}
	var ok bool
	if s.Version, ok = decoder.ParseVersion(f.version); !ok {
		return fmt.Errorf("expected a version in @@version, found %q", f.version)
	}
	return nil
}

// relayLogDir is the folder of the relay logs on the server's host.
func (f *facts) relayLogDir() string {
	dir := filepath.Dir(f.relayLogs)
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(f.dataDir, dir)
	}
	return dir
}
