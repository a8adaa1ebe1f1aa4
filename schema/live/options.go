package live

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strconv"

	"binmend/decoder/fault"
)

// Options say how to reach a server and as whom, in the words of MySQL's clients. What is left zero has their defaults.
type Options struct {
	Host     string // "" and "localhost" mean the socket, unless a port is given
	Port     int
	Socket   string
	User     string
	Password string

	SSLMode string // DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY
	SSLCA   string
	SSLCert string
	SSLKey  string

	EnableCleartextPlugin bool // the server may ask for the password in clear text, see package dial
	GetServerPublicKey    bool // the password may be encrypted with a key that the server sends, see package dial
}

// badOption is the error of an option that has a value that can't be used.
func badOption(format string, args ...any) error {
	return &fault.Error{Reason: ErrOption, What: fmt.Sprintf(format, args...)}
}

// usualSockets are where packages of the servers put the socket.
var usualSockets = []string{
	"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock",
}

const usualPort = 3306

// local reports whether the server is on this host for sure.
func (o *Options) local() bool {
	return o.usesSocket() || net.ParseIP(o.Host).IsLoopback() || o.Host == "localhost" || o.Host == ""
}

func (o *Options) usesSocket() bool {
	return (o.Host == "" || o.Host == "localhost") && (o.Socket != "" || o.Port == 0)
}

// socket is the one given, or the first of the usual ones that is there.
func (o *Options) socket() string {
	if o.Socket != "" {
		return o.Socket
	}
	for _, name := range usualSockets {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	return usualSockets[0]
}

// Address is the socket, or host:port.
func (o *Options) Address() string {
	if o.usesSocket() {
		return o.socket()
	}
	return net.JoinHostPort(cmp.Or(o.Host, "127.0.0.1"), strconv.Itoa(cmp.Or(o.Port, usualPort)))
}

// Endpoint is how another client than this package's reaches the same server.
type Endpoint struct {
	Network, Address string // "tcp" and host:port, or "unix" and the socket
	User, Password   string
	TLS              *tls.Config // nil for none
	Plaintext        bool        // go on without TLS where the server has none
	ClearText        bool        // EnableCleartextPlugin
	ServerKey        bool        // GetServerPublicKey
}

// Endpoint translates the options. Its errors are *OptionError.
func (o *Options) Endpoint() (Endpoint, error) {
	if o.Port < 0 || o.Port > 65535 {
		return Endpoint{}, badOption("port: expected 1 to 65535, found %d", o.Port)
	}
	e := Endpoint{Network: "tcp", Address: o.Address(), User: o.User, Password: o.Password, ClearText: o.EnableCleartextPlugin,
		ServerKey: o.GetServerPublicKey}
	if o.usesSocket() {
		e.Network = "unix"
	}
	return e, o.setTLS(&e)
}
