package schema

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/words"
)

// A replica's table need not be the source's: the applier puts the first value of a row image into the table's first column,
// the second into the second, whatever their names, and converts what it can convert without loss. Columns that only the
// source has are skipped, columns that only the replica has keep their value (MySQL manual: Replication with Differing
// Table Definitions on Source and Replica; MySQL source: table_def::compatible_with, can_convert_field_to).

// Layout puts row images into the columns of a replica's table, as its applier does.
type Layout struct {
	Table *Table   // the replica's; columns that the log has no value of are Local
	Notes []string // where it is not the log's table, for a reviewer; nil when it is

	from     []int // by column of Table: the ordinal in an image, or -1; nil when images fit as they are
	stored   []*decoder.Column
	logged   []decoder.Column
	mayCount int   // columns of an image
	checked  []int // where images fit as they are: columns that may not take each value
}

// generatedKeyFlag is set in the table map of a table that begins with a generated invisible primary key (MySQL 8.0.30; MySQL
// source: Table_map_event::TM_GENERATED_INVISIBLE_PK_F).
const generatedKeyFlag = 4

// ErrValue is the reason of a value that a replica's column does not take as its source's does.
var ErrValue = fault.NewReason("the replica's column does not take the value")

// LayoutOf finds out how a replica's table takes the rows of a table map. Where the applier would not convert a column, or
// would do so with loss, the error is a MismatchError.
func LayoutOf(t *Table, m *decoder.TableMap) (*Layout, error) {
	err := VerifyReplica(t, m)
	if err == nil {
		return &Layout{Table: t, checked: checkedColumns(t, m)}, nil
	}
	if m.IsBare() || m.KeyColumns && t.KeyExprs > 0 {
		return nil, err
	}
	replica := *t
	replica.Columns = slices.Clone(t.Columns)
	l := &Layout{Table: &replica, from: make([]int, len(t.Columns)), stored: make([]*decoder.Column, len(t.Columns)),
		logged: m.Columns, mayCount: len(m.Columns)}
	next := 0
	var list []Disagreement
	for i := range replica.Columns {
		c := &replica.Columns[i]
		if i == 0 && t.hasGeneratedKey() && m.Flags&generatedKeyFlag == 0 || next == len(m.Columns) {
			c.Local, l.from[i] = true, -1
			l.note(fmt.Sprintf("column %s is only on the replica and keeps its value", words.Quote(c.Name)))
			continue
		}
		l.from[i] = next
		if d := l.match(i, &m.Columns[next]); d != nil {
			list = append(list, *d)
		}
		next++
	}
	if n := len(m.Columns) - next; n > 0 {
		l.note(fmt.Sprintf("the log's last %s not on the replica", words.Count(n, "column")+isAre(n)))
	}
	if len(list) > 0 {
		if d := compareCount(t, m); d != nil {
			list = append([]Disagreement{*d}, list...)
		}
		return nil, &MismatchError{Table: t, Disagreements: list}
	}
	return l, nil
}

// checkedColumns are the columns of a table that may have to refuse a value of the log, though the log's column has the same type.
func checkedColumns(t *Table, m *decoder.TableMap) (checked []int) {
	for i := range min(len(t.Columns), len(m.Columns)) {
		c, log := &t.Columns[i], &m.Columns[i]
		hasOthers := len(c.Members) > 0 && !slices.Equal(c.Members, log.Members)
		if hasOthers || !m.IsBare() && refusesNull(c, log) {
			checked = append(checked, i)
		}
	}
	return checked
}

func isAre(n int) string {
	if n == 1 {
		return " is"
	}
	return " are"
}

// maxLayoutNotes bounds the notes of one table.
const maxLayoutNotes = 8

func (l *Layout) note(text string) {
	if len(l.Notes) < maxLayoutNotes {
		l.Notes = append(l.Notes, text)
	}
}

// hasGeneratedKey reports whether the first column is a primary key that MySQL makes for a table without one.
func (t *Table) hasGeneratedKey() bool {
	c := &t.Columns[0]
	return c.Name == "my_row_id" && c.Invisible && c.AutoIncrement && t.Primary() != nil
}

