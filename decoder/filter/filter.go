// Package filter chooses what is wanted from a log: by database, table, time, GTID, server, thread, kind of change and size
// of transaction. In go events in log order, each with its place in its transaction; out comes whether the event is wanted,
// and at the end an account of how much each condition removed. It reads no rows: what it drops need not be decoded.
// Conditions on the values of rows are in package where.
//
// Time, GTID, server, thread and size are those of a whole transaction: it is wanted, or none of its events is. Database,
// table and kind choose among the row events and statements of the transactions that are wanted.
package filter

import (
	"slices"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// Filter says what is wanted. A zero field is no condition; the zero Filter wants everything.
type Filter struct {
	Databases     []string  // any of these, as the log spells them
	Tables        []Pattern // any of these
	ExcludeTables []Pattern // none of these
	Start         uint32    // seconds since 1970: begin at the first transaction that begins then or later
	Stop          uint32    // seconds since 1970: stop before the first transaction that begins then or later
	Include       *GTIDs
	Exclude       *GTIDs
	ServerIDs     []uint32
	ThreadIDs     []uint32
	Kinds         Kinds
	MinRows       uint64 // row changes of a transaction, in all tables
	MinBytes      uint64 // bytes of a transaction in the log

	Sizes *Sizes // which transactions are large enough; needed with MinRows and MinBytes

	// NameOf turns a name out of a statement into UTF-8, in which table maps and the names above are; nil: it is in UTF-8.
	NameOf func(q *decoder.Query, writer decoder.Version, name string) string
}

// NeedsSizes reports whether Sizes have to be measured first.
func (f *Filter) NeedsSizes() bool { return f.MinRows > 0 || f.MinBytes > 0 }

// IsZero reports whether the filter wants everything.
func (f *Filter) IsZero() bool {
	return len(f.Databases) == 0 && len(f.Tables) == 0 && len(f.ExcludeTables) == 0 && f.Start == 0 && f.Stop == 0 &&
		f.Include == nil && f.Exclude == nil && len(f.ServerIDs) == 0 && len(f.ThreadIDs) == 0 && f.Kinds == 0 && !f.NeedsSizes()
}

// choosesWhole reports whether the filter says nothing of the changes in transactions.
func (f *Filter) choosesWhole() bool {
	return len(f.Databases) == 0 && len(f.Tables) == 0 && len(f.ExcludeTables) == 0 && f.Kinds == 0
}

// Kinds is a set of kinds of changes.
type Kinds uint8

// The kinds. A logged statement counts by what it does.
const (
	Inserts Kinds = 1 << iota
	Updates
	Deletes
	DDL // every statement that is none of the others
)

// kindOf is the kind of a row event.
var kindOf = [...]Kinds{decoder.Insert: Inserts, decoder.Update: Updates, decoder.Delete: Deletes}

// Table is a table's name with its database.
type Table struct{ Database, Name string }

func (t Table) String() string { return t.Database + "." + t.Name }

// WantsTable reports whether a table is wanted.
func (f *Filter) WantsTable(t Table) bool { return f.wantsTable(t) == NoCondition }

// wantsTable returns the condition that rejects the table, or NoCondition.
func (f *Filter) wantsTable(t Table) Condition {
	switch {
	case len(f.Databases) > 0 && !slices.Contains(f.Databases, t.Database):
		return ByDatabase
	case len(f.Tables) > 0 && !matchesAny(f.Tables, t):
		return ByTable
	case matchesAny(f.ExcludeTables, t):
		return ByExcludeTable
	}
	return NoCondition
}

// wantsGTID returns the condition that rejects the transaction, or NoCondition. A transaction without a GTID is in no set.
func (f *Filter) wantsGTID(id gtid.GTID) Condition {
	switch {
	case f.Include != nil && !f.Include.Contains(id):
		return ByInclude
	case f.Exclude != nil && f.Exclude.Contains(id):
		return ByExclude
	}
	return NoCondition
}
