package schema

import "binmend/decoder"

// Row is a row of a table, as far as it is known. Whoever makes it says who owns the cells.
type Row struct {
	Table *Table
	Cells []decoder.Cell // by column ordinal; Absent where the value is not known
}

// KeyedRow is a row and a unique key in which it has a value.
type KeyedRow struct {
	Row Row
	Key *Key // every part has a value in Row; nil where only all columns together tell the row from others
}
