package arguments

import (
	"cmp"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"binmend/decoder/filter"
)

// Values reads the values of flags; the first that is wrong is its error.
type Values struct{ Err error }

func (r *Values) fail(flag string, err error) {
	if r.Err == nil {
		r.Err = &Error{Text: fmt.Sprintf("--%s: %v", flag, err)}
	}
}

// Parse reads a value. nil means not given, and returns the zero value.
func Parse[T any](r *Values, flag string, text *string, read func(string) (T, error)) (value T) {
	if text == nil {
		return value
	}
	value, err := read(*text)
	if err != nil {
		r.fail(flag, err)
	}
	return value
}

// ParseAll reads each value of a flag that may be repeated.
func ParseAll[T any](r *Values, flag string, texts []string, read func(string) (T, error)) (values []T) {
	for _, text := range texts {
		values = append(values, Parse(r, flag, &text, read))
	}
	return values
}

// Numbers reads numbers. A value may have several, separated by commas.
func (r *Values) Numbers(flag string, texts []string) (list []uint32) {
	for _, text := range texts {
		list = append(list, ParseAll(r, flag, strings.Split(text, ","), readNumber)...)
	}
	return list
}

func readNumber(text string) (uint32, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("expected a number up to %d, found %q", uint32(math.MaxUint32), text)
	}
	return uint32(n), nil
}

// Patterns reads patterns of tables.
func (r *Values) Patterns(flag string, texts []string) []filter.Pattern {
	return ParseAll(r, flag, texts, filter.ParsePattern)
}

// Address reads a flag with HOST:PORT. Without a host, only this machine can reach it.
func Address(flag, text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", &Error{Text: fmt.Sprintf("--%s: expected HOST:PORT, found %q", flag, text)}
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), nil
}

// Duration reads a flag with a time: seconds, or a number with a unit. An empty text returns otherwise.
func Duration(flag string, text *string, otherwise time.Duration) (time.Duration, error) {
	if text == nil {
		return otherwise, nil
	}
	d, err := time.ParseDuration(*text)
	if err != nil {
		d, err = time.ParseDuration(*text + "s")
	}
	if err != nil || d < time.Second {
		return 0, &Error{Text: fmt.Sprintf("--%s: expected a time of a second or more, found %q", flag, *text), Hint: "seconds, or a number with a unit: 90, 90s, 15m, 8h"}
	}
	return d, nil
}

// Bytes reads a size as the options of mysql and mysqld are: a number, or one with K, M, G or T, which stand for powers of 1024.
func Bytes(text string) (uint64, error) {
	digits, shift := text, 0
	if n := len(text); n > 0 {
		if i := strings.IndexByte("KMGT", text[n-1]&^0x20); i >= 0 {
			digits, shift = text[:n-1], 10*(i+1)
		}
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n<<shift>>shift != n {
		return 0, fmt.Errorf("expected bytes, such as 500000, 64M or 2G, found %q", text)
	}
	return n << shift, nil
}
