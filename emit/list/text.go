package list

import (
	"errors"

	"binmend/decoder/fault"
	"binmend/emit/display"
)

// reason is an error without its place, which the line already begins with.
func reason(err error) string {
	var log *fault.Error
	if errors.As(err, &log) {
		return display.Printable(log.What)
	}
	return display.Printable(err.Error())
}

func tableName(database, table string) string { return display.Printable(database + "." + table) }
