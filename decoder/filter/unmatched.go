package filter

import (
	"fmt"
	"slices"

	"binmend/decoder"
)

// wish is one name or pattern of a filter. One that has matched nothing is most likely mistyped.
type wish struct {
	by      Condition
	text    string
	matches func(Table) bool
}

// wishes are the names and patterns of the filter.
func (f *Filter) wishes() (all []wish) {
	for _, name := range f.Databases {
		all = append(all, wish{ByDatabase, name, func(t Table) bool { return t.Database == name }})
	}
	for _, p := range f.Tables {
		all = append(all, wish{ByTable, p.text, p.Matches})
	}
	for _, p := range f.ExcludeTables {
		all = append(all, wish{ByExcludeTable, p.text, p.Matches})
	}
	return all
}

// match crosses out the wishes that a table fulfills. It is called once for each table and statement, not for rows.
func (a *Account) match(t Table) {
	if len(a.unmatched) > 0 {
		a.unmatched = slices.DeleteFunc(a.unmatched, func(w wish) bool { return w.matches(t) })
	}
}

// matchNames is match for what a statement names, and its default database.
func (r *Run) matchNames(q *decoder.Query, writer decoder.Version) {
	r.Account.match(Table{Database: r.filter.nameOf(q, writer, string(q.Database))})
	for _, n := range namesIn(q, writer) {
		name := r.filter.nameOf(q, writer, n.Name)
		r.Account.match(Table{r.filter.nameOf(q, writer, n.Database), name})
		r.Account.match(Table{Database: name}) // CREATE DATABASE
	}
}

// Unmatched says which names and patterns have matched no table, if a change is left; name names the conditions.
func (a *Account) Unmatched(name func(Condition) string) (texts []string) {
	if a == nil || a.IsEmpty() {
		return nil // there is no filter, or Describe says why
	}
	for _, w := range a.unmatched {
		texts = append(texts, fmt.Sprintf("%s %s matches no table here: is it mistyped?", name(w.by), w.text))
	}
	return texts
}
