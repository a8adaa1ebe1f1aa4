package jsonb

import (
	"encoding/json"
	"testing"
)

func TestTextAt(t *testing.T) {
	const doc = ` {"a" : [1 , "x]\"", {"b":[]}], "a":2, "c d":{"e":null} , "f":-1.5e3}`
	for _, tc := range []struct{ doc, path, want string }{
		{doc, "$.a[0]", "1"}, {doc, "$.a[1]", `"x]\""`}, {doc, "$.a[2].b", "[]"}, {doc, "$.a[2].b[0]", ""}, {doc, "$.a[3]", ""}, {doc, "$.a.b", ""}, {doc, `$."c d".e`, "null"},
		{doc, "$.f[0]", "-1.5e3"}, {doc, "$.f[1]", ""}, {doc, "$.g", ""}, {doc, "$.a[last].b", "[]"}, {"5", "$", "5"}, {"5", "$.a", ""}, {"{}", "$.a", ""}, {"[]", "$[0]", ""},
		{`{"\u0061":1}`, "$.a", "error"}, {`{"a":1`, "$.a", "error"}, {"", "$", "error"},
	} {
		path, err := ParsePath([]byte(tc.path))
		if err != nil {
			t.Fatal(err)
		}
		part, ok, err := TextAt([]byte(tc.doc), path)
		got := string(part)
		if err != nil {
			got = "error"
		}
		if got != tc.want || ok != (tc.want != "" && err == nil) {
			t.Errorf("%s in %s: %s, %v, want %s", tc.path, tc.doc, got, ok, tc.want)
		}
	}
}

// FuzzTextAt: what is found in a document is one itself, and so is the document as MariaDB prints it.
func FuzzTextAt(f *testing.F) {
	f.Add([]byte(`{"a":[1,"\"",{"b" : [] }]}`), []byte("$.a[1]"))
	f.Fuzz(func(t *testing.T, doc, text []byte) {
		path, err := ParsePath(text)
		if err != nil {
			return
		}
		part, ok, err := TextAt(doc, path)
		if ok && (!json.Valid(part) || !json.Valid(AppendLoose(nil, part))) {
			t.Errorf("%s in %s: %s", text, doc, part)
		}
		if err != nil && ok {
			t.Error(err)
		}
	})
}
