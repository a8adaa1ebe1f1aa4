package gtid_test

import (
	"strings"
	"testing"

	"binmend/decoder/gtid"
)

const (
	uuidA = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
	uuidB = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{uuidA + ":1", uuidA + ":1"},
		{strings.ToUpper(uuidA) + ":23", uuidA + ":23"},
		{" " + uuidA + " : 5\n", uuidA + ":5"},
		{uuidA + ":9223372036854775806", uuidA + ":9223372036854775806"},
		{uuidA + ":Tag_1:7", uuidA + ":tag_1:7"},
		{uuidA + ":_:7", uuidA + ":_:7"},
		{"0-1-5", "0-1-5"},
		{"4294967295-4294967295-18446744073709551615", "4294967295-4294967295-18446744073709551615"},
	} {
		g, err := gtid.Parse(tc.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tc.text, err)
			continue
		}
		if got := g.String(); got != tc.want {
			t.Errorf("Parse(%q) prints %q, want %q", tc.text, got, tc.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, tc := range []struct{ text, message string }{
		{"", "expected uuid:number"},
		{"ANONYMOUS", "expected uuid:number"},
		{uuidA, "expected uuid:number"},
		{uuidA + ":", "is not a number"},
		{uuidA + ":0", "the first is 1"},
		{uuidA + ":1-3", "is not a number"},
		{uuidA + ":9223372036854775807", "over the limit"},
		{uuidA + "::7", "empty tag"},
		{uuidA + ":1tag:7", "expected a letter"},
		{uuidA + ":" + strings.Repeat("t", 33) + ":7", "33 characters"},
		{uuidA[1:] + ":7", "35 characters"},
		{"g" + uuidA[1:] + ":7", "hexadecimal"},
		{strings.Replace(uuidA, "-", "0", 1) + ":7", "expected a dash at character 9"},
		{"0-1", "domain-server-number"},
		{"0-1-2-3", "domain-server-number"},
		{"4294967296-1-2", "over the limit"},
		{"0-x-2", "server id"},
		{"0-1--2", "domain-server-number"},
	} {
		g, err := gtid.Parse(tc.text)
		if err == nil {
			t.Errorf("Parse(%q) = %v, want an error", tc.text, g)
		} else if !strings.Contains(err.Error(), tc.message) {
			t.Errorf("Parse(%q): %q does not say %q", tc.text, err, tc.message)
		}
	}
}

// A GTID works as a map key: two readings of the same GTID are one key.
func TestGTIDIsComparable(t *testing.T) {
	seen := map[gtid.GTID]int{}
	for _, text := range []string{uuidA + ":1", strings.ToUpper(uuidA) + ":1", uuidA + ":t:1", uuidA + ":T:1", "0-1-1"} {
		g, err := gtid.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		seen[g]++
	}
	if len(seen) != 3 {
		t.Errorf("found %d distinct GTIDs, want 3: %v", len(seen), seen)
	}
}

func TestZeroGTIDPrintsNothing(t *testing.T) {
	if got := (gtid.GTID{}).String(); got != "" {
		t.Errorf("the zero GTID prints %q", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{uuidA + ":1", uuidA + ":tag:9", "0-1-5", ":", "--"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := gtid.Parse(text)
		if err != nil {
			return
		}
		again, err := gtid.Parse(g.String())
		if err != nil || again != g {
			t.Errorf("Parse(%q) prints %q, which reads back as %v, %v", text, g, again, err)
		}
	})
}
