package compare

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/maphash"

	"binmend/decoder"
	"binmend/emit/compare/span"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// judge is one round: the rows of a span, read and compared.
type judge struct {
	*comparison
	span     *span.Span
	previous *judge // the round whose differences are judged again; nil in the first round
	differ   *runs.Sorter
	values   *runs.Sorter // of unique keys: table, key, value
	suspects *runs.Sorter // rows of the replica that the span may not have: table, key

	table  *TableResult
	chunk  []item
	byKey  map[string]int
	bytes  []byte // of the rows of chunk
	cells  []decoder.Cell
	judged uint64
	seen   map[uint64]bool // rows that were judged again
}

// item is a row of the span that is being judged.
type item struct {
	span.Row
	isAnswered, isEqual bool
	variant             *sqltext.Stored // a row with an equal key value in different bytes
}

const (
	chunkRows  = 1000
	chunkBytes = 2 << 20
)

// round reads the logs up to what is applied, and judges the rows.
func (c *comparison) round(ctx context.Context, p span.Progress, previous *judge) (_ *judge, err error) {
	j := &judge{comparison: c, previous: previous, byKey: map[string]int{}, seen: map[uint64]bool{}}
	for _, s := range []**runs.Sorter{&j.differ, &j.values, &j.suspects} {
		*s = runs.New(memoryOf, c.options.Folder)
	}
	defer func() {
		if err != nil {
			j.close()
		}
	}()
	var keys *span.Keys
	if previous != nil {
		keys = previous.keys()
	}
	if j.span, err = c.readSpan(ctx, p, keys); err != nil {
		return nil, err
	}
	j.begin()
	if c.options.Meter != nil {
		c.options.Meter.ExpectRows(j.span.Changes)
	}
	for _, step := range []func(context.Context) error{j.askRows, j.askValues, j.askWhole, j.askSuspects, j.askAgain, j.countBags} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return j, nil
}

func (j *judge) close() {
	for _, s := range []*runs.Sorter{j.differ, j.values, j.suspects} {
		s.Close()
	}
	if j.span != nil {
		j.span.Close()
	}
}

// begin takes over the tables of the span and, in the first round, what it could not judge.
func (j *judge) begin() {
	for _, t := range j.span.Tables {
		r := j.tableOf(t)
		if j.previous != nil {
			continue
		}
		for why, n := range t.Reasons {
			r.skip(why, n)
		}
	}
	if j.previous == nil {
		j.result.Statements, j.result.More = j.span.Statements, j.span.More
	}
	j.result.Pending, j.result.Foreign = j.span.Pending, j.span.Foreign
}

// askRows reads the rows of the span by their key.
func (j *judge) askRows(ctx context.Context) error {
	err := j.span.Rows(func(row *span.Row) error {
		if j.table == nil || row.Table != j.table.Table {
			if err := j.flush(ctx); err != nil {
				return err
			}
			j.table = j.tableOf(row.Table)
		}
		return j.addRow(ctx, row)
	})
	if err != nil {
		return err
	}
	return j.flush(ctx)
}

func (j *judge) addRow(ctx context.Context, row *span.Row) error {
	switch {
	case j.options.Wanted != nil && !row.Wanted, row.Unknown != "" && !row.Changed:
		return nil
	case row.Unknown != "":
		j.see(row)
		if j.previous == nil {
			j.table.skip(row.Unknown, 1)
		} else {
			j.retract(row.Unknown)
		}
		return nil
	}
	j.see(row)
	j.byKey[string(row.Key)] = len(j.chunk)
	j.chunk = append(j.chunk, item{Row: j.keep(row)})
	if len(j.chunk) == chunkRows || len(j.bytes)+64*len(j.cells) > chunkBytes {
		return j.flush(ctx)
	}
	return nil
}

// keep copies a row until the chunk is judged.
func (j *judge) keep(row *span.Row) span.Row {
	kept := *row
	j.bytes = append(j.bytes, row.Key...)
	kept.Key = j.bytes[len(j.bytes)-len(row.Key):]
	for _, c := range row.Cells {
		if c.State() == decoder.Value {
			j.bytes = append(j.bytes, c.Raw()...)
			c = decoder.NewCell(c.Column(), j.bytes[len(j.bytes)-len(c.Raw()):])
		}
		j.cells = append(j.cells, c)
	}
	kept.Cells = j.cells[len(j.cells)-len(row.Cells):]
	if len(row.Values) > 0 {
		kept.Values = append([]span.Value(nil), row.Values...)
	}
	return kept
}

