// Package plan computes what must hold on a replica before a transaction so that the transaction applies there: the
// key values that no row may have (Absences) and the rows that must be there as given (Presences). In go the row
// changes of one or more whole, committed transactions in log order; out comes a Plan. It renders no SQL and asks no
// server.
//
// A Plan is carried out in this order: every Absence is deleted, then every Presence is put with REPLACE. The order
// matters. A key value is compared by its stored bytes here and by the column's collation on the server, so an Absence
// may delete a row that a Presence asks for (a change of 'abc' to 'ABC' in a case-insensitive key does); the REPLACE
// puts it back. The rows of the Presences can't displace each other: they stood side by side on the source.
package plan

import (
	"strings"

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

// Absence is a unique key value that no row may have before the transaction.
type Absence struct {
	Row    schema.Row // whose key value it is; only the columns of its table's unique keys have cells
	Key    *schema.Key
	Origin Origin
	// Spare lists the rows that have to stay although they may have the key value too, because nothing puts them back:
	// rows that the transaction needs and the log can't rebuild, or that a Presence changes in place (schema.Table.IsDelicate).
	// All Absences of one table and key share the slice.
	Spare []schema.KeyedRow
}

// Presence is a row that must exist before the transaction, exactly as given.
type Presence struct {
	Row    schema.Row
	Key    *schema.Key // a unique key that the row has a value of; nil when it has none without NULL
	Count  int         // with Key nil: how many equal rows must exist, this one included
	Origin Origin
	// Fill lists columns whose value the log does not hold and which does not matter, because the transaction itself
	// overwrites it or deletes the row. A nullable column has to be NULL: it may be part of a unique key. In a NOT NULL
	// column, which is part of none, any value will do.
	Fill []int
}

// Refusal is a row that must exist and that the log can't rebuild.
type Refusal struct {
	Row    schema.Row  // what is known of it
	Key    *schema.Key // a unique key that the row has a known value of; nil when there is none
	Needs  []int       // ordinals of the columns whose values are needed and not in the log
	Fill   []int       // as in Presence: missing as well, but any value will do
	Origin Origin
	// Deleted says that the transactions delete the row. The source does not have it any more; in the columns of Needs
	// any values do that no other row has.
	Deleted bool
}

// UnknownKey is a unique key value that must be absent and that the log does not hold in full, so no statement can
// ask for it.
type UnknownKey struct {
	Row    schema.Row // as in Absence
	Key    *schema.Key
	Needs  []int // ordinals of the columns that are missing
	Origin Origin
}

// Contradiction is a key value that two rows had at one time according to the log. The source can't have this unique
// key; while the replica has it, the transactions can't apply.
type Contradiction struct {
	Row    schema.Row // the later row, as in Absence
	Key    *schema.Key
	Origin Origin
	Holder Origin // of the change that made known the row that had the value before
}

// Plan is what must hold before the transactions. Entries of a kind stand in log order.
type Plan struct {
	Absences  []Absence
	Presences []Presence
	Tables    []*schema.Table // every table that the transactions change, in order of appearance
	// Rewritten lists the tables in which one event updates a row more than once and whose rows no key identifies for the applier.
	// MySQL looks for such rows by hash and may miss one that is there: https://bugs.mysql.com/106113.
	Rewritten []*schema.Table

	// What stands between the plan and its promise. When all three are empty, the transactions apply.
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
