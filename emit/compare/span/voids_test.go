package span

import (
	"testing"

	"binmend/decoder/statement"
)

// TestVoidedBy: an ALTER TABLE may change the values of the columns that it names, but not of one that a key is called after.
func TestVoidedBy(t *testing.T) {
	for sql, want := range map[string]struct{ of, not string }{
		"ALTER TABLE t MODIFY v INT, DROP KEY w":                            {"v", "w"},
		"ALTER TABLE t DROP INDEX IF EXISTS `w`, CHANGE a v INT":            {"v", "w"},
		"ALTER TABLE t RENAME KEY w TO W, DROP v":                           {"v", "w"},
		"ALTER TABLE t DROP FOREIGN KEY w, DROP CONSTRAINT w, DROP CHECK w": {"", "w"},
		"ALTER TABLE t DROP KEY w, MODIFY w INT":                            {"w", "v"},
		"ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (v)":               {"v", "w"},
		"ALTER TABLE t ADD w INT, ADD KEY (v)":                              {"", "v"},
	} {
		got := voidedBy([]byte(sql), statement.Context{})
		if want.of != "" && !got[want.of] || got[want.not] {
			t.Errorf("%s: %v", sql, got)
		}
	}
}
