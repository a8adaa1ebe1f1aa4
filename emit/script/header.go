package script

import (
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/control"
	"binmend/emit/repair"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// header writes the facts, what the script changes and how to run it.
func (c *composer) header() {
	f, r := &c.repair.Facts, &c.repair.Replica
	c.heading("binmend fix: what the replica needs so that the failing transaction applies")
	c.field("Replica", serverText(r.Version, 0))
	c.field("Channel", channelText(r))
	c.field("Error", errorText(r))
	c.field("GTID", gtidText(f, r))
	c.field("Range", rangeText(f))
	c.field("Source log", sourceText(f, r))
	c.field("Schema", strings.Join(f.Schema, ", "))
	c.field("Probed", probedText(c.repair.Probed))
	for _, note := range f.Notes {
		c.field("Note", note)
	}
	if c.runs() {
		c.summary()
	}
}

// summary says what the script does, and in what state a failure leaves the replica.
func (c *composer) summary() {
	var tables []string
	for _, t := range c.plan.Tables {
		deletes, replaces := c.count(t)
		puts := words.Count(replaces, "REPLACE")
		switch {
		case sqltext.HasPeriods(t):
			puts = words.Count(replaces, "row") + " put by INSERT"
		case t.IsDelicate():
			puts = words.Count(replaces, "row") + " put by UPDATE or INSERT"
		}
		switch name := t.FullName(); {
		case deletes > 0 && replaces > 0:
			tables = append(tables, fmt.Sprintf("%s and %s in %s", words.Count(deletes, "DELETE"), puts, name))
		case deletes > 0:
			tables = append(tables, words.Count(deletes, "DELETE")+" in "+name)
		case replaces > 0:
			tables = append(tables, puts+" in "+name)
		}
	}
	what := "What it changes: " + strings.Join(tables, ", ")
	switch {
	case c.options.NoStop:
		what += ". "
	case c.options.NoStart:
		what += "; the applier stays stopped. "
	default:
		what += "; then it starts the applier. "
	}
	if c.options.LogBin {
		what += "Written to the replica's binary log: its own replicas get it."
	} else {
		what += "Not written to the replica's binary log (sql_log_bin=0)."
	}
	c.painted(Comment, c.paint.heading, "  ", what)
	how := ". If a statement fails, nothing is changed and the applier stays stopped."
	switch {
	case c.isSuperReadOnly():
		how = "; it takes super_read_only off. If a statement fails, no row is changed, the applier stays stopped, and super_read_only stays off: set it to 1 again."
	case c.repair.Host == nil && c.dialect.MySQLSince(5, 7, 8):
		how = ", while super_read_only is off" + how
	}
	c.painted(Comment, c.paint.heading, "  ", "Review it, then run it whole, not with source or --force (they go on after an error)"+how)
	c.account()
}

func (c *composer) count(t *schema.Table) (deletes, replaces int) {
	for i := range c.plan.Absences {
		if c.plan.Absences[i].Row.Table == t {
			deletes++
		}
	}
	for i := range c.plan.Presences {
		if c.plan.Presences[i].Row.Table == t {
			replaces++
		}
	}
	for i := range c.repair.Written {
		if w := &c.repair.Written[i]; w.Table.IsNamedLike(t) {
			if w.After != nil {
				deletes++
			}
			if w.Before != nil {
				replaces++
			}
		}
	}
	if c.repair.Probed != nil {
		for i := range c.repair.Probed.Restored {
			if c.repair.Probed.Restored[i].Row.Table == t {
				replaces++
			}
		}
		for i := range c.repair.Probed.Orphans {
			switch o := &c.repair.Probed.Orphans[i]; {
			case !o.Row.Table.IsNamedLike(t):
			case o.Cut:
				replaces++
			default:
				deletes++
			}
		}
	}
	return deletes, replaces
}

func rangeText(f *repair.Facts) string {
	if f.Begin.File == "" {
		return ""
	}
	s := fmt.Sprintf("%s to %d", f.Begin, f.End.Offset)
	if f.End.File != f.Begin.File {
		s = fmt.Sprintf("%s to %s", f.Begin, f.End)
	}
	if f.Source != "" {
		s += " of the source " + f.Source
	}
	if f.Transactions > 1 {
		s += ", " + words.Count(f.Transactions, "transaction")
	}
	if !f.Time.IsZero() {
		s += f.Time.UTC().Format(", 2006-01-02 15:04:05 UTC")
	}
	if f.Widened {
		s += " (widened to whole transactions)"
	}
	return s
}

// sourceText says where the failing transaction begins in the source's log, and which server wrote it.
func sourceText(f *repair.Facts, r *control.Input) string {
	var parts []string
	if r.Failing.File != "" {
		parts = append(parts, fmt.Sprintf("%s:%d", r.Failing.File, r.Failing.Pos))
	}
	if f.Writer.Text != "" {
		parts = append(parts, serverText(f.Writer, f.WriterID))
	}
	return strings.Join(parts, ", ")
}

func serverText(v decoder.Version, id uint32) string {
	s := v.Text
	if s == "" && v.Major > 0 {
		s = fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch)
	}
	if s == "" {
		return ""
	}
	s = v.Flavor.String() + " " + s
	if id != 0 {
		s += fmt.Sprintf(", server id %d", id)
	}
	return s
}

func gtidText(f *repair.Facts, r *control.Input) string {
	switch {
	case len(f.GTIDs) > 3:
		return fmt.Sprintf("%s … %s (%d)", f.GTIDs[0], f.GTIDs[len(f.GTIDs)-1], len(f.GTIDs))
	case len(f.GTIDs) > 0:
		return strings.Join(f.GTIDs, ", ")
	}
	return r.GTID
}

func errorText(r *control.Input) string {
	if r.Errno == 0 {
		return r.Message
	}
	s := fmt.Sprint(r.Errno)
	if g, ok := control.Explain(r.Errno); ok {
		s += " (" + g.Symbol + ")"
	}
	if r.Message != "" {
		s += ": " + cause(r.Message)
	}
	return s
}

// cause is the part of a row event's error message that says what happened. The rest, the transaction, the place and the handler's
// error, is elsewhere in the header or not needed.
func cause(message string) string {
	const begin, end = "Could not execute ", ", Error_code: "
	message = strings.TrimPrefix(message, "Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: ")
	message, _, _ = strings.Cut(message, ". See error log and/or performance_schema.")
	if i := strings.Index(message, "; "+begin); i >= 0 {
		message = message[i+len("; "):]
	}
	if i := strings.LastIndex(message, end); i >= 0 && strings.HasPrefix(message, begin) {
		message = message[:i]
	}
	return message
}

// channelText names the channel; the default one only if there are others.
func channelText(r *control.Input) string {
	if r.Channel == "" && r.Channels > 1 {
		return "the default one"
	}
	return r.Channel
}
