package logfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/fault"
)

// openEncrypted opens a log that MySQL encrypted. The encryption header comes first; after it offsets begin again at 0.
func (f *File) openEncrypted() error {
	b, err := f.peek(crypt.HeaderLength)
	if err == io.EOF {
		return &fault.Error{Reason: decoder.ErrTruncated, Pos: decoder.Position{File: f.name},
			What: fmt.Sprintf("expected an encryption header of %d bytes, the file ends after %d of them", crypt.HeaderLength, len(b))}
	}
	if err != nil {
		return err
	}
	header, err := crypt.ParseHeader(b)
	if err != nil {
		return f.badHeader(err)
	}
	if f.opener.Keyring == nil {
		return f.encrypted(ErrNoKeyring, fmt.Sprintf("the log is encrypted (MySQL binlog_encryption) with the key %.100q", header.KeyID))
	}
	if f.stream, err = f.opener.Keyring.Open(header); err != nil {
		return f.encrypted(ErrMissingKey, fmt.Sprintf("the log is encrypted, and %v", err))
	}
	f.base = crypt.HeaderLength
	f.have, f.pos = f.have[crypt.HeaderLength:], 0
	f.decrypt(f.have, 0)
	if b, err = f.peek(len(Magic)); err == nil && !bytes.Equal(b, Magic) {
		return f.encrypted(ErrWrongKey, fmt.Sprintf("the log is encrypted, and the key %.100q of the keyring does not decrypt it", header.KeyID))
	}
	return f.readMagic()
}

// The reasons why an encrypted log can't be read.
var (
	ErrNoKeyring         = decoder.ErrEncrypted.Kind("no keyring")
	ErrMissingKey        = decoder.ErrEncrypted.Kind("no such key in the keyring")
	ErrWrongKey          = decoder.ErrEncrypted.Kind("the keyring's key does not decrypt it")
	ErrNoKeyFile         = decoder.ErrEncrypted.Kind("no key file")
	ErrWrongKeyFile      = decoder.ErrEncrypted.Kind("the key file's key does not decrypt it")
	ErrUnknownEncryption = decoder.ErrEncrypted.Kind("unknown encryption")
)

func (f *File) badHeader(err error) error {
	e := &fault.Error{Reason: decoder.ErrCorrupt, Pos: decoder.Position{File: f.name}, What: err.Error()}
	var version *crypt.VersionError
	if errors.As(err, &version) {
		e.Reason, e.Facts.Name = ErrUnknownEncryption, "mysqlbinlog"
	}
	return e
}

// encrypted is the error of a log that can't be decrypted from the reader's position on.
func (f *File) encrypted(reason *fault.Reason, what string) *fault.Error {
	return &fault.Error{Reason: reason, Pos: decoder.Position{File: f.name, Offset: f.pos}, What: what}
}

// decrypt decrypts bytes of a log that MySQL encrypted.
func (f *File) decrypt(b []byte, offset int64) {
	if f.stream != nil {
		f.stream.Decrypt(b, offset)
	}
}

// encryption follows a MariaDB log, whose events are encrypted after a START_ENCRYPTION event.
type encryption struct {
	body   []byte // of the START_ENCRYPTION event
	from   int64  // where the first encrypted event begins; 0 before there is one
	cipher *crypt.Events
}

// decrypt decrypts the event at f's offset if it is encrypted. It handles a START_ENCRYPTION event only when the next event
// is read, after the reader has verified the checksum of the START_ENCRYPTION event.
func (e *encryption) decrypt(f *File, raw []byte) error {
	switch {
	case e.sealed(f.pos):
		return e.unseal(f, raw)
	case decoder.EventType(raw[typeOffset]) == decoder.EventMariaStartEncryption:
		e.begin(f, raw)
	}
	return nil
}

// unseal decrypts an encrypted event.
func (e *encryption) unseal(f *File, raw []byte) error {
	if e.cipher == nil {
		if err := e.open(f, raw); err != nil {
			return err
		}
	}
	e.cipher.Decrypt(raw, f.pos)
	return nil
}

// sealed reports whether the event at an offset is an encrypted one.
func (e *encryption) sealed(offset int64) bool { return e.from != 0 && offset >= e.from }

// SealsEvents reports whether MariaDB encrypted the events that follow, each by itself.
func (f *File) SealsEvents() bool { return f.events.cipher != nil }

// begin takes a START_ENCRYPTION event.
func (e *encryption) begin(f *File, raw []byte) {
	h := decoder.Header{Type: decoder.EventMariaStartEncryption, Flags: binary.LittleEndian.Uint16(raw[flagsOffset:])}
	if h.StartsEncryption() {
		*e = encryption{body: bytes.Clone(raw[headerLength:]), from: f.pos + int64(len(raw))}
	}
}

func (e *encryption) open(f *File, first []byte) error {
	start, err := crypt.ParseStart(e.body)
	if err != nil {
		unknown := f.encrypted(ErrUnknownEncryption, "the log is encrypted from here on, but not in a way that can be read: "+err.Error())
		unknown.Facts.Name = "mariadb-binlog"
		return unknown
	}
	if f.opener.KeyFile == nil {
		return f.encrypted(ErrNoKeyFile, "the log is encrypted from here on (MariaDB encrypt_binlog)")
	}
	if e.cipher, err = f.opener.KeyFile.Open(start, first, f.pos); err != nil {
		return f.encrypted(ErrWrongKeyFile, "the log is encrypted from here on, and "+err.Error())
	}
	return nil
}
