package jsonb

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/fixtures/octets"
)

// modelDiff is a diff whose value is a model.
type modelDiff struct {
	operation Operation
	path      string
	value     any
}

func encodeDiffs(t interface {
	Helper()
	Fatalf(string, ...any)
}, diffs ...modelDiff) []byte {
	t.Helper()
	var encoded []byte
	for _, d := range diffs {
		encoded = append(encoded, byte(d.operation))
		encoded = appendLengthEncoded(encoded, []byte(d.path))
		if d.operation != Remove {
			encoded = appendLengthEncoded(encoded, encodeModel(t, d.value))
		}
	}
	return encoded
}

func appendLengthEncoded(dst, data []byte) []byte {
	switch n := len(data); {
	case n < 0xfb:
		dst = append(dst, byte(n))
	case n <= 0xffff:
		dst = binary.LittleEndian.AppendUint16(append(dst, 0xfc), uint16(n))
	default:
		dst = append(dst, 0xfd, byte(n), byte(n>>8), byte(n>>16))
	}
	return append(dst, data...)
}

// object is the document of most tests: {"a": 1, "b": [10, 20, 30], "key with \"q\"": {"c": null}}.
var object = map[string]any{
	"a": int64(1), "b": []any{int64(10), int64(20), int64(30)}, `key with "q"`: map[string]any{"c": nil},
}

func TestApply(t *testing.T) {
	for _, tc := range []struct {
		name  string
		doc   any
		diffs []modelDiff
		want  string
	}{
		{"nothing", object, nil, `{"a": 1, "b": [10, 20, 30], "key with \"q\"": {"c": null}}`},
		{"replace a member", object, []modelDiff{{Replace, "$.a", "x"}},
			`{"a": "x", "b": [10, 20, 30], "key with \"q\"": {"c": null}}`},
		{"replace an element", object, []modelDiff{{Replace, "$.b[1]", true}},
			`{"a": 1, "b": [10, true, 30], "key with \"q\"": {"c": null}}`},
		{"replace the last element", object, []modelDiff{{Replace, "$.b[last]", nil}, {Replace, "$.b[last - 2]", nil}},
			`{"a": 1, "b": [null, 20, null], "key with \"q\"": {"c": null}}`},
		{"replace below a quoted key", object, []modelDiff{{Replace, `$."key with \"q\"".c`, []any{}}},
			`{"a": 1, "b": [10, 20, 30], "key with \"q\"": {"c": []}}`},
		{"insert members in their order", map[string]any{"b": nil},
			[]modelDiff{{Insert, "$.cc", int64(3)}, {Insert, "$.a", int64(1)}, {Insert, `$.""`, int64(0)}},
			`{"": 0, "a": 1, "b": null, "cc": 3}`},
		{"insert elements", object, []modelDiff{{Insert, "$.b[0]", "first"}, {Insert, "$.b[2]", "third"}},
			`{"a": 1, "b": ["first", 10, "third", 20, 30], "key with \"q\"": {"c": null}}`},
		{"insert beyond the end appends", []any{}, []modelDiff{{Insert, "$[7]", "x"}, {Insert, "$[last]", "y"}}, `["y", "x"]`},
		{"remove", object, []modelDiff{{Remove, "$.b[0]", nil}, {Remove, "$.a", nil}},
			`{"b": [20, 30], "key with \"q\"": {"c": null}}`},
		{"a change inside a new value", object, []modelDiff{{Replace, "$.a", object}, {Remove, "$.a.b", nil}, {Insert, "$.a.z", nil}},
			`{"a": {"a": 1, "z": null, "key with \"q\"": {"c": null}}, "b": [10, 20, 30], "key with \"q\"": {"c": null}}`},
		{"growing past the small format", []any{"x"}, []modelDiff{{Insert, "$[1]", strings.Repeat("y", 70000)}},
			`["x", "` + strings.Repeat("y", 70000) + `"]`},
		{"blanks in the path", object, []modelDiff{{Remove, " $ . b [ 0 ] ", nil}},
			`{"a": 1, "b": [20, 30], "key with \"q\"": {"c": null}}`},
		{"a key of any letters", map[string]any{"日本$_1": nil}, []modelDiff{{Replace, "$.日本$_1", true}}, `{"日本$_1": true}`},
		{"a key of escapes", map[string]any{"日\n😀": nil}, []modelDiff{{Replace, `$."\u65e5\n\ud83d\ude00"`, true}},
			`{"日\n😀": true}`},
	} {
		got, err := Apply([]byte("before "), encodeModel(t, tc.doc), encodeDiffs(t, tc.diffs...))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		got, found := bytes.CutPrefix(got, []byte("before "))
		if text := mustParse(t, got).AppendText(nil); !found || string(text) != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, text, tc.want)
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		doc     any
		diff    modelDiff
		message string
	}{
		{"the whole document", object, modelDiff{Replace, "$", nil}, "can't change the whole document"},
		{"no such member", object, modelDiff{Replace, "$.x", nil}, `REPLACE at "$.x": nothing is there in an object of 3`},
		{"no such element", object, modelDiff{Remove, "$.b[3]", nil}, `REMOVE at "$.b[3]": nothing is there in an array of 3`},
		{"no such element from the end", object, modelDiff{Remove, "$.b[last-3]", nil}, "nothing is there in an array of 3"},
		{"no such member on the way", object, modelDiff{Insert, "$.x.y", nil}, "nothing is there"},
		{"a member of an array", object, modelDiff{Insert, "$.b.y", nil}, "expected an object, found array"},
		{"an element of an object", object, modelDiff{Insert, "$[0]", nil}, "expected an array, found object"},
		{"an element of a number", object, modelDiff{Insert, "$.a[0]", nil}, "expected an array, found integer"},
		{"a member that exists", object, modelDiff{Insert, "$.a", nil}, `the object has the key "a"`},
		{"no path", object, modelDiff{Remove, "", nil}, "expected it to start with $"},
		{"a path without $", object, modelDiff{Remove, ".a", nil}, "expected it to start with $"},
		{"no key", object, modelDiff{Remove, "$.", nil}, `path "$.", byte 2: expected the key of a member`},
		{"a wildcard", object, modelDiff{Remove, "$.*", nil}, "expected the key of a member"},
		{"any cell", object, modelDiff{Remove, "$[*]", nil}, "expected the number of an array cell"},
		{"an ellipsis", object, modelDiff{Remove, "$**.a", nil}, "expected . or ["},
		{"a range", object, modelDiff{Remove, "$[0 to 1]", nil}, "expected ]"},
		{"a huge cell", object, modelDiff{Remove, "$[99999999999]", nil}, "expected the number of an array cell"},
		{"an open cell", object, modelDiff{Remove, "$[1", nil}, "expected ]"},
		{"an open quote", object, modelDiff{Remove, `$."a\"`, nil}, "expected a key in double quotes"},
		{"bytes that are no UTF-8", object, modelDiff{Remove, "$.\"\xff\"", nil}, "expected a key in double quotes"},
	} {
		got, err := Apply([]byte("kept"), encodeModel(t, tc.doc), encodeDiffs(t, tc.diff))
		if err == nil || !strings.Contains(err.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, err, tc.message)
		}
		if string(got) != "kept" {
			t.Errorf("%s: dst became %q", tc.name, got)
		}
	}
}

