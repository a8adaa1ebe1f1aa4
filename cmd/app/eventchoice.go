package app

import (
	"context"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/display"
	"binmend/schema/changes"
	"binmend/schema/where"
)

// eventChoice chooses events by a filter, and row events by a condition as well: those that have a row which it wants.
type eventChoice struct {
	run   *filter.Run
	judge *changes.Judge // nil without a condition
	kept  bool           // with a condition: a row event of the transaction at hand
}

func newEventChoice(run *filter.Run, condition *where.Condition, tables *changes.Definitions) *eventChoice {
	choice := &eventChoice{run: run}
	if condition != nil {
		choice.judge = &changes.Judge{Where: condition, Definitions: tables, Account: &run.Account}
	}
	return choice
}

// keptChange says whether a change of the transaction at hand is wanted.
func (c *eventChoice) keptChange() bool {
	if c.judge == nil {
		return c.run.KeptChange()
	}
	return c.kept
}

// add takes the next event of a walk.
func (c *eventChoice) add(ctx context.Context, w *walk.Walk, e *decoder.Event, step txn.Step) (filter.Verdict, error) {
	verdict, err := c.run.Add(e, step, w.Transaction())
	if err != nil || c.judge == nil {
		return verdict, err
	}
	if step.Begins() {
		c.kept = false
	}
	changed, err := c.judge.Definitions.Follow(e)
	if changed {
		c.judge.Forget()
	}
	if err != nil || verdict != filter.Keep {
		return verdict, err
	}
	return c.byRows(ctx, e, step)
}

// byRows judges an event that the filter keeps: of the changes, the condition wants rows only.
func (c *eventChoice) byRows(ctx context.Context, e *decoder.Event, step txn.Step) (filter.Verdict, error) {
	if step == txn.Outside || e.Type == decoder.EventTableMap {
		return filter.Drop, nil
	}
	if !e.IsRows() {
		text, err := display.Statement(e)
		if err != nil || text == "" {
			return filter.Keep, err
		}
		c.run.Account.RemoveStatement()
		return filter.Drop, nil
	}
	re, err := e.Rows()
	if err != nil {
		return filter.Drop, err
	}
	if err := c.judge.Prepare(ctx, re.Map); err != nil {
		return filter.Drop, err
	}
	n, err := c.judge.Count(re)
	if err != nil || n == 0 {
		return filter.Drop, err
	}
	c.kept = true
	return filter.Keep, nil
}