// match finds out how a column takes the log's values.
func (l *Layout) match(i int, log *decoder.Column) *Disagreement {
	c := &l.Table.Columns[i]
	if log.Name != "" && !strings.EqualFold(log.Name, c.Name) {
		l.note(fmt.Sprintf("column %s takes the values of the log's %s, by position", words.Quote(c.Name), words.Quote(log.Name)))
	}
	if len(log.Members) > 0 && !slices.Equal(log.Members, c.Members) && (c.Type == TypeEnum || c.Type == TypeSet) {
		l.note(fmt.Sprintf("column %s has other members than on the source: the applier copies their numbers", words.Quote(c.Name)))
	}
	d := compareStored(c, log)
	if d == nil {
		return nil
	}
	stored, ok := storedAs(c, log)
	if !ok {
		return d
	}
	if stored != nil {
		l.stored[i] = stored
	}
	l.note(fmt.Sprintf("column %s is %s on the replica, %s in the log", words.Quote(c.Name), c.SQLType()+charsetNote(c), LogType(log)))
	return nil
}

func charsetNote(c *Column) string {
	if c.Charset == "" || !c.Type.IsText() {
		return ""
	}
	return " " + c.Charset
}

// storedAs is the column as which the applier stores values of another type; ok is false if it can't convert them without loss.
func storedAs(c *Column, log *decoder.Column) (stored *decoder.Column, ok bool) {
	_, isInteger := logIntegers[log.Type]
	switch {
	case c.Type.IsInteger():
		stored = &decoder.Column{Type: loggedTypes[c.Type], Sign: decoder.Signed, Name: log.Name}
		if c.Unsigned {
			stored.Sign = decoder.Unsigned
		}
		return stored, isInteger
	case c.Type == TypeDouble:
		return &decoder.Column{Type: decoder.TypeDouble, Name: log.Name}, log.Type == decoder.TypeFloat
	case c.Type == TypeFloat:
		return &decoder.Column{Type: decoder.TypeFloat, Name: log.Name}, log.Type == decoder.TypeDouble
	case c.Type == TypeDecimal:
		return nil, log.Type == decoder.TypeNewDecimal && c.Decimals >= log.Scale && c.Length-c.Decimals >= log.Precision-log.Scale
	case c.Type == TypeBit:
		return nil, log.Type == decoder.TypeBit && c.Length >= log.Length
	case c.Type == TypeTime:
		return nil, log.Type == decoder.TypeTime2 && c.Decimals >= log.Scale
	case c.Type == TypeDatetime:
		return nil, log.Type == decoder.TypeDatetime2 && c.Decimals >= log.Scale
	case c.Type == TypeTimestamp:
		return nil, log.Type == decoder.TypeTimestamp2 && c.Decimals >= log.Scale
	case c.Type == TypeEnum:
		return nil, log.Type == decoder.TypeEnum
	case c.Type == TypeSet:
		return nil, log.Type == decoder.TypeSet
	case c.Type.IsString() && !c.Compressed:
		return nil, isLoggedString(log) && !isOtherKindOfString(c, log)
	}
	return nil, false
}

func isLoggedString(log *decoder.Column) bool {
	switch log.Type {
	case decoder.TypeString, decoder.TypeVarchar, decoder.TypeVarString, decoder.TypeBlob:
		return true
	}
	return false
}

// isOtherKindOfString reports whether the log's column is text and the replica's bytes, or the other way round, as far as the
// log says.
func isOtherKindOfString(c *Column, log *decoder.Column) bool {
	_, charset, known := CollationByNumber(log.Collation)
	return log.Collation != 0 && known && (charset == "binary") != c.Type.IsBinary()
}