func TestApplyRefusesTooDeepDocuments(t *testing.T) {
	nested := any(map[string]any{})
	for range maxDepth - 1 {
		nested = map[string]any{"k": nested}
	}
	diffs := encodeDiffs(t, modelDiff{Insert, "$" + strings.Repeat(".k", maxDepth-1) + ".a", []any{}})
	if _, err := Apply(nil, encodeModel(t, nested), diffs); err == nil || !strings.Contains(err.Error(), "more than 100 nested") {
		t.Errorf("error %v, want one that says that the document is too deep", err)
	}
}

func TestDiffs(t *testing.T) {
	// UPDATE … SET j = JSON_SET(JSON_REMOVE(j, '$.a'), '$.b[1]', 7, '$.c', NULL)
	diffs := octets.Unhex(t, `
		02 03 242e61                 # remove $.a
		00 06 242e625b315d 03 050700 # replace $.b[1] with int16 7
		01 03 242e63 00              # insert $.c, an empty value`)
	var got []string
	for d, err := range Diffs(diffs) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Operation.String()+" "+string(d.Path)+" "+string(d.Value.AppendText(nil)))
	}
	want := []string{"REMOVE $.a null", "REPLACE $.b[1] 7", "INSERT $.c null"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDiffsRefuse(t *testing.T) {
	for _, tc := range []struct{ name, diffs, message string }{
		{"unknown operation", `03`, "byte 0: operation 3; known are"},
		{"no path", `02`, "byte 1: expected the length of a path"},
		{"NULL for a path", `02 fb`, "byte 1: expected the length of a path"},
		{"short length", `02 fc 01`, "byte 1: expected the length of a path"},
		{"short path", `02 03 242e`, "byte 1: a path of 3 bytes, with 2 bytes left"},
		{"huge path", `02 fe ffffffffffffffff`, "a path of 18446744073709551615 bytes, with 0 bytes left"},
		{"no value", `00 01 24`, "byte 3: expected the length of a value"},
		{"bad value", `00 01 24 01 0d`, `value for "$": binary JSON, byte 1: unknown type 0x0d`},
		{"the second diff", `02 01 24 04`, "byte 3: operation 4"},
	} {
		var last error
		for _, err := range Diffs(octets.Unhex(t, tc.diffs)) {
			last = err
		}
		if last == nil || !strings.Contains(last.Error(), tc.message) {
			t.Errorf("%s: error %v, want one that says %q", tc.name, last, tc.message)
		}
	}
}

// Diffs change a document as the same operations change its model, and the result is laid out as if it had been written
// afresh.
func TestApplyAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := modelOf(3).Filter(isContainer).Draw(t, "document")
		after := clone(before)
		var diffs []modelDiff
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			diffs = append(diffs, change(t, &after, "$"))
		}
		got, err := Apply(nil, encodeModel(t, before), encodeDiffs(t, diffs...))
		if err != nil {
			t.Fatalf("%s\n%v: %v", modelText(before), diffs, err)
		}
		if want := encodeModel(t, after); !bytes.Equal(got, want) {
			t.Fatalf("%s\n%v\n got %x\nwant %x", modelText(before), diffs, got, want)
		}
	})
}

