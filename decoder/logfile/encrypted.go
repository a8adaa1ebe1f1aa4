package logfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"binmend/decoder"
	"binmend/decoder/crypt"
)

// openEncrypted opens a log that MySQL encrypted, whose first bytes are those of the encryption header. Behind it offsets
// begin anew with 0.
func (f *File) openEncrypted() error {
	b, err := f.peek(crypt.HeaderLength)
	if err == io.EOF {
		return &decoder.Error{Kind: decoder.ErrTruncated, Pos: decoder.Position{File: f.name},
			What:   fmt.Sprintf("expected an encryption header of %d bytes, the file ends after %d of them", crypt.HeaderLength, len(b)),
			Advice: "the file is cut off: copy it again"}
	}
	if err != nil {
		return err
	}
	header, err := crypt.ParseHeader(b)
	if err != nil {
		return f.badHeader(err)
	}
	if f.opener.Keyring == nil {
		return f.encrypted(fmt.Sprintf("the log is encrypted (MySQL binlog_encryption) with the key %.100q", header.KeyID), mysqlHint)
	}
	if f.stream, err = f.opener.Keyring.Open(header); err != nil {
		return f.encrypted(fmt.Sprintf("the log is encrypted, and %v", err), mysqlMissingHint)
	}
	f.base = crypt.HeaderLength
	f.have, f.pos = f.have[crypt.HeaderLength:], 0
	f.decrypt(f.have, 0)
	if b, err = f.peek(len(Magic)); err == nil && !bytes.Equal(b, Magic) {
		return f.encrypted(fmt.Sprintf("the log is encrypted, and the key %.100q of the keyring does not decrypt it", header.KeyID),
			mysqlMissingHint+"; or the first bytes of the log are damaged")
	}
	return f.readMagic()
}

const (
	mysqlHint        = "give --keyring FILE: the server's component_keyring_file, or a copy from before the key was rotated away"
	mysqlMissingHint = "give another --keyring FILE as well: that of the server which wrote the log, or a copy from before the key was rotated away"
	mariadbHint      = "give --file-key FILE, the server's file_key_management_filename"
)

func (f *File) badHeader(err error) error {
	e := &decoder.Error{Kind: decoder.ErrCorrupt, Pos: decoder.Position{File: f.name}, What: err.Error(),
		Advice: "the file is damaged: copy it again"}
	var version *crypt.VersionError
	if errors.As(err, &version) {
		e.Kind, e.Advice = decoder.ErrUnsupported, "read the log from its server, which decrypts: mysqlbinlog --read-from-remote-server --raw"
	}
	return e
}

// encrypted is the error of a log that can't be decrypted from where the reader is.
func (f *File) encrypted(what, hint string) error {
	return &decoder.Error{Kind: decoder.ErrEncrypted, Pos: decoder.Position{File: f.name, Offset: f.pos}, What: what, Advice: hint}
}

// decrypt decrypts bytes of a log that MySQL encrypted.
func (f *File) decrypt(b []byte, offset int64) {
	if f.stream != nil {
		f.stream.Decrypt(b, offset)
	}
}

// encryption follows a log of MariaDB, whose events are encrypted from behind a START_ENCRYPTION event on.
type encryption struct {
	body   []byte // of the START_ENCRYPTION event
	from   int64  // where the first encrypted event begins; 0 before there is one
	cipher *crypt.Events
}

// decrypt decrypts the event at f's offset when it is an encrypted one. What a START_ENCRYPTION event asks for is asked for
// when the next event is there, so that a reader has seen it, and verified its checksum, before.
func (e *encryption) decrypt(f *File, raw []byte) error {
	if !e.sealed(f.pos) {
		e.begin(f, raw)
		return nil
	}
	if e.cipher == nil {
		if err := e.open(f, raw); err != nil {
			return err
		}
	}
	e.cipher.Decrypt(raw, f.pos)
	return nil
}

// sealed says whether the event at an offset is an encrypted one.
func (e *encryption) sealed(offset int64) bool { return e.from != 0 && offset >= e.from }

// SealsEvents says whether MariaDB encrypted the events behind the reader, each by itself.
func (f *File) SealsEvents() bool { return f.events.cipher != nil }

// begin looks for a START_ENCRYPTION event.
func (e *encryption) begin(f *File, raw []byte) {
	h := decoder.Header{Type: decoder.EventType(raw[typeOffset]), Flags: binary.LittleEndian.Uint16(raw[flagsOffset:])}
	if h.StartsEncryption() {
		*e = encryption{body: bytes.Clone(raw[headerLength:]), from: f.pos + int64(len(raw))}
	}
}

func (e *encryption) open(f *File, first []byte) error {
	start, err := crypt.ParseStart(e.body)
	if err != nil {
		return f.encrypted("the log is encrypted from here on, but not in a way that can be read: "+err.Error(),
			"read the log from its server, which decrypts: mariadb-binlog --read-from-remote-server --raw")
	}
	if f.opener.KeyFile == nil {
		return f.encrypted("the log is encrypted from here on (MariaDB encrypt_binlog)", mariadbHint)
	}
	if e.cipher, err = f.opener.KeyFile.Open(start, first, f.pos); err != nil {
		return f.encrypted("the log is encrypted from here on, and "+err.Error(),
			mariadbHint+" as it was when the log was written; or the log is damaged here")
	}
	return nil
}
