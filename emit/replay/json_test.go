package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestJSONParts: a part ends where its statement does, whatever stands in quotes and comments, and nothing is lost.
func TestJSONParts(t *testing.T) {
	for _, parts := range [][]string{
		{"comment: -- a; b\n", "statement: SELECT 1;\n"},
		{"statement: INSERT INTO `a;\n` VALUES ('x;\n-- y', \"it's;\n\");\n", "statement: COMMIT;\n"},
		{"statement: SELECT 'a\\';\n', 'b\\\\';\n", "statement: SELECT 'it''s;\n';\n"},
		{"statement: SELECT 1 /* ' ;\n */ + 2;\n", "statement: SELECT 1 -- it's;\n + 2;\n"},
		{"statement: SELECT 1 # it's;\n + 2;\n", "statement: /*!50003 SELECT 'a;\n' */;\n"},
		{"risk: \n-- RISK: it's late\n", "statement: \nBEGIN;\n", "comment: \n"},
		{"client: DELIMITER //\n", "statement: CREATE PROCEDURE p() BEGIN\nSELECT 1;\nEND\n//\n", "client: DELIMITER ;\n", "statement: SELECT 2;\n"},
		{"statement: SELECT 1--1;\n", "comment: --\n", "statement: SELECT 2"},
		{"statement: SELECT 'é';\n"},
		{"statement: SELECT '" + strings.Repeat("é;\n--", 2*largePart) + "';\n", "risk: -- RISK: " + strings.Repeat("x", 2*largePart) + ";\n", "statement: COMMIT;\n"},
		{"client: DELIMITER //\n", "statement: SELECT 1;\n" + strings.Repeat("x //\n", largePart) + "\n//\n", "client: DELIMITER ;\n"},
	} {
		var sql, out bytes.Buffer
		for _, part := range parts {
			_, text, _ := strings.Cut(part, ": ")
			sql.WriteString(text)
		}
		w := NewJSON(&out)
		for _, b := range sql.Bytes() { // in pieces of any size
			if _, err := w.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		var got []string
		for d := json.NewDecoder(&out); d.More(); {
			var p part
			if err := d.Decode(&p); err != nil {
				t.Fatal(err)
			}
			got = append(got, p.Kind+": "+p.Text)
		}
		if strings.Join(got, "|") != strings.Join(parts, "|") {
			t.Errorf("got %.500q\nwant %.500q", got, parts)
		}
	}
	w := NewJSON(&bytes.Buffer{})
	if _, err := w.Write([]byte("SELECT '\xff';\n")); err != errNotText {
		t.Errorf("bytes that are no text: %v", err)
	}
}

// TestJSONFails: whatever was written before an error, every line is whole, and only the last one has the error.
func TestJSONFails(t *testing.T) {
	large := "INSERT INTO t VALUES ('" + strings.Repeat("é;\n--", largePart)
	for _, c := range []struct{ sql, text string }{
		{"", ""},
		{"COMMIT;\n", ""},
		{"COMMIT;\nINSERT INTO", "INSERT INTO"},
		{"COMMIT;\n" + large, large},
		{"COMMIT;\n" + large + "');\n", ""},
		{"COMMIT;\n" + large + "\xff');\n", large},
		{"SELECT 'a\xffb';\n", "SELECT 'a"},
	} {
		var out bytes.Buffer
		w := NewJSON(&out)
		w.Write([]byte(c.sql)) // its error is the one below
		if err := w.Fail(errors.New("a \"reason\"\n")); err != nil {
			t.Fatal(err)
		}
		var parts []part
		for d := json.NewDecoder(&out); d.More(); {
			var p part
			if err := d.Decode(&p); err != nil {
				t.Fatalf("%.60q: %v", c.sql, err)
			}
			parts = append(parts, p)
		}
		for i, p := range parts {
			if last := i == len(parts)-1; last != (p.Error == "a \"reason\"\n") || last && p.Text != c.text || p.Kind == "" || p.Version != jsonVersion {
				t.Errorf("%.60q: line %d is %.100q of kind %s, error %q", c.sql, i+1, p.Text, p.Kind, p.Error)
			}
		}
		if len(parts) == 0 {
			t.Errorf("%.60q: no line", c.sql)
		}
	}
}
