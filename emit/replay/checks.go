package replay

import (
	"binmend/decoder"
	"binmend/emit/sqltext"
)

// checksOff are the checks that the session of a row event had turned off. They are turned off for its rows too: the changes that a
// foreign key cascades to are not in the log, so a server has to make them again, or must not.
func checksOff(d sqltext.Dialect, flags decoder.RowsFlags) decoder.RowsFlags {
	known := decoder.RowsNoForeignKeyChecks
	if d.MariaDB() {
		known |= decoder.RowsNoCheckConstraintChecks
	}
	return flags & known
}

// checks are the variables that the flags stand for.
var checks = []struct {
	flag decoder.RowsFlags
	name string
}{
	{decoder.RowsNoForeignKeyChecks, "foreign_key_checks"},
	{decoder.RowsNoCheckConstraintChecks, "check_constraint_checks"},
}

// appendChecks appends the statements that turn checks off and on.
func appendChecks(dst []byte, from, to decoder.RowsFlags) []byte {
	for _, c := range checks {
		if from&c.flag == to&c.flag {
			continue
		}
		value := byte('1')
		if to&c.flag != 0 {
			value = '0'
		}
		dst = append(append(append(dst, "SET SESSION "...), c.name...), '=', value, ';', '\n')
	}
	return dst
}
