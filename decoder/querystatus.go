package decoder

import "binmend/decoder/internal/bin"

// Status variables of a QUERY event that may come before the character sets, in the order that servers write them.
const (
	statusFlags2        = 0
	statusSQLMode       = 1
	statusCatalogOld    = 2 // MySQL 5.0.0 to 5.0.3
	statusAutoIncrement = 3
	statusCharset       = 4
	statusCatalog       = 6
)

// Collations are the numbers of a session's collations.
type Collations struct {
	Client     uint16 // of character_set_client, which the statement is written in
	Connection uint16
	Server     uint16 // of a database that is created without one
}

// Collations are those of the session that ran the statement; ok is false when the event does not tell (MySQL source:
// Query_event).
//
//	bytes  field, each variable after one byte that is its number
//	4      0: flags2
//	8      1: sql_mode
//	1+n+1  2: catalog with a zero byte
//	4      3: auto_increment_increment and _offset
//	6      4: character_set_client, collation_connection, collation_server
//	1+n    6: catalog
func (q *Query) Collations() (of Collations, ok bool) {
	c := bin.New(q.Status)
	for c.Err() == nil && c.Len() > 0 {
		switch c.Uint8("status variable") {
		case statusFlags2, statusAutoIncrement:
			c.Bytes(4, "status variable")
		case statusSQLMode:
			c.Bytes(8, "status variable")
		case statusCatalogOld:
			c.Bytes(uint64(c.Uint8("length of the catalog"))+1, "catalog")
		case statusCatalog:
			c.Bytes(uint64(c.Uint8("length of the catalog")), "catalog")
		case statusCharset:
			of.Client = c.Uint16("character_set_client")
			of.Connection = c.Uint16("collation_connection")
			of.Server = c.Uint16("collation_server")
			return of, c.Err() == nil
		default:
			return of, false
		}
	}
	return of, false
}
