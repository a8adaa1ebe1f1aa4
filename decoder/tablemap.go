package decoder

import (
	"fmt"
	"unsafe"

	"binmend/decoder/internal/bin"
	"binmend/decoder/words"
)

// TableMap is what a TABLE_MAP event says about a table: its name and how its columns are stored. It is immutable and may be
// kept. Events that differ only in the table id share one; the id is Event.TableID.
type TableMap struct {
	Flags      uint16
	Database   string
	Table      string
	Columns    []Column
	PrimaryKey []PrimaryKeyPart // binlog_row_metadata=FULL only
	FullNames  bool             // it has column names: binlog_row_metadata=FULL

	// KeyColumns: the server also writes the hidden columns of functional keys. MySQL does from 8.0.13, the first with such keys,
	// to 8.0.17.
	KeyColumns bool

	rowPlan []cellPlan
	stride  []stride

	bare       bool          // the log has only the types of the columns
	record     *recordLayout // of a bare table map that a definition completed
	incomplete error         // why no definition completed it
	open       bool          // see IsOpen
	asked      bool          // a Completer was asked for its definition
}

// PrimaryKeyPart is one part of the primary key as the row metadata names it.
type PrimaryKeyPart struct {
	Column int
	Prefix int // characters; 0: the whole column
}

// maxColumns is more than any server allows (4096); a table map that claims more is damaged.
const maxColumns = 4096 + 64

// parseTableMap reads a TABLE_MAP event (MySQL source: Table_map_event).
//
//	bytes    field
//	6 or 4   table id (4 when the post-header length is 6)
//	2        flags
//	lenenc   database name, followed by 0x00
//	lenenc   table name, followed by 0x00
//	lenenc   number of columns, n
//	n        column types
//	lenenc   metadata, by type
//	(n+7)/8  nullable bits
//	rest     optional metadata (see parseOptionalMetadata)
//
// MySQL before 5.1.18 ends with the column types.
func parseTableMap(e *Event) (*TableMap, error) {
	c := bin.New(e.Body)
	e.tableID(&c)
	m := &TableMap{Flags: c.Uint16("flags"), KeyColumns: e.Format.Server.logsKeyColumns()}
	m.Database = nulTerminated(&c, "database name")
	m.Table = nulTerminated(&c, "table name")
	n := c.LenEnc("number of columns")
	if c.Err() == nil && n > maxColumns {
		return nil, e.fail(ErrCorrupt, "expected at most %d columns, the table map says %d", maxColumns, n)
	}
	types := c.Bytes(n, "column types")
	if c.Err() == nil && c.Len() == 0 && n > 0 {
		return m, m.readBareTypes(e, types)
	}
	meta := bin.New(c.Bytes(c.LenEnc("metadata length"), "column metadata"))
	nullable := c.Bytes((n+7)/8, "nullable bits")
	if c.Err() != nil {
		return nil, e.corrupt(c.Err())
	}
	m.Columns = make([]Column, n)
	for i := range m.Columns {
		col := &m.Columns[i]
		col.Nullable = bit(nullable, i)
		col.maxInflated = e.reader.inflate.max
		if err := readColumnType(col, ColumnType(types[i]), &meta); err != nil {
			return nil, e.fail(ErrCorrupt, "table %s, column %d: %v", words.Table(m.Database, m.Table), i+1, err)
		}
	}
	if err := meta.Err(); err != nil {
		return nil, e.fail(ErrCorrupt, "table %s: %v", words.Table(m.Database, m.Table), err)
	}
	if err := parseOptionalMetadata(m, c.Rest(), e.Format.Server); err != nil {
		return nil, e.fail(ErrCorrupt, "table %s: %v", words.Table(m.Database, m.Table), err)
	}
	m.compile()
	return m, nil
}

// readBareTypes reads the columns of a table map without metadata.
func (m *TableMap) readBareTypes(e *Event, types []byte) error {
	if e.Format.Server.AtLeast(5, 1, 18) && !e.Format.alpha {
		return e.fail(ErrCorrupt, "expected column metadata after the column types, found the end of the event")
	}
	m.bare = true
	m.Columns = make([]Column, len(types))
	for i, t := range types {
		if _, known := typeNames[ColumnType(t)]; !known {
			return e.fail(ErrCorrupt, "table %s, column %d: %s, which no server has", words.Table(m.Database, m.Table), i+1, ColumnType(t))
		}
		m.Columns[i].Type = ColumnType(t)
	}
	return nil
}

// TableMap interprets a TABLE_MAP event.
func (e *Event) TableMap() (*TableMap, error) {
	if e.Type != EventTableMap {
		return nil, e.fail(ErrUnsupported, "expected a Table_map event, found %s", e.Type)
	}
	c := bin.New(e.Body)
	m := e.reader.mapped(e.tableID(&c))
	if m == nil {
		return nil, nil
	}
	return m.tm, nil
}

// TableID is the table id of a table map or row event; 0 for other events.
func (e *Event) TableID() uint64 {
	if _, rows := rowsKind(e.Type); !rows && e.Type != EventTableMap {
		return 0
	}
	c := bin.New(e.Body)
	return e.tableID(&c)
}

// Size estimates the memory that the table map takes, in bytes.
func (m *TableMap) Size() int {
	n := len(m.Database) + len(m.Table) + len(m.Columns)*int(unsafe.Sizeof(Column{})) + len(m.rowPlan)*int(unsafe.Sizeof(cellPlan{})) +
		len(m.stride)*int(unsafe.Sizeof(stride{})) + len(m.PrimaryKey)*int(unsafe.Sizeof(PrimaryKeyPart{})) + int(unsafe.Sizeof(*m))
	for i := range m.Columns {
		n += len(m.Columns[i].Name)
		for _, member := range m.Columns[i].Members {
			n += len(member) + int(unsafe.Sizeof(member))
		}
	}
	return n
}

