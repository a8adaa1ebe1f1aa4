package statement

import "binmend/decoder"

// Bits of sql_mode that change how a statement is read (MySQL source: sql/query_options.h, MODE_*).
const (
	ANSIQuotes         = 1 << 2  // "…" is a name
	NoBackslashEscapes = 1 << 20 // a backslash in a string is a backslash
)

// Context is what decides how a statement is read. The zero value stands for an unknown server with default settings: every
// executable comment counts.
type Context struct {
	Writer  decoder.Version // whose parser read the statement; zero when unknown
	SQLMode uint64
	Client  uint16             // number of a collation of character_set_client; 0 when unknown
	Phase   decoder.AlterPhase // of MariaDB's two-phase ALTER
}

// ContextOf is the context that a QUERY event names. writer is the server of its format description.
func ContextOf(q *decoder.Query, writer decoder.Version) Context {
	s := q.Session()
	return Context{Writer: writer, SQLMode: s.SQLMode, Client: s.Collations.Client, Phase: s.AlterPhase}
}

// noServer is the least version in an executable comment that no server has. Dumps hide client commands in such comments
// (/*M!999999\- … */).
const noServer = 999_999

// executes reports whether the writer executes the content of a comment. version is 0 when the comment names none.
func (c *Context) executes(version int, mariaDB bool) bool {
	switch w := c.Writer; {
	case version == 0:
		return true
	case w.Major == 0:
		return version < noServer
	case w.Flavor == decoder.MariaDB && !mariaDB && version >= 50700 && version <= 99999:
		return false // of MySQL 5.7 or later: MariaDB skips these
	default:
		return version <= w.Major*10000+w.Minor*100+w.Patch
	}
}

// knowsMariaComments reports whether /*M! begins an executable comment.
func (c *Context) knowsMariaComments() bool {
	return c.Writer.Major == 0 || c.Writer.Flavor == decoder.MariaDB
}
