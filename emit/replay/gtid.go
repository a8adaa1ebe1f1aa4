package replay

import (
	"fmt"

	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
)

// appendNextGTID appends the statement that gives the next transaction its GTID. An XA transaction of MariaDB, which becomes a plain
// one, gets that of its XA COMMIT where nothing stands between: a replica that asks for what comes after it is not to get the XA COMMIT.
func appendNextGTID(dst []byte, t *changes.Transaction) []byte {
	id := t.GTID
	if t.XA && t.Outcome.Next && id.Flavor == gtid.MariaDB {
		id = t.Outcome.GTID
	}
	switch {
	case id.IsZero(), t.Ends.Ending != txn.Open && id.Flavor == gtid.MariaDB: // what it ends stands above
		return dst
	case id.Flavor == gtid.MySQL:
		dst = id.AppendText(append(dst, "SET SESSION GTID_NEXT='"...))
		return append(dst, "';\n"...)
	}
	return fmt.Appendf(dst, "SET SESSION gtid_domain_id=%d, server_id=%d, gtid_seq_no=%d;\n", id.Domain, id.Server, id.Seq)
}

// gtidVariables are the variables that GTIDs are set by and that have to be given back.
func gtidVariables(d sqltext.Dialect) []session.Setting {
	if d.MariaDB() {
		return []session.Setting{{Name: "gtid_domain_id"}, {Name: "server_id"}}
	}
	return nil
}
