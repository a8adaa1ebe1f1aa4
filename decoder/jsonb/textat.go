package jsonb

import (
	"bytes"
	"encoding/json"
	"errors"
)

// maxTextDepth is how deep MariaDB follows documents (MariaDB source: JSON_DEPTH_LIMIT).
const maxTextDepth = 32

// TextAt is the text of the value that a path leads to in a document that is text, as MariaDB finds it: of members of one name the first. ok is
// false where nothing is. It is an error where MariaDB's functions differ, or the document is none.
func TextAt(doc []byte, p Path) (part []byte, ok bool, err error) {
	if !json.Valid(doc) {
		return nil, false, errors.New("the text is no JSON document")
	}
	part = bytes.Trim(doc, jsonBlanks)
	if depthOf(part) > maxTextDepth {
		return nil, false, errors.New("the document is nested deeper than MariaDB reads")
	}
	for _, l := range p.legs {
		switch {
		case l.member && part[0] != '{', !l.member && part[0] != '[' && l.index != 0:
			return nil, false, nil
		case l.member:
			part, err = textOfMember(part, l.key)
		case part[0] == '[':
			part = textOfCell(part, l)
		}
		if part == nil || err != nil {
			return nil, false, err
		}
	}
	return part, true, nil
}

const jsonBlanks = " \t\r\n"

// textOfMember is the first value under a key; nil if there is none.
func textOfMember(object, key []byte) ([]byte, error) {
	for name, rest := range textElements(object) {
		name = name[1 : len(name)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			return nil, errors.New("a key has a backslash, which MariaDB's functions read in two ways")
		}
		if bytes.Equal(name, key) {
			rest = bytes.TrimLeft(rest, jsonBlanks+":")
			return rest[:textLength(rest)], nil
		}
	}
	return nil, nil
}

func textOfCell(array []byte, l leg) []byte {
	size := 0
	for range textElements(array) {
		size++
	}
	place, exists := l.position(size)
	if !exists {
		return nil
	}
	for element := range textElements(array) {
		if place--; place < 0 {
			return element
		}
	}
	return nil
}

// textElements yields the elements of an array, or the keys of an object, each with the text behind it.
func textElements(container []byte) func(yield func(element, rest []byte) bool) {
	return func(yield func(element, rest []byte) bool) {
		isObject := container[0] == '{'
		for rest := bytes.TrimLeft(container[1:], jsonBlanks+","); len(rest) > 1; rest = bytes.TrimLeft(rest, jsonBlanks+",") {
			n := textLength(rest)
			element := rest[:n]
			if rest = rest[n:]; !yield(element, rest) {
				return
			}
			if isObject {
				rest = bytes.TrimLeft(rest, jsonBlanks+":")
				rest = rest[textLength(rest):]
			}
		}
	}
}

// textLength is the length of the value that a text begins with.
func textLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case '[', '{':
			depth++
			continue
		case ']', '}':
			depth--
		default:
			if depth == 0 {
				if end := bytes.IndexAny(text[i:], ",]}: \t\r\n"); end >= 0 {
					return i + end
				}
				return len(text)
			}
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

func depthOf(doc []byte) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '[' || c == '{'):
			depth++
			deepest = max(deepest, depth)
		case !quoted && (c == ']' || c == '}'):
			depth--
		}
	}
	return deepest
}

// AppendLoose appends a document that is text as MariaDB prints one: a space behind each comma and colon, and nowhere else.
func AppendLoose(dst, text []byte) []byte {
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\':
			dst = append(dst, c)
			i++
			c = text[i]
		case c == '"':
			quoted = !quoted
		case quoted:
		case bytes.IndexByte([]byte(jsonBlanks), c) >= 0:
			continue
		case c == ',' || c == ':':
			dst = append(dst, c)
			c = ' '
		}
		dst = append(dst, c)
	}
	return dst
}
