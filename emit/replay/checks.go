package replay

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/changes"
)

// checksOff are the checks that the session of a row event had turned off. The SQL turns them off for its rows too: what a foreign key
// cascades to is not in the log, so a server either has to make those changes again or must not make them. If they are in the log, they
// are all that there were: MySQL 9.7 leaves a child's row alone if two foreign keys are about it, and does not when it is asked again.
func (r *renderer) checksOff(d sqltext.Dialect, item *changes.Item) decoder.RowsFlags {
	flags, known := item.Rows.Flags(), decoder.RowsNoForeignKeyChecks
	if item.Cascaded {
		flags |= decoder.RowsNoForeignKeyChecks
	}
	if d.HasCheckVariable() && !r.options.backward { // where it is off for all rows
		known |= decoder.RowsNoCheckConstraintChecks
	}
	return flags & known
}

// unequalCascades are the tables with several foreign keys that refer to one changed table, if the source's engine carried them all out
// and the server that the SQL is for does not: MySQL from 9.6 on does only a part when two are about the same rows.
func unequalCascades(inEngine func(*schema.Table) bool, target decoder.Version, touched []*schema.Table) string {
	if !target.LogsCascades() {
		return ""
	}
	var twice []string
	for _, t := range touched {
		if !inEngine(t) {
			continue
		}
		acting := map[string][]string{} // columns, by child
		for i := range t.ReferredBy {
			r := &t.ReferredBy[i]
			child, columns := r.Database+"."+r.Table, fmt.Sprintf("%q %q", r.Columns, r.ReferencedColumns)
			if r.Cascades() == "" || slices.Contains(acting[child], columns) {
				continue
			}
			acting[child] = append(acting[child], columns)
			pair := child + " to " + t.FullName()
			if len(acting[child]) > 1 && !slices.Contains(twice, pair) {
				twice = append(twice, pair)
			}
		}
	}
	if twice == nil {
		return ""
	}
	return fmt.Sprintf("several foreign keys of one table change its rows (%s): the log does not hold what they changed, and MySQL 9.6 and later may leave rows as "+
		"they are that the source changed, which with BINLOG statements they do not", strings.Join(twice, ", "))
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
