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
	Plaintext bool        // with TLS set: go on without it if the source has none

	// ClearText lets the source ask for the password in clear text, see package dial.
	ClearText bool
	// ServerKey lets the source send the key that the password is encrypted with, see package dial.
	ServerKey bool

	// ServerID is the server_id that this connection shows as a replica; 0 draws one that no replica of the source has.
	ServerID uint32
	// Register makes SHOW REPLICAS on the source list this connection.
	Register bool
	// BeforeRead, unless nil, is called before the connection waits for the source.
	BeforeRead func() error
}

const (
	// heartbeat is how often an idle source has to send something, and readTimeout how long to wait for that.
	heartbeat   = 10 * time.Second
	readTimeout = 45 * time.Second

	readBuffer = 256 << 10
)
