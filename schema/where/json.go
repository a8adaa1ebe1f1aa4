package where

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"

	"binmend/decoder"
	"binmend/decoder/jsonb"
	"binmend/schema"
)

// compileJSON makes the test of a document, of a part of one, or of the text of that.
func compileJSON(col *schema.Column, c *compare) (cellTest, error) {
	if c.scalar {
		return nil, errors.New("JSON_VALUE of MySQL compares by the collation of the connection: write ->> or JSON_UNQUOTE")
	}
	if col.Type != schema.TypeJSON {
		return nil, fmt.Errorf("JSON paths are evaluated in columns of type JSON, and this one is of type %s", col.SQLType())
	}
	of, err := compileDocument(c)
	if err != nil {
		return nil, err
	}
	path := jsonb.Path{}
	if c.path != nil {
		path = *c.path
	}
	return func(s *Scratch, v decoder.Cell) (truth, error) {
		doc, err := jsonb.Parse(v.Raw())
		if err != nil {
			return isFalse, err
		}
		part, ok := doc.At(path)
		if !ok || c.op == isNull {
			return c.withoutPart(!ok), nil
		}
		return of(s, part)
	}, nil
}

// withoutPart is the answer where a path leads to nothing, and that of IS NULL.
func (c *compare) withoutPart(isAbsent bool) truth {
	switch c.op {
	case isNull:
		return truthOf(isAbsent)
	case nullSafeEqual:
		return truthOf(c.values[0].kind == nullLiteral)
	}
	return isUnknown
}

// compileDocument makes the test of what a path leads to.
func compileDocument(c *compare) (func(*Scratch, jsonb.Value) (truth, error), error) {
	switch {
	case c.op == isNull:
		return nil, nil
	case c.unquoted:
		return compileUnquoted(c)
	case c.collation != "":
		return nil, errors.New("COLLATE is for text: write ->> or JSON_UNQUOTE")
	case c.op == in, c.op == between, c.op == like, c.op == matches:
		return nil, errors.New("servers do not compare JSON in IN, BETWEEN, LIKE and REGEXP as =, < and > do: write ->> or JSON_UNQUOTE for the text")
	}
	l, holds := c.values[0], holdsFor[c.op]
	switch l.kind {
	case nullLiteral:
		result := isUnknown
		if c.op == nullSafeEqual {
			result = isFalse
		}
		return func(*Scratch, jsonb.Value) (truth, error) { return result, nil }, nil
	case numberLiteral, floatLiteral, stringLiteral:
	default:
		return nil, errors.New("JSON is compared with numbers, strings, TRUE and FALSE only")
	}
	want, err := jsonOf(l)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v jsonb.Value) (truth, error) {
		result, err := s.compareJSON(v, want)
		return truthOf(holds(result)), err
	}, nil
}

// compileUnquoted makes the test of a value's text, which goes by code points.
func compileUnquoted(c *compare) (func(*Scratch, jsonb.Value) (truth, error), error) {
	for _, l := range c.values {
		if l.kind != stringLiteral && l.kind != nullLiteral {
			return nil, errors.New("text is compared with strings only: write -> or JSON_EXTRACT to compare with a number")
		}
	}
	name := c.collation
	if name == "" {
		name = "utf8mb4_bin"
	}
	rules, err := rulesOf(name)
	if err != nil {
		return nil, err
	}
	test, err := wordsTest(c, &rules, nil)
	if err != nil {
		return nil, err
	}
	return func(s *Scratch, v jsonb.Value) (truth, error) {
		if hasWholeDouble(v) {
			return isFalse, undecided(fmt.Sprintf("servers write the whole floating-point number in %s in two ways", appendUnquoted(nil, v)))
		}
		s.text = appendUnquoted(s.text[:0], v)
		return test(s, decoder.Cell{})
	}, nil
}

// hasWholeDouble reports whether a value holds a floating-point number without a fraction, which MySQL 5.7 writes without a point.
func hasWholeDouble(v jsonb.Value) bool {
	if v.Kind() == jsonb.Double {
		return v.Float64() == math.Trunc(v.Float64())
	}
	for i := range v.Len() {
		if hasWholeDouble(v.Element(i)) {
			return true
		}
	}
	return false
}

