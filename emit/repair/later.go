package repair

import (
	"context"
	"errors"
	"io"
	"strings"

	"binmend/decoder"
	"binmend/decoder/txn"
	"binmend/decoder/walk"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/replica"
)

// later reads the transactions of a range and all after them in the logs, to find what they say about stray rows.
type later struct {
	logs    walk.Logs
	rng     *Range
	begin   decoder.Position // of the range
	last    decoder.Position // where the last transaction of the range begins
	tables  schema.Resolver  // as they are after the range: rows after DDL that alters a table are not read with it
	filters *replica.Filters
	dialect sqltext.Dialect
}

// maxLater bounds how much of the logs is read for stray rows.
const maxLater = 8 << 30

// FirstTouches finds the first later touch of each row.
func (l *later) FirstTouches(ctx context.Context, rows []probe.Stray) ([]probe.Touch, error) {
	w, err := l.logs.From(l.begin)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	w.SetCompleter(schema.Completer(ctx, l.tables))
	s := newStraySearch(l, rows)
	read := int64(0)
	s.planned = true
	for skip, last := false, false; s.open > 0; {
		e, step, err := w.Next()
		switch {
		case err == io.EOF || errors.Is(err, decoder.ErrTruncated):
			return s.touches, nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case step.Begins():
			skip = l.rng.skips(w.Transaction())
			s.planned = s.planned && !last
			last = last || w.Transaction().Start == l.last
		}
		if read += int64(e.Length); read > maxLater {
			s.giveUp(e.Pos)
			return s.touches, nil
		}
		if skip || step == txn.Outside {
			continue
		}
		if err := s.addEvent(e); err != nil {
			return nil, err
		}
	}
	return s.touches, nil
}

// straySearch looks for the first touch of each row.
type straySearch struct {
	dialect sqltext.Dialect
	filters *replica.Filters
	rows    []probe.Stray
	touches []probe.Touch
	open    int  // rows without a touch
	planned bool // the current transaction is one of the target
	altered alterations
	tables  map[string]*strayTable // by folded name

	literal []byte         // scratch
	after   []decoder.Cell // scratch
	row     decoder.Row    // scratch: as the replica has it
}

// strayTable has the stray rows of a table, by each key that identifies some.
type strayTable struct {
	table *schema.Table
	keys  []strayKey
}

// strayKey has the rows that a key identifies, by the literals of its value. Text is folded: values that are equal only by a
// collation are found too, but not trusted.
type strayKey struct {
	key  *schema.Key
	rows map[string][]int
}

func newStraySearch(l *later, rows []probe.Stray) *straySearch {
	s := &straySearch{dialect: l.dialect, filters: l.filters, rows: rows, touches: make([]probe.Touch, len(rows)), open: len(rows),
		altered: newAlterations(), tables: map[string]*strayTable{}}
	for i := range rows {
		t := rows[i].Row.Table
		name := strings.ToLower(t.Database + "\x00" + t.Name)
		if s.tables[name] == nil {
			s.tables[name] = &strayTable{table: t}
		}
		k := s.tables[name].key(rows[i].Key)
		value := folded(storedValue(&rows[i]))
		k.rows[value] = append(k.rows[value], i)
	}
	return s
}

func (t *strayTable) key(key *schema.Key) *strayKey {
	for i := range t.keys {
		if t.keys[i].key == key {
			return &t.keys[i]
		}
	}
	t.keys = append(t.keys, strayKey{key: key, rows: map[string][]int{}})
	return &t.keys[len(t.keys)-1]
}

// storedValue are the literals of a row's value of its key.
func storedValue(row *probe.Stray) string {
	var value []byte
	for i := range row.Key.Parts {
		value = append(append(value, row.Row.Literals[row.Key.Parts[i].Column]...), ',')
	}
	return string(value)
}

func folded(value string) string { return strings.ToLower(value) }

// giveUp marks all rows that were not found as unclear.
func (s *straySearch) giveUp(pos decoder.Position) {
	for i := range s.touches {
		s.touch(i, probe.Touch{Kind: probe.Unclear, Pos: short(pos)})
	}
}

// touch notes the first touch of a row. The plan knows what a planned transaction does, even if it is unclear here.
func (s *straySearch) touch(i int, t probe.Touch) {
	if s.touches[i].Kind == probe.Untouched {
		t.Planned = s.planned
		s.touches[i] = t
		s.open--
	}
}

