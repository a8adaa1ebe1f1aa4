// Package script writes the whole script that a person reviews and pipes into a client: a header of facts and risks,
// guards, the statements of a plan in one transaction, the restart of the applier, and the alternatives, commented out.
// In go a plan, facts about the log, and what is known of the replica; out comes SQL text, the same bytes for the same
// input. It decides nothing about rows (package plan does) and writes no literal (package sqltext does).
//
// The script goes through the mysql and the mariadb client as it is. Text from a log or a status stands in literals and
// identifiers that nothing can leave, or in comment lines after "-- ". COMMIT and the restart come last, after every
// row has been written; a script that breaks off changes nothing.
package script

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"binmend/decoder"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/sqltext"
)

// Facts are what a reviewer has to know about the log and the schema. What is not known is left zero.
type Facts struct {
	Files        []string         // the logs that were read, in order
	Begin, End   decoder.Position // of the range: the first event, and the byte after the last
	Widened      bool             // the range that was asked for was widened to whole transactions
	Transactions int
	GTIDs        []string        // of the transactions that have one
	Time         time.Time       // of the first transaction
	Writer       decoder.Version // of the server whose format description is in force in the range
	WriterID     uint32          // the server id in the transactions' events
	Schema       []string        // where the definitions of the tables came from
	Notes        []string        // anything else that has to be in the header
}

// Input is what a script is made of.
type Input struct {
	Plan    *plan.Plan // nil when the error is none that rows can repair
	Probed  *Probed    // what a replica that was asked has; nil when none was
	Facts   Facts
	Replica control.Input
	LogBin  bool // write the repair to the replica's binary log
	Color   bool // colour the comments
}

// Write writes the script. After an error the output ends in a comment that says so, and commits nothing.
func Write(w io.Writer, in Input) error {
	commands, err := control.For(in.Replica)
	if err != nil {
		return err
	}
	in.settlePlan()
	out := bufio.NewWriter(w)
	s := &writer{out: out, dialect: sqltext.For(in.Replica.Version), paint: palette(in.Color)}
	c := composer{writer: s, in: &in, plan: in.Plan, commands: commands}
	c.compose()
	if s.err != nil {
		s.breakOff()
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return s.err
}

// settlePlan makes sure that there is one, and that it is the probed one.
func (in *Input) settlePlan() {
	switch {
	case in.Probed != nil:
		in.Plan = in.Probed.Plan
	case in.Plan == nil:
		in.Plan = &plan.Plan{}
	}
}

// composer puts the parts of one script together.
type composer struct {
	*writer
	in       *Input
	plan     *plan.Plan
	commands *control.Commands
}

func (c *composer) compose() {
	c.header()
	c.guidance()
	c.risks()
	c.obstacles()
	switch {
	case c.runs():
		c.executable()
	case c.in.Changes() > 0:
		c.heldBack()
	default:
		c.nothing()
	}
	c.alternatives()
}

// Changes is the number of statements that remove or put rows.
func (in *Input) Changes() int {
	n := len(in.Plan.Absences) + len(in.Plan.Presences)
	if in.Probed != nil {
		n += len(in.Probed.Restored)
	}
	return n
}

// runs says whether the script holds statements to be run. After a 1032 a row that can't be rebuilt is the likely cause
// of the error: the transaction would fail again, so nothing is changed and nothing restarted.
func (c *composer) runs() bool {
	return c.in.Changes() > 0 && !(c.in.Replica.Errno == 1032 && len(c.plan.Refusals) > 0)
}

// executable writes what is to be run.
func (c *composer) executable() {
	c.begin("Repair")
	c.statements()
	c.finish()
}

// statements writes what is restored and then the plan's statements in the order that package plan asks for.
func (c *composer) statements() {
	c.restored()
	for i := range c.plan.Absences {
		c.absence(i)
	}
	for i := range c.plan.Presences {
		c.presence(i)
	}
}

// heldBack writes the statements as comments.
func (c *composer) heldBack() {
	c.blank()
	c.heading("Held back")
	c.text("Because of the rows above, these statements alone don't let the transaction apply. They are for review: nothing " +
		"in this script is to be run.")
	c.commented = true
	c.statements()
	c.commented = false
}

// nothing says why there is no statement.
func (c *composer) nothing() {
	c.blank()
	switch {
	case len(c.plan.Refusals) > 0:
		c.text("No statement of this script is to be run: put the rows above back first, then start the applier:")
	case c.in.Probed != nil:
		c.text("The replica has every row as the transaction needs it, and none in its way. Start the applier:")
	default:
		c.text("No row has to be changed for this transaction. When the cause is removed, start the applier:")
	}
	for _, line := range c.commands.Restart() {
		c.line(line)
	}
}

// place says where in the log an entry of the plan comes from.
func (c *composer) place(o plan.Origin) string {
	s := fmt.Sprintf("event %s (%s), row %d", o.Pos, o.Type, o.Row)
	if c.in.Facts.Transactions > 1 {
		s = fmt.Sprintf("transaction %d, %s", o.Transaction, s)
	}
	return s
}
