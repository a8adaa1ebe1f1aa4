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

// explicitDefaults is the value of explicit_defaults_for_timestamp under which a statement ran: MySQL from 5.7 on has a status
// variable for it, MariaDB a bit in flags2.
func explicitDefaults(writer decoder.Version, s *decoder.Session) (on, told bool) {
	if writer.Flavor == decoder.MariaDB {
		return s.Flags2&decoder.FlagExplicitDefaults != 0, s.HasFlags2
	}
	return s.ExplicitDefaults, s.HasExplicitDefaults
}

// logsNoDefaults reports whether a server's logs do not tell explicit_defaults_for_timestamp. MariaDB had it as a global variable
// before sessions could set it and flags2 had its bit.
func logsNoDefaults(writer decoder.Version) bool {
	if writer.Flavor == decoder.MariaDB {
		return !writer.AtLeast(10, 8, 4)
	}
	return writer.Major > 0 && !writer.AtLeast(5, 7, 0)
}

// dependsOnDefaults reports whether a statement may make other columns with another value of explicit_defaults_for_timestamp than
// that of the source, which the log does not tell.
func dependsOnDefaults(q *decoder.Query, st statement.Statement, writer decoder.Version) bool {
	if !logsNoDefaults(writer) || st.Object != statement.TableObject || st.Verb != statement.Create && st.Verb != statement.Alter {
		return false
	}
	s := statement.NewScanner(q.SQL, statement.ContextOf(q, writer))
	for t := s.Next(); t.Kind != statement.End; t = s.Next() {
		if s.Is(t, "TIMESTAMP") {
			return true
		}
	}
	return st.FromSelect && !statement.InUTF8(q.SQL, writer)
}

// kept are variables that are not reset between statements: rows don't depend on them, and they can't be set inside a transaction.
// They are restored at the end of the output. Where the log does not tell explicit_defaults_for_timestamp, it is the default that its
// server had.
func kept(d sqltext.Dialect, writer decoder.Version) []session.Setting {
	if !setsExplicitDefaults(d) {
		return nil
	}
	defaults := session.Setting{Name: "explicit_defaults_for_timestamp"}
	if logsNoDefaults(writer) {
		defaults.Value = "0"
	}
	return []session.Setting{defaults}
}
