package stats

import "binmend/decoder/statement"

// kind says what a statement that was logged as such does.
type kind uint8

const (
	control   kind = iota // a transaction's frame
	ddl                   // CREATE, ALTER, DROP, RENAME, TRUNCATE, of accounts too
	temporary             // the same of temporary tables
	dml                   // changes data, which no row event shows
	admin                 // privileges, maintenance
	other
)

func (k kind) String() string {
	return [...]string{"control", "ddl", "temporary", "dml", "admin", "other"}[k]
}

// verb is what statements are counted by.
type verb struct {
	verb      statement.Verb
	object    statement.Object
	temporary bool
	kind      kind
}

func verbOf(st statement.Statement) verb { return verb{st.Verb, st.Object, st.Temporary, kindOf(st)} }

func (v verb) String() string {
	return statement.Statement{Verb: v.verb, Object: v.object, Temporary: v.temporary}.String()
}

func kindOf(st statement.Statement) kind {
	switch st.Verb {
	case statement.Create, statement.Alter, statement.Drop, statement.Rename, statement.Truncate:
		if st.Temporary {
			return temporary
		}
		return ddl
	}
	switch st.Kind {
	case statement.Control:
		return control
	case statement.DML:
		return dml
	case statement.Account, statement.Admin:
		return admin
	}
	return other
}
