package crypt

import (
	"errors"
	"fmt"
	"io"
	"os"

	"binmend/decoder/fault"
)

// The reasons why a file with keys can't be used.
var (
	ErrKeyring    = fault.NewReason("not a usable keyring")
	ErrKeyFile    = fault.NewReason("not a usable key file")
	ErrPassword   = ErrKeyFile.Kind("the key file is encrypted") // and no password is given, or one that does not decrypt it
	ErrNoPassword = fault.NewReason("not a file with a password")
)

// ReadKeyrings reads keyring files of MySQL; nil when there are none. An error in a file is a *fault.Error that names it.
func ReadKeyrings(names []string) (*Keyring, error) {
	if len(names) == 0 {
		return nil, nil
	}
	keyring := &Keyring{}
	for _, name := range names {
		text, err := readSmall(name, ErrKeyring)
		if err != nil {
			return nil, err
		}
		if err := keyring.AddFile(text); err != nil {
			return nil, &fault.Error{Reason: ErrKeyring, About: name, Err: err}
		}
	}
	return keyring, nil
}

// ReadKeyFile reads a key file of MariaDB and the file with its password, "" for none. An error in a file is a *fault.Error
// that names it.
func ReadKeyFile(name, passwordName string) (*KeyFile, error) {
	text, err := readSmall(name, ErrKeyFile)
	if err != nil {
		return nil, err
	}
	var password []byte
	if passwordName != "" {
		if password, err = readSmall(passwordName, ErrNoPassword); err != nil {
			return nil, err
		}
	}
	keyFile, err := ParseKeyFile(text, TrimPassword(password))
	switch {
	case errors.Is(err, ErrPassword):
		return nil, &fault.Error{Reason: ErrPassword, About: name, Err: err}
	case err != nil:
		return nil, &fault.Error{Reason: ErrKeyFile, About: name, Err: err}
	}
	return keyFile, nil
}

// maxFile bounds a key file. Servers write a few kilobytes.
const maxFile = 1 << 20

// readSmall reads a file of at most maxFile bytes; reason is that of a larger one.
func readSmall(name string, reason *fault.Reason) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = &fault.Error{Reason: reason, About: name, What: fmt.Sprintf("expected at most %d bytes, found more", maxFile)}
	}
	return text, err
}
