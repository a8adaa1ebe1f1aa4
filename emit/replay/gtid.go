package replay

import (
	"fmt"

	"binmend/decoder/gtid"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema/changes"
)

// appendNextGTID appends the statement that gives the next transaction its GTID.
func appendNextGTID(dst []byte, t *changes.Transaction) []byte {
	switch {
	case t.GTID.IsZero():
		return dst
	case t.GTID.Flavor == gtid.MySQL:
		dst = t.GTID.AppendText(append(dst, "SET SESSION GTID_NEXT='"...))
		return append(dst, "';\n"...)
	}
	if t.EndsPrepared { // the others can't be set between XA PREPARE and XA COMMIT (error 1953)
		return fmt.Appendf(dst, "SET SESSION gtid_seq_no=%d;\n", t.GTID.Seq)
	}
	return fmt.Appendf(dst, "SET SESSION gtid_domain_id=%d, server_id=%d, gtid_seq_no=%d;\n", t.GTID.Domain, t.GTID.Server, t.GTID.Seq)
}

// gtidVariables are the variables that GTIDs are set by and that have to be given back.
func gtidVariables(d sqltext.Dialect) []session.Setting {
	if d.MariaDB() {
		return []session.Setting{{Name: "gtid_domain_id"}, {Name: "server_id"}}
	}
	return nil
}
