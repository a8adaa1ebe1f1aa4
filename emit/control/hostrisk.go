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

// ReadOnlyTransactions says what the variable of this name, which is on for all new sessions, does to the applier: to a session of its own
// with 1792, to a worker, which can't begin to work, with 13117.
func ReadOnlyTransactions(variable string) string {
	return variable + " is on. This session turns it off for itself, but the applier can't change rows either while it is, and stops with error 1792 or 13117. " +
		"First SET GLOBAL " + variable + "=0."
}
