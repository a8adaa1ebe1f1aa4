package compare

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/emit/compare/span"
	"binmend/emit/runs"
	"binmend/emit/sqltext"
	"binmend/schema"
)

const scanRows = 5000 // that a statement reads, or that are read between two looks at the load

// eachKey lists the keys of a table, in chunks if the server compares them as it orders them.
func (j *judge) eachKey(ctx context.Context, t *span.Table, yield func(*sqltext.Stored) error) error {
	var columns []int
	ordered := true
	for _, p := range t.Key.Parts {
		columns = append(columns, p.Column)
		ordered = ordered && p.Prefix == 0 && comparesAsOrdered(t.Table.Columns[p.Column].Type)
	}
	if ordered {
		return j.eachKeyInChunks(ctx, t.Table, columns, yield)
	}
	if err := j.pace.wait(ctx, 0); err != nil {
		return err
	}
	n := 0
	return j.target.Scan(ctx, t.Table, columns, "", func(row *sqltext.Stored) error {
		if n++; n%scanRows == 0 {
			if err := j.pace.slow(ctx, scanRows); err != nil {
				return err
			}
		}
		return yield(row)
	})
}

// comparesAsOrdered reports whether a server surely compares a value with a literal as ORDER BY does. It orders an ENUM, for one, by its
// number, and compares it by its text.
func comparesAsOrdered(t schema.Type) bool {
	switch t {
	case schema.TypeDecimal, schema.TypeVarchar, schema.TypeChar, schema.TypeBinary, schema.TypeVarbinary:
		return true
	}
	return t.IsInteger()
}

// eachKeyInChunks asks for so many keys at a time, each time for those after the last one: no statement runs for long.
func (j *judge) eachKeyInChunks(ctx context.Context, t *schema.Table, columns []int, yield func(*sqltext.Stored) error) error {
	order := string(j.result.dialect.AppendColumns([]byte(" ORDER BY "), t, columns))
	var last *sqltext.Stored
	for {
		if err := j.pace.wait(ctx, scanRows); err != nil {
			return err
		}
		n := 0
		rest := order + fmt.Sprintf(" LIMIT %d", scanRows)
		if last != nil {
			rest = " WHERE " + string(j.appendAfter(nil, last, columns)) + rest
		}
		err := j.target.Scan(ctx, t, columns, rest, func(row *sqltext.Stored) error {
			if n++; n == scanRows {
				clone := row.Clone()
				last = &clone
			}
			return yield(row)
		})
		if err != nil || n < scanRows {
			return err
		}
	}
}

// appendAfter appends the condition that a row comes after another one by some columns: (a > 1 OR a = 1 AND b > 2).
func (j *judge) appendAfter(dst []byte, row *sqltext.Stored, columns []int) []byte {
	d := j.result.dialect
	for i := range columns {
		if i > 0 {
			dst = append(dst, " OR "...)
		}
		for n := range i + 1 {
			operator := " = "
			if n > 0 {
				dst = append(dst, " AND "...)
			}
			if n == i {
				operator = " > "
			}
			dst = append(d.AppendIdent(dst, row.Table.Columns[columns[n]].Name), operator...)
			dst = append(dst, row.Literals[columns[n]]...)
		}
	}
	return dst
}

// countBags compares the tables without a key whose rows the span knows completely: how often each row occurs.
func (j *judge) countBags(ctx context.Context) error {
	bags := runs.New(memoryOf, j.options.Folder)
	defer bags.Close()
	isAny := false
	for _, t := range j.span.Tables {
		if t.Key != nil || t.Table == nil || !t.Whole || !j.asksBag(t) {
			continue
		}
		isAny = true
		if err := j.readBag(ctx, t, bags); err != nil {
			return err
		}
	}
	if !isAny {
		return nil
	}
	err := j.span.Bags(func(t *span.Table, text [sha256.Size]byte, count int, cells []decoder.Cell, o span.Origin) error {
		if !j.asksBag(t) {
			return nil
		}
		value := binary.AppendVarint(nil, int64(count))
		value = appendOrigin(value, &o)
		if cells != nil {
			value = t.AppendCells(append(value, bagCells), cells)
		}
		return bags.AddRecord(append(binary.BigEndian.AppendUint32(nil, t.ID()), text[:]...), value)
	})
	if err != nil {
		return err
	}
	return j.weigh(bags)
}

