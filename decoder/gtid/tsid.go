package gtid

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
)

// UUID is the server_uuid of the server where a transaction began.
type UUID [16]byte

const uuidTextLength = 36

// dashes are the positions of the dashes in a UUID's text.
var dashes = [...]int{8, 13, 18, 23}

// ParseUUID reads the form with dashes, in either case.
func ParseUUID(text string) (UUID, error) {
	var digits [2 * len(UUID{})]byte
	if len(text) != uuidTextLength {
		return UUID{}, fmt.Errorf("UUID %s has %d characters, expected %d", quote(text), len(text), uuidTextLength)
	}
	n := 0
	for i, next := 0, 0; i < len(text); i++ {
		if next < len(dashes) && i == dashes[next] {
			if text[i] != '-' {
				return UUID{}, fmt.Errorf("UUID %s: expected a dash at character %d", quote(text), i+1)
			}
			next++
			continue
		}
		digits[n] = text[i]
		n++
	}
	var u UUID
	if _, err := hex.Decode(u[:], digits[:]); err != nil {
		return UUID{}, fmt.Errorf("UUID %s has a character that is no hexadecimal digit", quote(text))
	}
	return u, nil
}

// AppendText appends the lower-case form with dashes.
func (u UUID) AppendText(dst []byte) []byte {
	const digits = "0123456789abcdef"
	var text [uuidTextLength]byte
	at := 0
	for i, b := range u {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text[at] = '-'
			at++
		}
		text[at], text[at+1] = digits[b>>4], digits[b&15]
		at += 2
	}
	return append(dst, text[:]...)
}

func (u UUID) String() string { return string(u.AppendText(nil)) }

// MaxTagLength is the longest tag of a GTID, in characters (MySQL source: mysql/gtid/gtid_constants.h).
const MaxTagLength = 32

// Tag is the tag of a tagged GTID (MySQL 8.3 and later), padded with zero bytes. The zero Tag is no tag.
type Tag [MaxTagLength]byte

// ParseTag reads a tag: a letter or underscore, then up to 31 letters, digits and underscores. Upper case becomes lower
// case, as on the server.
func ParseTag[T string | []byte](text T) (Tag, error) {
	var t Tag
	if len(text) == 0 {
		return t, errors.New("empty tag")
	}
	if len(text) > MaxTagLength {
		return t, fmt.Errorf("tag %s has %d characters, the limit is %d", quote(string(text)), len(text), MaxTagLength)
	}
	for i := range len(text) {
		switch c := text[i]; {
		case isLetter(c), isDigit(c) && i > 0:
			t[i] = lower(c)
		default:
			return Tag{}, fmt.Errorf("tag %s: expected a letter or underscore, then letters, digits and underscores",
				quote(string(text)))
		}
	}
	return t, nil
}

func isLetter(c byte) bool { return c == '_' || 'a' <= lower(c) && lower(c) <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// AppendText appends the tag's characters; nothing for no tag.
func (t Tag) AppendText(dst []byte) []byte { return append(dst, bytes.TrimRight(t[:], "\x00")...) }

func (t Tag) String() string { return string(t.AppendText(nil)) }

// TSID is MySQL's transaction source identifier: what is before the number in a GTID.
type TSID struct {
	UUID UUID
	Tag  Tag
}

// Compare orders TSIDs as MySQL prints them: by UUID, then untagged before tagged, then by tag.
func (t TSID) Compare(other TSID) int {
	if c := bytes.Compare(t.UUID[:], other.UUID[:]); c != 0 {
		return c
	}
	return bytes.Compare(t.Tag[:], other.Tag[:])
}

// AppendText appends `uuid` or `uuid:tag`.
func (t TSID) AppendText(dst []byte) []byte {
	dst = t.UUID.AppendText(dst)
	if t.Tag != (Tag{}) {
		dst = append(dst, ':')
		dst = t.Tag.AppendText(dst)
	}
	return dst
}

func (t TSID) String() string { return string(t.AppendText(nil)) }
