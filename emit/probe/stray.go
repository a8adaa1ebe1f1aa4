package probe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"binmend/decoder"
	"binmend/emit/plan"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// A row in the way of the transactions may be one that the source has too, under the same value of another key: only the
// conflicting value has drifted. Deleting it would lose the row. The first later transaction in the relay logs that changes the
// row shows for certain what the source had at the time. If there is none, and the relay logs hold everything that the source
// has logged, the source's current row shows it.

// Stray is a row that the plan removes because of one unique value, and the key by which it may live on the source.
type Stray struct {
	Row sqltext.Stored
	Key *schema.Key
}

// Touch is what the first transaction that concerns a stray row, in the plan or after it, says about the row.
type Touch struct {
	Kind    TouchKind
	Row     sqltext.Stored   // Changed: the row before that
	Pos     decoder.Position // of the event; the zero Position when there is none
	Planned bool             // by a transaction of the plan, which handles the row
}

// TouchKind is the kind of a touch.
type TouchKind uint8

const (
	Untouched TouchKind = iota
	Changed             // the source had the row: it is changed or deleted later
	Made                // the source had no such row: it is inserted, or gets this key value, later
	Unclear             // the logs don't say
)

// Later knows the transactions of the plan and those after it.
type Later interface {
	// FirstTouches finds the first touch of each row.
	FirstTouches(ctx context.Context, rows []Stray) ([]Touch, error)
}

// Source is the replica's source.
type Source struct {
	Server
	Name string
	// IsCovered reports whether the logs that Later reads hold everything that the source has logged by now.
	IsCovered func(ctx context.Context) (bool, error)
}

// Witnesses are who can tell what became of a row.
type Witnesses struct {
	Replica Server
	Later   Later   // nil where there are no logs after the plan's
	Source  *Source // nil without a connection
}

// Fate is what is known about a stray row on the source.
type Fate uint8

const (
	FateSettled   Fate = iota // the plan itself decides what becomes of the row
	FateUnknown               // there is no source to ask
	FateChanged               // the source had it, as a later transaction in the logs shows
	FateMade                  // the source did not have it, as a later transaction in the logs shows
	FateUnclear               // a later transaction concerns it, but the log does not have enough of it
	FateThere                 // the source has it, and nothing has changed it since
	FateThereNow              // the source has it, but may have changed it since
	FateAbsent                // the source does not have it, and did not
	FateAbsentNow             // the source does not have it, but may have had it
	FateInTheWay              // as FateThereNow, but the source's row is in the way of rows that must exist
)

// Found is what was found out about a row that the plan removes.
type Found struct {
	Fate  Fate
	Key   *schema.Key      // by which it may exist on the source
	Touch decoder.Position // FateChanged, FateMade, FateUnclear: where the log has it
}

// Restored is a row of the source that is put before anything else, in place of a drifted row.
type Restored struct {
	Row    sqltext.Stored
	Key    *schema.Key // that it shares with the row in its place
	Seen               // the replica's rows that it replaces
	From   Found       // how it is known
	Origin plan.Origin // the entry that the row is in the way of
	Orphan bool        // it was not in the way, but lost its parent
}

// Exact reports whether the row is as it was at the time of the transactions.
func (r *Restored) Exact() bool { return r.From.Fate == FateChanged || r.From.Fate == FateThere }

// Replaces reports whether a row that makes room has the same value of the key.
func (r *Restored) Replaces() bool {
	return slices.ContainsFunc(r.Rows, func(removed sqltext.Stored) bool { return r.takesPlaceOf(&removed) })
}

func (r *Restored) takesPlaceOf(removed *sqltext.Stored) bool {
	return !slices.ContainsFunc(r.Key.Parts, func(part schema.KeyPart) bool {
		return !bytes.Equal(removed.Literals[part.Column], r.Row.Literals[part.Column])
	})
}

// stray is a Stray, and where to note what is found out about it.
type stray struct {
	Stray
	found  *Found
	origin plan.Origin
}

// TellStrays finds out whether the rows that the plan removes exist on the source under another key, and restores those that do. It
// does the same for the rows that those replace.
func (r *Result) TellStrays(ctx context.Context, w Witnesses) error {
	r.restored = map[rowID]bool{}
	for strays := r.strays(); len(strays) > 0; {
		before := len(r.Restored)
		t := teller{Witnesses: w, strays: strays, result: r,
			rows: make([]*sqltext.Stored, len(strays)), planned: make([]bool, len(strays))}
		if err := t.tell(ctx); err != nil {
			return err
		}
		strays = nil
		for i := before; i < len(r.Restored); i++ {
			strays = r.addStrays(strays, &r.Restored[i].Seen, nil, r.Restored[i].Origin)
		}
	}
	r.dropSettled()
	return nil
}

