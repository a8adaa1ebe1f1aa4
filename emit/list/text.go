package list

import (
	"errors"

	"binmend/decoder/fault"
	"binmend/decoder/words"
	"binmend/emit/display"
)

// reason is an error without the place, which stands at the beginning of the line.
func reason(err error) string {
	var log *fault.Error
	if errors.As(err, &log) {
		return display.Printable(log.What)
	}
	return display.Printable(err.Error())
}

func tableName(database, table string) string { return display.Printable(database + "." + table) }

func inDatabase(db string) string {
	if db == "" {
		return ""
	}
	return "use " + display.Printable(db) + "; "
}

// brief is the beginning of a statement on one line.
func brief(sql []byte) string { return display.OneLine(sql, maxShown) }

// clock is a timestamp of an event header; the receiver's own events have none.
func clock(timestamp uint32) string {
	if timestamp == 0 {
		return "-"
	}
	return words.Clock(int64(timestamp))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
