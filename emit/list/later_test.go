package list

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"binmend/decoder"
	"binmend/decoder/filter"
	"binmend/decoder/walk"
)

// TestQueryShowsAllChanges: a transaction that has a text in a later statement is shown with all its changes, in their order, although
// those before the text are counted later. What is shown is compared with what is counted event by event, in the logs of the project
// and of the corpus where it is there.
func TestQueryShowsAllChanges(t *testing.T) {
	shown := 0
	for _, root := range []string{filepath.Join("..", "..", "fixtures"), filepath.Join("..", "..", "..", "shared", "corpus")} {
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				shown += queryAll(t, walk.Range{Logs: walk.Logs{Names: []string{path}}})
			}
			return nil
		})
	}
	if shown == 0 {
		t.Error("no transaction with rows before the text was shown")
	}
}

// queryAll searches a log for the last statements of its transactions.
func queryAll(t *testing.T, r walk.Range) (shown int) {
	w, err := r.Transactions()
	if err != nil {
		return 0
	}
	defer w.Close()
	changes, texts := map[decoder.Position][]Does{}, map[string]bool{}
	var holds Contents
	var last string
	isLate := false // rows came before the last statement
	for {
		e, step, err := w.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0
		}
		holds.AddEvent(e, step)
		if step.Begins() {
			last, isLate = "", false
		}
		if e.Type == decoder.EventRowsQuery || e.Type == decoder.EventMariaAnnotateRows {
			last, isLate = string(e.RowsQuery()), len(holds.Changes) > 0
		}
		if step.Ends() {
			changes[w.Transaction().Start] = slices.Clone(holds.Changes)
			if isLate && len(texts) < 8 {
				texts[last] = true
			}
		}
	}
	for text := range texts {
		f := Finder{Range: r, Judge: NewJudge(r.Logs, Sources{}), Printer: &expected{t: t, changes: changes, shown: &shown}}
		if _, err := f.Query(context.Background(), text, &filter.Filter{}); err != nil {
			t.Errorf("%v, %q: %v", r.Names, text, err)
		}
	}
	return shown
}

// expected compares transactions with what they have to be.
type expected struct {
	Printer
	t       *testing.T
	changes map[decoder.Position][]Does
	shown   *int
}

func (x *expected) Transaction(found *Transaction) error {
	*x.shown++
	at := decoder.Position{File: found.File, Offset: found.Offset}
	if want := x.changes[at]; !reflect.DeepEqual(found.Changes, want) {
		x.t.Errorf("%v: %v, want %v", at, found.Changes, want)
	}
	return nil
}
