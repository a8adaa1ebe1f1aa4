package span

import (
	"strings"

	"binmend/schema/dump"
)

// Effects are the ways in which a statement or a row change reaches other rows on a server. Names are in lower case.
type Effects struct {
	// Programs are names that let a statement change rows of tables that it does not name: views, stored functions and procedures,
	// and tables with triggers.
	Programs map[string]bool
	// References are the foreign keys, with the names of the replica.
	References []Reference
}

// Reference is a foreign key of a child table.
type Reference struct {
	Child, Parent      dump.Name
	Columns            []string // of the parent
	OnDelete, OnUpdate bool     // a change of the parent's row changes rows of the child
}

// runsMore reports whether a statement with these names may change rows of tables that it does not name.
func (f *Effects) runsMore(names map[string]bool) bool {
	for name := range names {
		if f.Programs[name] {
			return true
		}
	}
	return false
}

// reaches reports whether foreign keys lead from a table that a statement names to another one.
func (f *Effects) reaches(names map[string]bool, to dump.Name) bool {
	seen := map[string]bool{}
	var leads func(table string) bool
	leads = func(table string) bool {
		if names[table] {
			return true
		}
		if seen[table] {
			return false
		}
		seen[table] = true
		for _, r := range f.References {
			if (r.OnDelete || r.OnUpdate) && strings.EqualFold(r.Child.Table, table) && leads(strings.ToLower(r.Parent.Table)) {
				return true
			}
		}
		return false
	}
	return leads(strings.ToLower(to.Table))
}
