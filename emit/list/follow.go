package list

import (
	"fmt"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/where"
)

// follower finds the changes of a table that belong to the wanted row: a row whose image, before or after, meets the condition.
// From then on the row is identified by its primary key, or by its first unique key without NULL. So it is still followed when a
// change gives it another key or values that do not meet the condition, until it is deleted. Changes must come in log order.
type follower struct {
	condition *where.Condition
	tables    map[*schema.Table]*followed
	rows      map[string]bool // keys of the followed rows
	fits      bool            // the table has, in one of its forms, the columns of the condition
	scratch   where.Scratch
	before    []byte // scratch: the key before a change
	after     []byte // and after it
}

// followed is what the follower needs for one form of the table.
type followed struct {
	table   *schema.Table
	matcher *where.Matcher // nil if the table lacks a column of the condition
	key     []int          // ordinals; none when no key identifies a row
}

// maxFollowed bounds how many rows are followed at once.
const maxFollowed = 1_000_000

// newFollower follows the rows that meet a condition.
func newFollower(condition *where.Condition) *follower {
	return &follower{condition: condition, tables: map[*schema.Table]*followed{}, rows: map[string]bool{}}
}

// ErrTooManyRows: the condition fits more rows than can be followed.
var ErrTooManyRows = fault.NewReason("too many rows to follow")

// Fits reports whether the table has had, in one of its forms so far, all columns of the condition.
func (f *follower) Fits() bool { return f.fits }

// wants reports whether a change belongs to the wanted row, and remembers the row's new key.
func (f *follower) wants(t *schema.Table, server decoder.Flavor, row *decoder.Row) (bool, error) {
	k, err := f.followed(t, server)
	if err != nil {
		return false, err
	}
	wanted := false
	if k.matcher != nil {
		wanted, err = k.matcher.Match(&f.scratch, row)
	}
	if err != nil || !wanted && len(f.rows) == 0 || len(k.key) == 0 {
		return wanted, err
	}
	if f.before, err = appendKey(f.before[:0], k, row.Before, nil); err != nil {
		return false, err
	}
	if !wanted && !f.rows[string(f.before)] {
		return false, nil
	}
	if f.after, err = appendKey(f.after[:0], k, row.After, row.Before); err != nil {
		return false, err
	}
	delete(f.rows, string(f.before))
	if len(f.after) > 0 {
		f.rows[string(f.after)] = true
	}
	if len(f.rows) > maxFollowed {
		return false, &fault.Error{Reason: ErrTooManyRows, What: fmt.Sprintf("more than %d rows meet %s", maxFollowed, f.condition)}
	}
	return true, nil
}

func (f *follower) followed(t *schema.Table, server decoder.Flavor) (*followed, error) {
	if k := f.tables[t]; k != nil {
		return k, nil
	}
	matcher, fits, err := f.condition.For(t, server)
	if err != nil {
		return nil, err
	}
	f.fits = f.fits || fits
	k := &followed{table: t, matcher: matcher, key: identity(t)}
	f.tables[t] = k
	return k, nil
}

// identity returns the columns of the first unique key that identifies rows: whole columns that are never NULL.
func identity(t *schema.Table) []int {
	for i := range t.Keys {
		if columns := wholeColumns(t, &t.Keys[i]); columns != nil {
			return columns
		}
	}
	return nil
}

func wholeColumns(t *schema.Table, k *schema.Key) (columns []int) {
	if k.WithoutOverlaps {
		return nil
	}
	for _, part := range k.Parts {
		if part.Column < 0 || part.Prefix > 0 || t.Columns[part.Column].Nullable && !k.Primary {
			return nil
		}
		columns = append(columns, part.Column)
	}
	return columns
}

// appendKey appends the values of a row's key; nothing if the image is empty or the log does not have the key. Columns that an after
// image leaves out are as before.
func appendKey(dst []byte, k *followed, image, before decoder.Image) ([]byte, error) {
	begin := len(dst)
	for i := range k.key {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		var ok bool
		var err error
		if dst, ok, err = appendPart(dst, k, i, image, before); !ok || err != nil {
			return dst[:begin], err
		}
	}
	return dst, nil
}

// appendPart appends the value of one part of a key.
func appendPart(dst []byte, k *followed, part int, image, before decoder.Image) (_ []byte, ok bool, err error) {
	ordinal := k.key[part]
	if k.table.Columns[ordinal].Generated != schema.NotGenerated {
		before = nil // MariaDB leaves virtual columns out of after images even if they change
	}
	cell := cellOf(image, before, ordinal)
	if len(image) == 0 || cell.State() != decoder.Value {
		return dst, false, nil
	}
	dst, err = anyDialect.AppendLiteral(dst, &k.table.Columns[ordinal], cell)
	return dst, err == nil, err
}

// anyDialect writes the values of keys, which are only compared and shown.
var anyDialect = sqltext.For(decoder.Version{})

func cellOf(image, before decoder.Image, ordinal int) decoder.Cell {
	if ordinal < len(image) && image[ordinal].State() != decoder.Absent {
		return image[ordinal]
	}
	if ordinal < len(before) {
		return before[ordinal]
	}
	return decoder.Cell{}
}
