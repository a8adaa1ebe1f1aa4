package serve

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/pingcap/tidb/pkg/parser/auth"

	"binmend/decoder/fault"
)

// Plugin is an authentication plugin, by MySQL's name.
type Plugin string

// The plugins.
const (
	NativePassword Plugin = mysql.AUTH_NATIVE_PASSWORD
	CachingSHA2    Plugin = mysql.AUTH_CACHING_SHA2_PASSWORD
)

// The hash of caching_sha2_password, as in mysql.user.authentication_string: $A$ROUNDS$, salt and digest. ROUNDS is the number
// of rounds in thousands as three hexadecimal digits (MySQL source: sha2_password_common.cc).
const (
	sha2Prefix     = "$A$"
	sha2RoundsSize = 3
	sha2SaltSize   = 20
	sha2DigestSize = 43
	sha2Size       = len(sha2Prefix) + sha2RoundsSize + 1 + sha2SaltSize + sha2DigestSize
)

const (
	nativeSize    = 20      // SHA1(SHA1(password))
	maxAccounts   = 1 << 20 // bytes of an account file
	maxUserLength = 80      // characters; MariaDB's limit, MySQL's is 32
)

// account is a user who may replicate.
type account struct {
	user   string
	plugin Plugin
	hash   []byte // native: SHA1(SHA1(password)); caching_sha2: the authentication string
}

// Accounts are the users who may log in.
type Accounts struct {
	byUser  map[string]account
	decoys  map[Plugin]account // stand in for unknown users, so that a client can't tell which users exist
	plugins []Plugin           // of the accounts
	seed    []byte             // decides which decoy an unknown user gets
	offered Plugin
}

// ReadAccounts reads an account file. Only its owner may have permission to read or write it.
//
// Each line has a user, a plugin and a hash, with blanks between them:
//
//	repl    caching_sha2_password  0x24412430303524…
//	repl56  mysql_native_password  *6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9
//
// The hash is what mysql.user.authentication_string holds; that of caching_sha2_password is in hexadecimal, because its
// salt has control characters. Empty lines and lines that begin with # are skipped.
func ReadAccounts(name string) (*Accounts, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if open := info.Mode().Perm() & 0o077; info.Mode().IsRegular() && open != 0 {
		return nil, &fault.Error{Reason: ErrMode, About: name, Facts: fault.Facts{Name: name},
			What: fmt.Sprintf("expected a file that only its owner can read, found mode %04o", info.Mode().Perm())}
	}
	return parseAccounts(io.LimitReader(f, maxAccounts), name)
}

// The reasons why an account file can't be used. Its errors never quote a hash.
var (
	ErrAccounts = fault.NewReason("not an account file")
	ErrMode     = fault.NewReason("an account file that others can read")
)

func parseAccounts(r io.Reader, name string) (*Accounts, error) {
	a := &Accounts{byUser: make(map[string]account), offered: CachingSHA2}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		one, err := parseAccount(line)
		if err == nil {
			if _, twice := a.byUser[one.user]; twice {
				err = fmt.Errorf("user %q a second time", one.user)
			}
		}
		if err != nil {
			return nil, &fault.Error{Reason: ErrAccounts, About: fmt.Sprintf("%s:%d", name, n), What: err.Error()}
		}
		a.byUser[one.user] = one
		if one.plugin == NativePassword {
			a.offered = NativePassword
		}
	}
	if err := lines.Err(); err != nil {
		return nil, &fault.Error{Reason: ErrAccounts, About: name, What: err.Error()}
	}
	if len(a.byUser) == 0 {
		return nil, &fault.Error{Reason: ErrAccounts, About: name, What: "expected at least one account, found none"}
	}
	return a, a.makeDecoy()
}

func parseAccount(line string) (account, error) {
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return account{}, fmt.Errorf("expected USER PLUGIN HASH, found %d fields", len(fields))
	}
	a := account{user: fields[0], plugin: Plugin(fields[1])}
	if len(a.user) > maxUserLength {
		return a, fmt.Errorf("the user has %d bytes, the limit is %d", len(a.user), maxUserLength)
	}
	var err error
	switch a.plugin {
	case NativePassword:
		a.hash, err = parseNative(fields[2])
	case CachingSHA2:
		a.hash, err = parseSHA2(fields[2])
	default:
		err = fmt.Errorf("plugin %q: expected %s or %s", a.plugin, CachingSHA2, NativePassword)
	}
	return a, err
}

