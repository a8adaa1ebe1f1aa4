package replay

import (
	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/emit/session"
	"binmend/emit/sqltext"
)

// setsExplicitDefaults reports whether a session can set explicit_defaults_for_timestamp.
func setsExplicitDefaults(d sqltext.Dialect) bool {
	return d.MySQLSince(5, 7, 0) || d.MariaDB() && d.Version().AtLeast(10, 8, 4)
}

// dependsOnDefaults reports whether a statement may make other columns with another value of explicit_defaults_for_timestamp.
func dependsOnDefaults(q *decoder.Query, st statement.Statement, writer decoder.Version) bool {
	if st.Object != statement.TableObject || st.Verb != statement.Create && st.Verb != statement.Alter {
		return false
	}
	s := statement.NewScanner(q.SQL, statement.ContextOf(q, writer))
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		if s.Is(t, "TIMESTAMP") && !saysAll(&s) {
			return true
		}
	}
	return st.FromSelect && !statement.InUTF8(q.SQL, writer)
}

// saysAll reads the rest of a TIMESTAMP column's definition and reports whether it has NULL, or NOT NULL and DEFAULT: then the column is the
// same under both values.
func saysAll(s *statement.Scanner) bool {
	isNot, isNull, notNull, hasDefault := false, false, false, false
	for t, depth := s.Next(), 0; t.Kind != statement.End; t = s.Next() {
		switch {
		case s.IsOperator(t, "("):
			depth++
		case s.IsOperator(t, ")"):
			depth--
		case depth == 0 && s.Is(t, "DEFAULT"):
			hasDefault = true
			s.Next() // its value may be NULL
		case depth == 0 && s.Is(t, "NULL"):
			isNull, notNull = isNull || !isNot, notNull || isNot
		}
		if isNot = s.Is(t, "NOT"); depth < 0 || depth == 0 && s.IsOperator(t, ",") {
			break
		}
	}
	return isNull || notNull && hasDefault
}

// noteDefaults says at a statement what is assumed about explicit_defaults_for_timestamp, if anything is.
func (r *renderer) noteDefaults(q *decoder.Query, st statement.Statement, writer decoder.Version, d sqltext.Dialect) {
	sets, told := setsExplicitDefaults(d), r.options.explicitDefaults || writer.LogsExplicitDefaults()
	if sets && told || !dependsOnDefaults(q, st, writer) {
		return
	}
	if !sets {
		r.summary.fixedDefaults = true
		return
	}
	r.text = sqltext.AppendComment(r.text, "RISK: the log does not tell explicit_defaults_for_timestamp, on which TIMESTAMP columns depend. It is taken "+
		"as 0, the default of that server: on a source that had 1, these columns are other ones.")
}

// kept are variables that are not reset between statements: rows don't depend on them, and they can't be set inside a transaction. They
// are restored at the end of the output. If the log does not tell explicit_defaults_for_timestamp, its value is the one that the rows
// prove, or else the default of the server that wrote them.
func (o *Options) kept(d sqltext.Dialect, writer decoder.Version) []session.Setting {
	if !setsExplicitDefaults(d) {
		return nil
	}
	defaults := session.Setting{Name: "explicit_defaults_for_timestamp"}
	if !writer.LogsExplicitDefaults() {
		defaults.Value = "0"
		if o.explicitDefaults {
			defaults.Value = "1"
		}
	}
	return []session.Setting{defaults}
}