// maxName is longer than any server allows for the name of a database or table: 64 characters.
const maxName = 1024

func nulTerminated(c *bin.Cursor, field string) string {
	length := c.LenEnc(field + " length")
	if length > maxName {
		c.Fail(fmt.Errorf("expected at most %d bytes of %s, the table map says %d", maxName, field, length))
	}
	s := c.Bytes(length, field)
	if zero := c.Uint8(field + " terminator"); zero != 0 {
		c.Fail(fmt.Errorf("expected a 0x00 after the %s, found 0x%02x", field, zero))
	}
	return string(s)
}

// tableID reads the table id at the beginning of table map and row events: 6 bytes, 4 in the first 5.1 releases.
func (e *Event) tableID(c *bin.Cursor) uint64 {
	if e.Format.PostHeaderLength(e.Type) == 6 {
		return uint64(c.Uint32("table id"))
	}
	return c.Uint(6, "table id")
}

// readColumnType decodes the metadata of one column (MySQL source: Field::do_save_field_metadata and its overrides).
//
//	types                                        bytes  metadata
//	FLOAT, DOUBLE                                1      size
//	VARCHAR, VAR_STRING, VARCHAR_COMPRESSED      2      most bytes
//	BLOB, JSON, GEOMETRY, VECTOR                 1      width of the length prefix
//	NEWDECIMAL                                   2      precision, scale
//	BIT                                          2      bits modulo 8, whole bytes
//	TIMESTAMP2, DATETIME2, TIME2                 1      fraction digits
//	STRING                                       2      real type and length, see readStringType
//	ENUM, SET                                    2      real type, size
//	others                                       0
func readColumnType(col *Column, t ColumnType, meta *bin.Cursor) error {
	col.Type = t
	switch t {
	case TypeTiny, TypeShort, TypeInt24, TypeLong, TypeLonglong, TypeNull, TypeYear, TypeDate, TypeNewDate, TypeTime,
		TypeDatetime, TypeTimestamp:
	case TypeFloat, TypeDouble:
		if size, want := int(meta.Uint8("size")), cellPlanOf(col).fixed; size != want && meta.Err() == nil {
			return fmt.Errorf("expected a %s of %d bytes, the table map says %d", t, want, size)
		}
	case TypeVarchar, TypeVarString, TypeVarcharCompressed:
		col.Length = int(meta.Uint16("length"))
		col.LenBytes = 1
		if col.Length > 255 {
			col.LenBytes = 2
		}
	case TypeBlob, TypeTinyBlob, TypeMediumBlob, TypeLongBlob, TypeJSON, TypeGeometry, TypeVector, TypeBlobCompressed:
		col.LenBytes = int(meta.Uint8("width of the length"))
		if meta.Err() == nil && (col.LenBytes < 1 || col.LenBytes > 4) {
			return fmt.Errorf("expected a length of 1 to 4 bytes, the table map says %d", col.LenBytes)
		}
	case TypeNewDecimal:
		col.Precision, col.Scale = int(meta.Uint8("precision")), int(meta.Uint8("scale"))
		if meta.Err() == nil && (col.Precision < 1 || col.Precision > 65 || col.Scale > col.Precision) {
			return fmt.Errorf("expected DECIMAL of 1 to 65 digits, the table map says DECIMAL(%d,%d)", col.Precision, col.Scale)
		}
	case TypeBit:
		bits, whole := int(meta.Uint8("bits")), int(meta.Uint8("bytes"))
		col.Length = whole*8 + bits
		if bits > 7 || col.Length > 64 {
			return fmt.Errorf("expected BIT(64) at most, the table map says %d bytes and %d bits", whole, bits)
		}
	case TypeTimestamp2, TypeDatetime2, TypeTime2:
		col.Scale = int(meta.Uint8("fraction digits"))
		if col.Scale > 6 {
			return fmt.Errorf("expected at most 6 fraction digits, the table map says %d", col.Scale)
		}
	case TypeString, TypeEnum, TypeSet:
		return readStringType(col, meta.Uint8("real type"), meta.Uint8("length"))
	default:
		return fmt.Errorf("%s, which no table map of a known server holds", t)
	}
	return nil
}

// readStringType decodes the metadata of CHAR, BINARY, ENUM and SET. ENUM and SET carry their real type and size.
// CHAR carries its length in bytes, whose two highest bits are inverted into bits 4 and 5 of the real type.
func readStringType(col *Column, realType, length uint8) error {
	if realType&0x30 != 0x30 {
		col.Length = int(length) | int(realType&0x30^0x30)<<4
		realType |= 0x30
	} else {
		col.Length = int(length)
	}
	col.Type = ColumnType(realType)
	switch {
	case col.Type == TypeString || col.Type == TypeVarString:
		col.LenBytes = 1
		if col.Length > 255 {
			col.LenBytes = 2
		}
	case col.Type == TypeEnum && (col.Length == 1 || col.Length == 2):
	case col.Type == TypeSet && col.Length >= 1 && col.Length <= 8:
	default:
		return fmt.Errorf("a STRING of %s with length %d", col.Type, col.Length)
	}
	return nil
}

// compile computes once how to measure each cell.
func (m *TableMap) compile() {
	m.rowPlan = make([]cellPlan, len(m.Columns))
	for i := range m.Columns {
		m.rowPlan[i] = cellPlanOf(&m.Columns[i])
	}
	m.stride = stridesOf(m.rowPlan)
}

func bit(bitmap []byte, i int) bool { return bitmap[i>>3]&(1<<(i&7)) != 0 }
