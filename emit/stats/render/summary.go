package render

import (
	"fmt"
	"strings"
	"time"

	"binmend/emit/display"
	"binmend/emit/stats"
)

// summary is what a report begins with.
type summary struct {
	title string // the files
	logs  string // how much they hold, and who wrote it
	span  string // "" where there is no transaction
	load  string // transactions and rows
	gtids string // "" where there are none
}

func summaryOf(r *stats.Report) summary {
	s := summary{title: "no events", logs: fmt.Sprintf("%s, %s", display.Bytes(r.Logs.Bytes), display.Count(r.Logs.Events, "event"))}
	if r.Logs.Files > 0 {
		s.title = baseName(r.Logs.FirstFile)
	}
	if r.Logs.Files > 1 {
		s.title += " to " + baseName(r.Logs.LastFile) + ", " + display.Count(uint64(r.Logs.Files), "file")
	}
	if len(r.Logs.Servers) > 0 {
		s.logs += ", written by " + display.Printable(strings.Join(r.Logs.Servers, ", "))
	}
	if t := &r.Rate; t.Begin != nil {
		s.span = fmt.Sprintf("%s to %s UTC (%s)", clock(t.Begin), clock(t.End), display.Seconds(t.Seconds))
	}
	s.load = fmt.Sprintf("%s%s, %s: %s, %s, %s", display.Count(r.Totals.Transactions, "transaction"), rate(&r.Rate),
		display.Count(r.Totals.Rows.Total(), "row"), display.Count(r.Totals.Inserts, "insert"), display.Count(r.Totals.Updates, "update"),
		display.Count(r.Totals.Deletes, "delete"))
	if r.Logs.FirstGTID != "" {
		s.gtids = "GTIDs " + r.Logs.FirstGTID + " to " + r.Logs.LastGTID
	}
	return s
}

func rate(r *stats.Rate) string {
	if r.Begin == nil || r.Seconds == 0 {
		return ""
	}
	return fmt.Sprintf(" (%s a second, at most %s at %s)", display.Decimal(r.Mean), display.Number(r.Peak), r.PeakAt.Format(time.TimeOnly))
}
