package schema

// Computation is what is needed to compute columns of a row.
type Computation struct {
	Inputs []int // ordinals of the columns whose values are read
	Steps  []int // ordinals of the generated columns to compute of them, each after those that it reads
}

// Computation reports how SQL can compute the columns of a row in which some values are not known. A value that is known is
// read. ok is false when a value is neither known nor computable.
func (t *Table) Computation(columns []int, isKnown func(column int) bool) (_ Computation, ok bool) {
	w := computing{table: t, isKnown: isKnown, reached: map[int]bool{}}
	for _, c := range columns {
		if !w.addColumn(c) {
			return Computation{}, false
		}
	}
	return w.Computation, true
}

// computing is the walk from a column to the columns that it is computed from.
type computing struct {
	Computation
	table   *Table
	isKnown func(int) bool
	reached map[int]bool // false while what the column reads is being walked
}

func (w *computing) addColumn(column int) bool {
	if done, again := w.reached[column]; again {
		return done // a column that depends on itself can't be computed
	}
	if w.isKnown(column) {
		w.reached[column] = true
		w.Inputs = append(w.Inputs, column)
		return true
	}
	c := &w.table.Columns[column]
	if !w.table.isComputable(c) {
		return false
	}
	w.reached[column] = false
	for _, input := range c.Inputs {
		if w.table.Columns[input].Type == TypeTimestamp || !w.addColumn(input) {
			return false // what a TIMESTAMP reads as depends on the session that wrote the row
		}
	}
	w.reached[column] = true
	w.Steps = append(w.Steps, column)
	return true
}

// isComputable reports whether SQL can compute the value that the server stores, as package sqltext does.
func (t *Table) isComputable(c *Column) bool {
	if c.Generated == NotGenerated || len(c.Inputs) == 0 {
		return false
	}
	tokens := exprTokens(c.Expr)
	return c.storesAsCast(t.exprKind(tokens)) && t.readsExactly(c.Inputs, tokens)
}
