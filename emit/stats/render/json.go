package render

import (
	"io"

	"binmend/emit/display"
	"binmend/emit/stats"
)

// JSON writes the report as one JSON object, indented. Its fields are those of stats.Report, which says what they mean.
// Bytes of a name that are no UTF-8 are written as U+FFFD.
func JSON(w io.Writer, r *stats.Report) error {
	e := display.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
