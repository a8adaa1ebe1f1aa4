package remote

import (
	"crypto/tls"
	"time"
)

// Options say how to reach a source and as which replica.
type Options struct {
	Network  string // "tcp" or "unix"
	Address  string // host:port, or a socket
	User     string
	Password string

	TLS       *tls.Config // nil for none
	Plaintext bool        // with TLS set: go on without it where the source has none

	// ClearText lets the source ask for the password in clear text, see package dial.
	ClearText bool

	// ServerID is the server_id of the replica that this connection is; 0 draws one that no replica of the source has.
	ServerID uint32
	// Register lets SHOW REPLICAS of the source list this connection.
	Register bool
	// BeforeRead, unless nil, is called before the connection waits for the source.
	BeforeRead func() error
}

const (
	// heartbeat is how often an idle source says that it is there, and readTimeout how long to believe it without.
	heartbeat   = 10 * time.Second
	readTimeout = 45 * time.Second

	readBuffer = 256 << 10
)