// appendUnquoted appends what JSON_UNQUOTE makes of a value.
func appendUnquoted(dst []byte, v jsonb.Value) []byte {
	if v.Kind() == jsonb.String {
		return append(dst, v.Bytes()...)
	}
	begin := len(dst)
	dst = v.AppendText(dst)
	if text := dst[begin:]; v.Kind() == jsonb.Opaque && len(text) > 1 && text[0] == '"' {
		copy(text, text[1:len(text)-1])
		dst = dst[:len(dst)-2]
	}
	return dst
}

// jsonLiteral is a literal as servers compare it with JSON.
type jsonLiteral struct {
	rank    jsonRank
	text    []byte // of a string
	number  decimal
	float   float64
	isFloat bool
	isTrue  bool
}

// jsonRank orders values of different kinds (MySQL manual: Comparison and Ordering of JSON Values).
type jsonRank uint8

const (
	rankNull jsonRank = iota
	rankNumber
	rankString
	rankObject
	rankArray
	rankBoolean
	rankOpaque // dates and times, BIT and binary strings: all greater than what a literal can be
)

func jsonOf(l literal) (jsonLiteral, error) {
	switch {
	case l.isBoolean:
		return jsonLiteral{rank: rankBoolean, isTrue: l.text == "1"}, nil
	case l.kind == stringLiteral:
		return jsonLiteral{rank: rankString, text: []byte(l.text)}, nil
	case l.kind == floatLiteral:
		f, err := strconv.ParseFloat(l.text, 64)
		return jsonLiteral{rank: rankNumber, float: f, isFloat: true}, err
	}
	number, err := parseDecimal(l)
	return jsonLiteral{rank: rankNumber, number: number}, err
}

func rankOf(v jsonb.Value) jsonRank {
	switch v.Kind() {
	case jsonb.Null:
		return rankNull
	case jsonb.True, jsonb.False:
		return rankBoolean
	case jsonb.Int, jsonb.Uint, jsonb.Double:
		return rankNumber
	case jsonb.String:
		return rankString
	case jsonb.Object:
		return rankObject
	case jsonb.Array:
		return rankArray
	}
	if field, _ := v.Opaque(); field == decimalField {
		return rankNumber
	}
	return rankOpaque
}

// decimalField is the type of a DECIMAL in a document.
const decimalField = jsonb.FieldType(decoder.TypeNewDecimal)

// compareJSON compares a value with a literal.
func (s *Scratch) compareJSON(v jsonb.Value, l jsonLiteral) (int, error) {
	rank := rankOf(v)
	if c := cmp.Compare(rank, l.rank); c != 0 {
		return c, nil
	}
	switch rank {
	case rankString:
		return bytes.Compare(v.Bytes(), l.text), nil
	case rankBoolean:
		return boolCompare(v.Kind() == jsonb.True, l.isTrue), nil
	}
	return s.compareJSONNumber(v, l)
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func (s *Scratch) compareJSONNumber(v jsonb.Value, l jsonLiteral) (int, error) {
	if v.Kind() == jsonb.Double && l.isFloat {
		return cmp.Compare(v.Float64(), l.float), nil
	}
	s.a = s.a[:0]
	switch v.Kind() {
	case jsonb.Int:
		s.a = strconv.AppendInt(s.a, v.Int64(), 10)
	case jsonb.Uint:
		s.a = strconv.AppendUint(s.a, v.Uint64(), 10)
	case jsonb.Double:
		s.a = appendExact(s.a, v.Float64())
	default:
		var err error
		_, payload := v.Opaque()
		if s.a, err = jsonb.AppendDecimal(s.a, payload); err != nil {
			return 0, err
		}
	}
	if l.isFloat {
		f, err := strconv.ParseFloat(string(s.a), 64)
		return cmp.Compare(f, l.float), err
	}
	return compareDecimals(splitDecimal(s.a), l.number), nil
}

// appendExact writes a whole number with all its digits, and any other with as many as tell it apart.
func appendExact(dst []byte, f float64) []byte {
	if f == math.Trunc(f) {
		return strconv.AppendFloat(dst, f, 'f', 0, 64)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}
