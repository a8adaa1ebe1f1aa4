package jsonb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// leg is one step of a path: into a member of an object, or into a cell of an array.
type leg struct {
	member  bool
	key     []byte
	index   int
	fromEnd bool // the index counts back from the last cell, which is 0
}

// position returns the index of an array's cell. A cell beyond either end gets the index of that end.
func (l leg) position(size int) (place int, exists bool) {
	exists = l.index < size
	switch {
	case exists && l.fromEnd:
		return size - 1 - l.index, true
	case l.fromEnd:
		return 0, false
	}
	return min(l.index, size), exists
}

// parsePath reads a path of members and cells, as diffs have it (MySQL source: json_path.cc):
//
//	path = "$" {"." (name | string) | "[" (number | "last" ["-" number]) "]"}
//
// Blanks may stand between any two parts. Wildcards and ranges are refused: no diff has them.
func parsePath(text []byte) ([]leg, error) {
	p := pathParser{rest: text}
	if !p.take("$") {
		return nil, fmt.Errorf("path %q: expected it to start with $", text)
	}
	var legs []leg
	for p.skipBlanks(); len(p.rest) > 0; p.skipBlanks() {
		l, err := p.leg()
		if err != nil {
			return nil, fmt.Errorf("path %q, byte %d: %w", text, len(text)-len(p.rest), err)
		}
		legs = append(legs, l)
	}
	return legs, nil
}

type pathParser struct{ rest []byte }

const pathBlanks = " \t\n\v\f\r"

func (p *pathParser) skipBlanks() { p.rest = bytes.TrimLeft(p.rest, pathBlanks) }

// take skips blanks and the token, and reports whether the token was there.
func (p *pathParser) take(token string) bool {
	p.skipBlanks()
	rest, found := bytes.CutPrefix(p.rest, []byte(token))
	p.rest = rest
	return found
}

func (p *pathParser) leg() (leg, error) {
	switch {
	case p.take("."):
		key, err := p.key()
		return leg{member: true, key: key}, err
	case p.take("["):
		return p.cell()
	}
	return leg{}, errors.New("expected . or [")
}

func (p *pathParser) cell() (leg, error) {
	var l leg
	l.fromEnd = p.take("last")
	if !l.fromEnd || p.take("-") {
		p.skipBlanks()
		digits := len(p.rest) - len(bytes.TrimLeft(p.rest, "0123456789"))
		index, err := strconv.ParseUint(string(p.rest[:digits]), 10, 31)
		if err != nil {
			return l, errors.New("expected the number of an array cell")
		}
		l.index = int(index)
		p.rest = p.rest[digits:]
	}
	if !p.take("]") {
		return l, errors.New("expected ]")
	}
	return l, nil
}

func (p *pathParser) key() ([]byte, error) {
	p.skipBlanks()
	if len(p.rest) > 0 && p.rest[0] == '"' {
		return p.quotedKey()
	}
	end := bytes.IndexAny(p.rest, pathBlanks+".[*")
	if end < 0 {
		end = len(p.rest)
	}
	key := p.rest[:end]
	if len(key) == 0 || bytes.IndexByte(key, '\\') >= 0 {
		return nil, errors.New("expected the key of a member")
	}
	p.rest = p.rest[end:]
	return key, nil
}

func (p *pathParser) quotedKey() ([]byte, error) {
	end := quotedLength(p.rest)
	quoted := p.rest[:end]
	var key string
	if err := json.Unmarshal(quoted, &key); err != nil || !utf8.Valid(quoted) {
		return nil, errors.New("expected a key in double quotes")
	}
	p.rest = p.rest[end:]
	return []byte(key), nil
}

// quotedLength is the length of the double-quoted string at the start of text, or of all text if the string does not end.
func quotedLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// Path leads into a document.
type Path struct{ legs []leg }

// ParsePath reads a path of members and cells, without wildcards and ranges.
func ParsePath(text []byte) (Path, error) {
	legs, err := parsePath(text)
	return Path{legs}, err
}

// At is the value that a path leads to; ok is false where nothing is. What is no array is one of itself alone, as in JSON_EXTRACT.
func (v Value) At(p Path) (_ Value, ok bool) {
	for _, l := range p.legs {
		switch {
		case l.member:
			i, found := v.member(l.key)
			if !found {
				return v, false
			}
			v = v.Element(i)
		case v.kind == Array:
			i, exists := l.position(v.count)
			if !exists {
				return v, false
			}
			v = v.Element(i)
		case l.index != 0:
			return v, false
		}
	}
	return v, true
}

// member finds the place of a key.
func (v Value) member(key []byte) (place int, ok bool) {
	if v.kind != Object {
		return 0, false
	}
	for i := range v.count {
		if bytes.Equal(v.Key(i), key) {
			return i, true
		}
	}
	return 0, false
}
