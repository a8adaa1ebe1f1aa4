package list

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
)

// TestLargeValuesInJSON: a value that is written part by part is the literal as a whole.
func TestLargeValuesInJSON(t *testing.T) {
	for _, part := range []string{"日本 ", "é", "a\\'\"\n\x01", "x\u2028😀"} {
		text := part + strings.Repeat(part, 100_000/len(part)) // without blanks, which divide images
		r, kind := row(t, "1 a@x . > 1 a@x "+strings.ReplaceAll(text, " ", "_"))
		d := sqltext.For(decoder.Version{})
		var change Change
		if err := change.setRow(d, &accounts, kind, r); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := JSON(&out).Change(&change); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Columns []struct{ Name, Before, After *string }
		}
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		want, err := d.AppendLiteral(nil, &accounts.Columns[2], r.After[2])
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Columns) != 1 || *got.Columns[0].After != string(want) {
			t.Errorf("%q: %d columns, or another literal than that of the whole value", part, len(got.Columns))
		}
	}
}
