package replay

import (
	"fmt"

	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
)

// appendNextGTID appends the statement that gives the next transaction its GTID. A MariaDB XA transaction that becomes a plain one
// gets the GTID of its XA COMMIT if nothing stands in between: a replica that has the transaction must not get the XA COMMIT too.
func appendNextGTID(dst []byte, t *changes.Transaction) []byte {
	id := t.GTID
	if t.XA && t.Outcome.Next && id.Flavor == gtid.MariaDB {
		id = t.Outcome.GTID
	}
	switch {
	case id.IsZero(), t.Ends.Ending != txn.Open && id.Flavor == gtid.MariaDB: // the transaction that it ends has it already
		return dst
	case id.Flavor == gtid.MySQL:
		dst = id.AppendText(append(dst, "SET SESSION GTID_NEXT='"...))
		return append(dst, "';\n"...)
	}
	return fmt.Appendf(dst, "SET SESSION gtid_domain_id=%d, server_id=%d, gtid_seq_no=%d;\n", id.Domain, id.Server, id.Seq)
}

// gtidVariables are the variables for setting GTIDs, which have to be restored.
func gtidVariables(d sqltext.Dialect) []session.Setting {
	if d.MariaDB() {
		return []session.Setting{{Name: "gtid_domain_id"}, {Name: "server_id"}}
	}
	return nil
}
