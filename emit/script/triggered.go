package script

import (
	"fmt"
	"slices"
	"strings"

	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/repair"
	"binmend/schema"
)

// tablesTriggersAddTo are composer.triggered. Where the plan writes such a table too, its own statements come after what is added has
// been removed; that can't be where their triggers write a table of the plan, too.
func (c *composer) tablesTriggersAddTo() []repair.Triggered {
	written := c.plan.WrittenByTriggers()
	return slices.DeleteFunc(slices.Clone(c.repair.Triggered), func(w repair.Triggered) bool {
		return c.isRestored(w.Table) || !slices.ContainsFunc(c.plan.Tables, func(t *schema.Table) bool { return c.fires(t, w.Table) }) ||
			slices.ContainsFunc(c.plan.Tables, func(t *schema.Table) bool { return written[t.FoldedName()] && c.fires(t, w.Table) })
	})
}

// isRestored reports whether rows of a table are put before the plan.
func (c *composer) isRestored(t *schema.Table) bool {
	return c.repair.Probed != nil && slices.ContainsFunc(c.repair.Probed.Restored, func(r probe.Restored) bool { return r.Row.Table.IsNamedLike(t) })
}

// fires reports whether statements on a table may fire a trigger that writes another one.
func (c *composer) fires(t, written *schema.Table) bool {
	deletes, replaces := c.count(t)
	return slices.ContainsFunc(t.Triggers, func(trigger schema.Trigger) bool {
		isFired := replaces > 0 || deletes > 0 && trigger.Event == "DELETE"
		return isFired && slices.ContainsFunc(trigger.Writes, func(name string) bool { return strings.ToLower(name) == written.FoldedName() })
	})
}

// rememberNumbers keeps the highest numbers of the tables to which triggers may add rows.
func (c *composer) rememberNumbers() {
	for i, w := range c.triggered {
		c.aboutTriggered(w, "what triggers add to it gets higher numbers than there are now")
		c.rendered(func(dst []byte) ([]byte, error) {
			dst = append(c.dialect.AppendIdent(append(dst, "SELECT COALESCE(MAX("...), w.Number.Name), ")"...)
			dst = fmt.Appendf(dst, ", 0) INTO @binmend_last%d FROM ", i+1)
			return append(c.dialect.AppendTable(dst, w.Table), " FOR UPDATE"...), nil
		})
	}
}

// removeTriggered removes what triggers have added.
func (c *composer) removeTriggered() {
	for i, w := range c.triggered {
		c.aboutTriggered(w, "what triggers have added since is removed: the source does not have it")
		c.rendered(func(dst []byte) ([]byte, error) {
			dst = c.dialect.AppendTable(append(dst, "DELETE FROM "...), w.Table)
			dst = c.dialect.AppendIdent(append(dst, " WHERE "...), w.Number.Name)
			return fmt.Appendf(dst, " > @binmend_last%d", i+1), nil
		})
	}
}

// whatIsRemoved is a sentence about the tables of which that is said, "" when there are none.
func (c *composer) whatIsRemoved() string {
	var names []string
	for _, w := range c.triggered {
		names = append(names, w.Table.FullName())
	}
	if len(names) == 0 {
		return ""
	}
	return " Rows that they add to " + strings.Join(names, ", ") + " are removed again; rows that they change there are not changed back."
}

func (c *composer) aboutTriggered(w repair.Triggered, why string) {
	c.blank()
	c.painted(Comment, c.paint.reason, "  ", w.Table.FullName()+": "+why)
	c.why = newCause(why, w.Table, plan.Origin{})
}
