// Package words writes what messages of all packages have in common: counts, times, names. In go values; out comes text for
// people. SQL that is run is written by emit/sqltext instead. It does not make names safe for a terminal: whoever prints them
// does.
package words

import (
	"strconv"
	"strings"
	"time"

	"binmend/decoder/internal/digits"
)

// Count is "1 row" or "2000 rows": a number and the thing counted, given in the singular.
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// Clock writes a time in seconds since 1970 as UTC, as SQL does: "2024-01-31 17:05:00".
func Clock(seconds int64) string { return string(appendClock(nil, seconds)) }

func appendClock(dst []byte, seconds int64) []byte {
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

// Clocks writes times as Clock does. It keeps the text of the last one: most events of a log are of the same second as the event before.
type Clocks struct {
	seconds int64
	text    []byte
}

// Append appends what Clock writes.
func (c *Clocks) Append(dst []byte, seconds int64) []byte {
	if len(c.text) == 0 || seconds != c.seconds {
		c.seconds, c.text = seconds, appendClock(c.text[:0], seconds)
	}
	return append(dst, c.text...)
}

// Quote writes a name as MySQL does: in backticks, with backticks in it doubled.
func Quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// Table writes the qualified, quoted name of a table; database may be "" if unknown.
func Table(database, table string) string {
	if database == "" {
		return Quote(table)
	}
	return Quote(database) + "." + Quote(table)
}
