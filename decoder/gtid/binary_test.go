package gtid_test

import (
	"strings"
	"testing"

	"binmend/decoder/gtid"
	"binmend/fixtures/octets"
)

func TestDecodeSet(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"empty", `0000000000000000`, ""},
		{"empty, tagged format", `0100000000000001`, ""},
		{"untagged", `
			0200000000000000                  # 2 sources
			62499053e55311f1937e02fc00000001
			0100000000000000                  # 1 interval
			0100000000000000 da00000000000000 # from 1 to before 218
			aaaaaaaabbbbccccddddeeeeeeeeeeee
			0200000000000000
			0700000000000000 0800000000000000
			0900000000000000 0b00000000000000`,
			"62499053-e553-11f1-937e-02fc00000001:1-217,\naaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:7:9-10"},
		{"tagged", `
			01 020000000000 01                # format 1, 2 sources, format 1
			55778904029911f1b1b84ef0c4956feb
			00                                # no tag
			0100000000000000
			0100000000000000 0e00000000000000
			55778904029911f1b1b84ef0c4956feb
			0a 6d79746167                     # 5 characters: mytag
			0100000000000000
			0100000000000000 0300000000000000`,
			"55778904-0299-11f1-b1b8-4ef0c4956feb:1-13:mytag:1-2"},
		{"a source without intervals", `
			0100000000000000
			62499053e55311f1937e02fc00000001
			0000000000000000`, ""},
	} {
		s, err := gtid.DecodeSet(octets.Unhex(t, tc.body))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := s.String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestDecodeSetRefuses(t *testing.T) {
	const uuid = "62499053e55311f1937e02fc00000001"
	for _, tc := range []struct{ name, body, message string }{
		{"nothing", ``, "byte 0: expected 8 bytes with the number of sources, found 0"},
		{"unknown format", `0000000000000002`, "byte 0: GTID set format 2; known are 0 (untagged) and 1 (tagged)"},
		{"a huge count", `ffffffffffffff00`, "byte 0: 72057594037927935 sources do not fit in 0 bytes"},
		{"a source that is cut off", `0100000000000000` + uuid + `01000000000000`, "1 sources do not fit in 23 bytes"},
		{"a huge number of intervals", `0100000000000000` + uuid + `ffffffffffffffff`, "do not fit in 0 bytes"},
		{"bytes left over", `000000000000000000`, "byte 8: 1 bytes after the last of 0 sources"},
		{"number 0", `0100000000000000` + uuid + `0100000000000000 0000000000000000 0200000000000000`,
			"byte 32: an interval of 62499053-e553-11f1-937e-02fc00000001 starts at 0, expected more than 0"},
		{"an empty interval", `0100000000000000` + uuid + `0100000000000000 0200000000000000 0200000000000000`,
			"runs from 2 to before 2"},
		{"past the last number", `0100000000000000` + uuid + `0100000000000000 0100000000000000 0000000000000080`,
			"runs from 1 to before 9223372036854775808"},
		{"intervals that touch", `0100000000000000` + uuid +
			`0200000000000000 0100000000000000 0300000000000000 0300000000000000 0400000000000000`,
			"starts at 3, expected more than 3"},
		{"a tag that is too long", `0101000000000001` + uuid + `42` + strings.Repeat("61", 33) + `0000000000000000`,
			"byte 24: tag length 0x42"},
		{"a tag that is cut off", `0101000000000001` + uuid + `40` + `6161616161616161`, "expected a tag of 32 characters"},
		{"a tag that is none", `0101000000000001` + uuid + `02 2d 0000000000000000`, `tag "-"`},
	} {
		_, err := gtid.DecodeSet(octets.Unhex(t, tc.body))
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
	}
}

func TestDecodeList(t *testing.T) {
	for _, tc := range []struct{ name, body, want string }{
		{"empty", `00000000`, ""},
		{"empty, padded", `000000000000`, ""},
		{"three domains", `
			03000000
			05000000 4d000000 4700000000000000
			00000000 765b0000 8003000000000000
			07000000 765b0000 40420f0000000000`, "5-77-71,0-23414-896,7-23414-1000000"},
		{"flags of a dump", `01000030 00000000 01000000 0500000000000000`, "0-1-5"},
	} {
		list, err := gtid.DecodeList(octets.Unhex(t, tc.body))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := list.String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestDecodeListRefuses(t *testing.T) {
	for _, tc := range []struct{ name, body, message string }{
		{"nothing", ``, "expected 4 bytes"},
		{"a huge count", `ffffff0f`, "expected 268435455 GTIDs of 16 bytes, found 0 bytes"},
		{"cut off", `01000000 00000000 01000000 05000000000000`, "expected 1 GTIDs of 16 bytes, found 15 bytes"},
		{"an empty list with an entry", `00000000 00000000 01000000 0500000000000000`, "expected 0 GTIDs of 16 bytes, found 16 bytes"},
		{"bytes left over", `01000000 00000000 01000000 050000000000000000`, "found 17 bytes"},
	} {
		_, err := gtid.DecodeList(octets.Unhex(t, tc.body))
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
	}
}

func TestParseList(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "",
		" \n":                     "",
		"0-1-5":                   "0-1-5",
		"0-1-5,1-2-7":             "0-1-5,1-2-7",
		" 1-2-7 ,\n 0-1-5, 0-2-9": "1-2-7,0-1-5,0-2-9",
	} {
		list, err := gtid.ParseList(text)
		if err != nil || list.String() != want {
			t.Errorf("ParseList(%q) = %q, %v, want %q", text, list, err, want)
		}
	}
	for _, text := range []string{",", "0-1-5,", "0-1", uuidA + ":1", "0-1-5 1-2-7"} {
		if list, err := gtid.ParseList(text); err == nil {
			t.Errorf("ParseList(%q) = %q, want an error", text, list)
		}
	}
}

func FuzzDecodeSet(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0})
	const uuid, interval = `62499053e55311f1937e02fc00000001`, `0100000000000000 0100000000000000 0300000000000000`
	f.Add(octets.Unhex(f, `0100000000000000`+uuid+interval))
	f.Add(octets.Unhex(f, `0101000000000001`+uuid+`0261`+interval))
	addCorpus(f, previousGtids)
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := gtid.DecodeSet(body)
		if err != nil {
			return
		}
		if again := mustSet(t, s.String()); again.String() != s.String() {
			t.Errorf("DecodeSet(%x) prints %q, which reads back as %q", body, s, again)
		}
	})
}

func FuzzDecodeList(f *testing.F) {
	f.Add([]byte{0, 0, 0, 0, 0, 0})
	f.Add(octets.Unhex(f, `01000030 00000000 01000000 0500000000000000`))
	addCorpus(f, gtidList)
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := gtid.DecodeList(body)
		if err != nil {
			return
		}
		again, err := gtid.ParseList(list.String())
		if err != nil || again.String() != list.String() {
			t.Errorf("DecodeList(%x) prints %q, which reads back as %q, %v", body, list, again, err)
		}
	})
}

// A set is written in the encoding that servers read.
func TestAppendBinary(t *testing.T) {
	for _, text := range []string{
		"",
		"62499053-e553-11f1-937e-02fc00000001:1-217,\naaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:7:9-10",
		"55778904-0299-11f1-b1b8-4ef0c4956feb:1-13:mytag:1-2",
	} {
		s, err := gtid.ParseSet(text)
		if err != nil {
			t.Fatal(err)
		}
		body := s.AppendBinary([]byte("before"))
		again, err := gtid.DecodeSet(body[len("before"):])
		if err != nil || again.String() != text {
			t.Errorf("%q became %x, which reads as %q, %v", text, body, again, err)
		}
	}
}
