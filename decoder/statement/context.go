package statement

import "binmend/decoder"

// Bits of sql_mode on which the reading of a statement depends (MySQL source: sql/query_options.h, MODE_*).
const (
	ANSIQuotes         = 1 << 2  // "…" is a name
	NoBackslashEscapes = 1 << 20 // a backslash in a string is a backslash
)

// Context is what the reading of a statement depends on. The zero value reads as an unknown server would with the defaults:
// every executable comment counts.
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

// noServer is the least version in an executable comment that no server has: dumps hide commands for clients in them
// (/*M!999999\- … */).
const noServer = 999_999

// executes reports whether the writer executes what stands in a comment. version is 0 when the comment names none.
func (c *Context) executes(version int, mariaDB bool) bool {
	switch w := c.Writer; {
	case version == 0:
		return true
	case w.Major == 0:
		return version < noServer
	case w.Flavor == decoder.MariaDB && !mariaDB && version >= 50700 && version <= 99999:
		return false // MySQL's from 5.7 on, which MariaDB does not have
	default:
		return version <= w.Major*10000+w.Minor*100+w.Patch
	}
}

// knowsMariaComments reports whether /*M! begins an executable comment.
func (c *Context) knowsMariaComments() bool {
	return c.Writer.Major == 0 || c.Writer.Flavor == decoder.MariaDB
}
