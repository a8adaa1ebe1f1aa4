package compare

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"iter"

	"binmend/decoder"
	"binmend/emit/compare/span"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// A suspect is a row of the replica that must not exist as it is, unless the span has touched it: then it is judged by its own
// key. There are three kinds: a row whose key the server finds equal to that of a deleted row, a row with a unique value that the
// source gave to another row, and a row of a table whose rows the span knows completely.

// valueWhy is the beginning of the reason for a suspect with a unique value.
const valueWhy = "the source gave its value of unique key "

// suspect notes a suspect of the current table.
func (j *judge) suspect(row *sqltext.Stored, d *Difference) error {
	if j.previous != nil {
		return nil
	}
	return j.addSuspect(j.table.Table, row, d)
}

func (j *judge) addSuspect(t *span.Table, row *sqltext.Stored, d *Difference) error {
	key, err := t.StoredKey(binary.BigEndian.AppendUint32(nil, t.ID()), row)
	if err != nil {
		return err
	}
	return j.suspects.AddRecord(key, d.record())
}

// askValues asks which rows hold the unique key values that rows of the span have had. A value that is held by a row which is as
// it must be needs no question.
func (j *judge) askValues(ctx context.Context) error {
	a := asking{judge: j}
	var at []byte
	var isHeld bool
	var kept []byte
	end := func() error {
		if at == nil || isHeld {
			return nil
		}
		return a.addValue(ctx, binary.BigEndian.Uint32(at), int(at[4]), kept)
	}
	err := j.values.Each(func(key, value []byte) error {
		if !bytes.Equal(key, at) {
			if err := end(); err != nil {
				return err
			}
			at, isHeld = append(at[:0], key...), false
		}
		isHeld = isHeld || len(value) == 0
		kept = append(kept[:0], value...)
		return nil
	})
	if err != nil {
		return err
	}
	if err := end(); err != nil {
		return err
	}
	return a.flush(ctx)
}

// asking asks for the holders of values of one key.
type asking struct {
	*judge
	of        *span.Table
	key       *schema.Key
	questions []probe.Question
	origins   []span.Origin
}

func (a *asking) addValue(ctx context.Context, table uint32, number int, value []byte) error {
	t := a.span.Table(table)
	key := &t.Table.Keys[number]
	if a.of != t || a.key != key || len(a.questions) == chunkRows {
		if err := a.flush(ctx); err != nil {
			return err
		}
		a.of, a.key = t, key
	}
	in := record{runs.Reader{Rest: bytes.Clone(value)}}
	origin := in.origin()
	cells, err := t.ReadCells(in.Rest)
	if err != nil {
		return err
	}
	a.questions = append(a.questions, probe.Question{Absence: plan.Absence{Row: schema.Row{Table: t.Table, Cells: cells}, Key: key}})
	a.origins = append(a.origins, origin)
	return nil
}

func (a *asking) flush(ctx context.Context) error {
	if len(a.questions) == 0 {
		return nil
	}
	if err := a.pace.wait(ctx, len(a.questions)); err != nil {
		return err
	}
	unasked, err := a.target.Rows(ctx, a.questions, func(n int, row *sqltext.Stored, _ bool) error {
		return a.addSuspect(a.of, row, &Difference{Kind: Extra, Have: row, Origin: a.origins[n],
			Why: fmt.Sprintf("%s%s to another row", valueWhy, a.key.Name)})
	})
	if err == nil && len(unasked) > 0 {
		a.tableOf(a.of).skip("the server can't be asked for values of the unique key "+a.key.Name, uint64(len(unasked)))
	}
	a.questions, a.origins = a.questions[:0], a.origins[:0]
	return err
}

