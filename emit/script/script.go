// Package script writes the whole script that a person reviews and pipes into a client: a header of facts and risks, guards, the
// statements of a plan in one transaction, the restart of the applier, and the alternatives, commented out. In go a plan, facts
// about the log, and what is known about the replica; out comes SQL text, the same bytes for the same input. It decides nothing
// about rows (package plan does) and writes no literals (package sqltext does).
//
// The script goes through the mysql and the mariadb client unchanged. Text from a log or a status is only in literals and
// identifiers, which it can't escape, or in comment lines after "-- ". COMMIT and the restart come last, after every row has been
// written; a script that breaks off changes nothing.
package script

import (
	"bufio"
	"fmt"
	"io"

	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/repair"
	"binmend/emit/sqltext"
)

// Options say how to write a script.
type Options struct {
	LogBin  bool // write the repair to the replica's binary log
	NoStart bool // leave the applier stopped, so that the repair can be undone
	NoStop  bool // neither stop nor start the applier: the account may not
	// NoSQLLogBin writes the repair to the replica's binary log because the account may not do otherwise.
	NoSQLLogBin bool
	AllWays     bool // all ways past the transaction, not only the usual ones
	Color       bool // colour the comments
}

// Write writes the script. After an error the output ends in a comment that says so, and commits nothing.
func Write(w io.Writer, r *repair.Repair, o Options) error {
	return writeText(w, r, o, (*composer).compose)
}

// writeText writes one of the scripts of a repair.
func writeText(w io.Writer, r *repair.Repair, o Options, compose func(*composer)) error {
	out := bufio.NewWriter(w)
	c, err := newComposer(textWriter{out}, r, o)
	if err != nil {
		return err
	}
	compose(c)
	if c.err != nil {
		c.breakOff()
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return c.err
}

func newComposer(out partWriter, r *repair.Repair, o Options) (*composer, error) {
	replica := r.Replica
	replica.NoStop = o.NoStop
	commands, err := control.For(replica)
	if err != nil {
		return nil, err
	}
	c := &composer{repair: r, options: o, plan: r.Plan, commands: commands,
		writer: &writer{out: out, dialect: sqltext.For(r.Replica.Version), paint: palette(o.Color)}}
	c.options.LogBin = o.LogBin || c.logged()
	c.before = c.notApplied()
	if c.plan == nil {
		c.plan = &plan.Plan{}
	}
	c.triggered = c.tablesTriggersAddTo()
	return c, nil
}

// composer puts the parts of one script together.
type composer struct {
	*writer
	repair   *repair.Repair
	options  Options
	plan     *plan.Plan // never nil
	commands *control.Commands
	before   before
	// tables to which triggers may add rows that can be told from those that were there
	triggered []repair.Triggered
}

func (c *composer) compose() {
	c.header()
	c.guidance()
	c.risks()
	c.obstacles()
	switch {
	case c.runs():
		c.executable()
	case c.repair.Changes() > 0:
		c.heldBack()
	default:
		c.nothing()
	}
	c.alternatives()
}

// runs reports whether the script has statements to run. After a 1032 or 3648, a row that can't be rebuilt is the likely cause of the
// error; if there is advice, the cause is something else. In both cases the transaction would fail again, so nothing is changed or
// restarted.
func (c *composer) runs() bool {
	errno := c.repair.Replica.Errno
	return c.repair.Advice == nil && c.repair.Changes() > 0 && !((errno == 1032 || errno == 3648) && len(c.plan.Refusals) > 0)
}

// executable writes the statements to run.
func (c *composer) executable() {
	c.begin()
	c.statements()
	c.finish()
}

// statements writes what is restored and then the plan's statements in the order that package plan asks for, table by table. The
// tables that triggers of the others write come last: what these add is in nobody's way then, or has been removed. A table without
// keys is as it was before the transaction only when its changes are taken back; its rows are counted after that.
func (c *composer) statements() {
	c.rememberNumbers()
	c.restored()
	written := c.plan.WrittenByTriggers()
	for _, isLast := range []bool{false, true} {
		if isLast {
			c.removeTriggered()
		}
		for i := range c.plan.Absences {
			if written[c.plan.Absences[i].Row.Table.FoldedName()] == isLast {
				c.absence(i)
			}
		}
		for i := range c.plan.Presences {
			if t := c.plan.Presences[i].Row.Table; written[t.FoldedName()] == isLast && !c.isTakenBack(t) {
				c.presence(i)
			}
		}
	}
	c.orphans()
	c.takeBack()
	for i := range c.plan.Presences {
		if c.isTakenBack(c.plan.Presences[i].Row.Table) {
			c.presence(i)
		}
	}
}

// heldBack writes the statements as comments.
func (c *composer) heldBack() {
	c.blank()
	c.heading("Held back")
	why := "the rows above"
	if c.repair.Advice != nil {
		why = "the statement above"
	}
	c.text("Because of " + why + ", these statements alone don't let the transaction apply. They are for review: nothing " +
		"in this script is to be run.")
	c.commented = true
	c.statements()
	c.commented = false
}

// nothing writes why there is no statement.
func (c *composer) nothing() {
	c.blank()
	g, _ := control.Explain(c.repair.Replica.Errno)
	switch {
	case c.repair.Advice != nil && c.repair.Advice.ThenSkip:
		c.text("Nothing above is run by itself. When the rest of the statement is done, skip the transaction, as below.")
		return
	case c.repair.Advice == nil && g.ThenSkips():
		c.text("No row has to be changed. When the replica is as the source, skip the transaction, as below: started again, the applier meets the " +
			"same error.")
		return
	case c.repair.Advice != nil:
		c.text("Nothing above is run by itself. When it is done, start the applier:")
	case len(c.plan.UnknownKeys)+len(c.plan.Contradictions) > 0:
		c.text("No statement of this script is to be run: what the RISK lines above name keeps the transaction from applying. When it is " +
			"repaired, start the applier:")
	case len(c.plan.Refusals) > 0:
		c.text("No statement of this script is to be run: put the rows above back first, then start the applier:")
	case c.commands.Class() == control.Receiver:
		c.text("The applier has no part in this error, and no transaction to repair or to skip. When the cause is removed, start " +
			"the receiver:")
	case c.commands.Class() == control.RelayLog:
		c.text("No row has to be changed. Fetch the relay log again, as below, or start again when its cause is removed:")
	case c.repair.Probed != nil:
		c.text("The replica has every row as the transaction needs it, and none in its way. Start the applier:")
	default:
		c.text("No row has to be changed for this transaction. When the cause is removed, start the applier:")
	}
	for _, line := range c.commands.Restart() {
		c.line(line)
	}
}

// place writes where in the log an entry of the plan comes from.
func (c *composer) place(o plan.Origin) string {
	s := fmt.Sprintf("%s (%s), row %d", o.Pos, o.Type, o.Row)
	if c.repair.Facts.Transactions > 1 {
		s = fmt.Sprintf("transaction %d, %s", o.Transaction, s)
	}
	return s
}
