package where

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"binmend/decoder"
	"binmend/schema"
)

// dateForm is what a date and time looks like, with 0 for any digit.
const dateForm = "0000-00-00 00:00:00.000000"

// compareDate compares dates and times, zero ones too. What the literal leaves out is zero.
func compareDate(l literal) (comparer, error) {
	if l.kind != stringLiteral && l.kind != dateLiteral {
		return nil, fmt.Errorf("expected a date as '2024-01-31' or '2024-01-31 23:59:59', found %q", l.text)
	}
	text := strings.Replace(l.text, "T", " ", 1)
	switch len(text) {
	case len("0000-00-00"), len("0000-00-00 00:00"), len("0000-00-00 00:00:00"):
	default:
		if len(text) < len("0000-00-00 00:00:00.0") || len(text) > len(dateForm) {
			return nil, fmt.Errorf("expected a date as '2024-01-31' or '2024-01-31 23:59:59', found %q", l.text)
		}
	}
	for i := range len(text) {
		isDigit := '0' <= text[i] && text[i] <= '9'
		if isDigit != (dateForm[i] == '0') || !isDigit && text[i] != dateForm[i] {
			return nil, fmt.Errorf("expected a date as '2024-01-31' or '2024-01-31 23:59:59', found %q", l.text)
		}
	}
	want := []byte(text + dateForm[len(text):])
	if _, err := time.Parse("2006-01-02 15:04:05", string(want[:19])); err != nil && string(want[:10]) != dateForm[:10] {
		return nil, fmt.Errorf("%q is not a date and time", l.text)
	}
	return func(s *Scratch, v decoder.Cell) (int, error) {
		var err error
		s.a, err = v.AppendText(s.a[:0])
		s.a = append(s.a, dateForm[min(len(s.a), len(dateForm)):]...)
		return bytes.Compare(s.a, want), err
	}, nil
}

// noClock finds minutes or seconds that no clock shows.
var noClock = regexp.MustCompile(`:([6-9][0-9]|[0-9]{3,})`)

// compareTime compares times of day and durations. MySQL rounds the literal to the column's decimals first, and MariaDB does not: one that
// has more is refused.
func compareTime(col *schema.Column, l literal) (comparer, error) {
	if l.kind != stringLiteral && l.kind != timeLiteral {
		return nil, fmt.Errorf("expected a time as '-12:34:56.789', found %q", l.text)
	}
	want, err := microseconds([]byte(l.text))
	if err != nil {
		return nil, err
	}
	if noClock.MatchString(l.text) {
		return nil, fmt.Errorf("%q is not a time: it has 60 minutes or seconds, or more", l.text)
	}
	if unit := microsecondsOf(col.Decimals); want%unit != 0 {
		return nil, fmt.Errorf("%q has more decimals than the column, which servers compare in different ways", l.text)
	}
	return func(s *Scratch, v decoder.Cell) (int, error) {
		var err error
		if s.a, err = v.AppendText(s.a[:0]); err != nil {
			return 0, err
		}
		have, err := microseconds(s.a)
		return cmp.Compare(have, want), err
	}, nil
}

// microsecondsOf is the smallest difference of times with so many decimals.
func microsecondsOf(decimals int) int64 {
	unit := int64(1e6)
	for range decimals {
		unit /= 10
	}
	return max(1, unit)
}

// microseconds reads [-]h:mm[:ss[.ffffff]].
func microseconds(text []byte) (int64, error) {
	bad := func() error { return fmt.Errorf("expected a time as '-12:34:56.789', found %q", text) }
	rest, negative := bytes.CutPrefix(text, []byte{'-'})
	rest, fraction, _ := bytes.Cut(rest, []byte{'.'})
	if len(fraction) > 6 {
		return 0, bad()
	}
	var parts [4]int64
	n := 0
	for _, b := range rest {
		switch {
		case b == ':' && n < 2:
			n++
		case '0' <= b && b <= '9' && parts[n] < 1e6:
			parts[n] = parts[n]*10 + int64(b-'0')
		default:
			return 0, bad()
		}
	}
	for i := range 6 {
		digit := byte('0')
		if i < len(fraction) {
			digit = fraction[i]
		}
		if digit < '0' || digit > '9' {
			return 0, bad()
		}
		parts[3] = parts[3]*10 + int64(digit-'0')
	}
	if n == 0 {
		return 0, bad()
	}
	total := ((parts[0]*60+parts[1])*60+parts[2])*1e6 + parts[3]
	if negative {
		total = -total
	}
	return total, nil
}
