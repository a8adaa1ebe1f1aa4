package replay

import (
	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/emit/sqltext"
)

// makesInlineKeys reports whether a server makes a foreign key of REFERENCES in a column's definition. Others parse and ignore it.
func makesInlineKeys(v decoder.Version) bool {
	if v.Flavor == decoder.MariaDB {
		return v.AtLeast(10, 5, 0)
	}
	return v.AtLeast(9, 0, 0)
}

// makesChecks reports whether a server makes constraints of CHECK. Others parse and ignore it.
func makesChecks(v decoder.Version) bool {
	if v.Flavor == decoder.MariaDB {
		return v.AtLeast(10, 2, 1)
	}
	return v.AtLeast(8, 0, 16)
}

// withConstraintsOf is a statement without the REFERENCES that the source ignored and the target would not. A RISK line says what
// can't be made the same.
func (r *renderer) withConstraintsOf(source decoder.Version, sql []byte, context statement.Context, st statement.Statement, target decoder.Version) []byte {
	keys, checks := makesInlineKeys(target), makesChecks(target)
	if st.Object != statement.TableObject || st.Verb != statement.Create && st.Verb != statement.Alter ||
		keys == makesInlineKeys(source) && checks == makesChecks(source) {
		return sql
	}
	found := statement.ReadConstraints(sql, context)
	say := func(text string) { r.text = sqltext.AppendComment(r.text, text) }
	switch {
	case !found.HasCheck || checks == makesChecks(source):
	case checks:
		say("RISK: the source ignored CHECK, and this makes a constraint of it, which may refuse rows that the source took.")
	default:
		say("RISK: this server ignores CHECK, of which the source made a constraint.")
	}
	switch {
	case found.References == nil || keys == makesInlineKeys(source):
		return sql
	case !keys:
		say("RISK: this server ignores REFERENCES in a column's definition, of which the source made a foreign key: rows that it changed on the source stay as they are.")
		return sql
	}
	say("REFERENCES in a column's definition is left out: the source ignored it, and this server would make a foreign key of it.")
	var without []byte
	at := 0
	for _, s := range found.References {
		without, at = append(without, sql[at:s.Start]...), s.End
	}
	return append(without, sql[at:]...)
}
