package live

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"

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
}

// badOption is the error of an option that has a value that can't be used.
func badOption(format string, args ...any) error {
	return &fault.Error{Reason: ErrOption, What: fmt.Sprintf(format, args...)}
}

// usualSockets are where packages of the servers put the socket.
var usualSockets = []string{
	"/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock", "/tmp/mysql.sock",
}

const (
	usualPort   = 3306
	dialTimeout = 10 * time.Second
	readTimeout = 60 * time.Second
)

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
}

// Endpoint translates the options. Its errors are *OptionError.
func (o *Options) Endpoint() (Endpoint, error) {
	c, err := o.config()
	if err != nil {
		return Endpoint{}, err
	}
	return Endpoint{Network: c.Net, Address: c.Addr, User: c.User, Password: c.Passwd, TLS: c.TLS, Plaintext: c.AllowFallbackToPlaintext}, nil
}

// config is what the driver needs. It sends nothing on its own: no multiple statements, no prepared ones, no variables.
func (o *Options) config() (*mysql.Config, error) {
	if o.Port < 0 || o.Port > 65535 {
		return nil, badOption("port: expected 1 to 65535, found %d", o.Port)
	}
	c := mysql.NewConfig()
	c.Net, c.Addr = "tcp", o.Address()
	if o.usesSocket() {
		c.Net = "unix"
	}
	c.User, c.Passwd = o.User, o.Password
	c.Timeout, c.ReadTimeout, c.WriteTimeout = dialTimeout, readTimeout, readTimeout
	c.InterpolateParams = true
	c.Collation = "" // the handshake's own utf8mb4, without SET NAMES
	c.Logger = &mysql.NopLogger{}
	return c, o.setTLS(c)
}
