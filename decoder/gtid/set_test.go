package gtid_test

import (
	"strings"
	"testing"

	"binmend/decoder/gtid"
	"pgregory.net/rapid"
)

func mustSet(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) *gtid.Set {
	t.Helper()
	s, err := gtid.ParseSet(text)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return s
}

func TestParseSet(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"only separators", " ,\n, ", ""},
		{"a UUID without intervals", uuidA, ""},
		{"one", uuidA + ":1-3", uuidA + ":1-3"},
		{"a single number", uuidA + ":5-5", uuidA + ":5"},
		{"joined and sorted", uuidA + ":7:1-3:4:9-10:8", uuidA + ":1-4:7-10"},
		{"overlapping", uuidA + ":1-5:3-9," + uuidA + ":2", uuidA + ":1-9"},
		{"as MySQL prints", uuidA + ":1-3,\n" + uuidB + ":4", uuidA + ":1-3,\n" + uuidB + ":4"},
		{"sorted by UUID", uuidB + ":4," + strings.ToUpper(uuidA) + ":1-3", uuidA + ":1-3,\n" + uuidB + ":4"},
		{"blanks", " " + uuidA + " : 1 - 3 : t : 2 ,\n " + uuidB + ":4\n", uuidA + ":1-3:t:2,\n" + uuidB + ":4"},
		{"a tag holds until the next", uuidA + ":b:1:3:a:2", uuidA + ":a:2:b:1:3"},
		{"tags written with the UUID again", uuidA + ":b:1," + uuidA + ":9," + uuidA + ":B:2", uuidA + ":9:b:1-2"},
	} {
		s, err := gtid.ParseSet(tc.text)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := s.String(); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestParseSetRefuses(t *testing.T) {
	for _, tc := range []struct{ text, message string }{
		{"0-1-5", "UUID"},
		{uuidA + ":", "is not a number"},
		{uuidA + ":0", "the first is 1"},
		{uuidA + ":5-3", "ends before it starts"},
		{uuidA + ":1-2-3", "is not a number"},
		{uuidA + ":1;" + uuidB + ":1", "is not a number"},
		{uuidA + ":1-9223372036854775807", "over the limit"},
	} {
		_, err := gtid.ParseSet(tc.text)
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("ParseSet(%q): error %v, want one that says %q", tc.text, err, tc.message)
		}
	}
}

func TestSetContains(t *testing.T) {
	s := mustSet(t, uuidA+":2-4:8:tag:1,"+uuidB+":1")
	for text, want := range map[string]bool{
		uuidA + ":1":     false,
		uuidA + ":2":     true,
		uuidA + ":4":     true,
		uuidA + ":5":     false,
		uuidA + ":8":     true,
		uuidA + ":9":     false,
		uuidA + ":tag:1": true,
		uuidA + ":tag:2": false,
		uuidA + ":tga:1": false,
		uuidB + ":1":     true,
		"0-1-2":          false,
	} {
		g, err := gtid.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Contains(g); got != want {
			t.Errorf("Contains(%s) = %v in %s", text, got, s)
		}
	}
}

func TestSetHasTags(t *testing.T) {
	if mustSet(t, uuidA+":1").HasTags() || !mustSet(t, uuidA+":1,"+uuidB+":t:1").HasTags() {
		t.Error("HasTags must tell a set with a tagged GTID from one without")
	}
}

// Sets behave as sets of single GTIDs do, and print in a form that reads back as themselves.
func TestSetAgainstModel(t *testing.T) {
	type model map[gtid.GTID]bool
	tsids := []string{uuidA, uuidA + ":t", uuidB, uuidB + ":u"}
	draw := func(t *rapid.T, label string) (*gtid.Set, model) {
		var s gtid.Set
		m := model{}
		n := rapid.IntRange(0, 30).Draw(t, label)
		for range n {
			tsid := rapid.SampledFrom(tsids).Draw(t, "tsid")
			seq := rapid.StringMatching(`[1-9]|1[0-9]`).Draw(t, "seq")
			g, err := gtid.Parse(tsid + ":" + seq)
			if err != nil {
				t.Fatal(err)
			}
			s.Add(g)
			m[g] = true
		}
		return &s, m
	}
	check := func(t *rapid.T, what string, s *gtid.Set, m model) {
		count := uint64(0)
		for _, intervals := range s.Intervals {
			for _, iv := range intervals {
				count += iv.Last - iv.First + 1
			}
		}
		if count != uint64(len(m)) {
			t.Fatalf("%s: %d GTIDs in %s, want %d", what, count, s, len(m))
		}
		for g := range m {
			if !s.Contains(g) {
				t.Fatalf("%s: %s is not in %s", what, g, s)
			}
		}
		if s.IsEmpty() != (len(m) == 0) {
			t.Fatalf("%s: IsEmpty() = %v for %s", what, s.IsEmpty(), s)
		}
		if again := mustSet(t, s.String()); again.String() != s.String() {
			t.Fatalf("%s: %q reads back as %q", what, s, again)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, inA := draw(t, "size of a")
		b, inB := draw(t, "size of b")
		check(t, "Add", a, inA)
		check(t, "Add", b, inB)

		union, inUnion := &gtid.Set{}, model{}
		union.Union(a)
		union.Union(b)
		difference, inDifference := &gtid.Set{}, model{}
		difference.Union(a)
		difference.Subtract(b)
		for g := range inA {
			inUnion[g] = true
			if !inB[g] {
				inDifference[g] = true
			}
		}
		for g := range inB {
			inUnion[g] = true
		}
		check(t, "Union", union, inUnion)
		check(t, "Subtract", difference, inDifference)
		check(t, "the operand of Union and Subtract", b, inB)
	})
}

func FuzzParseSet(f *testing.F) {
	for _, seed := range []string{"", uuidA + ":1-3:7,\n" + uuidB + ":t:1-2:u:9", uuidA + ":9:1-3", ",:,", uuidA + ":a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := gtid.ParseSet(text)
		if err != nil {
			return
		}
		if again := mustSet(t, s.String()); again.String() != s.String() {
			t.Errorf("ParseSet(%q) prints %q, which reads back as %q", text, s, again)
		}
	})
}
