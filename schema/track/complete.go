package track

import (
	"slices"

	"binmend/decoder"
	"binmend/schema"
)

// complete fills in the character sets that a statement does not tell but the table map does: they come from the
// database's or the server's defaults.
func (t *Tracker) complete(of *schema.Table, m *decoder.TableMap) *schema.Table {
	if done, ok := t.completed[of]; ok {
		return done
	}
	done := of
	for i := range min(len(of.Columns), len(m.Columns)) {
		if of.Columns[i].Charset != "" || m.Columns[i].Collation == 0 {
			continue
		}
		collation, charset, ok := schema.CollationByNumber(m.Columns[i].Collation)
		if !ok {
			continue
		}
		if done == of {
			copied := *of
			copied.Columns = slices.Clone(of.Columns)
			done = &copied
		}
		done.Columns[i].Charset, done.Columns[i].Collation = charset, collation
	}
	t.completed[of] = done
	return done
}
