package track

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/schema"
)

// noteCharset is for the reviewer of a script.
const noteCharset = "the character set of %s is not known (the default of a database that was made before the logs): in a unique " +
	"key, values that differ in case or accents only may be taken for different ones; give a schema file"

// maxCompleted bounds the bytes of the tables that are kept, as they were and complete.
const maxCompleted = 1 << 20

// textTypes are the TEXT types by the size of their length prefix, from 1.
var textTypes = [...]schema.Type{schema.TypeTinyText, schema.TypeText, schema.TypeMediumText, schema.TypeLongText}

// complete fills in the character sets that a statement does not say but the table map does: they come from the
// database's or the server's defaults. Where the table map doesn't either, the table gets a note.
func (t *Tracker) complete(of *schema.Table, m *decoder.TableMap) *schema.Table {
	if done, ok := t.completed.Get(of); ok || m == nil {
		return cmp.Or(done, of)
	}
	done := of
	var unknown []string
	for i := range min(len(of.Columns), len(m.Columns)) {
		if c := &of.Columns[i]; c.Charset != "" || !c.Type.IsText() {
			continue
		}
		if done == of {
			copied := *of
			copied.Columns = slices.Clone(of.Columns)
			done = &copied
		}
		c := &done.Columns[i]
		if c.Collation, c.Charset, _ = schema.CollationByNumber(m.Columns[i].Collation); c.Charset == "" {
			unknown = append(unknown, c.Name)
		}
		if c.Type == schema.TypeText && c.Length > 0 {
			c.Type, c.Length = textTypes[min(max(m.Columns[i].LenBytes, 1), len(textTypes))-1], 0
		}
	}
	if len(unknown) > 0 {
		done.Notes = append(slices.Clip(done.Notes), fmt.Sprintf(noteCharset, strings.Join(unknown, ", ")))
	}
	t.completed.Put(of, done, of.Size()+done.Size())
	return done
}
