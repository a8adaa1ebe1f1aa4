package control

import "binmend/emit/sqltext"

// LockedDatabase says what a database that is read only does to a script that changes its rows.
func LockedDatabase(d sqltext.Dialect, database string) string {
	name := string(d.AppendIdent(nil, database))
	return database + " is read only: the script stops there with error 3989, and nothing is changed. First ALTER DATABASE " + name +
		" READ ONLY = 0, and afterwards READ ONLY = 1."
}

// StrictGTID says what statements that MariaDB logs do to the applier while gtid_strict_mode and log_slave_updates are on.
const StrictGTID = "the applier refuses the source's next transactions with error 1950, because these statements are logged under sequence " +
	"numbers as high as theirs. SET GLOBAL gtid_strict_mode=0 until the source's are higher."
