package schema_test

import (
	"fmt"
	"slices"
	"testing"

	"binmend/schema"
)

func TestComputation(t *testing.T) {
	generated := func(typ schema.Type, inputs ...int) schema.Column {
		return schema.Column{Type: typ, Generated: schema.Virtual, Expr: "a + 1", Inputs: inputs}
	}
	table := schema.Table{Columns: []schema.Column{
		0: {Name: "a", Type: schema.TypeInt},
		1: {Type: schema.TypeTimestamp},
		2: generated(schema.TypeInt, 0),
		3: generated(schema.TypeVarchar, 2, 0),
		4: generated(schema.TypeDate, 1),
		5: generated(schema.TypeFloat, 0),
		6: generated(schema.TypeInt),
		7: generated(schema.TypeInt, 8),
		8: generated(schema.TypeInt, 7),
	}}
	for _, test := range []struct {
		name   string
		column int
		known  []int
		want   string
	}{
		{"a value that is known", 3, []int{3}, "reads [3], computes []"},
		{"from another column", 2, []int{0}, "reads [0], computes [2]"},
		{"from a generated column that is known", 3, []int{0, 2}, "reads [2 0], computes [3]"},
		{"through a generated column that is not", 3, []int{0}, "reads [0], computes [2 3]"},
		{"what it reads is not known", 3, nil, "no"},
		{"not generated", 0, nil, "no"},
		{"from a TIMESTAMP", 4, []int{1}, "no"},
		{"a type without CAST", 5, []int{0}, "no"},
		{"an expression that may read anything", 6, []int{0}, "no"},
		{"in a circle", 7, []int{0}, "no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := "no"
			if c, ok := table.Computation([]int{test.column}, func(c int) bool { return slices.Contains(test.known, c) }); ok {
				got = fmt.Sprintf("reads %v, computes %v", c.Inputs, c.Steps)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
