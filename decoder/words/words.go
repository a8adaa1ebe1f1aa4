// Package words writes what messages of all packages have in common: counts, times, names. In go values, out comes text for
// people; what stands in SQL that is run is written by emit/sqltext. Names are not made safe for a terminal: who prints does that.
package words

import (
	"strconv"
	"strings"
	"time"
)

// Count is "1 row" or "2000 rows": a number and the word for one of what is counted.
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// Clock writes a time in seconds since 1970 as UTC, as SQL does: "2024-01-31 17:05:00".
func Clock(seconds int64) string { return string(AppendClock(nil, seconds)) }

// AppendClock appends what Clock writes.
func AppendClock(dst []byte, seconds int64) []byte {
	return time.Unix(seconds, 0).UTC().AppendFormat(dst, time.DateTime)
}

// Quote writes a name as MySQL does: in back-quotes, those in it doubled.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// Table writes the qualified name of a table, quoted; database may be "" where it is not known.
func Table(database, table string) string {
	if database == "" {
		return Quote(table)
	}
	return Quote(database) + "." + Quote(table)
}
