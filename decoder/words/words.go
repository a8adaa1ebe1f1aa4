// Package words writes what messages of all packages have in common: counts, times, names. In go values, out comes text for
// people; what stands in SQL that is run is written by emit/sqltext. Names are not made safe for a terminal: who prints does that.
package words

import (
	"strconv"
	"strings"
	"time"

	"binmend/decoder/internal/digits"
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
	t := time.Unix(seconds, 0).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, time.DateTime)
	}
	hour, minute, second := t.Clock()
	dst = append(digits.Append(dst, uint64(year), 4), '-')
	dst = append(digits.Append(dst, uint64(month), 2), '-')
	dst = append(digits.Append(dst, uint64(day), 2), ' ')
	dst = append(digits.Append(dst, uint64(hour), 2), ':')
	dst = append(digits.Append(dst, uint64(minute), 2), ':')
	return digits.Append(dst, uint64(second), 2)
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
