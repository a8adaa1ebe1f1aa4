package schema

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder"
	"binmend/decoder/fault"
	"binmend/decoder/words"
)

// Disagreement is one difference between a table's definition and the table map of its row events.
type Disagreement struct {
	Column string // "" when it is about the table as a whole
	Schema string // what the definition says
	Log    string // what the log has
	Note   string // what may be the cause; may be empty
}

func (d Disagreement) String() string {
	what := "the table"
	if d.Column != "" {
		what = "column `" + strings.ReplaceAll(d.Column, "`", "``") + "`"
	}
	s := fmt.Sprintf("%s: the schema says %s, the log has %s", what, d.Schema, d.Log)
	if d.Note != "" {
		s += " (" + d.Note + ")"
	}
	return s
}

// MismatchError says that a table's definition does not fit the log, so that no row can be read with it.
type MismatchError struct {
	Table         *Table
	Disagreements []Disagreement
}

func (e *MismatchError) Error() string {
	const most = 3
	var b strings.Builder
	fmt.Fprintf(&b, "table %s in %s is not the table that the log speaks of: ",
		words.Table(e.Table.Database, e.Table.Name), e.Table.Source)
	for i, d := range e.Disagreements {
		if i == most {
			fmt.Fprintf(&b, "; and %d more", len(e.Disagreements)-most)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(d.String())
	}
	return b.String()
}

// ErrMismatch is the reason of a MismatchError: the table was altered between the log and the definition.
var ErrMismatch = fault.NewReason("the definition does not fit the log")

// Unwrap lets errors.Is find the reason.
func (e *MismatchError) Unwrap() error { return ErrMismatch }

// Verify compares a table with the table map of a row event. Where they disagree, a row can't be read safely: the error
// is a MismatchError.
func Verify(t *Table, m *decoder.TableMap) error {
	if list := Disagreements(t, m); len(list) > 0 {
		return &MismatchError{Table: t, Disagreements: list}
	}
	return nil
}

// VerifyReplica is Verify for a table of the replica itself, which may have generated columns after those that the log has:
// the applier takes the row's values for the first columns, and the server computes the others.
func VerifyReplica(t *Table, m *decoder.TableMap) error {
	n := len(m.Columns)
	if n < len(t.Columns) && !slices.ContainsFunc(t.Columns[n:], func(c Column) bool { return c.Generated == NotGenerated }) {
		first := *t
		first.Columns = t.Columns[:n]
		t = &first
	}
	return Verify(t, m)
}

// Disagreements lists all differences that matter between a table and a table map. Nullability, defaults and collations
// of the same character set do not: rows read the same.
func Disagreements(t *Table, m *decoder.TableMap) []Disagreement {
	var list []Disagreement
	if d := compareCount(t, m); d != nil {
		list = append(list, *d)
	}
	compare := compareColumn
	if m.IsBare() {
		compare = compareBareType
	}
	for i := range min(len(t.Columns), len(m.Columns)) {
		if d := compare(&t.Columns[i], &m.Columns[i]); d != nil {
			list = append(list, *d)
		}
	}
	return list
}

// compareCount compares the number of columns. MariaDB logs columns that no definition shows, after the others: one
// hash for each UNIQUE key that is too long for an index, and row_start and row_end of WITH SYSTEM VERSIONING. Early
// MySQL 8.0 logs one for each functional key part.
func compareCount(t *Table, m *decoder.TableMap) *Disagreement {
	more := len(m.Columns) - len(t.Columns)
	switch {
	case more == 0:
		return nil
	case more > 0 && m.KeyColumns && keyColumnsLast(t, m):
		return nil
	case more > 0 && !m.KeyColumns && hiddenColumns(t, m.Columns[len(t.Columns):]):
		return nil
	}
	d := &Disagreement{Schema: words.Count(len(t.Columns), "column"), Log: words.Count(len(m.Columns), "column")}
	if more == 1 && t.Primary() == nil && m.Columns[0].Type == decoder.TypeLonglong && m.Columns[0].Sign != decoder.Signed {
		d.Note = "the log's first column may be my_row_id, a generated invisible primary key that the dump leaves out"
	}
	if more > 0 && more == t.KeyExprs && m.KeyColumns {
		d.Note = "MySQL 8.0.13 to 8.0.17 logs the hidden columns of functional keys, here perhaps between the others: which " +
			"they are can't be known"
	}
	return d
}

// keyColumnsLast reports whether the log's extra columns are those of functional keys, all after the table's own. A column
// that was added later comes after them. Where the log names no columns, only the types can tell: not all of the table's
// columns are in their places if its last one may be among the extra ones.
func keyColumnsLast(t *Table, m *decoder.TableMap) bool {
	n := len(t.Columns)
	if n == 0 || len(m.Columns)-n != t.KeyExprs {
		return false
	}
	for i := range m.Columns[n:] {
		if !m.FullNames && compareColumn(&t.Columns[n-1], &m.Columns[n+i]) == nil {
			return false
		}
	}
	return true
}

// hiddenColumns reports whether the log's extra columns can be those that MariaDB hides.
func hiddenColumns(t *Table, extra []decoder.Column) bool {
	hashes := 0
	for _, k := range t.Keys {
		if !k.Primary {
			hashes++
		}
	}
	times := 0
	if t.SystemVersioned && !hasSystemTime(t) {
		times = 2
	}
	for _, c := range extra {
		switch {
		case c.Type == decoder.TypeTimestamp2 && times > 0:
			times--
		case c.Type == decoder.TypeLonglong && (hashes > 0 || t.KeysUnknown):
			hashes--
		default:
			return false
		}
	}
	return true
}

func hasSystemTime(t *Table) bool {
	for i := range t.Columns {
		if t.Columns[i].SystemTime {
			return true
		}
	}
	return false
}

// compareColumn compares name, type, sign and character set of one column; nil when they agree.
func compareColumn(c *Column, log *decoder.Column) *Disagreement {
	if log.Name != "" && !strings.EqualFold(log.Name, c.Name) {
		return &Disagreement{Column: c.Name, Schema: "`" + c.Name + "`", Log: "`" + log.Name + "` in this place"}
	}
	return compareStored(c, log)
}

// compareStored compares type, sign and character set of one column; nil when they agree.
func compareStored(c *Column, log *decoder.Column) *Disagreement {
	d := &Disagreement{Column: c.Name, Schema: c.SQLType(), Log: LogType(log)}
	switch {
	case c.Type == TypeJSON && isLongBlob(log):
		d.Note = "MariaDB's JSON is longtext: write it so"
	case !sameType(c, log):
	case c.Type.IsInteger() && log.Sign != decoder.SignUnknown && c.Unsigned != (log.Sign == decoder.Unsigned):
	default:
		return compareCharset(c, log)
	}
	return d
}

// compareBareType compares with the column of a table map that has nothing but types.
func compareBareType(c *Column, log *decoder.Column) *Disagreement {
	if decoder.SameBareType(log.Type, c.logged().Type) {
		return nil
	}
	return &Disagreement{Column: c.Name, Schema: c.SQLType(), Log: strings.ToLower(log.Type.String())}
}

func isLongBlob(log *decoder.Column) bool { return log.Type == decoder.TypeBlob && log.LenBytes == 4 }

// compareCharset compares the character set, where the log has one.
func compareCharset(c *Column, log *decoder.Column) *Disagreement {
	if c.Charset == "" || log.Collation == 0 {
		return nil
	}
	collation, charset, known := CollationByNumber(log.Collation)
	if !known || charset == c.Charset {
		return nil
	}
	return &Disagreement{Column: c.Name, Schema: c.SQLType() + " character set " + c.Charset, Log: "collation " + collation}
}

// fixedTypes are the types that the log stores under one number and without metadata that matters.
var fixedTypes = map[Type][]decoder.ColumnType{
	TypeTinyInt: {decoder.TypeTiny}, TypeSmallInt: {decoder.TypeShort}, TypeMediumInt: {decoder.TypeInt24},
	TypeInt: {decoder.TypeLong}, TypeBigInt: {decoder.TypeLonglong}, TypeFloat: {decoder.TypeFloat},
	TypeDouble: {decoder.TypeDouble}, TypeYear: {decoder.TypeYear}, TypeDate: {decoder.TypeDate, decoder.TypeNewDate},
	TypeJSON: {decoder.TypeJSON}, TypeGeometry: {decoder.TypeGeometry},
}

// sameType reports whether the log's type and metadata are those of the column.
func sameType(c *Column, log *decoder.Column) bool {
	for _, t := range fixedTypes[c.Type] {
		if t == log.Type {
			return true
		}
	}
	switch c.Type {
	case TypeDecimal:
		return log.Type == decoder.TypeNewDecimal && log.Precision == c.Length && log.Scale == c.Decimals
	case TypeBit:
		return log.Type == decoder.TypeBit && log.Length == c.Length
	case TypeTime:
		return sameFraction(c, log, decoder.TypeTime, decoder.TypeTime2)
	case TypeDatetime:
		return sameFraction(c, log, decoder.TypeDatetime, decoder.TypeDatetime2)
	case TypeTimestamp:
		return sameFraction(c, log, decoder.TypeTimestamp, decoder.TypeTimestamp2)
	case TypeEnum:
		return log.Type == decoder.TypeEnum && log.Length == enumBytes(len(c.Members))
	case TypeSet:
		return log.Type == decoder.TypeSet && log.Length == setBytes(len(c.Members))
	case TypeVector:
		return log.Type == decoder.TypeVector || log.Type == decoder.TypeVarchar && log.Length == c.Length*4
	case TypeInet4:
		return log.Type == decoder.TypeString && log.Length == 4
	case TypeInet6, TypeUUID:
		return log.Type == decoder.TypeString && log.Length == 16
	}
	return sameString(c, log)
}

// sameFraction compares the fraction digits; the types of before MySQL 5.6 do not carry them.
func sameFraction(c *Column, log *decoder.Column, old, fractional decoder.ColumnType) bool {
	return log.Type == old || log.Type == fractional && log.Scale == c.Decimals
}

// sameString compares CHAR, VARCHAR, BINARY, VARBINARY, TEXT and BLOB types.
func sameString(c *Column, log *decoder.Column) bool {
	switch c.Type {
	case TypeChar, TypeBinary:
		return log.Type == decoder.TypeString && sameLength(c, log, log.Length)
	case TypeVarchar, TypeVarbinary:
		if c.Compressed {
			// One more byte says how the value is compressed (MariaDB source: Field_varstring_compressed).
			return log.Type == decoder.TypeVarcharCompressed && sameLength(c, log, log.Length-1)
		}
		varchar := log.Type == decoder.TypeVarchar || log.Type == decoder.TypeVarString
		return varchar && sameLength(c, log, log.Length)
	}
	want := decoder.TypeBlob
	if c.Compressed {
		want = decoder.TypeBlobCompressed
	}
	width := blobWidth(c.Type)
	if c.Type == TypeText && c.Length > 0 {
		charset := c.Charset
		if charset == "" {
			_, charset, _ = CollationByNumber(log.Collation)
		}
		low, high := BlobWidth(int64(c.Length)), BlobWidth(4*int64(c.Length))
		return log.Type == want && (charset != "" && log.LenBytes == BlobWidth(int64(c.Length)*int64(MaxBytes(charset))) ||
			charset == "" && low <= log.LenBytes && log.LenBytes <= high)
	}
	return width > 0 && log.Type == want && log.LenBytes == width
}

// BlobWidth is the size of the length prefix of the smallest TEXT or BLOB that holds so many bytes.
func BlobWidth(bytes int64) int {
	for width := 1; width < 4; width++ {
		if bytes < 1<<(8*width) {
			return width
		}
	}
	return 4
}

// sameLength compares a length in characters with one in bytes. With an unknown character set, any that could be is
// right.
func sameLength(c *Column, log *decoder.Column, bytes int) bool {
	charset := c.Charset
	if charset == "" && log.Collation != 0 {
		_, charset, _ = CollationByNumber(log.Collation)
	}
	if charset != "" {
		return bytes == c.Length*MaxBytes(charset)
	}
	return bytes >= c.Length && bytes <= 4*c.Length
}

// blobWidth is the size of a TEXT or BLOB type's length prefix; 0 for other types.
func blobWidth(t Type) int {
	switch t {
	case TypeTinyText, TypeTinyBlob:
		return 1
	case TypeText, TypeBlob:
		return 2
	case TypeMediumText, TypeMediumBlob:
		return 3
	case TypeLongText, TypeLongBlob:
		return 4
	}
	return 0
}

// enumBytes is the size of an ENUM of n members.
func enumBytes(n int) int {
	if n < 256 {
		return 1
	}
	return 2
}

// setBytes is the size of a SET of n members.
func setBytes(n int) int {
	if bytes := (n + 7) / 8; bytes <= 4 {
		return bytes
	}
	return 8
}

// LogType describes a table map's column in words close to SQL.
func LogType(c *decoder.Column) string {
	s := logTypeName(c)
	if c.Sign == decoder.Unsigned {
		s += " unsigned"
	}
	return s
}

var logIntegers = map[decoder.ColumnType]Type{
	decoder.TypeTiny: TypeTinyInt, decoder.TypeShort: TypeSmallInt, decoder.TypeInt24: TypeMediumInt,
	decoder.TypeLong: TypeInt, decoder.TypeLonglong: TypeBigInt,
}

func logTypeName(c *decoder.Column) string {
	if t, ok := logIntegers[c.Type]; ok {
		return t.String()
	}
	switch c.Type {
	case decoder.TypeNewDecimal:
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	case decoder.TypeBit:
		return fmt.Sprintf("bit(%d)", c.Length)
	case decoder.TypeTime2, decoder.TypeDatetime2, decoder.TypeTimestamp2:
		name := strings.ToLower(strings.TrimSuffix(c.Type.String(), "2"))
		if c.Scale == 0 {
			return name
		}
		return fmt.Sprintf("%s(%d)", name, c.Scale)
	case decoder.TypeString:
		return fmt.Sprintf("char or binary of %d bytes", c.Length)
	case decoder.TypeVarchar, decoder.TypeVarString, decoder.TypeVarcharCompressed:
		return fmt.Sprintf("varchar or varbinary of %d bytes", c.Length) + compressedNote(c.Type)
	case decoder.TypeBlob, decoder.TypeBlobCompressed:
		size := [...]string{"", "tiny", "", "medium", "long"}[min(c.LenBytes, 4)]
		return size + "text or " + size + "blob" + compressedNote(c.Type)
	case decoder.TypeEnum, decoder.TypeSet:
		return fmt.Sprintf("%s of %d bytes", strings.ToLower(c.Type.String()), c.Length)
	}
	return strings.ToLower(c.Type.String())
}

func compressedNote(t decoder.ColumnType) string {
	if t == decoder.TypeVarcharCompressed || t == decoder.TypeBlobCompressed {
		return ", compressed"
	}
	return ""
}