// change makes a random change at or below the container at, and returns the diff that makes it.
func change(t *rapid.T, at *any, path string) modelDiff {
	replacement := modelOf(2).Draw(t, "value")
	switch container := (*at).(type) {
	case []any:
		if len(container) > 0 && rapid.Bool().Draw(t, "existing") {
			i := rapid.IntRange(0, len(container)-1).Draw(t, "cell")
			path += "[" + strconv.Itoa(i) + "]"
			if isContainer(container[i]) && rapid.Bool().Draw(t, "deeper") {
				return change(t, &container[i], path)
			}
			if rapid.Bool().Draw(t, "remove") {
				*at = slices.Delete(slices.Clone(container), i, i+1)
				return modelDiff{Remove, path, nil}
			}
			container[i] = clone(replacement)
			return modelDiff{Replace, path, replacement}
		}
		i := rapid.IntRange(0, len(container)+2).Draw(t, "cell")
		*at = slices.Insert(slices.Clone(container), min(i, len(container)), clone(replacement))
		return modelDiff{Insert, path + "[" + strconv.Itoa(i) + "]", replacement}
	case map[string]any:
		keys := modelKeys(container)
		if len(keys) > 0 && rapid.Bool().Draw(t, "existing") {
			key := rapid.SampledFrom(keys).Draw(t, "key")
			path += "." + quotedText(key)
			if element := container[key]; isContainer(element) && rapid.Bool().Draw(t, "deeper") {
				d := change(t, &element, path)
				container[key] = element
				return d
			}
			if rapid.Bool().Draw(t, "remove") {
				delete(container, key)
				return modelDiff{Remove, path, nil}
			}
			container[key] = clone(replacement)
			return modelDiff{Replace, path, replacement}
		}
		key := rapid.String().Filter(func(key string) bool { return !slices.Contains(keys, key) }).Draw(t, "new key")
		container[key] = clone(replacement)
		return modelDiff{Insert, path + "." + quotedText(key), replacement}
	}
	panic("no container")
}

func isContainer(model any) bool {
	switch model.(type) {
	case []any, map[string]any:
		return true
	}
	return false
}

func clone(model any) any {
	switch m := model.(type) {
	case []any:
		m = slices.Clone(m)
		for i := range m {
			m[i] = clone(m[i])
		}
		return m
	case map[string]any:
		m = maps.Clone(m)
		for key := range m {
			m[key] = clone(m[key])
		}
		return m
	}
	return model
}

func FuzzApply(f *testing.F) {
	f.Add(encodeModel(f, object), encodeDiffs(f, modelDiff{Replace, "$.b[1]", "x"}, modelDiff{Remove, "$.a", nil}))
	f.Add(encodeModel(f, object), encodeDiffs(f, modelDiff{Insert, `$."k\n"`, []any{nil}}, modelDiff{Insert, "$.b[last]", 0.5}))
	f.Add([]byte(nil), encodeDiffs(f, modelDiff{Insert, "$[0]", nil}))
	f.Fuzz(func(t *testing.T, doc, diffs []byte) {
		after, err := Apply(nil, doc, diffs)
		if err != nil {
			return
		}
		again, err := Apply(nil, after, nil)
		if err != nil || !bytes.Equal(again, after) {
			t.Errorf("the result %x is not in the server's layout: written again it is %x, %v", after, again, err)
		}
	})
}
