package export

import (
	"math/bits"
	"slices"
	"sync"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"binmend/schema"
)

// ordered is a group that keeps the order of its fields; the library sorts the fields of a parquet.Group by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o *ordered) Fields() []parquet.Field { return o.fields }

func (o *ordered) addField(name string, node parquet.Node) {
	o.Group[name] = node
	o.fields = append(o.fields, parquet.Group{name: node}.Fields()...)
}

func newGroup() *ordered { return &ordered{Group: parquet.Group{}} }

// The fields of a record, in this order. Their leaves are columns 0 to the number of fields before "absent"; then come the
// leaves of "absent", of "not_representable", and of the row images.
const (
	leafChange = iota
	leafSource
	leafFile
	leafOffset
	leafRow
	leafTransaction
	leafGTID
	leafTime
	leafServer
	leafThread
	leafAbsent
	leafInexactKey
	leafInexactValue
	leafImages // the first column of the before image; those of the after image follow
)

// layout is how the rows of a table are stored in Parquet.
type layout struct {
	table   *schema.Table
	columns []column
	names   [2][][]byte // of the columns in absent and not_representable, before and after
	used    sync.Pool   // of slabs
}

func layoutOf(t *schema.Table) *layout {
	l := &layout{table: t, columns: columnsOf(t)}
	for i, image := range []string{"before", "after"} {
		for n := range l.columns {
			l.names[i] = append(l.names[i], []byte(image+"."+l.columns[n].Name))
		}
	}
	return l
}

// schema makes the Parquet schema. It takes some 8 KiB of memory for each column, so only an open file has one.
func (l *layout) schema() *parquet.Schema {
	root := newGroup()
	text := func() parquet.Node { return parquet.Encoded(parquet.String(), dictionary) }
	root.addField("change", text())
	root.addField("source", parquet.Optional(text()))
	root.addField("file", text())
	root.addField("offset", plain(parquet.Int(64)))
	root.addField("row", plain(parquet.Int(32)))
	root.addField("transaction", plain(parquet.Int(64)))
	root.addField("gtid", parquet.Optional(parquet.Encoded(parquet.String(), &parquet.DeltaByteArray)))
	root.addField("time", plain(parquet.Timestamp(parquet.Microsecond)))
	root.addField("server_id", plain(parquet.Uint(32)))
	root.addField("thread_id", parquet.Optional(plain(parquet.Uint(32))))
	root.addField("absent", parquet.List(text()))
	root.addField("not_representable", parquet.Map(text(), parquet.String()))
	root.addField("before", parquet.Optional(l.image()))
	root.addField("after", parquet.Optional(l.image()))
	return parquet.NewSchema("change", root)
}

// withoutBounds are the options for columns whose values may be large. For other columns, the file stores the smallest and the
// largest value in full, for each page and at its end.
func (l *layout) withoutBounds() []parquet.WriterOption {
	var list []parquet.WriterOption
	leave := func(path ...string) {
		list = append(list, parquet.SkipPageBounds(path...), parquet.SkipPageStatistics(path...))
	}
	leave("not_representable", "key_value", "value")
	for i := range l.columns {
		c := &l.columns[i]
		switch c.Type {
		case schema.TypeMediumText, schema.TypeLongText, schema.TypeMediumBlob, schema.TypeLongBlob, schema.TypeJSON, schema.TypeGeometry:
			leave("before", c.Name)
			leave("after", c.Name)
		}
	}
	return list
}

var dictionary encoding.Encoding = &parquet.RLEDictionary

func plain(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.Plain) }

// image is the group of a row image.
func (l *layout) image() parquet.Node {
	g := newGroup()
	for i := range l.columns {
		g.addField(l.columns[i].Name, l.columns[i].node())
	}
	return g
}

// node is the type of a column, always optional.
func (c *column) node() parquet.Node {
	switch c.form {
	case formInt:
		return parquet.Optional(plain(parquet.Int(c.width())))
	case formUint:
		return parquet.Optional(plain(parquet.Uint(c.width())))
	case formYear:
		return parquet.Optional(plain(parquet.Uint(16)))
	case formFloat:
		return parquet.Optional(plain(parquet.Leaf(parquet.FloatType)))
	case formDouble:
		return parquet.Optional(plain(parquet.Leaf(parquet.DoubleType)))
	case formDecimal:
		return parquet.Optional(plain(c.decimalNode()))
	case formDate:
		return parquet.Optional(plain(parquet.Date()))
	case formDatetime:
		return parquet.Optional(plain(parquet.TimestampAdjusted(parquet.Microsecond, false)))
	case formTimestamp:
		return parquet.Optional(plain(parquet.Timestamp(parquet.Microsecond)))
	case formJSON:
		return parquet.Optional(plain(parquet.JSON()))
	case formName:
		return parquet.Optional(parquet.Encoded(parquet.String(), dictionary))
	case formText, formPlain:
		return parquet.Optional(plain(parquet.String()))
	case formVector:
		return parquet.Optional(parquet.List(plain(parquet.Leaf(parquet.FloatType))))
	}
	return parquet.Optional(plain(parquet.Leaf(parquet.ByteArrayType)))
}

// width is the number of bits of the Parquet integer that holds the column.
func (c *column) width() int {
	switch c.Type {
	case schema.TypeTinyInt:
		return 8
	case schema.TypeSmallInt:
		return 16
	case schema.TypeMediumInt, schema.TypeInt:
		return 32
	}
	return 64
}

// maxDecimal is the most digits that engines read as DECIMAL. MySQL allows 65; columns with more than this become text.
const maxDecimal = 38

func (c *column) decimalNode() parquet.Node {
	precision, scale := max(c.Length, 1), c.Decimals
	switch {
	case precision > maxDecimal:
		return parquet.String()
	case precision <= 9:
		return parquet.Decimal(scale, precision, parquet.Int32Type)
	case precision <= 18:
		return parquet.Decimal(scale, precision, parquet.Int64Type)
	}
	return parquet.Decimal(scale, precision, parquet.FixedLenByteArrayType(c.decimalBytes()))
}

// decimalBytes is the length of a big-endian two's complement number with the column's digits.
func (c *column) decimalBytes() int {
	limit := powersOfTen[max(c.Length, 1)]
	n := 128 - bits.LeadingZeros64(limit.hi)
	if limit.hi == 0 {
		n = 64 - bits.LeadingZeros64(limit.lo)
	}
	return n/8 + 1 // with the sign
}

// equal reports whether the records of two definitions of a table have the same fields.
func (l *layout) equal(t *schema.Table) bool {
	return slices.EqualFunc(l.columns, columnsOf(t), func(a, b column) bool {
		return a.Name == b.Name && a.form == b.form && a.width() == b.width() &&
			(a.form != formDecimal || a.Length == b.Length && a.Decimals == b.Decimals)
	})
}
