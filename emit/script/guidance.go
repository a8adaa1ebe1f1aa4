package script

import (
	"fmt"

	"binmend/emit/advice"
	"binmend/emit/control"
)

// guidance explains an error that changing rows does not remove, and says what is safe.
func (c *composer) guidance() {
	a := c.repair.Advice
	if a == nil && control.RepairedByRows(c.repair.Replica.Errno) {
		return
	}
	c.line("")
	g, ok := control.Explain(c.repair.Replica.Errno)
	switch {
	case a != nil:
		g.Meaning, g.Safe = a.Meaning, a.Safe
	case !ok:
		c.heading("The error")
		c.indented("  ", fmt.Sprintf("This tool does not know error %d. Its message above says what the server met; the statement "+
			"or row is in the log.", c.repair.Replica.Errno))
		return
	}
	c.heading("What the error means")
	c.indented("  ", g.Meaning)
	c.heading("What is safe")
	c.indented("  ", g.Safe)
	if a != nil {
		c.steps(a)
	}
}

var places = map[advice.Server]string{advice.Replica: "On the replica", advice.Source: "On the source", advice.Both: "On both servers"}

// steps writes what advice proposes, as comments. If a step changes something, it is first kept out of the binary log.
func (c *composer) steps(a *advice.Advice) {
	isUnlogged := c.options.LogBin
	for _, step := range a.Steps {
		c.indented("  ", places[step.On]+". "+step.Text)
		if step.Changes && !isUnlogged {
			c.line("  SET SESSION sql_log_bin=0;")
			isUnlogged = true
		}
		for _, sql := range step.SQL {
			c.line("  " + sql + ";")
		}
	}
}
