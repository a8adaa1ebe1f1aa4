package changes

import (
	"context"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/track"
)

// tableOfRows finds a table by a tracker. Where statements to come leave it in doubt, or spell it in other case, the table maps of the rows to come are looked at,
// once: reading them takes longer than reading the statements alone.
func (d *Definitions) tableOfRows(ctx context.Context, by *track.Tracker, ref schema.Ref) (*schema.Table, error) {
	name := dump.Name{Database: ref.Database, Table: ref.Table}
	t, err := by.TableOfRows(ctx, ref)
	isSure := err == nil && t.Doubt == nil && !by.IsSpelledOtherwise(name)
	if isSure || by.HasShapes() || len(d.Logs.Names) == 0 || !by.IsForeseen(name) {
		return t, err
	}
	if err := d.foreseeShapes(ctx, by); err != nil {
		return nil, err
	}
	return by.TableOfRows(ctx, ref)
}

// foreseeShapes tells a tracker the table maps that come after the statements that it has foreseen. After a statement that was not executed
// the tables are not what the statements say.
func (d *Definitions) foreseeShapes(ctx context.Context, by *track.Tracker) error {
	w, err := walk.Range{Logs: d.Logs}.Shapes()
	if err != nil {
		return err
	}
	defer w.Close()
	by.ExpectShapes()
	skipped := 0
	if by == d.asGiven {
		skipped = d.passed
	}
	n := 0
	return eachEvent(ctx, w, func(e *decoder.Event) (more bool, err error) {
		if by == d.asGiven && d.precedesRange(e.Pos) {
			return true, nil
		}
		if e.Type == decoder.EventTableMap {
			m, err := e.TableMap()
			if err == nil && n >= skipped {
				by.ForeseeShape(n-skipped, m)
			}
			return true, err
		}
		_, ok, err := ReadStatement(e)
		if ok {
			n++
		}
		return !ok || !d.Unexecuted[e.Pos], err
	})
}
