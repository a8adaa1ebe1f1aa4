package replica

import (
	"strings"
	"testing"
)

// TestQuotedValueWithoutEnd: a value in quotes that does not end is not cut at the commas in it.
func TestQuotedValueWithoutEnd(t *testing.T) {
	for text, want := range map[string]bool{
		"'a', 'b, c', 5":    true,
		"'a', 'b\nc', NULL": true,
		"'a', 'b, c, 5":     false,
		"'a', 'it''s, 5, 6": false,
		"'a', '" + strings.Repeat("x\n", mostLines) + ", 5, 6": false,
	} {
		if cells, _ := quotedCells(text, ",", 3); (cells != nil) != want {
			t.Errorf("%q: %q", text, cells)
		}
	}
}