func (s *straySearch) addEvent(e *decoder.Event) error {
	_, isAltered, err := s.altered.meet(e)
	if err != nil || !e.IsRows() {
		return err
	}
	re, err := e.Rows()
	if err != nil {
		return err
	}
	t := s.tables[strings.ToLower(s.filters.Renamed(re.Map.Database)+"\x00"+re.Map.Table)]
	if t == nil {
		return nil
	}
	layout, err := schema.LayoutOf(t.table, re.Map)
	if isAltered || t.table.SystemVersioned || err != nil {
		s.unclear(t, e.Pos)
		return nil
	}
	for row, err := range re.All() {
		if err != nil {
			return err
		}
		if err := s.toReplica(layout, row); err != nil {
			s.unclear(t, e.Pos)
			return nil
		}
		for k := range t.keys {
			s.addRow(t, &t.keys[k], &s.row, e.Pos)
		}
	}
	return nil
}

// toReplica puts a row of the log into the replica's columns.
func (s *straySearch) toReplica(l *schema.Layout, row *decoder.Row) (err error) {
	if s.row.Before, err = l.Row(s.row.Before[:0:0], row.Before); err == nil {
		s.row.After, err = l.Row(s.row.After[:0:0], row.After)
	}
	return err
}

// unclear marks a table's rows undecided: the event may touch any of them.
func (s *straySearch) unclear(t *strayTable, pos decoder.Position) {
	for k := range t.keys {
		s.unclearKey(&t.keys[k], pos)
	}
}

func (s *straySearch) unclearKey(k *strayKey, pos decoder.Position) {
	for _, numbers := range k.rows {
		for _, i := range numbers {
			s.touch(i, probe.Touch{Kind: probe.Unclear, Pos: short(pos)})
		}
	}
}

// addRow examines a row change. Values that an after image leaves out are those of the before image, except for generated columns:
// MariaDB leaves virtual ones out even if they change.
func (s *straySearch) addRow(t *strayTable, k *strayKey, row *decoder.Row, pos decoder.Position) {
	if len(row.Before) > 0 {
		s.addImage(t, k, row.Before, pos, s.before)
	}
	if len(row.After) == 0 {
		return
	}
	after := row.After
	if len(row.Before) > 0 {
		s.after = append(s.after[:0], after...)
		for c := range s.after {
			if s.after[c].State() == decoder.Absent && c < len(t.table.Columns) && t.table.Columns[c].Generated == schema.NotGenerated {
				s.after[c] = row.Before[c]
			}
		}
		after = s.after
	}
	s.addImage(t, k, after, pos, func(i int, _ *schema.Table, _ []decoder.Cell, pos decoder.Position) {
		s.touch(i, probe.Touch{Kind: probe.Made, Pos: pos})
	})
}

// addImage calls found for the rows that have the image's value of a key.
func (s *straySearch) addImage(t *strayTable, k *strayKey, cells []decoder.Cell, pos decoder.Position,
	found func(i int, t *schema.Table, cells []decoder.Cell, pos decoder.Position)) {
	pos = short(pos)
	s.literal = s.literal[:0]
	for i := range k.key.Parts {
		column := k.key.Parts[i].Column
		if cells[column].State() == decoder.Null {
			return
		}
		var err error
		if s.literal, err = s.dialect.AppendLiteral(s.literal, &t.table.Columns[column], cells[column]); err != nil {
			s.unclearKey(k, pos)
			return
		}
		s.literal = append(s.literal, ',')
	}
	value := string(s.literal)
	for _, i := range k.rows[folded(value)] {
		switch {
		case value == storedValue(&s.rows[i]):
			found(i, t.table, cells, pos)
		case !s.planned: // for planned ones, the replica, which knows the collation, was asked for this value
			s.touch(i, probe.Touch{Kind: probe.Unclear, Pos: pos})
		}
	}
}

// before notes the row as a change finds it: the source had it until then.
func (s *straySearch) before(i int, t *schema.Table, cells []decoder.Cell, pos decoder.Position) {
	row := sqltext.Stored{Table: t, Literals: make([][]byte, len(t.Columns))}
	for c := range t.Columns {
		if !t.Columns[c].Assignable() || t.Columns[c].Local {
			continue
		}
		literal, err := s.dialect.AppendLiteral(nil, &t.Columns[c], cells[c])
		if err != nil {
			s.touch(i, probe.Touch{Kind: probe.Unclear, Pos: pos})
			return
		}
		row.Literals[c] = literal
	}
	s.touch(i, probe.Touch{Kind: probe.Changed, Row: row, Pos: pos})
}
