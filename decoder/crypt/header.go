package crypt

import (
	"bytes"
	"errors"
	"fmt"

	"binmend/decoder/internal/bin"
)

// HeaderLength is the length of the header of a log encrypted by MySQL. Positions in the log do not count it.
const HeaderLength = 512

// Magic begins a log that MySQL encrypted.
var Magic = []byte{0xfd, 'b', 'i', 'n'}

const (
	passwordLength = 32
	blockLength    = 16
	headerVersion  = 1
)

// Header is the header of an encrypted log. It is of no use without the key that it names.
type Header struct {
	KeyID    string
	password [passwordLength]byte // of this file, encrypted with the key
	iv       [blockLength]byte    // for decrypting the password
}

// VersionError: an unknown version of the header.
type VersionError struct{ Version uint8 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("expected an encryption header of version %d, found version %d", headerVersion, e.Version)
}

// The fields of a header (MySQL source: Rpl_encryption_header_v1).
const (
	fieldEnd      = 0
	fieldKeyID    = 1
	fieldPassword = 2
	fieldIV       = 3
)

// ParseHeader reads the first HeaderLength bytes of an encrypted log.
//
//	offset  bytes  field
//	0       4      magic: fd 62 69 6e
//	4       1      version, 1
//	5       …      fields, each a type and its value, in any order:
//	                 1  key id: a length byte and as many bytes
//	                 2  file password, encrypted: 32 bytes
//	                 3  IV of the file password: 16 bytes
//	                 0  the end; zeros up to 512
func ParseHeader(b []byte) (*Header, error) {
	if len(b) < HeaderLength {
		return nil, fmt.Errorf("expected an encryption header of %d bytes, found %d", HeaderLength, len(b))
	}
	c := bin.New(b[:HeaderLength])
	if magic := c.Bytes(uint64(len(Magic)), "magic"); !bytes.Equal(magic, Magic) {
		return nil, fmt.Errorf("expected an encryption header that begins with %x, found %x", Magic, magic)
	}
	if v := c.Uint8("version"); v != headerVersion {
		return nil, &VersionError{v}
	}
	h := &Header{}
	found := [fieldIV + 1]bool{}
	for !found[fieldEnd] {
		field := c.Uint8("field type")
		if field > fieldIV {
			return nil, fmt.Errorf("expected a field of type 0 to %d in the encryption header, found %d", fieldIV, field)
		}
		h.read(&c, field)
		if err := c.Err(); err != nil {
			return nil, fmt.Errorf("encryption header: %w", err)
		}
		found[field] = true
	}
	switch {
	case h.KeyID == "":
		return nil, errors.New("expected the id of the key in the encryption header, found none")
	case !found[fieldPassword]:
		return nil, errors.New("expected a file password in the encryption header, found none")
	case !found[fieldIV]:
		return nil, errors.New("expected an IV in the encryption header, found none")
	}
	return h, nil
}

func (h *Header) read(c *bin.Cursor, field uint8) {
	switch field {
	case fieldKeyID:
		h.KeyID = string(c.Bytes(uint64(c.Uint8("length of the key id")), "key id"))
	case fieldPassword:
		copy(h.password[:], c.Bytes(passwordLength, "file password"))
	case fieldIV:
		copy(h.iv[:], c.Bytes(blockLength, "IV"))
	}
}
