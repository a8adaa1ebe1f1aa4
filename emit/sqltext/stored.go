package sqltext

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"binmend/schema"
)

// Stored is a row as a server has it: each value as the literal that stores it, the same text that AppendLiteral writes
// for a row of a log. Two values are the same exactly when their literals are, save in a JSON document, where a text
// stands for the types that the server's parser makes of it.
type Stored struct {
	Table    *schema.Table
	Literals [][]byte // by column ordinal; nil for a column that can't be read
}

// Clone returns a copy with bytes of its own.
func (s *Stored) Clone() Stored {
	c := Stored{Table: s.Table, Literals: make([][]byte, len(s.Literals))}
	for i, l := range s.Literals {
		c.Literals[i] = bytes.Clone(l)
	}
	return c
}

// ID identifies a row across all tables by all its values.
func (s *Stored) ID() (id [sha256.Size]byte) {
	h := sha256.New()
	h.Write([]byte(s.Table.Database + "\x00" + s.Table.Name))
	for _, l := range s.Literals {
		h.Write([]byte{0})
		h.Write(l)
	}
	h.Sum(id[:0])
	return id
}

// NeedsLenientMode is NeedsLenientMode of the row.
func (s *Stored) NeedsLenientMode() bool {
	for i := range s.Table.Columns {
		if s.Table.Columns[i].Type == schema.TypeEnum && string(s.Literals[i]) == "0" {
			return true
		}
	}
	return false
}

// IsNull reports whether the row has NULL in the column.
func (s *Stored) IsNull(column int) bool { return string(s.Literals[column]) == "NULL" }

// AppendFetch appends the expression whose value AppendStored makes a literal of. It does not depend on the session's
// settings. Versioning's own columns are never read.
func (d Dialect) AppendFetch(dst []byte, c *schema.Column) []byte {
	before, after := "", ""
	switch {
	case c.Type == schema.TypeChar:
		before, after = "CAST(TRIM(TRAILING ' ' FROM ", ") AS BINARY)" // sql_mode PAD_CHAR_TO_FULL_LENGTH
	case c.Type.IsText():
		before, after = "CAST(", " AS BINARY)"
	case c.Type == schema.TypeEnum || c.Type == schema.TypeSet:
		before, after = "CAST(", " AS UNSIGNED)"
	case c.Type.IsFloat():
		after = " * 1e0" // all digits; the sign of a zero stays
	case c.Zerofill:
		after = " + 0"
	case c.Type == schema.TypeTimestamp:
		before, after = "UNIX_TIMESTAMP(", ")"
	}
	dst = d.AppendIdent(append(dst, before...), c.Name)
	return append(dst, after...)
}

// AppendStored appends the literal of a value that a server answered for AppendFetch's expression; nil is NULL.
func (d Dialect) AppendStored(dst []byte, c *schema.Column, value []byte) ([]byte, error) {
	if value == nil {
		return append(dst, "NULL"...), nil
	}
	dst, err := d.appendStored(dst, c, value)
	if err != nil {
		return dst, fmt.Errorf("column %s: the server's value: %w", c.Name, err)
	}
	return dst, nil
}

func (d Dialect) appendStored(dst []byte, c *schema.Column, value []byte) ([]byte, error) {
	switch c.Type {
	case schema.TypeTinyInt, schema.TypeSmallInt, schema.TypeMediumInt, schema.TypeInt, schema.TypeBigInt, schema.TypeDecimal:
		return appendOf(dst, value, "0123456789-.")
	case schema.TypeFloat, schema.TypeDouble:
		f, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			return dst, err
		}
		return appendDouble(dst, f)
	case schema.TypeBit:
		if len(value) > 8 {
			return dst, fmt.Errorf("expected at most 8 bytes, found %d", len(value))
		}
		var bits [8]byte
		copy(bits[8-len(value):], value)
		return strconv.AppendUint(dst, binary.BigEndian.Uint64(bits[:]), 10), nil
	case schema.TypeYear:
		year, err := strconv.ParseUint(string(value), 10, 16)
		return fmt.Appendf(dst, "'%04d'", year), err
	case schema.TypeDate, schema.TypeTime, schema.TypeDatetime:
		dst, err := appendOf(append(dst, '\''), value, "0123456789-.: ")
		return append(dst, '\''), err
	case schema.TypeTimestamp:
		return appendStoredTimestamp(dst, string(value))
	case schema.TypeEnum, schema.TypeSet:
		return d.appendStoredMembers(dst, c, string(value))
	case schema.TypeJSON:
		return d.AppendString(dst, string(value)), nil
	case schema.TypeUUID:
		dst, err := appendOf(append(dst, '\''), bytes.ToLower(value), "0123456789abcdef-")
		return append(dst, '\''), err
	case schema.TypeInet4, schema.TypeInet6:
		addr, err := netip.ParseAddr(string(value))
		return append(addr.AppendTo(append(dst, '\'')), '\''), err
	case schema.TypeBinary:
		return appendHexLiteral(d, dst, value), nil
	}
	switch {
	case c.Type.IsText():
		return d.appendText(dst, c, value)
	case len(value) == 0:
		return append(dst, "''"...), nil
	case c.Type.IsBytes():
		return appendHexLiteral(d, dst, value), nil
	}
	return dst, fmt.Errorf("the schema does not say its type")
}

