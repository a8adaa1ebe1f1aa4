package decoder

import "strconv"

// ColumnType is MySQL's field type number (enum_field_types in field_types.h; MariaDB adds 140 and 141).
type ColumnType uint8

// The field types that occur in table maps, under MySQL's names.
const (
	TypeDecimal           ColumnType = 0
	TypeTiny              ColumnType = 1
	TypeShort             ColumnType = 2
	TypeLong              ColumnType = 3
	TypeFloat             ColumnType = 4
	TypeDouble            ColumnType = 5
	TypeNull              ColumnType = 6
	TypeTimestamp         ColumnType = 7
	TypeLonglong          ColumnType = 8
	TypeInt24             ColumnType = 9
	TypeDate              ColumnType = 10
	TypeTime              ColumnType = 11
	TypeDatetime          ColumnType = 12
	TypeYear              ColumnType = 13
	TypeNewDate           ColumnType = 14
	TypeVarchar           ColumnType = 15
	TypeBit               ColumnType = 16
	TypeTimestamp2        ColumnType = 17
	TypeDatetime2         ColumnType = 18
	TypeTime2             ColumnType = 19
	TypeTypedArray        ColumnType = 20
	TypeBlobCompressed    ColumnType = 140
	TypeVarcharCompressed ColumnType = 141
	TypeVector            ColumnType = 242
	TypeJSON              ColumnType = 245
	TypeNewDecimal        ColumnType = 246
	TypeEnum              ColumnType = 247
	TypeSet               ColumnType = 248
	TypeTinyBlob          ColumnType = 249
	TypeMediumBlob        ColumnType = 250
	TypeLongBlob          ColumnType = 251
	TypeBlob              ColumnType = 252
	TypeVarString         ColumnType = 253
	TypeString            ColumnType = 254
	TypeGeometry          ColumnType = 255
)

var typeNames = map[ColumnType]string{
	TypeDecimal: "DECIMAL", TypeTiny: "TINY", TypeShort: "SHORT", TypeLong: "LONG", TypeFloat: "FLOAT",
	TypeDouble: "DOUBLE", TypeNull: "NULL", TypeTimestamp: "TIMESTAMP", TypeLonglong: "LONGLONG", TypeInt24: "INT24",
	TypeDate: "DATE", TypeTime: "TIME", TypeDatetime: "DATETIME", TypeYear: "YEAR", TypeNewDate: "NEWDATE",
	TypeVarchar: "VARCHAR", TypeBit: "BIT", TypeTimestamp2: "TIMESTAMP2", TypeDatetime2: "DATETIME2", TypeTime2: "TIME2",
	TypeTypedArray: "TYPED_ARRAY", TypeBlobCompressed: "BLOB_COMPRESSED", TypeVarcharCompressed: "VARCHAR_COMPRESSED",
	TypeVector: "VECTOR", TypeJSON: "JSON", TypeNewDecimal: "NEWDECIMAL", TypeEnum: "ENUM", TypeSet: "SET",
	TypeTinyBlob: "TINY_BLOB", TypeMediumBlob: "MEDIUM_BLOB", TypeLongBlob: "LONG_BLOB", TypeBlob: "BLOB",
	TypeVarString: "VAR_STRING", TypeString: "STRING", TypeGeometry: "GEOMETRY",
}

func (t ColumnType) String() string {
	if s, ok := typeNames[t]; ok {
		return s
	}
	return "type " + strconv.Itoa(int(t))
}

// Signedness is what the table map says about a numeric column. Servers before MySQL 8.0.1 and MariaDB 10.5 say nothing.
type Signedness uint8

const (
	SignUnknown Signedness = iota
	Signed
	Unsigned
)

// Column is what a TABLE_MAP says about one column. Optional fields are zero where the log does not have them.
type Column struct {
	Type     ColumnType // STRING is resolved: ENUM and SET have their own type
	Nullable bool

	// The type's metadata, decoded. Only what the type has is set.
	Length    int // CHAR, VARCHAR, BINARY, VARBINARY: most bytes; BIT: bits; ENUM, SET: bytes stored
	LenBytes  int // VARCHAR, BLOB, JSON, GEOMETRY, VECTOR: width of the length prefix
	Precision int // DECIMAL
	Scale     int // DECIMAL; fraction digits of temporal types

	// From the optional metadata (binlog_row_metadata).
	Sign      Signedness
	Collation uint16   // collation number of a text, ENUM or SET column
	Name      string   // binlog_row_metadata=FULL
	Members   []string // ENUM and SET members in the column's character set, FULL only
	Geometry  uint8    // geometry type number
	Invisible bool
	Dimension int // VECTOR

	maxInflated uint64 // of a compressed column: that of the log's TrustedSource
}
