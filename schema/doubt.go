package schema

import (
	"bytes"
	"slices"
	"strings"

	"binmend/decoder"
)

// Doubt is what is unknown about a table. Rows for which it makes no difference can still be read.
type Doubt struct {
	Reason error // of a row for which it makes a difference
	Values []ValueDoubt
	Others []*Table // definitions that the table may have had instead
}

// ValueDoubt is what is not known of a column.
type ValueDoubt struct {
	Column int // its ordinal
	Unknown
}

// Unknown is what a column's definition does not say.
type Unknown uint8

const (
	KnownType      Unknown = iota
	UnknownType            // of a string: text or bytes, the character set; only NULL reads the same
	UnknownLength          // the same, of a string of variable length: an empty one reads the same as well
	UnknownCharset         // of text in a character set of one or of up to three bytes
	UnknownSign
	UnknownMembers // of an ENUM or SET
)

// With is the doubt with one more value in it.
func (d *Doubt) With(v ValueDoubt, reason error) *Doubt {
	if d == nil {
		return &Doubt{Reason: reason, Values: []ValueDoubt{v}}
	}
	return &Doubt{Reason: d.Reason, Values: append(slices.Clip(d.Values), v), Others: d.Others}
}

// Sure returns nil for a row that has the same values whichever of its doubtful definitions the table had, else the reason of the doubt.
func (t *Table) Sure(row *decoder.Row) error {
	if t.Doubt == nil {
		return nil
	}
	for _, image := range []decoder.Image{row.Before, row.After} {
		if len(image) > 0 && !t.readsAlike(image) {
			return t.Doubt.Reason
		}
	}
	return nil
}

// readsAlike reports whether an image reads the same whatever the table is.
func (t *Table) readsAlike(image decoder.Image) bool {
	isDoubtful := func(v ValueDoubt) bool { return v.Column < len(image) && !v.isHarmless(image[v.Column]) }
	if slices.ContainsFunc(t.Doubt.Values, isDoubtful) {
		return false
	}
	return !slices.ContainsFunc(t.Doubt.Others, func(other *Table) bool {
		return !t.sameValues(other, image) || other.Doubt != nil && !other.readsAlike(image)
	})
}

// sameValues reports whether both tables have the same values under the same names.
func (t *Table) sameValues(other *Table, image decoder.Image) bool {
	if len(t.Columns) != len(other.Columns) || len(image) < len(t.Columns) {
		return false
	}
	for i := range t.Columns {
		at := other.Column(t.Columns[i].Name)
		if at < 0 || image[i].State() != image[at].State() || t.Columns[i].isComputed() != other.Columns[at].isComputed() {
			return false
		}
		if image[i].State() == decoder.Null || image[i].State() == decoder.Absent {
			continue
		}
		if !t.Columns[i].readsAs(&other.Columns[at]) || i != at && !bytes.Equal(image[i].Raw(), image[at].Raw()) {
			return false
		}
	}
	return true
}

// isComputed reports whether statements do not name the column's value.
func (c *Column) isComputed() bool { return c.Generated != NotGenerated || c.SystemTime }

// readsAs reports whether the values of two columns read the same.
func (c *Column) readsAs(other *Column) bool {
	return c.Type == other.Type && c.Unsigned == other.Unsigned && c.Length == other.Length && c.Decimals == other.Decimals &&
		c.Charset == other.Charset && c.Compressed == other.Compressed && slices.Equal(c.Members, other.Members)
}

// isHarmless reports whether a value reads the same whatever is unknown.
func (u Unknown) isHarmless(v decoder.Cell) bool {
	if v.State() != decoder.Value {
		return v.State() != decoder.Diffs
	}
	stored := v.Raw()
	switch u {
	case UnknownLength:
		return len(stored) == 0
	case UnknownCharset:
		return !slices.ContainsFunc(stored, isVariant)
	case UnknownSign:
		return len(stored) > 0 && stored[len(stored)-1] < 0x80 // little-endian
	case UnknownMembers:
		return !slices.ContainsFunc(stored, func(b byte) bool { return b != 0 }) // the empty string
	}
	return false
}

// isVariant reports whether a byte may be another character in a character set of one byte, or of one to three, than in ASCII:
// swe7 has letters of its own, and sjis, cp932 and ujis have a yen sign and an overline.
func isVariant(b byte) bool {
	return b < 0x20 || b >= 0x7f || bytes.IndexByte([]byte("@[\\]^_`{|}~"), b) >= 0
}

// WithOthers is a table that may be one of others instead. It has the keys that all of them have.
func (t *Table) WithOthers(others []*Table, reason error) *Table {
	with := *t
	with.Doubt = &Doubt{Reason: reason, Others: others}
	if t.Doubt != nil {
		with.Doubt.Reason, with.Doubt.Values = t.Doubt.Reason, t.Doubt.Values
	}
	with.Keys = slices.DeleteFunc(slices.Clone(t.Keys), func(k Key) bool {
		return slices.ContainsFunc(others, func(other *Table) bool { return !other.hasKey(t, &k) })
	})
	with.KeysUnknown = t.KeysUnknown || len(with.Keys) < len(t.Keys)
	return &with
}

// hasKey reports whether there is a key of the same columns as one of another table.
func (t *Table) hasKey(of *Table, key *Key) bool {
	samePart := func(a, b KeyPart) bool {
		return a.Prefix == b.Prefix && a.Column >= 0 && b.Column >= 0 && strings.EqualFold(of.Columns[a.Column].Name, t.Columns[b.Column].Name)
	}
	return slices.ContainsFunc(t.Keys, func(k Key) bool {
		return k.Primary == key.Primary && slices.EqualFunc(key.Parts, k.Parts, samePart)
	})
}
