package repair

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/emit/display"
	"binmend/emit/plan"
	"binmend/emit/probe"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/live"
)

// checkKeys refuses a transaction if the source has both its row and the conflicting row, because the source lacks the unique key or
// compares it by another collation. Whichever of the two rows the replica keeps, the error comes back. The source itself, or a later
// transaction that changes the conflicting row, shows that the source has both; so does the failing one, if it met a row that is
// exactly as the transaction itself needs it.
func checkKeys(ctx context.Context, o *Options, g *Gathered, whole *plan.Plan, r *probe.Result) error {
	d := sqltext.For(o.Replica.Version)
	for i := range whole.Absences {
		a := &whole.Absences[i]
		unknown := "is not a key on the source"
		both := storedText(sharedRow(a, r.InTheWay(i), r))
		if needed, ok := r.Excused(i); ok && isConflict(a, g.Conflict) {
			unknown, both = "is not a key on the source, or compares by another collation than there", rowText(d, needed)
		}
		if both == "" {
			continue
		}
		why, err := differenceOnSource(ctx, o, g, a, unknown)
		if err != nil {
			return err
		}
		if why != "" {
			return &fault.Error{Reason: ErrKeyOfReplica, What: fmt.Sprintf("%s: the unique key %s of the replica %s, so the source has both rows: %s; and %s "+
				"(at %s, row %d)", display.Printable(a.Row.Table.FullName()), display.Printable(a.Key.Name), why,
				both, rowText(d, a.Row), a.Origin.Pos, a.Origin.Row)}
		}
	}
	return nil
}

// isConflict reports whether an Absence is of the key value that the applier could not write; conflict is nil if that is not known.
func isConflict(a *plan.Absence, conflict *schema.KeyedRow) bool {
	return conflict != nil && a.Row.Table == conflict.Row.Table && a.Key == conflict.Key &&
		!slices.ContainsFunc(a.Key.Parts, func(part schema.KeyPart) bool {
			return part.Column < 0 || !bytes.Equal(a.Row.Cells[part.Column].Raw(), conflict.Row.Cells[part.Column].Raw())
		})
}

// differenceOnSource says how the source's key differs from that of an Absence; "" if it does not. Without a connection it is unknown how,
// but the two rows show that it does: no server has two rows with the same value of a unique key.
func differenceOnSource(ctx context.Context, o *Options, g *Gathered, a *plan.Absence, unknown string) (string, error) {
	if o.Source == nil {
		return unknown, nil
	}
	source, err := o.Source.Tables().Table(ctx, schema.Ref{Database: g.applier.filters.Original(a.Row.Table.Database), Table: a.Row.Table.Name})
	if errors.Is(err, live.ErrNoTable) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the source %s: %w", o.Source.Name(), err)
	}
	m := mappingOf(a.Row.Table, source)
	if m == nil {
		return "", nil
	}
	return keyDifference(a.Row.Table, m, a.Key), nil
}

// sharedRow is a row of the source that is put back although it has the key value of an Absence; nil for none.
func sharedRow(a *plan.Absence, inTheWay []sqltext.Stored, r *probe.Result) *sqltext.Stored {
	for i := range r.Restored {
		restored := &r.Restored[i]
		if restored.Row.Table != a.Row.Table || restored.Origin != a.Origin {
			continue
		}
		for n := range inTheWay {
			isPutBack := slices.ContainsFunc(restored.Rows, func(row sqltext.Stored) bool { return row.ID() == inTheWay[n].ID() })
			if isPutBack && hasSameKey(&inTheWay[n], &restored.Row, a.Key) {
				return &restored.Row
			}
		}
	}
	return nil
}

func hasSameKey(a, b *sqltext.Stored, key *schema.Key) bool {
	return !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool {
		return part.Column < 0 || !bytes.Equal(a.Literals[part.Column], b.Literals[part.Column])
	})
}

// keyDifference says how the source's key differs from the replica's; "" if it does not.
func keyDifference(replica *schema.Table, m *mapping, key *schema.Key) string {
	there := m.key(key)
	if there == nil {
		there = key // an expression
	}
	for i := range m.table.Keys {
		if !slices.EqualFunc(there.Parts, m.table.Keys[i].Parts, func(a, b schema.KeyPart) bool {
			return a.Column == b.Column && a.Prefix == b.Prefix && a.Expr == b.Expr
		}) {
			continue
		}
		for n, part := range key.Parts {
			if part.Column < 0 {
				continue
			}
			here, source := &replica.Columns[part.Column], &m.table.Columns[there.Parts[n].Column]
			if here.Collation != source.Collation && here.Collation != "" && source.Collation != "" {
				return fmt.Sprintf("compares by collation %s, that of the source by collation %s", here.Collation, source.Collation)
			}
		}
		return ""
	}
	return "is not a key on the source"
}

// maxShownRow bounds what is shown of a row.
const maxShownRow = 200

func storedText(row *sqltext.Stored) string {
	if row == nil {
		return ""
	}
	var list []string
	for i, literal := range row.Literals {
		if literal != nil {
			list = append(list, row.Table.Columns[i].Name+" = "+string(literal))
		}
	}
	return display.OneLine([]byte(strings.Join(list, ", ")), maxShownRow)
}

func rowText(d sqltext.Dialect, row schema.Row) string {
	var list []string
	for i, cell := range row.Cells {
		if cell.State() != decoder.Value {
			continue
		}
		if literal, err := d.AppendLiteral(nil, &row.Table.Columns[i], cell); err == nil {
			list = append(list, row.Table.Columns[i].Name+" = "+string(literal))
		}
	}
	return display.OneLine([]byte(strings.Join(list, ", ")), maxShownRow)
}
