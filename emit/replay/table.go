package replay

import (
	"bytes"
	"slices"

	"binmend/emit/sqltext"
	"binmend/schema"
)

// tableText is what the statements of one table have in common, written once.
type tableText struct {
	table      *schema.Table
	name       []byte   // `db`.`table`
	names      [][]byte // of the columns
	equals     [][]byte // the names with " = "
	literals   []sqltext.Literal
	assigned   []int   // ordinals of the columns that a statement may give a value
	insert     []byte  // INSERT of values for all of them, up to VALUES
	keys       [][]int // for each unique key that identifies rows, the ordinals of its columns; the best first
	moved      []bool  // by ordinal: an UPDATE that does not assign the column may change it
	mayBeCut   bool    // a session without strict mode may have stored what another one does not
	isCut      bool    // the same of a column that the server computes
	shapes     []int   // ordinals of the NOT NULL columns that may hold an empty value of which there is no literal: GEOMETRY and VECTOR
	isSequence bool
	compressed bool  // values of a column may be larger than in the log
	client     error // why its names can't go through a client
}

// newTableText takes the names of database and table from the log: a definition may belong to any database.
func newTableText(d sqltext.Dialect, database, name string, t *schema.Table) *tableText {
	tt := &tableText{table: t, name: d.AppendTable(nil, &schema.Table{Database: database, Name: name}), literals: d.Literals(t.Columns),
		names: make([][]byte, 0, len(t.Columns)), equals: make([][]byte, 0, len(t.Columns)), assigned: make([]int, 0, len(t.Columns))}
	for i := range t.Columns {
		c := &t.Columns[i]
		name := d.AppendIdent(make([]byte, 0, len(c.Name)+len("`` = ")), c.Name)
		equals := append(name, " = "...)
		tt.names, tt.equals = append(tt.names, equals[:len(name):len(name)]), append(tt.equals, equals)
		if c.Assignable() {
			tt.assigned = append(tt.assigned, i)
		}
		tt.isCut = tt.isCut || c.Generated != schema.NotGenerated
		tt.mayBeCut = tt.mayBeCut || tt.isCut || c.Type == schema.TypeEnum
		if !c.Nullable && (c.Type == schema.TypeGeometry || c.Type == schema.TypeVector) {
			tt.shapes = append(tt.shapes, i)
		}
		tt.compressed = tt.compressed || c.Compressed
	}
	tt.isSequence = t.IsSequence()
	tt.client = sqltext.CheckClient(bytes.Join(append(tt.names, tt.name), nil))
	tt.insert = tt.appendInsert(nil, tt.assigned)
	tt.moved = movedColumns(t)
	tt.keys = usableKeys(t)
	return tt
}

// size estimates the memory of the text in bytes.
func (tt *tableText) size() int {
	const ofColumn = 256 // its slices, numbers and literals
	return len(tt.name) + 4*len(tt.insert) + ofColumn*len(tt.names)
}

// appendInsert appends INSERT of values for some columns, up to VALUES.
func (tt *tableText) appendInsert(dst []byte, ordinals []int) []byte {
	dst = append(append(append(dst, "INSERT INTO "...), tt.name...), " ("...)
	for i, ordinal := range ordinals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, tt.names[ordinal]...)
	}
	return append(dst, ") VALUES "...)
}

// usableKeys lists the unique keys that can identify a row: the primary key, those that are never NULL, and the others, which identify
// a row whose values are not NULL. Keys over expressions, array elements or periods can't.
func usableKeys(t *schema.Table) [][]int {
	var never, sometimes [][]int
	for i := range t.Keys {
		columns, nullable, ok := keyColumns(t, &t.Keys[i])
		switch {
		case !ok:
		case nullable:
			sometimes = append(sometimes, columns)
		default:
			never = append(never, columns)
		}
	}
	return slices.Concat(never, sometimes)
}

func keyColumns(t *schema.Table, k *schema.Key) (columns []int, nullable, ok bool) {
	if k.WithoutOverlaps {
		return nil, false, false
	}
	for _, p := range k.Parts {
		if p.Column < 0 || p.MultiValued || !comparable(&t.Columns[p.Column]) {
			return nil, false, false
		}
		columns = append(columns, p.Column)
		nullable = nullable || t.Columns[p.Column].Nullable
	}
	return columns, nullable, len(columns) > 0
}

// comparable reports whether `=` finds a value of the column by its literal.
func comparable(c *schema.Column) bool {
	return c.Type != schema.TypeGeometry && c.Type != schema.TypeJSON && c.Type != schema.TypeVector && c.Type != schema.TypeUnknown
}

// movedColumns finds the columns that an UPDATE sets to its own time unless it assigns them: those with ON UPDATE; the first TIMESTAMP
// without a default, on servers without explicit_defaults_for_timestamp; and if the definition does not say, every possible one.
func movedColumns(t *schema.Table) []bool {
	moved := make([]bool, len(t.Columns))
	first := true
	for i := range t.Columns {
		c := &t.Columns[i]
		isTimestamp := c.Type == schema.TypeTimestamp
		moved[i] = c.OnUpdate || isTimestamp && first && c.Default.Kind != schema.DefaultLiteral ||
			(isTimestamp || c.Type == schema.TypeDatetime) && c.Default.Kind == schema.DefaultUnknown
		first = first && !isTimestamp
	}
	return moved
}
