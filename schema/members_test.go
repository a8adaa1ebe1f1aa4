package schema

import (
	"errors"
	"testing"

	"binmend/decoder"
)

// TestCheckMembers: a row with the number of a member that the definition does not have is not one of the definition's.
func TestCheckMembers(t *testing.T) {
	table := &Table{Database: "d", Name: "t", Columns: []Column{{Name: "n", Type: TypeInt}, {Name: "e", Type: TypeEnum, Members: []string{"a", "b"}},
		{Name: "s", Type: TypeSet, Members: []string{"x", "y"}}, {Name: "unknown", Type: TypeEnum}}}
	ordinals := table.AppendNumbered(nil)
	if len(ordinals) != 2 {
		t.Fatalf("columns with numbers of members: %v", ordinals)
	}
	enum, set := &decoder.Column{Type: decoder.TypeEnum, Length: 1}, &decoder.Column{Type: decoder.TypeSet, Length: 1}
	for _, c := range []struct {
		enum, set byte
		fits      bool
	}{{0, 0, true}, {2, 3, true}, {3, 0, false}, {1, 4, false}} {
		row := &decoder.Row{After: decoder.Image{{}, decoder.NewCell(enum, []byte{c.enum}), decoder.NewCell(set, []byte{c.set}), {}}}
		if err := table.CheckMembers(ordinals, row); (err == nil) != c.fits || err != nil && !errors.Is(err, ErrMismatch) {
			t.Errorf("ENUM %d, SET %d: %v", c.enum, c.set, err)
		}
	}
}
