// Package sqltext writes SQL in the dialect of one server: identifiers, literals, comments, conditions by which a row is found,
// and statements that put or remove one. In go tables, cells and rows; out come bytes appended to the caller's buffer. It
// decides nothing about which statements are needed or in which order, and knows neither plans nor replication.
//
// A literal stores the same bytes as the row in the log, provided that the session is set up as package session does:
// names utf8mb4, time_zone '+00:00' and a sql_mode that takes zero dates. Nothing that comes from a log or a schema can
// leave its place: a quoted literal holds neither a backslash nor a control character, names are back-quoted, and a
// comment is one line of visible characters.
package sqltext

import "binmend/decoder"

// Dialect is the SQL of one server line.
type Dialect struct {
	version *decoder.Version // nil: the zero Version; a pointer, as a dialect is handed on with every value
	reading bool
	exact   bool
	spill   func([]byte) []byte // see Spilling; nil: text is kept
}

// For returns the dialect of a server version.
func For(v decoder.Version) Dialect { return Dialect{version: &v} }

// ForReading returns the dialect of conditions that mean the same in every session of the server, whatever its time_zone
// and sql_mode: for a session that only asks and sets nothing.
func (d Dialect) ForReading() Dialect {
	d.reading = true
	return d
}

// Exact returns a dialect that refuses a value which no literal stores exactly, instead of writing the nearest one: see ErrNoLiteral.
func (d Dialect) Exact() Dialect {
	d.exact = true
	return d
}

// Spilling returns a dialect for values whose text may not stand in memory as a whole: while one is appended, spill is given what
// there is after each part, and what it returns goes on. It may write the text away and return it empty.
func (d Dialect) Spilling(spill func([]byte) []byte) Dialect {
	d.spill = spill
	return d
}

// partBytes is how much of a value is appended before the text may be spilled.
const partBytes = 64 << 10

// inParts appends a value part by part.
func inParts[T ~string | ~[]byte](d Dialect, dst []byte, value T, add func([]byte, T) []byte) []byte {
	if d.spill == nil || len(value) <= partBytes {
		return add(dst, value)
	}
	for len(value) > 0 {
		n := min(partBytes, len(value))
		dst = d.spill(add(dst, value[:n]))
		value = value[n:]
	}
	return dst
}

// Version is the server version that the dialect was made for.
func (d Dialect) Version() decoder.Version {
	if d.version == nil {
		return decoder.Version{}
	}
	return *d.version
}

// MariaDB reports whether the dialect is one of MariaDB's.
func (d Dialect) MariaDB() bool { return d.version != nil && d.version.Flavor == decoder.MariaDB }

// MySQLSince reports whether the dialect is that of MySQL, of at least the given version.
func (d Dialect) MySQLSince(major, minor, patch int) bool {
	return !d.MariaDB() && d.Version().AtLeast(major, minor, patch)
}

// ReadOnlyVariable is the session variable that makes transactions read only; "" where there is none, or the version is unknown.
// MySQL 5.6.5 and MariaDB 10.0 brought it, MySQL 5.7.20 and MariaDB 11.1.1 its present name.
func (d Dialect) ReadOnlyVariable() string {
	v := d.Version()
	switch {
	case d.MySQLSince(5, 7, 20), d.MariaDB() && v.AtLeast(11, 1, 1):
		return "transaction_read_only"
	case d.MySQLSince(5, 6, 5), d.MariaDB() && v.AtLeast(10, 0, 0):
		return "tx_read_only"
	}
	return ""
}

// HasCheckVariable reports whether check_constraint_checks turns CHECK off, as MariaDB's appliers do for rows. MySQL has no such variable.
func (d Dialect) HasCheckVariable() bool { return d.MariaDB() && d.Version().AtLeast(10, 2, 1) }

// Charset is the widest Unicode character set of the server: the one to set names to. utf8mb4 came with 5.5.3.
func (d Dialect) Charset() string {
	if d.version == nil || d.version.AtLeast(5, 5, 3) || d.version.Major == 0 {
		return "utf8mb4"
	}
	return "utf8"
}