// asksBag reports whether a table without a key is wanted and, after the first look, differed in the one before.
func (j *judge) asksBag(t *span.Table) bool {
	return (j.options.Wanted == nil || t.Wanted) && (j.previous == nil || j.previous.hasBag(t))
}

// hasBag reports whether a table without a key differs.
func (j *judge) hasBag(t *span.Table) (has bool) {
	prefix := append([]byte(t.Name.String()), 0)
	j.differ.Each(func(key, _ []byte) error {
		has = has || bytes.HasPrefix(key, prefix)
		return nil
	})
	return has
}

// readBag reads all rows of a table.
func (j *judge) readBag(ctx context.Context, t *span.Table, bags *runs.Sorter) error {
	var columns []int
	for i := range t.Table.Columns {
		if t.Table.Columns[i].Assignable() {
			columns = append(columns, i)
		}
	}
	if err := j.pace.wait(ctx, 0); err != nil {
		return err
	}
	n := 0
	var text []byte
	return j.target.Scan(ctx, t.Table, columns, "", func(row *sqltext.Stored) error {
		if n++; n%chunkRows == 0 {
			if err := j.pace.slow(ctx, chunkRows); err != nil {
				return err
			}
		}
		text = text[:0]
		for _, i := range columns {
			if !t.Table.Columns[i].Local {
				text = append(append(text, row.Literals[i]...), 0)
			}
		}
		sum := sha256.Sum256(text)
		value := appendOrigin(binary.AppendVarint(nil, -1), &t.Begun)
		value = appendLiterals(append(value, bagLiterals), row)
		return bags.AddRecord(append(binary.BigEndian.AppendUint32(nil, t.ID()), sum[:]...), value)
	})
}

// weigh adds the rows that occur too often, or not often enough.
func (j *judge) weigh(bags *runs.Sorter) error {
	var w weight
	var at []byte
	end := func() error {
		if at == nil {
			return nil
		}
		return w.end(j, at[4:])
	}
	err := bags.Each(func(key, value []byte) error {
		if !bytes.Equal(at, key) {
			if err := end(); err != nil {
				return err
			}
			at, w = append(at[:0], key...), weight{table: j.span.Table(binary.BigEndian.Uint32(key))}
		}
		return w.addRecord(j, bytes.Clone(value))
	})
	if err != nil {
		return err
	}
	return end()
}

// weight is how often one row occurs, and how often it must.
type weight struct {
	table          *span.Table
	must, is       int64
	want, have     *sqltext.Stored
	wantOf, haveOf span.Origin
}

// The two kinds of records of a bag: rows of the span, as cells, and of the replica, as literals.
const bagCells, bagLiterals = 1, 2

func (w *weight) addRecord(j *judge, value []byte) error {
	in := record{runs.Reader{Rest: value}}
	n := in.Varint()
	origin := in.origin()
	if n < 0 && len(in.Rest) > 0 && in.Byte() == bagLiterals {
		w.is -= n
		w.have, w.haveOf = in.literals(&TableResult{Table: w.table}), origin
		return nil
	}
	w.must += n
	if n < 0 || len(in.Rest) == 0 || in.Byte() != bagCells {
		return nil
	}
	cells, err := w.table.ReadCells(in.Rest)
	if err == nil {
		w.wantOf = origin
		w.want, err = j.literals(w.table.Table, cells)
	}
	return err
}

func (w *weight) end(j *judge, key []byte) error {
	r := j.tableOf(w.table)
	if j.previous == nil {
		r.Judged += uint64(max(w.must, w.is))
	}
	switch {
	case w.must > w.is && w.want != nil:
		return j.addDifference(key, &Difference{Kind: Missing, Table: r, Count: int(w.must - w.is), Want: w.want, Origin: w.wantOf, Why: "the log has this row"})
	case w.must < w.is:
		return j.addDifference(key, &Difference{Kind: Extra, Table: r, Count: int(w.is - w.must), Have: w.have, Origin: w.haveOf,
			Why: "the log makes or empties the table, and has no such row, or fewer of them"})
	}
	return nil
}

func manyMoved(n uint64) error {
	return &fault.Error{Reason: ErrManyMoved, What: fmt.Sprintf("%d rows differ, and the applier changes rows meanwhile", n)}
}
