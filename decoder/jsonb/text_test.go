package jsonb

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"binmend/fixtures/octets"
)

// Documents as MySQL 9.7 logged them.
var documents = []struct{ name, doc, want string }{
	{"no bytes", ``, `null`},
	{"null", `04 00`, `null`},
	{"true", `04 01`, `true`},
	{"false", `04 02`, `false`},
	{"int16", `05 0080`, `-32768`},
	{"int32", `07 ffff0000`, `65535`},
	{"int64", `09 ffffffff00000000`, `4294967295`},
	{"the largest signed number that came as unsigned", `0a ffffffffffffff7f`, `9223372036854775807`},
	{"uint64", `0a ffffffffffffffff`, `18446744073709551615`},
	{"uint16", `06 e807`, `2024`},
	{"uint32", `08 00000100`, `65536`},
	{"double", `0b 000000000000f83f`, `1.5`},
	{"empty string", `0c 00`, `""`},
	{"escapes", `0c 1a 6974277320227122205c200a200020f09f988020e697a5e69cac`, `"it's \"q\" \\ \n \u0000 😀 日本"`},
	{"all control characters that have a letter, and one that has none", `0c 06 08090a0c0d1f`, `"\b\t\n\f\r\u001f"`},
	{"a string of 128 bytes", `0c 8001` + strings.Repeat("78", 128), `"` + strings.Repeat("x", 128) + `"`},
	{"empty object", `00 0000 0400`, `{}`},
	{"empty array", `02 0000 0400`, `[]`},
	{"small object", `
		00
		0200 1c00                # 2 members, 28 bytes
		1200 0100                # key 0 at 18, 1 byte
		1300 0300                # key 1 at 19, 3 bytes
		05 0600                  # int16 6
		0c 1600                  # string at 22
		6e 706164                # n pad
		05 73686f7274            # short`, `{"n": 6, "pad": "short"}`},
	{"small array of everything", `
		02
		0d00 4c00                # 13 elements, 76 bytes
		04 0100                  # true
		04 0200                  # false
		04 0000                  # null
		05 0100                  # int16 1
		05 ffff                  # int16 -1
		07 2b00                  # int32 at 43: does not fit in 2 bytes
		07 2f00
		09 3300                  # int64
		0f 3b00                  # opaque
		0c 4100                  # string
		0c 4300
		00 4400                  # object
		02 4800                  # array
		70110100
		90eefeff
		00f2052a01000000
		f6 04 02018105           # field type 246, 4 bytes: decimal(2,1)
		01 73
		00
		0000 0400
		0000 0400`, `[true, false, null, 1, -1, 70000, -70000, 5000000000, 1.5, "s", "", {}, []]`},
	{"large object", `
		01
		04000000 51000000        # 4 members, 81 bytes
		34000000 0300            # key 0 at 52, 3 bytes
		37000000 0300
		3a000000 0300
		3d000000 0500
		0c 42000000              # string at 66
		05 64000000              # int16 100
		07 a0860100              # int32 100000, inlined here
		05 01000000
		626967 693136 693332 736d616c6c
		0e 7171717171717171717171717171`,
		`{"big": "qqqqqqqqqqqqqq", "i16": 100, "i32": 100000, "small": 1}`},
	{"large array", `
		03
		01000000 16000000        # 1 element, 22 bytes
		0b 0e000000              # double at 14
		00                       # a gap that an update in place left
		000000000000f83f`, `[1.5]`},
	{"opaque dates and times", `
		00 0400 4e00 2000 0100 2100 0100 2200 0200 2400 0200 0f 2600 0f 3000 0f 3a00 0f 4400
		64 74 6474 7473
		0a 08 0000000000bab219
		0b 08 c01dfe4737ffffff
		0c 08 3f420ffb7ebbb219
		0c 08 000000000042b219`,
		`{"d": "2024-02-29", "t": "-12:34:56.123456", "dt": "2024-02-29 23:59:59.999999", "ts": "2024-01-01 00:00:00.000000"}`},
	{"opaque decimals", `
		02 0200 3600 0f 0a00 0f 2c00
		f6 20 421e 85f5e0ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 3b9ac9ff 03e7
		f6 08 0c03 7fffffff ff9b`,
		`[99999999999999999999999999999999999.999999999999999999999999999999, -0.100]`},
	{"an opaque decimal out of a number", `0f f6 0c 150c 875bcd15 075bcd15 000c`, `123456789.123456789012`},
	{"other opaque", `0f 0f 03 00ff27`, `"base64:type15:AP8n"`},
	{"opaque, more than one line of base64", `0f fc 3a` + strings.Repeat("80", 58),
		`"base64:type252:` + strings.Repeat("gICA", 19) + `\ngA=="`},
	{"opaque VAR_STRING", `0f fd 03 612262`, `"base64:type253:YSJi"`},
	{"bytes after the value", `05 0100 ff`, `1`},
}