// see notes that a row is judged again.
func (j *judge) see(row *span.Row) {
	if j.previous != nil {
		j.seen[hashOf(j.result.appendKey(nil, j.table, row.Key))] = true
	}
}

func hashOf(b []byte) uint64 { return maphash.Bytes(seed, b) }

// retract removes a row from the counts that was judged in an earlier round and is unknown now.
func (j *judge) retract(why string) {
	j.table.skip(why, 1)
	j.table.Judged -= min(1, j.table.Judged)
}

// askChunk asks the replica for the collected rows.
func (j *judge) askChunk(ctx context.Context) error {
	if err := j.pace.wait(ctx, len(j.chunk)); err != nil {
		return err
	}
	t := j.table.Table
	questions := make([]probe.Question, len(j.chunk))
	for i := range j.chunk {
		questions[i] = probe.Question{Absence: plan.Absence{Row: schema.Row{Table: t.Table, Cells: j.chunk[i].Cells}, Key: t.Key}}
	}
	var key []byte
	unasked, err := j.target.Rows(ctx, questions, func(n int, row *sqltext.Stored, _ bool) (err error) {
		if key, err = t.StoredKey(key[:0], row); err != nil {
			return err
		}
		if i, ok := j.byKey[string(key)]; ok {
			return j.answer(&j.chunk[i], row)
		}
		clone := row.Clone()
		j.chunk[n].variant = &clone
		return nil
	})
	for _, n := range unasked {
		j.chunk[n].Unknown = "the server can't be asked for their key"
	}
	return err
}

// flush judges the collected rows.
func (j *judge) flush(ctx context.Context) error {
	if len(j.chunk) == 0 {
		return nil
	}
	if err := j.askChunk(ctx); err != nil {
		return err
	}
	if err := j.askDocuments(ctx); err != nil {
		return err
	}
	for i := range j.chunk {
		if err := j.decide(&j.chunk[i]); err != nil {
			return err
		}
	}
	j.judged += uint64(len(j.chunk))
	if j.options.Meter != nil {
		j.options.Meter.ShowRows(j.judged)
	}
	clear(j.byKey)
	clear(j.chunk)
	clear(j.cells)
	j.chunk, j.bytes, j.cells = j.chunk[:0], j.bytes[:0], j.cells[:0]
	if cap(j.bytes) > 2*chunkBytes {
		j.bytes = nil
	}
	return nil
}

// answer compares a row of the replica with the row of the span that has the same key.
func (j *judge) answer(x *item, row *sqltext.Stored) error {
	x.isAnswered = true
	if x.Gone {
		return j.differs(x, &Difference{Kind: Extra, Have: row, Why: "the log deletes the row"})
	}
	same, byText, err := j.isSame(x.Cells, row)
	if err != nil {
		return err
	}
	if x.isEqual = same; same {
		return nil
	}
	if byText {
		clone := row.Clone()
		x.variant = &clone
		return nil
	}
	return j.differsFrom(x, row)
}

func (j *judge) differsFrom(x *item, row *sqltext.Stored) error {
	want, err := j.want(x)
	if err != nil {
		return err
	}
	return j.differs(x, &Difference{Kind: Differs, Want: want, Have: row, Why: "the log has the row so"})
}

// askDocuments asks the server whether JSON documents with different texts are equal.
func (j *judge) askDocuments(ctx context.Context) error {
	var rows []schema.Row
	var numbers []int
	for i := range j.chunk {
		if x := &j.chunk[i]; x.isAnswered && x.variant != nil {
			rows, numbers = append(rows, schema.Row{Table: x.Table.Table, Cells: x.Cells}), append(numbers, i)
		}
	}
	counts, err := j.target.Counts(ctx, rows)
	if err != nil {
		return err
	}
	for n, i := range numbers {
		x := &j.chunk[i]
		if x.isEqual = counts[n] > 0; !x.isEqual {
			if err := j.differsFrom(x, x.variant); err != nil {
				return err
			}
		}
	}
	return nil
}