func parseNative(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "*")
	hash, err := hex.DecodeString(digits)
	if !ok || err != nil || len(hash) != nativeSize {
		return nil, fmt.Errorf("hash: expected * and %d hexadecimal digits", 2*nativeSize)
	}
	return hash, nil
}

func parseSHA2(text string) ([]byte, error) {
	hash, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
	if err != nil || len(hash) != sha2Size {
		return nil, fmt.Errorf("hash: expected 0x and %d hexadecimal digits: HEX(authentication_string)", 2*sha2Size)
	}
	rounds := hash[len(sha2Prefix):][:sha2RoundsSize]
	tail := hash[len(sha2Prefix)+sha2RoundsSize:]
	if !bytes.HasPrefix(hash, []byte(sha2Prefix)) || !isHex(rounds) || string(rounds) == "000" || tail[0] != '$' || bytes.IndexByte(tail[1:], '$') >= 0 {
		return nil, errors.New("hash: expected $A$ROUNDS$ and then salt and digest")
	}
	return hash, nil
}

func isHex(b []byte) bool {
	return len(bytes.Trim(b, "0123456789abcdefABCDEF")) == 0
}

// makeDecoy gives unknown users an account whose password nobody knows. Its plugin depends on the user's name, with the same
// frequency as in the file, so that the plugin does not show who is in the file.
func (a *Accounts) makeDecoy() error {
	a.decoys = map[Plugin]account{}
	secret := sha256.New() // of this file, so that a user gets the same plugin every time
	for _, user := range slices.Sorted(maps.Keys(a.byUser)) {
		one := a.byUser[user]
		a.plugins = append(a.plugins, one.plugin)
		fmt.Fprint(secret, one)
	}
	if len(a.plugins) == 0 {
		a.plugins = append(a.plugins, a.offered)
	}
	a.seed = secret.Sum(nil)
	for _, p := range a.plugins {
		if _, ok := a.decoys[p]; ok {
			continue
		}
		line, err := AccountLine("decoy", p, string(newSalt()))
		if err != nil {
			return err
		}
		if a.decoys[p], err = parseAccount(line); err != nil {
			return err
		}
	}
	return nil
}

// find returns the account of a user, or a decoy.
func (a *Accounts) find(user string) (account, bool) {
	if one, ok := a.byUser[user]; ok {
		return one, true
	}
	hash := sha256.Sum256(append(slices.Clone(a.seed), user...))
	return a.decoys[a.plugins[binary.LittleEndian.Uint64(hash[:])%uint64(len(a.plugins))]], false
}

// AccountLine makes the line of an account file for a user and a password.
func AccountLine(user string, plugin Plugin, password string) (string, error) {
	switch {
	case user == "" || len(user) > maxUserLength || strings.ContainsFunc(user, isBlankOrControl) || user[0] == '#':
		return "", fmt.Errorf("user %q: expected up to %d characters without blanks, the first one not #", user, maxUserLength)
	case password == "":
		return "", errors.New("the password is empty")
	}
	switch plugin {
	case NativePassword:
		return fmt.Sprintf("%s %s %s", user, plugin, auth.EncodePassword(password)), nil
	case CachingSHA2:
		return fmt.Sprintf("%s %s 0x%X", user, plugin, auth.NewHashPassword(password, string(plugin))), nil
	}
	return "", fmt.Errorf("plugin %q: expected %s or %s", plugin, CachingSHA2, NativePassword)
}

// AccountForm is a line of an account file as JSON.
type AccountForm struct {
	Version int    `json:"version"`
	User    string `json:"user"`
	Plugin  string `json:"plugin"`
	Hash    string `json:"hash"` // of the password
}

// FormOf is the form of a line that AccountLine has made.
func FormOf(line string) AccountForm {
	of := strings.Fields(line)
	return AccountForm{1, of[0], of[1], of[2]}
}

func isBlankOrControl(r rune) bool { return r <= ' ' || r == 0x7f }

// provesNative reports whether a client that was sent salt knows the password (MySQL source: check_scramble).
func (a account) provesNative(salt, response []byte) bool {
	return auth.CheckScrambledPassword(salt, a.hash, response)
}

// hasPassword reports whether password is that of a caching_sha2_password account. It takes milliseconds by design.
func (a account) hasPassword(password string) bool {
	ok, err := auth.CheckHashingPassword(a.hash, password, string(CachingSHA2))
	return err == nil && ok
}
