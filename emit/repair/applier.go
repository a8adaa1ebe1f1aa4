package repair

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/schema"
	"binmend/schema/replica"
)

// applier is what the replica's applier does with a range: what it leaves out, and what it writes under another name.
type applier struct {
	filters          replica.Filters
	version          decoder.Version // of the replica
	leftOut, renamed []string        // the first few tables, and databases
}

// mostNamed bounds the names that a note lists.
const mostNamed = 10

func newApplier(s stopped, v decoder.Version) applier {
	a := applier{version: v}
	if s.status != nil {
		a.filters = s.status.Filters
	}
	return a
}

// takes reports whether the applier applies rows of a table, and notes what is left out or renamed.
func (a *applier) takes(m *decoder.TableMap) bool {
	if !a.filters.Applies(m.Database, m.Table) {
		a.leftOut = name(a.leftOut, m.Database+"."+m.Table)
		return false
	}
	if to := a.filters.Renamed(m.Database); to != m.Database {
		a.renamed = name(a.renamed, m.Database+" is "+to)
	}
	return true
}

func name(list []string, text string) []string {
	text = display.Printable(text)
	if len(list) < mostNamed && !slices.Contains(list, text) {
		list = append(list, text)
	}
	return list
}

// runs reports whether the applier runs a logged statement. It does not consider which tables the statement changes.
func (a *applier) runs(e *decoder.Event) bool {
	q, err := e.Query()
	return err != nil || a.filters.AppliesStatement(string(q.Database), nil)
}

// named is a table under the database that it has on the replica.
func (a *applier) named(t *schema.Table, m *decoder.TableMap) *schema.Table {
	database := a.filters.Renamed(m.Database)
	if database == m.Database || t.Database == database {
		return t
	}
	renamed := *t
	renamed.Database = database
	return &renamed
}

// notes say what the script leaves out of the range, and what it writes elsewhere.
func (a *applier) notes() (notes []string) {
	if len(a.leftOut) > 0 {
		notes = append(notes, "not repaired, because the replica does not apply it (Replicate_ filters): "+listed(a.leftOut))
	}
	if len(a.renamed) > 0 {
		notes = append(notes, "renamed on the replica (Replicate_Rewrite_DB): database "+listed(a.renamed))
	}
	return notes
}

func listed(names []string) string {
	list := strings.Join(names, ", ")
	if len(names) == mostNamed {
		list += ", …"
	}
	return list
}

// checks reports whether the applier checks a unique key over generated columns that are not in the log: it would have to compute
// them. MariaDB 10.11 computes only STORED ones, 11.4 and later all; MySQL 5.7 and 8.0.15 compute none (their rows have NULL there),
// 8.0.31 and 9.7 all. These versions were tried. Versions in between count as the one before: if that is wrong, the applier stops
// again.
func (a *applier) checks(t *schema.Table, k *schema.Key, isLogged func(column int) bool) bool {
	return !slices.ContainsFunc(k.Parts, func(p schema.KeyPart) bool {
		if p.Column < 0 || isLogged(p.Column) || t.Columns[p.Column].Generated == schema.NotGenerated {
			return false
		}
		if a.version.Flavor == decoder.MariaDB {
			return t.Columns[p.Column].Generated == schema.Virtual && !a.version.AtLeast(11, 4, 0)
		}
		return !a.version.AtLeast(8, 0, 31)
	})
}

// checked is a replica's table without the unique keys that the applier does not check: a row with an equal value in such a key is
// not in the way.
func (a *applier) checked(t *schema.Table, m *decoder.TableMap) *schema.Table {
	hasLocal := t.HasLocal()
	isLogged := func(column int) bool {
		return !t.Columns[column].Local && (hasLocal || column < len(m.Columns))
	}
	isChecked := func(k schema.Key) bool { return a.checks(t, &k, isLogged) }
	if a.version == (decoder.Version{}) || !slices.ContainsFunc(t.Keys, func(k schema.Key) bool { return !isChecked(k) }) {
		return t
	}
	without := *t
	without.Keys, without.Notes = nil, slices.Clone(t.Notes)
	for _, k := range t.Keys {
		if isChecked(k) {
			without.Keys = append(without.Keys, k)
			continue
		}
		without.Notes = append(without.Notes, fmt.Sprintf("the applier of this version computes no value for unique key %s, which only the "+
			"replica has: it is neither checked nor kept right. Drop it, and add it again after the repair.", words.Quote(k.Name)))
	}
	return &without
}
