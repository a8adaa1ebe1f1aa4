package schema_test

import (
	"testing"

	"binmend/schema"
)

func TestRowEnd(t *testing.T) {
	plain, end := schema.Column{Name: "id"}, schema.Column{Name: "re", SystemTime: true, RowEnd: true}
	tests := []struct {
		name    string
		table   schema.Table
		ordinal int
		ok      bool
	}{
		{"not versioned", schema.Table{Columns: []schema.Column{plain}}, 0, false},
		{"of its own", schema.Table{SystemVersioned: true, Columns: []schema.Column{end, plain}}, 0, true},
		{"hidden", schema.Table{SystemVersioned: true, Columns: []schema.Column{plain}}, 2, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if ordinal, ok := test.table.RowEnd(); ordinal != test.ordinal || ok != test.ok {
				t.Errorf("%d, %v; want %d, %v", ordinal, ok, test.ordinal, test.ok)
			}
		})
	}
}

func TestMemberName(t *testing.T) {
	c := schema.Column{Type: schema.TypeEnum, Members: []string{"a", "?", "\xff", ""}}
	for number, want := range map[int]bool{0: false, 1: true, 2: false, 3: false, 4: true, 5: false} {
		if name, ok := c.MemberName(number); ok != want {
			t.Errorf("member %d: %q, %v; want %v", number, name, ok, want)
		}
	}
}
