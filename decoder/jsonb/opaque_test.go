package jsonb

import (
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/fixtures/octets"
)

func TestAppendDecimalRefuses(t *testing.T) {
	for _, tc := range []struct{ name, payload, message string }{
		{"nothing", ``, "expected a decimal's precision and scale, found 0 bytes"},
		{"no digits", `0000`, "a decimal of 0 digits"},
		{"more digits after the point than there are", `0102 80`, "a decimal of 1 digits, 2 of them after the point"},
		{"bytes missing", `0400 80`, "expected 2 bytes for the digits of a decimal(4,0), found 1"},
	} {
		_, err := AppendDecimal(nil, octets.Unhex(t, tc.payload))
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
	}
}

func TestAppendDecimalRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawOpaque(t)
		if d.field != TypeNewDecimal {
			t.Skip("not a decimal")
		}
		got, err := AppendDecimal(nil, []byte(d.payload))
		if err != nil || string(got) != d.text {
			t.Fatalf("%x: got %s, %v, want %s", d.payload, got, err, d.text)
		}
	})
}

func datetime(year, month, day, hour, minute, second, micros uint64) []byte {
	date := (year*13+month)<<5 | day
	return binary.LittleEndian.AppendUint64(nil, date<<41|hour<<36|minute<<30|second<<24|micros)
}

func clock(negative bool, hour, minute, second, micros int64) []byte {
	packed := hour<<36 | minute<<30 | second<<24 | micros
	if negative {
		packed = -packed
	}
	return binary.LittleEndian.AppendUint64(nil, uint64(packed))
}

func TestAppendTemporal(t *testing.T) {
	for _, tc := range []struct {
		name    string
		field   FieldType
		payload []byte
		want    string
	}{
		{"date", TypeDate, datetime(2024, 2, 29, 0, 0, 0, 0), "2024-02-29"},
		{"zero date", TypeDate, datetime(0, 0, 0, 0, 0, 0, 0), "0000-00-00"},
		{"zero day", TypeDate, datetime(2024, 12, 0, 0, 0, 0, 0), "2024-12-00"},
		{"datetime", TypeDatetime, datetime(9999, 12, 31, 23, 59, 59, 999999), "9999-12-31 23:59:59.999999"},
		{"timestamp", TypeTimestamp, datetime(1970, 1, 1, 0, 0, 1, 0), "1970-01-01 00:00:01.000000"},
		{"time", TypeTime, clock(false, 1, 2, 3, 4), "01:02:03.000004"},
		{"the longest time", TypeTime, clock(true, 838, 59, 59, 0), "-838:59:59.000000"},
		{"a negative fraction of a second", TypeTime, clock(true, 0, 0, 0, 1), "-00:00:00.000001"},
	} {
		got, err := AppendTemporal(nil, tc.field, tc.payload)
		if err != nil || string(got) != tc.want {
			t.Errorf("%s: got %s, %v, want %s", tc.name, got, err, tc.want)
		}
	}
}

func TestAppendTemporalRefuses(t *testing.T) {
	lowest := binary.LittleEndian.AppendUint64(nil, 1<<63)
	for _, tc := range []struct {
		name    string
		field   FieldType
		payload []byte
		message string
	}{
		{"a year too far", TypeDate, datetime(10000, 1, 1, 0, 0, 0, 0), "a date in the year 10000"},
		{"hour 24", TypeDatetime, datetime(2024, 1, 1, 24, 0, 0, 0), "24 hours"},
		{"minute 60", TypeTime, clock(false, 0, 60, 0, 0), "60 minutes"},
		{"second 60", TypeTime, clock(false, 0, 0, 60, 0), "60 seconds"},
		{"too many microseconds", TypeTimestamp, datetime(2024, 1, 1, 0, 0, 0, 1e6), "1000000 microseconds"},
		{"a time too long", TypeTime, clock(true, 839, 0, 0, 0), "839 hours"},
		{"a negative date", TypeDatetime, clock(true, 1, 0, 0, 0), "a negative date"},
		{"the lowest date", TypeDatetime, lowest, "a negative date"},
		{"the lowest time", TypeTime, lowest, "hours"},
		{"seven bytes", TypeTime, make([]byte, 7), "found 7"},
		{"not a temporal", TypeVarString, make([]byte, 8), "field type 253 is no date or time"},
	} {
		_, err := AppendTemporal(nil, tc.field, tc.payload)
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
	}
}

// The accessors give all that is needed to rebuild a document.
func TestAccessors(t *testing.T) {
	doc := encodeModel(t, map[string]any{
		"i": int64(math.MinInt64), "u": uint64(math.MaxUint64), "d": 0.5, "s": "text", "t": true, "f": false, "n": nil,
		"o": opaque{field: 15, payload: "\x00\xff"}, "a": []any{int64(1)},
	})
	v := mustParse(t, doc)
	got := map[string]Value{}
	for i := range v.Len() {
		got[string(v.Key(i))] = v.Element(i)
	}
	for key, kind := range map[string]Kind{
		"i": Int, "u": Uint, "d": Double, "s": String, "t": True, "f": False, "n": Null, "o": Opaque, "a": Array,
	} {
		if got[key].Kind() != kind {
			t.Errorf("%s is of kind %s, want %s", key, got[key].Kind(), kind)
		}
	}
	if n := got["i"].Int64(); n != math.MinInt64 {
		t.Errorf("i is %d", n)
	}
	if n := got["u"].Uint64(); n != math.MaxUint64 {
		t.Errorf("u is %d", n)
	}
	if f := got["d"].Float64(); f != 0.5 {
		t.Errorf("d is %v", f)
	}
	if s := got["s"].Bytes(); string(s) != "text" {
		t.Errorf("s is %q", s)
	}
	if field, payload := got["o"].Opaque(); field != 15 || string(payload) != "\x00\xff" {
		t.Errorf("o is of type %d with %x", field, payload)
	}
	if a := got["a"]; a.Len() != 1 || a.Element(0).Int64() != 1 {
		t.Errorf("a is %s", a.AppendText(nil))
	}
}