// Row appends to dst, for each column of the table, the value that the applier puts there. Images of the table's own form are
// returned as they are; other cells are borrowed from the image or made.
func (l *Layout) Row(dst, image []decoder.Cell) ([]decoder.Cell, error) {
	if l.from == nil || len(image) == 0 {
		return image, l.check(image)
	}
	if len(image) != l.mayCount {
		return nil, fmt.Errorf("expected %d columns in a row image of table %s, found %d", l.mayCount, words.Table(l.Table.Database, l.Table.Name), len(image))
	}
	for i, ordinal := range l.from {
		var cell decoder.Cell
		if ordinal >= 0 {
			cell = image[ordinal]
		}
		cell, err := l.converted(i, cell)
		if err != nil {
			return nil, err
		}
		dst = append(dst, cell)
	}
	return dst, nil
}

// refusesNull reports whether a column is NOT NULL, and the log's is not. Whether a TIMESTAMP is may depend on a variable of the server that
// made it.
func refusesNull(c *Column, log *decoder.Column) bool {
	return log.Nullable && !c.Nullable && c.Type != TypeTimestamp
}

// check refuses an image that fits as it is, but has a value that a column does not take.
func (l *Layout) check(image []decoder.Cell) error {
	for _, i := range l.checked {
		if i >= len(image) {
			return nil
		}
		if err := l.checkValue(i, image[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkValue refuses what a column of the same type can't store. The applier stores something else, and does not say so: 0 or an empty
// string for NULL, and the empty member.
func (l *Layout) checkValue(i int, cell decoder.Cell) error {
	c := &l.Table.Columns[i]
	switch {
	case cell.State() == decoder.Null && refusesNull(c, cell.Column()):
		return l.refused(i, cell, "it is NOT NULL, and the applier stores 0 or nothing for the log's NULL")
	case cell.State() == decoder.Value && (c.Type == TypeEnum || c.Type == TypeSet) && len(c.Members) > 0 && !c.hasMember(cell.Uint64()):
		return l.refused(i, cell, fmt.Sprintf("it has %s, and the log has the number of a later one", words.Count(len(c.Members), "member")))
	}
	return nil
}

func (l *Layout) refused(i int, cell decoder.Cell, why string) error {
	c := &l.Table.Columns[i]
	value := ""
	if text, _ := cell.AppendText(nil); cell.State() == decoder.Value {
		value = fmt.Sprintf(" (the value is %.100q)", text)
	}
	return &fault.Error{Reason: ErrValue, What: fmt.Sprintf("column %s of the replica's %s is %s: %s%s",
		words.Quote(c.Name), words.Table(l.Table.Database, l.Table.Name), c.SQLType()+charsetNote(c), why, value)}
}

// converted is a value as the replica's column stores it.
func (l *Layout) converted(i int, cell decoder.Cell) (decoder.Cell, error) {
	c, stored := &l.Table.Columns[i], l.stored[i]
	if err := l.checkValue(i, cell); err != nil || cell.State() != decoder.Value {
		return cell, err
	}
	refuse := func(why string) (decoder.Cell, error) { return cell, l.refused(i, cell, why) }
	switch {
	case c.Type.IsString():
		return l.convertedString(i, cell, refuse)
	case hasFraction(cell.Column().Type) && cell.Column().Scale != c.Decimals:
		return refuse("no applier reads a time with another number of decimals, whatever the conversions that are allowed (1610; MariaDB: 1030)")
	case stored == nil:
		return cell, nil
	case stored.Type == decoder.TypeDouble:
		bits := math.Float64bits(float64(cell.Float32()))
		return decoder.NewCell(stored, binary.LittleEndian.AppendUint64(nil, bits)), nil
	case stored.Type == decoder.TypeFloat:
		f := cell.Float64()
		if float64(float32(f)) != f {
			return refuse("it would be rounded")
		}
		return decoder.NewCell(stored, binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(f)))), nil
	}
	return convertedInteger(c, stored, cell, refuse)
}

// hasFraction reports whether the log tells the number of decimals of a time.
func hasFraction(t decoder.ColumnType) bool {
	return t == decoder.TypeTime2 || t == decoder.TypeDatetime2 || t == decoder.TypeTimestamp2
}

// integerBytes is the size of an integer type.
var integerBytes = map[Type]int{TypeTinyInt: 1, TypeSmallInt: 2, TypeMediumInt: 3, TypeInt: 4, TypeBigInt: 8}

// convertedInteger is an integer in another size or sign. Where the log does not say whether it has a sign, it counts as
// signed, as for the applier (slave_type_conversions without ALL_UNSIGNED); one that could be either is refused.
func convertedInteger(c *Column, stored *decoder.Column, cell decoder.Cell, refuse func(string) (decoder.Cell, error)) (decoder.Cell, error) {
	size := integerBytes[c.Type]
	log := cell.Column()
	negative := cell.Int64() < 0 && log.Sign != decoder.Unsigned
	if negative && c.Unsigned {
		return refuse("it has no negative numbers, and the log's number is negative, or its sign is not known")
	}
	var fits bool
	switch {
	case negative:
		fits = cell.Int64() >= -1<<(8*size-1)
	case c.Unsigned:
		fits = size == 8 || cell.Uint64() < 1<<(8*size)
	default:
		fits = cell.Uint64() < 1<<(8*size-1)
	}
	if !fits {
		return refuse("the log's number is beyond its range")
	}
	n := cell.Uint64()
	if negative {
		n = uint64(cell.Int64())
	}
	return decoder.NewCell(stored, binary.LittleEndian.AppendUint64(nil, n)[:size]), nil
}

// convertedString is the bytes of a string in a column of another length or character set. The applier copies the bytes.
func (l *Layout) convertedString(i int, cell decoder.Cell, refuse func(string) (decoder.Cell, error)) (decoder.Cell, error) {
	c, log := &l.Table.Columns[i], cell.Column()
	if log.Type == decoder.TypeVarcharCompressed || log.Type == decoder.TypeBlobCompressed {
		return cell, nil // in a column that is compressed as well
	}
	text := cell.Raw()
	if c.Type.IsBinary() {
		if n := log.Length; log.Type == decoder.TypeString && len(text) < n && c.Type != TypeBinary {
			text = append(slices.Clone(text), make([]byte, n-len(text))...) // the image has dropped them
			cell = decoder.NewCell(log, text)
		}
	} else if !isSameText(c, log, text) {
		return refuse("its character set gives the log's bytes another meaning")
	} else if c.Type == TypeChar && log.Type != decoder.TypeString && isASCIIBased(c.Charset) {
		text = bytes.TrimRight(text, " ") // CHAR has none at its end
		cell = decoder.NewCell(log, text)
	}
	length := len(text)
	if strings.HasPrefix(c.Charset, "utf8") {
		length = utf8.RuneCount(text)
	} else {
		length /= MaxBytes(c.Charset)
	}
	most := c.Length
	if width := blobWidth(c.Type); width > 0 {
		length, most = len(text), 1<<(8*width)-1
	}
	if most > 0 && length > most {
		return refuse("the log's value is longer")
	}
	return cell, nil
}

// isSameText reports whether bytes of the log mean the same in the replica's character set.
func isSameText(c *Column, log *decoder.Column, text []byte) bool {
	_, charset, known := CollationByNumber(log.Collation)
	if c.Charset == "" || log.Collation != 0 && known && (charset == c.Charset || charset == "utf8mb3" && c.Charset == "utf8mb4") {
		return true
	}
	ascii := !slices.ContainsFunc(text, func(b byte) bool { return b >= 0x80 })
	switch {
	case log.Collation == 0 && strings.HasPrefix(c.Charset, "utf8"):
		return utf8.Valid(text)
	case log.Collation == 0:
		return true
	}
	return ascii && isASCIIBased(c.Charset) && (!known || isASCIIBased(charset))
}

// isASCIIBased reports whether a character set has ASCII's characters as ASCII's bytes.
func isASCIIBased(charset string) bool {
	return charset != "" && charset != "utf16" && charset != "utf16le" && charset != "utf32" && charset != "ucs2"
}
