package decoder

import (
	"fmt"
	"strings"
	"testing"
)

// Servers differ in whether a YEAR column has a signedness bit.
func TestSignednessBesideYear(t *testing.T) {
	const (
		year, long, longlong, double, varchar = byte(TypeYear), byte(TypeLong), byte(TypeLonglong), byte(TypeDouble), byte(TypeVarchar)
	)
	for _, tc := range []struct {
		name   string
		server string
		types  []byte
		bits   []byte
		want   string // s, u, or ? for unknown; - for a column without a sign
	}{
		{"as 8.0.31 writes (y, u, s)", "8.0.31", []byte{year, longlong, long}, []byte{0b110_00000}, "uus"},
		{"as 8.0.15 writes (y, u, s)", "8.0.15", []byte{year, longlong, long}, []byte{0b10_000000}, "-us"},
		{"as MariaDB writes (u, y, s)", "10.11.6-MariaDB", []byte{long, year, long}, []byte{0b110_00000}, "uus"},
		{"a YEAR bit of 0 is no YEAR bit, whatever the version", "9.7.4", []byte{year, longlong, long}, []byte{0b01_000000}, "-su"},
		{"a bit after the last column is a YEAR bit, whatever the version", "8.0.15", []byte{long, year, longlong}, []byte{0b011_00000}, "suu"},
		{"eight numbers and a YEAR in one byte", "8.0.31", append([]byte{year}, strings.Repeat(string(rune(long)), 8)...), []byte{0xff}, "-uuuuuuuu"},
		{"eight numbers and a YEAR in two bytes", "8.0.15", append([]byte{year}, strings.Repeat(string(rune(long)), 8)...), []byte{0x80, 0x80}, "usssssssu"},
		{"8.0.21 to 8.0.28, both readings agree", "8.0.25", []byte{year, long, longlong}, []byte{0b111_00000}, "uuu"},
		{"8.0.21 to 8.0.28, they don't", "8.0.25", []byte{long, year, longlong, long}, []byte{0b1100_0000}, "u-?s"},
		{"no YEAR", "8.0.25", []byte{long, varchar, longlong}, []byte{0b01_000000}, "s-u"},
		{"DOUBLE UNSIGNED", "8.0.31", []byte{year, double}, []byte{0b11_000000}, "uu"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var meta []byte
			for _, typ := range tc.types {
				switch typ {
				case double:
					meta = append(meta, 8)
				case varchar:
					meta = append(meta, 10, 0)
				}
			}
			optional := append([]byte{metaSignedness, byte(len(tc.bits))}, tc.bits...)
			m, err := lastOf(t, buildFormat(tc.server, nil), tableMapOf(tc.types, meta, optional)).TableMap()
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for i := range m.Columns {
				switch c := m.Columns[i]; {
				case c.Sign == Unsigned:
					got.WriteByte('u')
				case c.Sign == Signed:
					got.WriteByte('s')
				case c.Type == TypeYear || c.Type == TypeVarchar:
					got.WriteByte('-')
				default:
					got.WriteByte('?')
				}
			}
			if got.String() != tc.want {
				t.Errorf("%s: signs %s, want %s", fmt.Sprintf("%08b", tc.bits), got.String(), tc.want)
			}
		})
	}
}

func TestSignednessBitsMissing(t *testing.T) {
	types := []byte(strings.Repeat(string(rune(byte(TypeLong))), 9))
	_, err := readAll(buildFormat("8.0.31", nil), tableMapOf(types, nil, []byte{metaSignedness, 1, 0}))
	if err == nil || !strings.Contains(err.Error(), "signedness bits") {
		t.Errorf("got %v, want an error that names the signedness bits", err)
	}
}