// isSame compares what is known of a row of the span with the replica's. onlyJSON: only JSON documents differ, whose texts
// servers may write differently.
func (j *judge) isSame(cells []decoder.Cell, row *sqltext.Stored) (same, onlyJSON bool, err error) {
	same, onlyJSON = true, true
	var text []byte
	for i := range row.Table.Columns {
		c := &row.Table.Columns[i]
		if state := cells[i].State(); !c.Assignable() || row.Literals[i] == nil || state != decoder.Value && state != decoder.Null {
			continue
		}
		if text, err = span.Text(text[:0], j.result.dialect, c, cells[i]); err != nil {
			return false, false, err
		}
		if !bytes.Equal(text, row.Literals[i]) {
			same = false
			onlyJSON = onlyJSON && c.Type == schema.TypeJSON
		}
	}
	return same, onlyJSON && !same, nil
}

// want is the row as it must be, in literals.
func (j *judge) want(x *item) (*sqltext.Stored, error) {
	return j.literals(x.Table.Table, x.Cells)
}

func (j *judge) literals(t *schema.Table, cells []decoder.Cell) (*sqltext.Stored, error) {
	row := &sqltext.Stored{Table: t, Literals: make([][]byte, len(t.Columns))}
	for i := range t.Columns {
		c := &t.Columns[i]
		if state := cells[i].State(); state != decoder.Value && state != decoder.Null || !c.Assignable() {
			continue
		}
		l, err := j.result.dialect.AppendLiteral(nil, c, cells[i])
		if err != nil {
			return nil, err
		}
		row.Literals[i] = l
	}
	return row, nil
}

// decide judges a row once all answers have arrived.
func (j *judge) decide(x *item) error {
	if x.Unknown != "" {
		j.table.skip(x.Unknown, 1)
		return nil
	}
	if j.previous == nil {
		j.table.Judged++
		if isPartly(x) {
			j.table.Partly++
		}
	}
	var err error
	switch {
	case x.isAnswered:
	case x.Gone && x.variant != nil:
		err = j.suspect(x.variant, &Difference{Kind: Extra, Have: x.variant, Origin: x.Origin, Why: "the log deletes the row with this key"})
	case x.Gone:
		x.isEqual = true
	default:
		d := &Difference{Kind: Missing, Why: "the log has this row"}
		if d.Want, err = j.want(x); err == nil && x.variant != nil {
			d.Kind, d.Have = Differs, x.variant
		}
		if err == nil {
			err = j.differs(x, d)
		}
	}
	if err != nil {
		return err
	}
	return j.addValues(x)
}

// isPartly reports whether the log does not have all of a row.
func isPartly(x *item) bool {
	if x.Gone {
		return false
	}
	for i := range x.Table.Table.Columns {
		if c := &x.Table.Table.Columns[i]; x.Cells[i].State() == decoder.Absent && c.Assignable() && !c.Local {
			return true
		}
	}
	return false
}

// differs adds a difference of a row of the span.
func (j *judge) differs(x *item, d *Difference) error {
	d.Table, d.Origin, d.Later = j.table, x.Origin, x.Later
	return j.addDifference(x.Key, d)
}

func (j *judge) addDifference(key []byte, d *Difference) error {
	return j.differ.AddRecord(j.result.appendKey(nil, d.Table, key), d.record())
}

var seed = maphash.MakeSeed()

// keys is the set of rows that differ in this round.
func (j *judge) keys() *span.Keys {
	keys := span.NewKeys()
	j.differ.Each(func(key, _ []byte) error {
		i := bytes.IndexByte(key, 0)
		keys.AddRow(string(key[:i]), key[i+1:])
		return nil
	})
	return keys
}

// addValues adds the unique key values that a row of the span has, or has had.
func (j *judge) addValues(x *item) error {
	if j.previous != nil {
		return nil
	}
	for i := range x.Values {
		v := &x.Values[i]
		key := append(binary.BigEndian.AppendUint32(nil, x.Table.ID()), v.Bytes...)
		if v.Held && x.isEqual {
			if err := j.values.AddRecord(key, nil); err != nil { // no other row can have it
				return err
			}
			continue
		}
		value := appendOrigin(nil, &x.Origin)
		if err := j.values.AddRecord(key, x.Table.AppendCells(value, v.Cells)); err != nil {
			return err
		}
	}
	return nil
}
