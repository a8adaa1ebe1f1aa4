package serve

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"sync"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// authenticate lets the client in or refuses it. An unknown user looks the same as a wrong password.
func (s *session) authenticate(r response) error {
	a, exists := s.server.Accounts.find(r.user)
	proof := r.proof
	if r.plugin != a.plugin {
		if r.capability&mysql.CLIENT_PLUGIN_AUTH == 0 {
			return s.denied(len(proof) > 0)
		}
		var err error
		if proof, err = s.switchTo(a.plugin); err != nil {
			return err
		}
	}
	proved := false
	var err error
	switch a.plugin {
	case NativePassword:
		proved = a.provesNative(s.salt, proof)
	case CachingSHA2:
		proved, err = s.provesSHA2(a, proof)
	}
	if err != nil {
		return err
	}
	if !proved || !exists {
		return s.denied(len(proof) > 0)
	}
	if !s.server.logIn(s) {
		return s.tooMany()
	}
	return s.wire.sendOK()
}

func (s *session) denied(withPassword bool) error {
	using := "NO"
	if withPassword {
		using = "YES"
	}
	return s.refuse(mysql.NewDefaultError(mysql.ER_ACCESS_DENIED_ERROR, s.user, s.host, using))
}

// switchTo asks the client for a proof by another plugin, with a new salt (protocol: AuthSwitchRequest).
func (s *session) switchTo(p Plugin) ([]byte, error) {
	s.salt = newSalt()
	s.wire.begin(mysql.EOF_HEADER)
	s.wire.put([]byte(p)...)
	s.wire.put(0)
	s.wire.put(s.salt...)
	s.wire.put(0)
	if err := s.wire.send(); err != nil {
		return nil, err
	}
	return s.wire.read(maxHandshake)
}

// Messages of caching_sha2_password: the client's requests, and the server's answers.
const (
	sha2AskForKey = 2
	sha2NoProof   = 0
)

// provesSHA2 reports whether the client knows the password of a caching_sha2_password account. The first time a user logs in
// it has to send the password, over TLS or encrypted with the server's key; after that a digest of it is enough.
func (s *session) provesSHA2(a account, proof []byte) (bool, error) {
	if len(proof) == 0 || len(proof) == 1 && proof[0] == sha2NoProof {
		return false, nil
	}
	if s.server.seen.proves(a.user, s.salt, proof) {
		s.wire.begin(mysql.MORE_DATE_HEADER, mysql.CACHE_SHA2_FAST_AUTH)
		return true, s.wire.end()
	}
	s.wire.begin(mysql.MORE_DATE_HEADER, mysql.CACHE_SHA2_FULL_AUTH)
	if err := s.wire.send(); err != nil {
		return false, err
	}
	password, err := s.readPassword()
	if err != nil {
		return false, err
	}
	if !a.hasPassword(password) {
		return false, nil
	}
	s.server.seen.remember(a.user, password)
	return true, nil
}

// readPassword reads the password that a client sends: in clear text within TLS, otherwise encrypted for the server's key,
// which the client may ask for first. It ends in a zero byte.
func (s *session) readPassword() (string, error) {
	data, err := s.wire.read(maxHandshake)
	if err != nil {
		return "", err
	}
	if !s.secure {
		if len(data) == 1 && data[0] == sha2AskForKey {
			if err := s.sendKey(); err != nil {
				return "", err
			}
			if data, err = s.wire.read(maxHandshake); err != nil {
				return "", err
			}
		}
		if data, err = s.decryptPassword(data); err != nil {
			return "", nil // not encrypted for this key: treated as a wrong password
		}
	}
	return string(bytes.TrimSuffix(data, []byte{0})), nil
}

func (s *session) sendKey() error {
	key, err := s.server.key()
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	s.wire.begin(mysql.MORE_DATE_HEADER)
	s.wire.put(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	return s.wire.send()
}

// decryptPassword undoes what a client does to a password: XOR with the salt over and over, then RSA-OAEP with SHA-1.
func (s *session) decryptPassword(data []byte) ([]byte, error) {
	key, err := s.server.key()
	if err != nil {
		return nil, err
	}
	plain, err := rsa.DecryptOAEP(sha1.New(), rand.Reader, key, data, nil)
	if err != nil {
		return nil, err
	}
	for i := range plain {
		plain[i] ^= s.salt[i%len(s.salt)]
	}
	return plain, nil
}

const rsaBits = 2048

// newKey makes the key for encrypting passwords without TLS. It is made when it is first needed, and never leaves the process.
func newKey() func() (*rsa.PrivateKey, error) {
	return sync.OnceValues(func() (*rsa.PrivateKey, error) {
		key, err := rsa.GenerateKey(rand.Reader, rsaBits)
		if err != nil {
			return nil, fmt.Errorf("making a key for passwords: %w", err)
		}
		return key, nil
	})
}

// seenUsers has SHA256(SHA256(password)) of each user whose password has been seen. A digest is checked against it.
type seenUsers struct {
	mu      sync.Mutex
	digests map[string][sha256.Size]byte
}

func (u *seenUsers) remember(user, password string) {
	once := sha256.Sum256([]byte(password))
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.digests == nil {
		u.digests = make(map[string][sha256.Size]byte)
	}
	u.digests[user] = sha256.Sum256(once[:])
}

// proves reports whether proof is SHA256(password) XOR SHA256(SHA256(SHA256(password)), salt) for a password seen before
// (MySQL source: sha2_password Validate_scramble).
func (u *seenUsers) proves(user string, salt, proof []byte) bool {
	u.mu.Lock()
	digest, seen := u.digests[user]
	u.mu.Unlock()
	if !seen || len(proof) != sha256.Size {
		return false
	}
	mask := sha256.Sum256(append(digest[:], salt...))
	for i := range mask {
		mask[i] ^= proof[i]
	}
	return sha256.Sum256(mask[:]) == digest
}
