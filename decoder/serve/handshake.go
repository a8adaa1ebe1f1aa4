package serve

import (
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder/internal/bin"
)

const (
	protocolVersion = 10
	saltSize        = 20
	saltFirst       = 8  // bytes of the salt in the first part of the greeting
	sslRequestSize  = 32 // a response that ends before the user name asks for TLS
)

// capabilities are what the server offers; CLIENT_SSL comes with a certificate.
const capabilities = mysql.CLIENT_LONG_PASSWORD | mysql.CLIENT_LONG_FLAG | mysql.CLIENT_CONNECT_WITH_DB | mysql.CLIENT_PROTOCOL_41 |
	mysql.CLIENT_TRANSACTIONS | mysql.CLIENT_SECURE_CONNECTION | mysql.CLIENT_PLUGIN_AUTH | mysql.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA |
	mysql.CLIENT_CONNECT_ATTRS

// newSalt makes the challenge that a client mixes with its password: 20 bytes of ASCII without a zero.
func newSalt() []byte {
	salt := make([]byte, saltSize)
	rand.Read(salt)
	for i := range salt {
		salt[i] = salt[i]%('~'-'!'+1) + '!'
	}
	return salt
}

// greeting is the first packet of a connection (protocol: HandshakeV10).
//
//	1     protocol version, 10
//	n + 1 server version, ends in 0x00
//	4     connection id
//	8     first part of the salt
//	1     0x00
//	2     capabilities, lower half
//	1     collation
//	2     status
//	2     capabilities, upper half
//	1     size of the salt and the 0x00 after it
//	10    0x00
//	12    rest of the salt
//	1     0x00
//	n + 1 the plugin that is offered, ends in 0x00
func (s *session) greeting() {
	offered := capabilities
	if s.server.TLS != nil {
		offered |= mysql.CLIENT_SSL
	}
	w := s.wire
	w.begin(protocolVersion)
	w.put([]byte(s.server.greetingVersion())...)
	w.put(0, byte(s.id), byte(s.id>>8), byte(s.id>>16), byte(s.id>>24))
	w.put(s.salt[:saltFirst]...)
	w.put(0, byte(offered), byte(offered>>8), mysql.DEFAULT_COLLATION_ID, autocommit, 0, byte(offered>>16), byte(offered>>24))
	w.put(saltSize + 1)
	w.put(make([]byte, 10)...)
	w.put(s.salt[saltFirst:]...)
	w.put(0)
	w.put([]byte(s.server.Accounts.offered)...)
	w.put(0)
}

// response is a client's answer to the greeting.
type response struct {
	capability uint32
	wantsTLS   bool // the packet ends here: TLS begins, and the whole answer follows
	user       string
	proof      []byte // that the client knows the password, as the plugin makes it
	plugin     Plugin
}

var errOldClient = errors.New("expected a client of protocol 4.1 or later")

// parseResponse reads a client's answer to the greeting (protocol: HandshakeResponse41).
//
//	4     capabilities
//	4     largest packet
//	1     collation
//	23    0x00
//	n + 1 user, ends in 0x00
//	n     proof, its length before it as a length-encoded integer or in one byte
//	n + 1 database, ends in 0x00, with CLIENT_CONNECT_WITH_DB
//	n + 1 plugin, ends in 0x00, with CLIENT_PLUGIN_AUTH
//	rest  attributes, not read
func parseResponse(data []byte) (response, error) {
	c := bin.New(data)
	r := response{capability: c.Uint32("capabilities"), plugin: NativePassword}
	c.Bytes(sslRequestSize-4, "packet size and collation")
	if c.Err() != nil {
		return r, c.Err()
	}
	if r.capability&(mysql.CLIENT_PROTOCOL_41|mysql.CLIENT_SECURE_CONNECTION) != mysql.CLIENT_PROTOCOL_41|mysql.CLIENT_SECURE_CONNECTION {
		return r, errOldClient
	}
	if c.Len() == 0 {
		r.wantsTLS = r.capability&mysql.CLIENT_SSL != 0
		return r, nil
	}
	r.user = string(nulString(&c, data, "user"))
	if r.capability&mysql.CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA != 0 {
		r.proof = c.Bytes(c.LenEnc("length of the proof"), "proof")
	} else {
		r.proof = c.Bytes(uint64(c.Uint8("length of the proof")), "proof")
	}
	if r.capability&mysql.CLIENT_CONNECT_WITH_DB != 0 && c.Len() > 0 {
		nulString(&c, data, "database")
	}
	if r.capability&mysql.CLIENT_PLUGIN_AUTH != 0 && c.Len() > 0 {
		r.plugin = Plugin(nulString(&c, data, "plugin"))
	}
	return r, c.Err()
}

// handshake greets the client, starts TLS if it asks for it, and authenticates it.
func (s *session) handshake() error {
	s.salt = newSalt()
	s.greeting()
	if err := s.wire.send(); err != nil {
		return err
	}
	r, err := s.readResponse()
	if err != nil {
		return err
	}
	if r.wantsTLS {
		if err := s.startTLS(); err != nil {
			return err
		}
		if r, err = s.readResponse(); err != nil {
			return err
		}
	}
	s.user = r.user
	if s.server.RequireTLS && !s.secure {
		return s.refuse(mysql.NewError(errSecureTransport, "Connections using insecure transport are prohibited: this server takes TLS only"))
	}
	return s.authenticate(r)
}

func (s *session) readResponse() (response, error) {
	data, err := s.wire.read(maxHandshake)
	if err != nil {
		return response{}, err
	}
	s.answers.Add(1)
	r, err := parseResponse(data)
	s.wire.capability = r.capability
	if err != nil {
		return r, s.refuse(mysql.NewError(mysql.ER_HANDSHAKE_ERROR, "Bad handshake: "+err.Error()))
	}
	return r, nil
}

func (s *session) startTLS() error {
	if s.server.TLS == nil || s.secure {
		return s.refuse(mysql.NewError(mysql.ER_HANDSHAKE_ERROR, "Bad handshake: TLS is not to be had here"))
	}
	c := tls.Server(s.net, s.server.TLS)
	if err := c.HandshakeContext(s.ctx); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	s.net, s.secure = c, true
	s.wire.over(c)
	return nil
}