// appendOf appends a value of the given characters and refuses any other.
func appendOf(dst, value []byte, characters string) ([]byte, error) {
	if len(value) == 0 || len(bytes.Trim(value, characters)) > 0 {
		return dst, fmt.Errorf("expected some of %q, found %q", characters, value)
	}
	return append(dst, value...), nil
}

// appendStoredTimestamp appends a TIMESTAMP in UTC, given as seconds since 1970.
func appendStoredTimestamp(dst []byte, value string) ([]byte, error) {
	whole, fraction, _ := strings.Cut(value, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return dst, err
	}
	dst = append(dst, '\'')
	if seconds == 0 && strings.Trim(fraction, "0") == "" { // MariaDB has fractions of the second 0 besides
		dst = append(dst, zeroDatetime...)
	} else {
		dst = time.Unix(seconds, 0).UTC().AppendFormat(dst, time.DateTime)
	}
	if fraction != "" {
		if dst, err = appendOf(append(dst, '.'), []byte(fraction), "0123456789"); err != nil {
			return dst, err
		}
	}
	return append(dst, '\''), nil
}

func (d Dialect) appendStoredMembers(dst []byte, c *schema.Column, value string) ([]byte, error) {
	number, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return dst, err
	}
	if c.Type == schema.TypeEnum {
		return d.appendEnum(dst, c, number), nil
	}
	return d.appendSet(dst, c, number), nil
}

// AppendReplaceStored appends the REPLACE that puts a row back. In a delicate table it does nothing if the row exists unchanged.
func (d Dialect) AppendReplaceStored(dst []byte, s *Stored) ([]byte, error) {
	switch {
	case HasPeriods(s.Table):
		return d.AppendInsertStored(dst, s)
	case s.isInPart():
		return d.appendInPlaceStored(dst, s)
	}
	if !s.Table.IsDelicate() {
		dst, err := d.appendStoredRow(dst, "REPLACE INTO ", " VALUES (", s)
		return append(dst, ')'), err
	}
	dst, err := d.appendStoredRow(dst, "REPLACE INTO ", " SELECT ", s)
	if err != nil {
		return dst, err
	}
	dst = append(d.AppendTable(append(dst, " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM "...), s.Table), " WHERE "...)
	return append(d.appendSameStored(dst, s), ')'), nil
}

// isInPart reports whether values of columns that only the replica has are not known: they keep theirs.
func (s *Stored) isInPart() bool {
	for i, literal := range s.Literals {
		if literal == nil && s.Table.Columns[i].Local {
			return true
		}
	}
	return false
}

// appendInPlaceStored appends the statements that put a row and leave the columns alone that only the replica has: rows in the way
// go, the row itself is changed, or is made where it is not there.
func (d Dialect) appendInPlaceStored(dst []byte, s *Stored) ([]byte, error) {
	var name *schema.Key
	for i := range s.Table.Keys {
		if key := &s.Table.Keys[i]; name == nil && s.IsNamedBy(key) {
			name = key
		}
	}
	if name == nil {
		return dst, inTable(s.Table, fmt.Errorf("no key identifies the row"))
	}
	named, err := d.AppendStoredCondition(nil, s, name)
	if err != nil {
		return dst, err
	}
	for i := range s.Table.Keys {
		key := &s.Table.Keys[i]
		if key == name || !s.IsNamedBy(key) {
			continue
		}
		if dst, err = d.AppendDeleteStored(dst, s, key); err != nil {
			return dst, err
		}
		dst = append(append(append(dst, " AND NOT ("...), named...), ");\n"...)
	}
	dst = append(d.AppendTable(append(dst, "UPDATE "...), s.Table), " SET "...)
	for i := range s.Table.Columns {
		c := &s.Table.Columns[i]
		switch {
		case !c.Assignable() || s.Literals[i] == nil && !c.OnUpdate:
			continue
		case s.Literals[i] == nil:
			dst = d.AppendIdent(append(d.AppendIdent(dst, c.Name), " = "...), c.Name)
		default:
			dst = append(append(d.AppendIdent(dst, c.Name), " = "...), s.Literals[i]...)
		}
		dst = append(dst, ", "...)
	}
	dst = append(append(append(dst[:len(dst)-len(", ")], " WHERE "...), named...), ";\n"...)
	if dst, err = d.appendStoredRow(dst, "INSERT INTO ", " SELECT ", s); err != nil {
		return dst, err
	}
	dst = d.AppendTable(append(dst, " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM "...), s.Table)
	return append(append(append(dst, " WHERE "...), named...), ')'), nil
}