// askWhole lists the keys of tables whose rows the span knows completely: any other row is suspect.
func (j *judge) askWhole(ctx context.Context) error {
	if j.previous != nil || j.options.Wanted != nil {
		return nil
	}
	for _, t := range j.span.Tables {
		if !t.Whole || t.Key == nil || t.Table == nil {
			continue
		}
		d := Difference{Kind: Extra, Count: 1, Origin: t.Begun, Why: "the log makes or empties the table, and has no such row"}
		err := j.eachKey(ctx, t, func(row *sqltext.Stored) error {
			d.Have = row
			return j.addSuspect(t, row, &d)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// askSuspects finds out which suspects the span does not know.
func (j *judge) askSuspects(ctx context.Context) error {
	if j.suspects.Len() == 0 {
		return nil
	}
	next, stop := iter.Pull2(records(j.suspects))
	defer stop()
	s := sifting{judge: j, next: next}
	s.advance()
	err := j.span.Rows(func(row *span.Row) error {
		key := append(binary.BigEndian.AppendUint32(s.scratch[:0], row.Table.ID()), row.Key...)
		s.scratch = key
		for s.ok && bytes.Compare(s.record.key, key) < 0 {
			if err := s.isUnknown(ctx); err != nil {
				return err
			}
		}
		for s.ok && bytes.Equal(s.record.key, key) {
			if err := s.isKnown(ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
	for err == nil && s.ok {
		err = s.isUnknown(ctx)
	}
	if err != nil {
		return err
	}
	return s.flush(ctx)
}

type keyed struct{ key, value []byte }

// records iterates over the records of a sorter; an error comes last.
func records(s *runs.Sorter) iter.Seq2[keyed, error] {
	return func(yield func(keyed, error) bool) {
		stopped := fmt.Errorf("enough")
		err := s.Each(func(key, value []byte) error {
			if !yield(keyed{key, value}, nil) {
				return stopped
			}
			return nil
		})
		if err != nil && err != stopped {
			yield(keyed{}, err)
		}
	}
}

// sifting merges the suspects with the rows of the span, both in the same order.
type sifting struct {
	*judge
	next    func() (keyed, error, bool)
	record  keyed
	ok      bool
	scratch []byte
	last    []byte // the suspect that was added last
	again   chunkOfStored
}

func (s *sifting) advance() error {
	var err error
	s.record, err, s.ok = s.next()
	return err
}

// isUnknown handles a suspect that the span has not touched: once, even if it is suspected more than once.
func (s *sifting) isUnknown(ctx context.Context) error {
	t := s.span.Table(binary.BigEndian.Uint32(s.record.key))
	if !bytes.Equal(s.record.key, s.last) {
		s.last = append(s.last[:0], s.record.key...)
		d, err := readBody(s.tableOf(t), bytes.Clone(s.record.value))
		if err != nil {
			return err
		}
		if err := s.addSifted(ctx, t, d); err != nil {
			return err
		}
	}
	return s.advance()
}

// addSifted adds a suspect as a difference. A suspect from a list of keys has only its key: its row is read first.
func (s *sifting) addSifted(ctx context.Context, t *span.Table, d *Difference) error {
	if d.Count > 0 {
		return s.again.addRow(ctx, s.judge, t, d)
	}
	s.tableOf(t).Judged++
	return s.addDifference(s.record.key[4:], d)
}

// isKnown handles a suspect that the span has touched. If the span can't say how the row must be, a unique value of another row
// is still wrong.
func (s *sifting) isKnown(ctx context.Context, row *span.Row) error {
	if row.Unknown != "" {
		d, err := readBody(s.tableOf(row.Table), bytes.Clone(s.record.value))
		if err != nil {
			return err
		}
		if bytes.HasPrefix([]byte(d.Why), []byte(valueWhy)) && !bytes.Equal(s.record.key, s.last) {
			s.last = append(s.last[:0], s.record.key...)
			if err := s.addSifted(ctx, row.Table, d); err != nil {
				return err
			}
		}
	}
	return s.advance()
}

func (s *sifting) flush(ctx context.Context) error { return s.again.flush(ctx, s.judge) }

// chunkOfStored are rows of the replica that are read by their key.
type chunkOfStored struct {
	of   *span.Table
	rows []*Difference
}

func (c *chunkOfStored) addRow(ctx context.Context, j *judge, t *span.Table, d *Difference) error {
	if c.of != t || len(c.rows) == chunkRows {
		if err := c.flush(ctx, j); err != nil {
			return err
		}
		c.of = t
	}
	c.rows = append(c.rows, d)
	return nil
}

// flush adds the rows that exist.
func (c *chunkOfStored) flush(ctx context.Context, j *judge) error {
	if len(c.rows) == 0 {
		return nil
	}
	if err := j.pace.wait(ctx, len(c.rows)); err != nil {
		return err
	}
	questions := make([]probe.Question, len(c.rows))
	for i, d := range c.rows {
		questions[i] = probe.Question{Absence: plan.Absence{Row: schema.Row{Table: c.of.Table, Cells: make([]decoder.Cell, len(c.of.Table.Columns))},
			Key: c.of.Key}, Stored: d.Have}
	}
	r := j.tableOf(c.of)
	_, err := j.target.Rows(ctx, questions, func(n int, row *sqltext.Stored, _ bool) error {
		key, err := c.of.StoredKey(nil, row)
		if err != nil {
			return err
		}
		d := *c.rows[n]
		d.Table, d.Have, d.Count, d.Later = r, row, 0, false
		if j.previous == nil {
			r.Judged++
		}
		return j.addDifference(key, &d)
	})
	c.rows = c.rows[:0]
	return err
}

// askAgain reads the rows that an earlier round found and that the span has not touched, so that it can't say how they must be.
func (j *judge) askAgain(ctx context.Context) error {
	if j.previous == nil {
		return nil
	}
	var chunk chunkOfStored
	err := j.previous.differ.Each(func(key, value []byte) error {
		d, err := j.result.readDifference(bytes.Clone(key), bytes.Clone(value))
		if err != nil || d.Count > 0 || d.Kind != Extra || j.seen[hashOf(key)] {
			return err
		}
		return chunk.addRow(ctx, j, d.Table.Table, d)
	})
	if err != nil {
		return err
	}
	return chunk.flush(ctx, j)
}

// again judges the differences of a round again. A difference is certain if the logs show that no transaction touched its row in
// between; the others are left.
func (c *comparison) again(ctx context.Context, p span.Progress, before *judge) (*judge, error) {
	defer before.close()
	if before.differ.Len() > maxPending {
		return nil, manyMoved(before.differ.Len())
	}
	if err := c.fetch(ctx); err != nil {
		return nil, err
	}
	origins := map[uint64]uint64{}
	events := map[string]uint64{}
	for _, t := range before.span.Tables {
		events[t.Name.String()] = t.Events
	}
	err := before.differ.Each(func(key, value []byte) error {
		x, err := c.result.readDifference(key, value)
		if err == nil {
			origins[hashOf(key)] = x.saying()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	j, err := c.round(ctx, p, before)
	if err != nil {
		return nil, err
	}
	left := runs.New(memoryOf, c.options.Folder)
	err = j.differ.Each(func(key, value []byte) error {
		x, err := c.result.readDifference(key, value)
		if err != nil {
			return err
		}
		said, known := origins[hashOf(key)]
		if known && said == x.saying() && !x.Later && (x.Count == 0 || events[x.Table.Name.String()] == x.Table.Events) {
			return c.addDifference(key, value)
		}
		return left.AddRecord(key, value)
	})
	j.differ.Close()
	j.differ = left
	if err != nil {
		j.close()
		return nil, err
	}
	return j, nil
}

// saying identifies why a row differs: if it is the same later, nothing has touched the row.
func (x *Difference) saying() uint64 {
	return hashOf(append(appendOrigin(nil, &x.Origin), byte(x.Kind), byte(x.Count)))
}
