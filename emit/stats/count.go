package stats

import (
	"context"
	"errors"
	"io"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
	"binmend/schema"
)

// Count counts the part of a range that passes a filter and the condition of the options. After an error, the report covers what was
// read before it. The account is nil if everything is wanted.
func Count(ctx context.Context, r walk.Range, f *filter.Filter, o Options) (*Report, *filter.Account, error) {
	w, err := r.Transactions()
	if err != nil {
		return &Report{}, nil, err
	}
	defer w.Close()
	if o.Definitions != nil {
		w.SetCompleter(schema.Completer(ctx, o.Definitions))
	}
	t := &tally{walk: w}
	if !f.IsZero() || o.Where != nil {
		t.run = f.NewRun()
		o.Account = &t.run.Account
	}
	t.Collector = New(o)
	failed := t.count(ctx)
	filtered := ""
	if t.run != nil {
		if !t.kept {
			t.Forget()
		}
		filtered = t.run.Account.String()
	}
	why := failed
	if errors.Is(failed, context.Canceled) {
		why = errors.New("interrupted")
	}
	return t.Report(filtered, why), o.Account, failed
}

// tally counts the events of a walk.
type tally struct {
	*Collector
	walk *walk.Walk
	run  *filter.Run // nil: all are wanted
	kept bool        // of the current transaction, a change
}

// count counts to the end.
func (t *tally) count(ctx context.Context) error {
	for e, err := range t.walk.All(ctx) {
		if err == nil && t.run == nil {
			err = t.AddEvent(e, t.walk.Step(), t.walk)
		} else if err == nil {
			err = t.filter(e)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// filter counts an event if it is wanted. A transaction whose frame alone is wanted is not counted.
func (t *tally) filter(e *decoder.Event) error {
	step := t.walk.Step()
	if step.Begins() && !t.kept {
		t.Forget()
	}
	verdict, err := t.run.AddEvent(e, step, t.walk.Transaction())
	if err != nil {
		return err
	}
	t.kept = t.run.KeptChange()
	switch {
	case verdict == filter.Stop:
		return io.EOF
	case step.Ends() && !t.kept:
		t.Forget()
	case verdict == filter.Keep, t.run.CheckKnown(e, step) != nil:
		return t.AddEvent(e, step, t.walk)
	}
	t.Skip(e, step, t.walk)
	return nil
}