// appendSameStored appends the condition that a row is exactly as the given one.
func (d Dialect) appendSameStored(dst []byte, s *Stored) []byte {
	begin := len(dst)
	for i, literal := range s.Literals {
		c := &s.Table.Columns[i]
		if !c.Assignable() || literal == nil {
			continue
		}
		if len(dst) > begin {
			dst = append(dst, " AND "...)
		}
		dst = d.appendSameColumn(dst, c, literal)
	}
	return dst
}

// AppendInsertStored appends the INSERT of a row.
func (d Dialect) AppendInsertStored(dst []byte, s *Stored) ([]byte, error) {
	dst, err := d.appendStoredRow(dst, "INSERT INTO ", " VALUES (", s)
	return append(dst, ')'), err
}

// appendStoredRow appends the verb, the table, the columns and, after what is given, the values.
func (d Dialect) appendStoredRow(dst []byte, verb, beforeValues string, s *Stored) ([]byte, error) {
	var columns []int
	for i := range s.Table.Columns {
		c := &s.Table.Columns[i]
		if !c.Assignable() || s.Literals[i] == nil && c.Local && (c.Nullable || c.AutoIncrement || c.Default.Kind != schema.NoDefault) {
			continue
		}
		if s.Literals[i] == nil && !c.Local {
			return dst, inTable(s.Table, fmt.Errorf("column %s: its value was not read", s.Table.Columns[i].Name))
		}
		columns = append(columns, i)
	}
	dst = append(d.AppendTable(append(dst, verb...), s.Table), " ("...)
	dst = append(d.AppendColumns(dst, s.Table, columns), ')')
	dst = append(dst, beforeValues...)
	for i, ordinal := range columns {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if s.Literals[ordinal] != nil {
			dst = append(dst, s.Literals[ordinal]...)
			continue
		}
		var err error
		if dst, err = AppendAny(dst, &s.Table.Columns[ordinal]); err != nil {
			return dst, inTable(s.Table, err)
		}
	}
	return dst, nil
}

// AppendDeleteStored appends the DELETE of a row by a key for which IsNamedBy is true.
func (d Dialect) AppendDeleteStored(dst []byte, s *Stored, key *schema.Key) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "DELETE FROM "...), s.Table), " WHERE "...)
	return d.AppendStoredCondition(dst, s, key)
}

// AppendSetNull appends the UPDATE that sets columns of a row to NULL, and no other.
func (d Dialect) AppendSetNull(dst []byte, s *Stored, key *schema.Key, columns []string) ([]byte, error) {
	dst = append(d.AppendTable(append(dst, "UPDATE "...), s.Table), " SET "...)
	for _, name := range columns {
		dst = append(d.AppendIdent(dst, name), " = NULL, "...)
	}
	for i := range s.Table.Columns {
		if c := &s.Table.Columns[i]; c.OnUpdate && !slices.Contains(columns, c.Name) {
			dst = append(d.AppendIdent(append(d.AppendIdent(dst, c.Name), " = "...), c.Name), ", "...)
		}
	}
	dst = append(dst[:len(dst)-len(", ")], " WHERE "...)
	return d.AppendStoredCondition(dst, s, key)
}

// IsNamedBy reports whether AppendStoredCondition can ask for the row by the key: the key has no expression and no period
// among its parts, and the row no NULL.
func (s *Stored) IsNamedBy(key *schema.Key) bool {
	return !key.WithoutOverlaps && !slices.ContainsFunc(key.Parts, func(part schema.KeyPart) bool {
		return part.Column < 0 || s.Literals[part.Column] == nil || s.IsNull(part.Column)
	})
}

// AppendStoredCondition appends the condition that a row has the key value of the given one.
func (d Dialect) AppendStoredCondition(dst []byte, s *Stored, key *schema.Key) ([]byte, error) {
	for i := range key.Parts {
		if i > 0 {
			dst = append(dst, " AND "...)
		}
		part := &key.Parts[i]
		c, literal := &s.Table.Columns[part.Column], s.Literals[part.Column]
		switch {
		case part.Prefix > 0 && c.Type.IsString():
			dst = fmt.Appendf(d.AppendIdent(append(dst, "LEFT("...), c.Name), ", %d) = LEFT(%s, %d)", part.Prefix, literal, part.Prefix)
		case d.reading && c.Type.IsDated():
			var err error
			if dst, err = d.appendMoment(dst, c, " = ", strings.Trim(string(literal), "'")); err != nil {
				return dst, inTable(s.Table, err)
			}
		default:
			dst = append(append(d.AppendIdent(dst, c.Name), " = "...), literal...)
		}
	}
	return dst, nil
}