func (t *teller) tell(ctx context.Context) error {
	if t.Source != nil {
		if err := t.ask(ctx, t.Source); err != nil {
			return err
		}
	}
	if t.Later != nil {
		if err := t.look(ctx, t.Later); err != nil {
			return err
		}
	}
	return t.restore(ctx)
}

// strays lists the rows that the plan removes, without those that it puts back or knows to be absent on the source.
func (r *Result) strays() (out []stray) {
	for i := range r.absences {
		if r.absences[i].needed {
			out = r.addStrays(out, &r.absences[i].Seen, r.whole.Absences[i].Key, r.whole.Absences[i].Origin)
		}
	}
	for i := range r.presences {
		if r.presences[i].needed {
			out = r.addStrays(out, &r.presences[i].Seen, nil, r.whole.Presences[i].Origin)
		}
	}
	return out
}

// addStrays adds the rows that an entry removes because of a key. What is found out about a row is noted with all entries that remove
// it.
func (r *Result) addStrays(out []stray, seen *Seen, by *schema.Key, o plan.Origin) []stray {
	seen.Found = make([]Found, len(seen.Rows))
	for i := range seen.Rows {
		row := &seen.Rows[i]
		if key := otherKey(row, by); key != nil && !r.named[namedRow{row.ID(), key}] {
			out = append(out, stray{Stray{*row, key}, &seen.Found[i], o})
		}
	}
	return out
}

// otherKey is the first key, other than the given one, that identifies the row.
func otherKey(row *sqltext.Stored, by *schema.Key) *schema.Key {
	for i := range row.Table.Keys {
		if key := &row.Table.Keys[i]; key != by && row.IsNamedBy(key) {
			return key
		}
	}
	return nil
}

// teller finds out about strays.
type teller struct {
	Witnesses
	strays  []stray
	result  *Result
	rows    []*sqltext.Stored // the row to be put, by stray
	planned []bool            // by stray: the plan itself handles the row
}

// ask asks the source for each row. The current row is what the source had only if no later transaction has changed it.
func (t *teller) ask(ctx context.Context, source *Source) error {
	unasked, err := t.byKey(ctx, source.Server, func(i int, row *sqltext.Stored) {
		copied := row.Clone()
		t.rows[i] = &copied
	})
	if err != nil {
		return fmt.Errorf("the source %s: %w", source.Name, err)
	}
	covered := false
	if t.Later != nil {
		if covered, err = source.IsCovered(ctx); err != nil {
			return err
		}
	}
	for i := range t.strays {
		switch {
		case unasked[i]:
			t.strays[i].found.Fate = FateUnknown
		case t.rows[i] != nil && covered:
			t.strays[i].found.Fate = FateThere
		case t.rows[i] != nil:
			t.strays[i].found.Fate = FateThereNow
		case covered:
			t.strays[i].found.Fate = FateAbsent
		default:
			t.strays[i].found.Fate = FateAbsentNow
		}
	}
	return nil
}

// byKey asks a server for the rows with the strays' key values, and lists those that it can't be asked about.
func (t *teller) byKey(ctx context.Context, server Server, found func(i int, row *sqltext.Stored)) (unasked map[int]bool, err error) {
	unasked = map[int]bool{}
	var all groups
	for i := range t.strays {
		all.addMember(t.strays[i].Row.Table, t.strays[i].Key, i)
	}
	question := func(i int) Question { return storedQuestion(&t.strays[i].Row, t.strays[i].Key) }
	for _, g := range all.list {
		missed, err := g.ask(ctx, server, question, func(i int, row *sqltext.Stored, _ bool) { found(i, row) })
		if err != nil {
			return nil, err
		}
		for _, i := range missed {
			unasked[i] = true
		}
	}
	return unasked, nil
}

func storedQuestion(row *sqltext.Stored, key *schema.Key) Question {
	return Question{Absence: plan.Absence{Row: schema.Row{Table: row.Table}, Key: key}, Stored: row}
}

// look reads what later transactions say. That takes precedence over what the source has now.
func (t *teller) look(ctx context.Context, later Later) error {
	rows := make([]Stray, len(t.strays))
	for i := range t.strays {
		rows[i] = t.strays[i].Stray
	}
	touches, err := later.FirstTouches(ctx, rows)
	if err != nil {
		return err
	}
	if len(touches) != len(rows) {
		return errors.New("expected what became of each row")
	}
	for i, touch := range touches {
		switch touch.Kind {
		case Untouched:
			continue
		case Changed:
			*t.strays[i].found, t.rows[i] = Found{Fate: FateChanged, Touch: touch.Pos}, &touches[i].Row
		case Made:
			*t.strays[i].found, t.rows[i] = Found{Fate: FateMade, Touch: touch.Pos}, nil
		case Unclear:
			*t.strays[i].found, t.rows[i] = Found{Fate: FateUnclear, Touch: touch.Pos}, nil
		}
		if t.planned[i] = touch.Planned && touch.Kind == Changed; t.planned[i] {
			t.rows[i] = nil
		}
	}
	return nil
}
