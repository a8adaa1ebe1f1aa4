// Package plan computes what must hold on a replica before a transaction so that the transaction applies there: the
// key values that no row may have (Absences) and the rows that must be there as given (Presences). In go the row
// changes of one or more whole transactions in log order; out comes a Plan. It renders no SQL and asks no server.
package plan

import (
	"binmend/decoder"
	"binmend/schema"
)

// Origin says which row change of the log asks for an entry of the plan.
type Origin struct {
	Pos         decoder.Position // of the row event
	Type        decoder.EventType
	Row         int // number of the row in the event, from 1
	Transaction int // number of the transaction in the range, from 1
}

// Row is a row as far as the log tells it. The cells are the plan's own copies.
type Row struct {
	Table *schema.Table
	Cells []decoder.Cell // by column ordinal; Absent where the log does not hold the value
}

// Absence is a unique key value that no row may have before the transaction.
type Absence struct {
	Row    Row // whose key value it is
	Key    *schema.Key
	Origin Origin
	// Spare is a row, known by its key only, that has to stay although it may have the key value as well: the log can't
	// rebuild it, so nothing could put it back. Nil when there is none.
	Spare *Row
}

// Presence is a row that must exist before the transaction, exactly as given.
type Presence struct {
	Row    Row
	Key    *schema.Key // a unique key by which the row can be replaced; nil when it has no unique value without NULL
	Count  int         // with Key nil: how many equal rows must exist, this one included
	Origin Origin
	// Fill lists columns whose value the log does not hold and which do not matter, because the transaction itself
	// overwrites them or deletes the row; any value that the column takes will do.
	Fill []int
}

// Refusal is a row that must exist and that the log can't rebuild.
type Refusal struct {
	Row    Row // what is known of it; its key at least
	Key    *schema.Key
	Needs  []int // ordinals of the columns that are missing
	Origin Origin
}

// Plan is what must hold before the transactions. Entries of a kind stand in log order.
type Plan struct {
	Absences  []Absence
	Presences []Presence
	Refusals  []Refusal
	Tables    []*schema.Table // every table that the transactions change, in order of appearance
}
