package live

import (
	"errors"
	"testing"
)

// As with the clients, the socket is for localhost and for no host at all. A port that is given means a port.
func TestAddress(t *testing.T) {
	for _, c := range []struct {
		options Options
		network string
		want    string
	}{
		{Options{Socket: "/s"}, "unix", "/s"},
		{Options{Socket: "/s", Host: "localhost"}, "unix", "/s"},
		{Options{Socket: "/s", Port: 3307}, "unix", "/s"},
		{Options{Port: 3307}, "tcp", "127.0.0.1:3307"},
		{Options{Host: "localhost", Port: 3307}, "tcp", "localhost:3307"},
		{Options{Host: "db1", Socket: "/s"}, "tcp", "db1:3306"},
		{Options{Host: "::1", Port: 1}, "tcp", "[::1]:1"},
	} {
		config, err := c.options.Endpoint()
		if err != nil || config.Network != c.network || config.Address != c.want {
			t.Errorf("%+v: got %s %s, %v, want %s %s", c.options, config.Network, config.Address, err, c.network, c.want)
		}
	}
}

func TestSSLMode(t *testing.T) {
	for _, c := range []struct {
		options  Options
		tls      bool
		fallback bool
		named    bool // the name in the certificate counts
	}{
		{Options{Host: "db1"}, true, true, false},
		{Options{Host: "db1", SSLMode: "disabled"}, false, false, false},
		{Options{Host: "db1", SSLMode: "Required"}, true, false, false},
		{Options{Host: "db1", SSLMode: "VERIFY_CA"}, true, false, false},
		{Options{Host: "db1", SSLMode: "VERIFY_IDENTITY"}, true, false, true},
		{Options{Socket: "/s"}, false, false, false},
		{Options{Socket: "/s", SSLMode: "REQUIRED"}, true, false, false},
	} {
		config, err := c.options.Endpoint()
		if err != nil || (config.TLS != nil) != c.tls || config.Plaintext != c.fallback ||
			config.TLS != nil && config.TLS.InsecureSkipVerify == c.named {
			t.Errorf("%+v: got %+v, %v", c.options, config, err)
		}
	}
	for _, o := range []Options{
		{SSLMode: "SOMETIMES"}, {Port: 65536}, {Port: -1}, {Host: "db1", SSLCert: "/c"}, {Host: "db1", SSLCert: "/none", SSLKey: "/none"},
		{Host: "db1", SSLCA: "/none"}, {Host: "db1", SSLCA: "options_test.go"},
	} {
		_, err := o.Endpoint()
		if !errors.Is(err, ErrOption) {
			t.Errorf("%+v: got %v", o, err)
		}
	}
}
