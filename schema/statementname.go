package schema

import (
	"iter"
	"strings"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/statement"
)

// NameOf is a name out of a statement as table maps have it, in UTF-8. A statement is in its client's character set.
func NameOf(q *decoder.Query, writer decoder.Version, name string) string {
	if IsASCII(name) || statement.InUTF8(q.SQL, writer) || statement.IsOwn(q.SQL, statement.ContextOf(q, writer), name) {
		return name
	}
	_, charset, _ := CollationByNumber(q.Session().Collations.Client)
	if text, ok := ToUTF8(charset, []byte(name)); ok {
		return text
	}
	return name
}

// InClientsSet is the text of a statement with what the server put there in UTF-8 written in the client's character set, as the rest is:
// false where that does not have its characters.
func InClientsSet(q *decoder.Query, writer decoder.Version) ([]byte, bool) {
	s := q.Session()
	_, charset, known := CollationByNumber(s.Collations.Client)
	if !s.HasCollations || !known || strings.HasPrefix(charset, "utf8") || IsASCII(q.SQL) || statement.InUTF8(q.SQL, writer) {
		return q.SQL, true
	}
	var text []byte
	at := 0
	for _, own := range statement.OwnText(q.SQL, statement.ContextOf(q, writer)) {
		part := q.SQL[own.Start:own.End]
		if IsASCII(part) || !utf8.Valid(part) {
			continue
		}
		inSet, ok := FromUTF8(charset, string(part))
		if !ok {
			return q.SQL, false
		}
		text = append(append(text, q.SQL[at:own.Start]...), inSet...)
		at = own.End
	}
	if at == 0 {
		return q.SQL, true // a statement may be large
	}
	return append(text, q.SQL[at:]...), true
}

// ObjectsOf gives what a statement is about, with the names as table maps have them.
func ObjectsOf(q *decoder.Query, st statement.Statement, writer decoder.Version) iter.Seq[statement.Name] {
	return func(yield func(statement.Name) bool) {
		for o := range st.Objects(q.SQL, statement.ContextOf(q, writer)) {
			if !yield(statement.Name{Database: NameOf(q, writer, o.Database), Name: NameOf(q, writer, o.Name)}) {
				return
			}
		}
	}
}
