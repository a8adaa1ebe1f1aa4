package schema

import (
	"errors"
	"testing"

	"binmend/decoder"
)

// TestSure: a row is read where it reads the same whatever is not known of the table.
func TestSure(t *testing.T) {
	value := func(stored string) decoder.Cell { return decoder.NewCell(&decoder.Column{}, []byte(stored)) }
	null := decoder.NullCell(&decoder.Column{})
	ab := &Table{Columns: []Column{{Name: "a", Type: TypeInt}, {Name: "b", Type: TypeInt}}}
	ba := &Table{Columns: []Column{{Name: "b", Type: TypeInt}, {Name: "a", Type: TypeInt}}}
	signs := &Table{Columns: []Column{{Name: "a", Type: TypeInt, Unsigned: true}, {Name: "b", Type: TypeInt}}}
	open := func(u Unknown) *Doubt { return &Doubt{Values: []ValueDoubt{{0, u}}} }
	for _, test := range []struct {
		name  string
		doubt *Doubt
		row   decoder.Image
		sure  bool
	}{
		{"nothing is in doubt", nil, decoder.Image{value("x"), value("y")}, true},
		{"a sign that does not show", open(UnknownSign), decoder.Image{value("\xff\x00"), null}, true},
		{"a sign", open(UnknownSign), decoder.Image{value("\x00\x80"), null}, false},
		{"the empty member", open(UnknownMembers), decoder.Image{value("\x00"), null}, true},
		{"a member", open(UnknownMembers), decoder.Image{value("\x00\x01"), null}, false},
		{"no member", open(UnknownMembers), decoder.Image{null, null}, true},
		{"a column that the image does not have", open(UnknownMembers), decoder.Image{{}, null}, true},
		{"ASCII", open(UnknownCharset), decoder.Image{value("abc 1"), null}, true},
		{"not the same in swe7", open(UnknownCharset), decoder.Image{value("a{"), null}, false},
		{"an accent", open(UnknownCharset), decoder.Image{value("\xe9"), null}, false},
		{"an empty text", open(UnknownLength), decoder.Image{value(""), null}, true},
		{"a text or bytes", open(UnknownLength), decoder.Image{value("a"), null}, false},
		{"zero bytes, or no character", open(UnknownType), decoder.Image{value(""), null}, false},
		{"another order, other values", &Doubt{Others: []*Table{ba}}, decoder.Image{value("x"), value("y")}, false},
		{"another order, the same values", &Doubt{Others: []*Table{ba}}, decoder.Image{value("x"), value("x")}, true},
		{"another order, NULL", &Doubt{Others: []*Table{ba}}, decoder.Image{null, null}, true},
		{"another order, one NULL", &Doubt{Others: []*Table{ba}}, decoder.Image{null, value("x")}, false},
		{"another sign", &Doubt{Others: []*Table{signs}}, decoder.Image{value("x"), value("x")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := *ab
			table.Doubt = test.doubt
			if test.doubt != nil {
				test.doubt.Reason = errors.New("it is in doubt")
			}
			for _, row := range []decoder.Row{{Before: test.row}, {After: test.row}} {
				if err := table.Sure(&row); (err == nil) != test.sure {
					t.Errorf("got %v, want it to be sure: %v", err, test.sure)
				}
			}
		})
	}
}
