package script

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/control"
	"binmend/emit/plan"
	"binmend/emit/session"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// begin writes everything before the first row: the session's settings, the guards, and the stop.
func (c *composer) begin() {
	c.blank()
	s := c.session()
	c.statement(s.Save())
	c.statement(s.Client())
	c.statement(s.Names())
	c.statement(s.Set())
	if guards := c.guards(); len(guards) > 0 {
		c.statement(control.GuardSQL(c.dialect, guards))
	}
	if stop := c.commands.Stop(); stop != "" && !c.options.NoStop {
		c.statement(stop)
	}
	if c.isSuperReadOnly() {
		c.statement("SET GLOBAL super_read_only=0;")
	}
	c.statement("START TRANSACTION;")
}

func (c *composer) session() *session.Session {
	return &session.Session{Dialect: c.dialect, LogBin: c.options.LogBin, Guarded: len(c.guards()) > 0}
}

// finish writes the COMMIT, the restart and the restored session. It runs only after every row has been written.
func (c *composer) finish() {
	if c.err != nil {
		return
	}
	c.blank()
	c.statement("COMMIT;")
	c.protect()
	switch restart := c.commands.Restart(); {
	case c.options.NoStart, c.options.NoStop, strings.HasPrefix(restart[0], "#"):
		c.line("To start the applier: " + strings.Join(restart, " "))
	default:
		c.restart()
	}
	c.statement(c.session().Restore())
	c.line("Look whether it runs: " + c.commands.Status())
}

// protect sets super_read_only back. Group replication does so by itself when the member starts.
func (c *composer) protect() {
	if c.isSuperReadOnly() && !c.commands.IsGroup() {
		c.statement("SET GLOBAL super_read_only=1;")
	}
}

// restart writes the statements that start the applier.
func (c *composer) restart() {
	lines := c.commands.Restart()
	if len(lines) > 1 {
		lines[0] = control.UnlessReadOnly(c.dialect, lines[0])
	}
	switch {
	case c.commands.LosesGaps():
		c.text("The workers have left gaps: what the replica has not applied is fetched again, and the relay logs are deleted.")
	case len(lines) > 1:
		c.text("The transaction spans relay logs, and after its failure the server no longer knows where it begins: it is " +
			"fetched again. The source must still have this log; the relay logs are deleted.")
	}
	for _, line := range lines {
		c.statement(line)
	}
}

func (c *composer) absence(i int) {
	a := &c.plan.Absences[i]
	c.reason(a.Row.Table, a.Origin, "its value of "+a.Key.Name+" must be free")
	switch {
	case len(a.Spare) > 0 && a.Row.Table.IsDelicate():
		c.line("the transaction's own row is left alone")
	case len(a.Spare) > 0:
		c.line("rows that the transaction needs and that the log can't rebuild are left alone")
	}
	c.readable(a.Row, keyColumns(a))
	if c.repair.Probed != nil {
		c.removed(&c.repair.Probed.Absences[i])
	}
	c.rendered(func(dst []byte) ([]byte, error) { return appendDelete(dst, c.dialect, a) })
}

func keyColumns(a *plan.Absence) []int {
	var columns []int
	for i := range a.Key.Parts {
		if p := &a.Key.Parts[i]; p.Column >= 0 {
			columns = append(columns, p.Column)
		} else {
			columns = append(columns, p.Columns...)
		}
	}
	return columns
}

func (c *composer) presence(i int) {
	p := &c.plan.Presences[i]
	c.reason(p.Row.Table, p.Origin, "the source had this row")
	if len(p.Fill) > 0 {
		c.text("the log does not hold " + columnNames(p.Row.Table, p.Fill) + ": any value will do, the transaction overwrites it")
	}
	c.readable(p.Row, allColumns(p.Row))
	if c.repair.Probed != nil {
		c.replaced(p, &c.repair.Probed.Presences[i])
	}
	if p.Key == nil {
		c.text("no unique key identifies this row: it is added if fewer than " + words.Count(p.Count, "equal row") +
			" can be found; an unequal one may remain")
	}
	render := AppendReplace
	if p.Key == nil {
		render = AppendReplaceMissing
	}
	c.lenient(sqltext.NeedsLenientMode(p.Row), func() {
		c.rendered(func(dst []byte) ([]byte, error) { return render(dst, c.dialect, p) })
	})
}

// lenient writes a statement, if needed in lenient mode.
func (c *composer) lenient(needed bool, write func()) {
	if !needed || c.commented {
		write()
		return
	}
	c.text("an ENUM holds the empty value of number 0, which strict mode refuses; without that mode a value that does " +
		"not fit its column is cut instead of refused")
	c.statement(session.SetMode(session.LenientMode))
	write()
	c.statement(session.SetMode(session.StrictMode))
}

func allColumns(row schema.Row) []int {
	columns := make([]int, len(row.Table.Columns))
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// reason writes the comment before a statement about a table's row: the place in the log, and why.
func (c *composer) reason(t *schema.Table, o plan.Origin, why string) {
	c.blank()
	c.painted(Comment, c.paint.reason, "  ", c.place(o)+": "+why)
	c.why = newCause(why, t, o)
}

// readable shows the values that the statement has only as hex.
func (c *composer) readable(row schema.Row, columns []int) {
	for _, ordinal := range columns {
		if ordinal >= len(row.Cells) {
			continue
		}
		column := &row.Table.Columns[ordinal]
		if text, ok := c.dialect.AppendReadable(nil, column, row.Cells[ordinal]); ok {
			c.line("  " + column.Name + ": " + string(text))
		}
	}
}

// alternatives writes the other ways past the transaction, commented out.
func (c *composer) alternatives() {
	if c.err != nil {
		return
	}
	ways := c.commands.Alternatives()
	more := 0
	if compare, ok := control.Compare(c.plan.Tables); ok {
		ways = append(ways, compare)
	}
	if !c.options.AllWays {
		all := len(ways)
		ways = slices.DeleteFunc(ways, func(a control.Alternative) bool { return !a.Usual })
		more = all - len(ways)
	}
	if len(ways)+more == 0 {
		return
	}
	c.blank()
	if c.commands.Class() == control.Receiver {
		c.heading("A way past the error; it repairs no row")
	} else {
		c.heading("Other ways past the transaction; none of them repairs a row")
	}
	for i := range ways {
		c.alternative(i+1, ways[i])
	}
	if more > 0 {
		c.line("")
		c.line(words.Count(more, "more way") + ": --alternatives")
	}
}

func (c *composer) alternative(number int, a control.Alternative) {
	c.line("")
	c.painted(Comment, c.paint.heading, "   ", fmt.Sprintf("%d. %s", number, a.Title))
	c.indented("   ", a.Price)
	for _, line := range a.Lines {
		c.line(line)
	}
}