func TestAppendText(t *testing.T) {
	for _, tc := range documents {
		got, err := AppendText([]byte("before "), octets.Unhex(t, tc.doc))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if want := "before " + tc.want; string(got) != want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, want)
		}
	}
}

func TestAppendTextDoubles(t *testing.T) {
	for _, tc := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"},
		{math.Copysign(0, -1), "-0.0"},
		{1, "1.0"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{1e-15, "0.000000000000001"},
		{-1.7976931348623157e-15, "-0.000000000000001797693134862316"},
		{9.99e-16, "9.99e-16"},
		{1e14, "100000000000000.0"},
		{999999999999999, "999999999999999.0"},
		{1e15, "1e15"},
		{-1e15, "-1e15"},
		{1234567890123456, "1.234567890123456e15"},
		{1234567890123456.5, "1234567890123456.5"},
		{123456789012345.67, "123456789012345.67"},
		{1e100, "1e100"},
		{1e308, "1e308"},
		{1.7976931348623157e308, "1.7976931348623157e308"},
		{5e-324, "5e-324"},
		{1e-7, "0.0000001"},
		{1.5e-20, "1.5e-20"},
	} {
		if got := string(appendDouble(nil, tc.f)); got != tc.want {
			t.Errorf("%b: got %s, want %s", tc.f, got, tc.want)
		}
		if got := doubleText(tc.f); got != tc.want {
			t.Errorf("%b: the tests' own rule gives %s, want %s", tc.f, got, tc.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ name, doc, message string }{
		{"unknown type", `0d 00`, "byte 1: unknown type 0x0d"},
		{"no literal", `04`, "byte 1: expected a literal, found the end"},
		{"unknown literal", `04 03`, "byte 1: literal 0x03"},
		{"unknown literal in an array", `02 0100 0700 04 0300`, "byte 6: literal 0x03"},
		{"short int16", `05 00`, "expected an integer of 2 bytes, found 1"},
		{"short uint64", `0a 00000000000000`, "expected an unsigned integer of 8 bytes, found 7"},
		{"infinity", `0b 000000000000f07f`, "a double that is +Inf"},
		{"not a number", `0b 000000000000f87f`, "a double that is NaN"},
		{"no string length", `0c`, "expected the length of a string"},
		{"endless string length", `0c 808080808000`, "expected the length of a string"},
		{"short string", `0c 02 61`, "expected 2 bytes of the string, found 1"},
		{"no opaque type", `0f`, "expected the field type"},
		{"short opaque", `0f fc 02 61`, "expected 2 bytes of the opaque value, found 1"},
		{"short array header", `02 0000 04`, "expected the sizes of an array in 4 bytes, found 3"},
		{"an array longer than the document", `02 0000 0500`, "an array of 0 elements, 4 bytes or more, in 5 bytes with 4 bytes left"},
		{"more elements than bytes", `02 0200 0700 040000`, "an array of 2 elements, 10 bytes or more, in 7 bytes"},
		{"a huge number of elements", `01 ffffffff 08000000`, "an object of 4294967295 elements, 47244640253 bytes or more"},
		{"an element inside the header", `02 0100 0a00 0c 0600 02 6161`, "element 0 of an array of 10 bytes at 6, expected 7 or more"},
		{"an element outside", `02 0100 0700 0c 0800 00`, "element 0 of an array of 7 bytes at 8"},
		{"a huge offset", `03 01000000 0d000000 0c ffffffff`, "element 0 of an array of 13 bytes at 4294967295"},
		{"a key inside the header", `00 0100 0c00 0a00 0100 040000 61`, "key 0 of an object of 12 bytes has 1 bytes at 10"},
		{"a key outside", `00 0100 0c00 0b00 0200 040000 61`, "key 0 of an object of 12 bytes has 2 bytes at 11"},
		{"equal keys", `00 0200 1400 1200 0100 1300 0100 040000 040000 61 61`, "byte 20: key 1 is not after the key before it"},
		{"a longer key first", `00 0200 1500 1200 0200 1400 0100 040000 040000 6262 61`, "key 1 is not after"},
		{"keys that share bytes", `00 0300 1c00 1900 0100 1900 0200 1900 0300 040000 040000 040000 626262`, "values overlap"},
		{"a short temporal", `0f 0c 07 00000000000000`, "expected a date or time of 8 bytes, found 7"},
		{"a short decimal", `0f f6 01 01`, "expected a decimal's precision and scale"},
	} {
		_, err := Parse(octets.Unhex(t, tc.doc))
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
		if dst, _ := AppendText([]byte("kept"), octets.Unhex(t, tc.doc)); string(dst) != "kept" {
			t.Errorf("%s: dst became %q", tc.name, dst)
		}
	}
}

// An array whose elements are all the same array, which is again such an array, would print as 2^100 values.
func TestParseRefusesExponentialDocuments(t *testing.T) {
	doc := []byte{typeSmallArray}
	const levels = 99
	for level := range levels {
		size := (levels - level) * 10
		doc = binary.LittleEndian.AppendUint16(doc, 2)
		doc = binary.LittleEndian.AppendUint16(doc, uint16(size+4))
		doc = append(doc, typeSmallArray, 10, 0, typeSmallArray, 10, 0)
	}
	doc = append(doc, 0, 0, 4, 0)
	if _, err := Parse(doc); err == nil || !strings.Contains(err.Error(), "values overlap") {
		t.Errorf("error %v, want one that says that values overlap", err)
	}
}

func TestParseDepth(t *testing.T) {
	nested := func(depth int) []byte {
		doc := []byte{typeSmallArray}
		for level := depth - 1; level > 0; level-- {
			doc = append(doc, 1, 0)
			doc = binary.LittleEndian.AppendUint16(doc, uint16(level*7+4))
			doc = append(doc, typeSmallArray, 7, 0)
		}
		return append(doc, 0, 0, 4, 0)
	}
	got, err := AppendText(nil, nested(maxDepth))
	if want := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth); err != nil || string(got) != want {
		t.Errorf("a depth of %d gives %s, %v", maxDepth, got, err)
	}
	if _, err := Parse(nested(maxDepth + 1)); err == nil || !strings.Contains(err.Error(), "more than 100 nested") {
		t.Errorf("a depth of %d gives error %v", maxDepth+1, err)
	}
}

func TestAppendTextDoesNotAllocate(t *testing.T) {
	for _, tc := range documents {
		doc := octets.Unhex(t, tc.doc)
		buf := make([]byte, 0, 1024)
		allocs := testing.AllocsPerRun(100, func() {
			if _, err := AppendText(buf, doc); err != nil {
				t.Fatal(err)
			}
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations", tc.name, allocs)
		}
	}
}

// longestEscape is how much longer than its bytes a printed string can be, for \u0000.
const longestEscape = 6

func FuzzAppendText(f *testing.F) {
	for _, tc := range documents {
		f.Add(octets.Unhex(f, tc.doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		text, err := AppendText(nil, doc)
		if err != nil {
			return
		}
		// A double prints up to 24 characters for 8 bytes, a date 28 for 10, and each element a comma, a blank and perhaps a
		// colon and a blank.
		if limit := 64 + 2*longestEscape*len(doc); len(text) > limit {
			t.Errorf("%d bytes print as %d, more than %d", len(doc), len(text), limit)
		}
		root := node{value: mustParse(t, doc)}
		openAll(&root)
		canonical, err := appendDocument(nil, root)
		if err != nil {
			t.Fatal(err)
		}
		again, err := AppendText(nil, canonical)
		if err != nil || !bytes.Equal(again, text) {
			t.Errorf("%x prints as %s; encoded again, as %s, %v", doc, text, again, err)
		}
	})
}

// A byte that needs an escape gets one wherever it stands among others.
func TestEscapesAnywhere(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := bytes.Repeat([]byte{'a'}, 20)
			text[(at+7)%20], text[at] = 0xff, byte(c)
			var want []byte
			for _, b := range text {
				if b < ' ' || b == '"' || b == '\\' {
					want = appendEscape(want, b)
				} else {
					want = append(want, b)
				}
			}
			if got := AppendEscaped(nil, text); !bytes.Equal(got, want) {
				t.Errorf("%q is written %q, want %q", text, got, want)
			}
		}
	}
}
