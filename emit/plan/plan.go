// Package plan computes the preconditions of a transaction on a replica: the key values that no row may have (Absences) and the
// rows that must exist as given (Presences). In go the row changes of one or more whole, committed transactions in log order; out
// comes a Plan. It renders no SQL and asks no server.
//
// A Plan is carried out in this order: every Absence is deleted, then every Presence is put with REPLACE. The order matters. Here
// a key value is compared by its stored bytes, on the server by the column's collation. So an Absence may delete a row that a
// Presence needs (as when 'abc' becomes 'ABC' in a case-insensitive key); the REPLACE puts it back. The rows of the Presences
// can't replace each other: they existed together on the source.
package plan

import (
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// Origin is the row change in the log that requires an entry of the plan.
type Origin struct {
	Pos         decoder.Position // of the row event
	Type        decoder.EventType
	Row         int // number of the row in the event, from 1
	Transaction int // number of the transaction in the range, from 1
}

// Absence is a unique key value that no row may have before the transaction.
type Absence struct {
	Row    schema.Row // has the key value; only the columns of its table's unique keys have cells
	Key    *schema.Key
	Origin Origin
	// Spare lists the rows that must stay although they may have the key value too, because nothing puts them back: rows that the
	// transaction needs and the log can't rebuild, or that a Presence changes in place (schema.Table.IsDelicate). All Absences of one
	// table and key share the slice.
	Spare []schema.KeyedRow
}

// Presence is a row that must exist before the transaction, exactly as given.
type Presence struct {
	Row    schema.Row
	Key    *schema.Key // a unique key in which the row has a value; nil when every key has a NULL
	Count  int         // with Key nil: how many equal rows must exist, this one included
	Origin Origin
	// Fill lists columns whose values the log does not have and which do not matter, because the transaction itself overwrites them or
	// deletes the row. A nullable column must be NULL: it may be part of a unique key. A NOT NULL column is part of none, and may have
	// any value.
	Fill []int
}

// Refusal is a row that must exist and that the log can't rebuild.
type Refusal struct {
	Row    schema.Row  // what is known about it
	Key    *schema.Key // a unique key in which the row's value is known; nil when there is none
	Needs  []int       // ordinals of the columns whose values are needed but not in the log
	Fill   []int       // as in Presence: also missing, but any value will do
	Origin Origin
	// Deleted: the transactions delete the row. The source no longer has it; the columns of Needs may have any values that no other row
	// has.
	Deleted bool
}

// UnknownKey is a unique key value that must be absent and that the log does not have in full, so no statement can name it.
type UnknownKey struct {
	Row    schema.Row // as in Absence
	Key    *schema.Key
	Needs  []int // ordinals of the columns that are missing
	Origin Origin
	// Own is the row as the transactions found it. Its Key is nil where they insert the row, or nothing identifies it.
	Own schema.KeyedRow
}

// Contradiction is a key value that, according to the log, two rows had at the same time, or that all rows get. The source can't have this unique key;
// while the replica has it, the transactions can't apply.
type Contradiction struct {
	Row    schema.Row // the later row, as in Absence
	Key    *schema.Key
	Origin Origin
	Holder Origin // the change in which the row that had the value before was first seen
	// Defaults: only the replica has the columns of the key. Every row that the applier inserts gets their defaults, and there is no Holder.
	Defaults bool
}

// Plan is what must hold before the transactions. Entries of a kind stand in log order.
type Plan struct {
	Absences  []Absence
	Presences []Presence
	Tables    []*schema.Table // every table that the transactions change, in order of appearance
	// Rewritten lists the tables in which one event updates a row more than once and whose rows no key identifies for the applier.
	// MySQL looks for such rows by hash and may miss one that is there: https://bugs.mysql.com/106113.
	Rewritten []*schema.Table

	// What may keep the transactions from applying. If all three are empty, they apply.
	Refusals       []Refusal
	UnknownKeys    []UnknownKey
	Contradictions []Contradiction
}

// WrittenByTriggers are the tables that triggers of the plan's other tables write, by their folded names.
func (p *Plan) WrittenByTriggers() map[string]bool {
	written := map[string]bool{}
	for _, t := range p.Tables {
		for _, trigger := range t.Triggers {
			for _, name := range trigger.Writes {
				if name = strings.ToLower(name); name != t.FoldedName() {
					written[name] = true
				}
			}
		}
	}
	return written
}
