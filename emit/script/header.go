package script

import (
	"fmt"
	"strings"

	"binmend/decoder"
	"binmend/decoder/words"
	"binmend/emit/control"
	"binmend/emit/repair"
	"binmend/schema"
)

// header writes the facts, what the script changes, and what to check.
func (c *composer) header() {
	f, r := &c.repair.Facts, &c.repair.Replica
	c.heading("binmend fix: what the replica needs so that the failing transaction applies")
	c.line("")
	c.field("Log", strings.Join(f.Files, ", "))
	c.field("Range", rangeText(f))
	c.field("Source log", sourceRange(r))
	c.field("Written by", serverText(f.Writer, f.WriterID))
	c.field("Replica", serverText(r.Version, 0))
	c.field("Channel", channelText(r))
	c.field("GTID", gtidText(f, r))
	if !f.Time.IsZero() {
		c.field("Time", f.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	c.field("Error", errorText(r))
	c.field("Schema", strings.Join(f.Schema, ", "))
	c.field("Probed", probedText(c.repair.Probed))
	for _, note := range f.Notes {
		c.field("Note", note)
	}
	if c.runs() {
		c.summary()
	}
}

// summary says what the script does, what to look at, and in what state a failure leaves the replica.
func (c *composer) summary() {
	c.line("")
	c.heading("What it changes")
	for _, t := range c.plan.Tables {
		deletes, replaces := c.count(t)
		if deletes+replaces > 0 {
			c.line(fmt.Sprintf("  %s.%s: %s, %s", t.Database, t.Name, words.Count(deletes, "DELETE"), words.Count(replaces, "REPLACE")))
		}
	}
	if c.options.LogBin {
		c.indented("  ", "The changes are written to the replica's binary log and reach its own replicas.")
	} else {
		c.indented("  ", "The changes are not written to the replica's binary log (sql_log_bin=0): its own replicas don't get them.")
	}
	c.line("")
	c.heading("Check before you run it")
	c.indented("  ", "Is this the replica that stopped, and is the error above still its last? A DELETE made into a SELECT * shows "+
		"what it would remove.")
	c.indented("  ", "read_only does not stop an administrator; super_read_only does: set it to 0 for the time of the script.")
	c.indented("  ", "If a statement fails, the client stops there (do not use --force): the transaction is rolled back with the "+
		"connection, no row is changed, and the applier stays stopped. The script can be run again.")
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
	if c.repair.Probed != nil {
		for i := range c.repair.Probed.Restored {
			if c.repair.Probed.Restored[i].Row.Table == t {
				replaces++
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
	s += ", " + words.Count(f.Transactions, "transaction")
	if f.Widened {
		s += " (widened to whole transactions)"
	}
	return s
}

func sourceRange(r *control.Input) string {
	if r.Failing.File == "" {
		return ""
	}
	s := fmt.Sprintf("%s:%d", r.Failing.File, r.Failing.Pos)
	if r.Next.File != "" {
		s += fmt.Sprintf("; the next transaction begins at %s:%d", r.Next.File, r.Next.Pos)
	}
	return s
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
		s += ": " + r.Message
	}
	return s
}

// guidance explains an error that no rows repair.
func (c *composer) guidance() {
	if control.RepairedByRows(c.repair.Replica.Errno) {
		return
	}
	c.line("")
	g, ok := control.Explain(c.repair.Replica.Errno)
	if !ok {
		c.heading("The error")
		c.indented("  ", fmt.Sprintf("Error %d is none that this tool knows. Its message above says what the server met; the statement "+
			"or row is in the log.", c.repair.Replica.Errno))
		return
	}
	c.heading("What the error means")
	c.indented("  ", g.Meaning)
	c.heading("What is safe")
	c.indented("  ", g.Safe)
	if c.runs() {
		c.indented("  ", "The statements below make the rows of the transaction fit; they don't remove this error's cause.")
	}
}

// channelText names the channel; the default one only where there are others.
func channelText(r *control.Input) string {
	if r.Channel == "" && r.Channels > 1 {
		return "the default one"
	}
	return r.Channel
}
