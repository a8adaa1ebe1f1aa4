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

// ServerCollation is the number of collation_server in the session that ran the statement: the collation of a database
// that is created without one. ok is false when the event does not tell (MySQL source: Query_event).
//
//	bytes  field, each variable after one byte that is its number
//	4      0: flags2
//	8      1: sql_mode
//	1+n+1  2: catalog with a zero byte
//	4      3: auto_increment_increment and _offset
//	6      4: character_set_client, collation_connection, collation_server
//	1+n    6: catalog
func (q *Query) ServerCollation() (collation uint16, ok bool) {
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
			c.Bytes(4, "character_set_client and collation_connection")
			collation = c.Uint16("collation_server")
			return collation, c.Err() == nil
		default:
			return 0, false
		}
	}
	return 0, false
}
