package filter

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
)

// Condition is a part of a filter that may remove something.
type Condition uint8

const (
	NoCondition Condition = iota
	ByStart
	ByServer
	ByThread
	ByInclude
	ByExclude
	BySize
	ByDatabase
	ByTable
	ByExcludeTable
	ByKind
	ByWhere
	ByStop // ends reading
	conditions
)

var conditionNames = [conditions]string{
	ByStart: "the start time", ByServer: "the choice of servers", ByThread: "the choice of threads", ByInclude: "the GTIDs to include",
	ByExclude: "the GTIDs to exclude", BySize: "the least size", ByDatabase: "the choice of databases", ByTable: "the choice of tables",
	ByExcludeTable: "the tables to exclude", ByKind: "the choice of changes", ByWhere: "the condition on rows", ByStop: "the stop time",
}

func (c Condition) String() string { return conditionNames[c] }

// Account is what a run has seen, and how much each condition removed.
type Account struct {
	transactions int
	first, last  uint32 // the least and the greatest time of a transaction
	events       int    // row events of transactions that were not removed as a whole
	statements   int    // as above
	whole        int    // transactions that passed a filter of whole ones
	rows, left   uint64 // rows judged by the condition on rows, and those that passed
	tables       []Table
	moreTables   bool
	unmatched    []wish
	lacking      []Table // that lack a column of the condition on rows
	stopped      bool
	removed      [conditions]removal
}

// removal is how much one condition removed.
type removal struct {
	transactions, events, statements int
	rows                             uint64
}

// maxNamed bounds the tables that an account names.
const maxNamed = 8

func (a *Account) seeTransaction(timestamp uint32) {
	if a.transactions++; a.transactions == 1 {
		a.first, a.last = timestamp, timestamp
	}
	a.first, a.last = min(a.first, timestamp), max(a.last, timestamp)
}

func (a *Account) seeRows(c Condition) {
	a.events++
	a.removed[c].events++
}

func (a *Account) seeStatement(c Condition) {
	a.statements++
	a.removed[c].statements++
}

func (a *Account) seeTable(t Table) {
	switch {
	case slices.Contains(a.tables, t):
	case len(a.tables) < maxNamed:
		a.tables = append(a.tables, t)
	default:
		a.moreTables = true
	}
}

// AddRows adds rows that a condition on values has judged, and how many of them passed.
func (a *Account) AddRows(judged, wanted uint64) {
	a.rows += judged
	a.left += wanted
	a.removed[ByWhere].rows += judged - wanted
}

// RemoveStatement records that a condition on values removed a statement that was kept before.
func (a *Account) RemoveStatement() {
	a.removed[NoCondition].statements--
	a.removed[ByWhere].statements++
}

// LacksColumn records a table that has no row for a condition on values, because it lacks one of its columns.
func (a *Account) LacksColumn(t Table) {
	if len(a.lacking) < maxNamed && !slices.Contains(a.lacking, t) {
		a.lacking = append(a.lacking, t)
	}
}

// IsEmpty reports whether no change is left, nor a whole transaction.
func (a *Account) IsEmpty() bool {
	if a.rows > 0 || len(a.lacking) > 0 {
		return a.left == 0
	}
	return a.removed[NoCondition].events+a.removed[NoCondition].statements+a.whole == 0
}

// String describes what was seen and how much each condition removed.
func (a *Account) String() string { return a.Describe(Condition.String) }

// Describe is String with names for the conditions.
func (a *Account) Describe(name func(Condition) string) string {
	if a.transactions == 0 && a.stopped {
		return "the first transaction begins at " + name(ByStop) + " or later"
	}
	if a.transactions == 0 {
		return "the logs hold no transaction in this range"
	}
	parts := []string{a.seen()}
	for c := NoCondition + 1; c < conditions; c++ {
		if text := a.removed[c].String(); text != "" {
			parts = append(parts, name(c)+" removed "+text)
		}
	}
	if a.stopped {
		parts = append(parts, name(ByStop)+" ended the reading")
	}
	if len(a.lacking) > 0 {
		parts = append(parts, "a column of "+name(ByWhere)+" is not in "+list(a.lacking))
	}
	if len(a.tables) > 0 && a.IsEmpty() {
		parts = append(parts, "tables seen: "+a.named())
	}
	return strings.Join(parts, "; ")
}

func (a *Account) seen() string {
	text := "seen: " + words.Count(a.transactions, "transaction")
	if a.first != 0 {
		text += fmt.Sprintf(" from %s to %s", words.Clock(int64(a.first)), words.Clock(int64(a.last)))
	}
	if a.events > 0 || a.statements > 0 {
		text += fmt.Sprintf(", %s and %s in those left", words.Count(a.events, "row event"), words.Count(a.statements, "statement"))
	}
	return text
}

func (r *removal) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{r.transactions, "transaction"}, {r.events, "row event"}, {r.statements, "statement"}, {int(r.rows), "row"}} {
		if p.n > 0 {
			parts = append(parts, words.Count(p.n, p.what))
		}
	}
	return strings.Join(parts, " and ")
}

func (a *Account) named() string {
	if a.moreTables {
		return list(a.tables) + ", …"
	}
	return list(a.tables)
}

func list(tables []Table) string {
	var names []string
	for _, t := range tables {
		names = append(names, t.String())
	}
	return strings.Join(names, ", ")
}
