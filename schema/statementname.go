package schema

import (
	"binmend/decoder"
	"binmend/decoder/statement"
)

// NameOf is a name out of a statement as table maps have it, in UTF-8. A statement is in its client's character set.
func NameOf(q *decoder.Query, writer decoder.Version, name string) string {
	if isASCII([]byte(name)) || statement.InUTF8(q.SQL, writer) {
		return name
	}
	_, charset, _ := CollationByNumber(q.Session().Collations.Client)
	if text, ok := ToUTF8(charset, []byte(name)); ok {
		return text
	}
	return name
}

// ObjectsOf lists what a statement is about, with the names as table maps have them.
func ObjectsOf(q *decoder.Query, st statement.Statement, writer decoder.Version) []statement.Name {
	objects := st.Objects(q.SQL, statement.ContextOf(q, writer))
	for i, o := range objects {
		objects[i] = statement.Name{Database: NameOf(q, writer, o.Database), Name: NameOf(q, writer, o.Name)}
	}
	return objects
}
