package dump

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/charset"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // literals; the parser does not work without one
	"github.com/pingcap/tidb/pkg/parser/types"

	"binmend/schema"
	"binmend/schema/lexer"
)

// This is the only file of the project that imports the TiDB parser. Its types stay in here: what comes out is a
// definition.

// tableParser parses one statement after the other.
type tableParser struct {
	p       *parser.Parser
	dialect dialect
}

func newTableParser() *tableParser { return &tableParser{p: parser.New()} }

// createTable parses the text of a reduced CREATE TABLE. What was taken out of it is still to be joined.
func (tp *tableParser) createTable(sql string) (*definition, error) {
	node, err := tp.parse(sql)
	if err != nil {
		return nil, err
	}
	create, ok := node.(*ast.CreateTableStmt)
	if !ok {
		return nil, fmt.Errorf("expected CREATE TABLE, found %s", lexer.Excerpt(sql))
	}
	d := &definition{}
	for _, c := range create.Cols {
		d.columns = append(d.columns, tp.dialect.column(readColumn(c)))
	}
	for _, c := range create.Constraints {
		if c.Tp == ast.ConstraintForeignKey {
			d.foreign = append(d.foreign, readForeignKey(c))
		} else if key, ok := readKey(c); ok {
			d.keys = append(d.keys, key)
		}
	}
	return d, nil
}

// parse parses exactly one statement. A panic of the parser is an error: a schema file is not to be trusted.
func (tp *tableParser) parse(sql string) (node ast.StmtNode, err error) {
	defer func() {
		if r := recover(); r != nil {
			tp.p = parser.New()
			node, err = nil, fmt.Errorf("the SQL parser failed on it: %v", r)
		}
	}()
	node, err = tp.p.ParseOneStmt(sql, "", "")
	if err != nil {
		return nil, errors.New("not understood" + near(err))
	}
	return node, nil
}

// near says where the parser stopped. Its own message counts lines of the reduced statement and quotes all the rest.
func near(err error) string {
	_, rest, found := strings.Cut(err.Error(), ` near "`)
	if !found {
		return ": " + err.Error()
	}
	rest, _, _ = strings.Cut(rest, "\n")
	return " at " + lexer.Excerpt(strings.TrimRight(rest, `" `))
}

func readColumn(c *ast.ColumnDef) columnDefinition {
	col := columnDefinition{Column: schema.Column{Name: c.Name.Name.O, Nullable: true}}
	readType(&col.Column, c.Tp)
	for _, o := range c.Options {
		switch o.Tp {
		case ast.ColumnOptionNotNull:
			col.Nullable = false
		case ast.ColumnOptionNull:
			col.null = true
		case ast.ColumnOptionAutoIncrement:
			col.AutoIncrement = true
			col.Nullable = false
		case ast.ColumnOptionPrimaryKey:
			col.key = primaryKey
		case ast.ColumnOptionUniqKey:
			if col.key == noKey {
				col.key = uniqueKey
			}
		case ast.ColumnOptionReference:
			foreign := readReference(o.Refer)
			foreign.Columns = []string{col.Name}
			col.foreign = &foreign
		}
	}
	return col
}

// plainTypes are the types whose SQL name follows from the parser's type code alone.
var plainTypes = map[byte]schema.Type{
	mysql.TypeTiny: schema.TypeTinyInt, mysql.TypeShort: schema.TypeSmallInt, mysql.TypeInt24: schema.TypeMediumInt,
	mysql.TypeLong: schema.TypeInt, mysql.TypeLonglong: schema.TypeBigInt, mysql.TypeNewDecimal: schema.TypeDecimal,
	mysql.TypeFloat: schema.TypeFloat, mysql.TypeDouble: schema.TypeDouble, mysql.TypeBit: schema.TypeBit,
	mysql.TypeYear: schema.TypeYear, mysql.TypeDate: schema.TypeDate, mysql.TypeDuration: schema.TypeTime,
	mysql.TypeDatetime: schema.TypeDatetime, mysql.TypeTimestamp: schema.TypeTimestamp, mysql.TypeEnum: schema.TypeEnum,
	mysql.TypeSet: schema.TypeSet, mysql.TypeJSON: schema.TypeJSON, mysql.TypeTiDBVectorFloat32: schema.TypeVector,
}

// stringTypes are the types that are text, or binary by their character set.
var stringTypes = map[byte]struct{ text, binary schema.Type }{
	mysql.TypeString:     {schema.TypeChar, schema.TypeBinary},
	mysql.TypeVarchar:    {schema.TypeVarchar, schema.TypeVarbinary},
	mysql.TypeTinyBlob:   {schema.TypeTinyText, schema.TypeTinyBlob},
	mysql.TypeBlob:       {schema.TypeText, schema.TypeBlob},
	mysql.TypeMediumBlob: {schema.TypeMediumText, schema.TypeMediumBlob},
	mysql.TypeLongBlob:   {schema.TypeLongText, schema.TypeLongBlob},
}

// Lengths that a type has when the statement gives none.
const (
	defaultPrecision  = 10
	defaultDimensions = 2048 // MySQL's VECTOR
)

// readType fills in the type. TEXT(n) and BLOB(n) keep n as their length: which type it makes depends on the character
// set.
func readType(col *schema.Column, t *types.FieldType) {
	length, decimals := max(t.GetFlen(), 0), max(t.GetDecimal(), 0)
	col.Unsigned = mysql.HasUnsignedFlag(t.GetFlag())
	col.Zerofill = mysql.HasZerofillFlag(t.GetFlag())
	if s, ok := stringTypes[t.GetType()]; ok {
		col.Type = s.text
		if t.GetCharset() == charset.CharsetBin {
			col.Type, col.Charset = s.binary, "binary"
		}
		col.Length = length
		if t.GetType() == mysql.TypeString && t.GetFlen() < 0 {
			col.Length = 1
		}
		return
	}
	col.Type = plainTypes[t.GetType()]
	switch col.Type {
	case schema.TypeDecimal:
		col.Length, col.Decimals = length, decimals
		if length == 0 {
			col.Length = defaultPrecision
		}
	case schema.TypeFloat, schema.TypeDouble:
		if t.GetDecimal() >= 0 {
			col.Length, col.Decimals = length, decimals
		}
	case schema.TypeTime, schema.TypeDatetime, schema.TypeTimestamp:
		col.Decimals = decimals
	case schema.TypeBit:
		col.Length = max(length, 1)
	case schema.TypeVector:
		col.Length = length
		if length == 0 {
			col.Length = defaultDimensions
		}
	case schema.TypeEnum, schema.TypeSet:
		col.Members = t.GetElems()
	}
}

var keyKinds = map[ast.ConstraintType]keyKind{
	ast.ConstraintPrimaryKey: primaryKey,
	ast.ConstraintUniq:       uniqueKey, ast.ConstraintUniqKey: uniqueKey, ast.ConstraintUniqIndex: uniqueKey,
	ast.ConstraintKey: secondaryKey, ast.ConstraintIndex: secondaryKey,
}

func readKey(c *ast.Constraint) (keyDefinition, bool) {
	kind, ok := keyKinds[c.Tp]
	key := keyDefinition{name: c.Name, kind: kind}
	for _, part := range c.Keys {
		p := partDefinition{prefix: max(part.Length, 0)}
		if part.Column != nil {
			p.column = part.Column.Name.O
		}
		key.parts = append(key.parts, p)
	}
	return key, ok
}

func readForeignKey(c *ast.Constraint) schema.ForeignKey {
	f := readReference(c.Refer)
	f.Name = c.Name
	for _, part := range c.Keys {
		if part.Column != nil {
			f.Columns = append(f.Columns, part.Column.Name.O)
		}
	}
	return f
}

func readReference(r *ast.ReferenceDef) schema.ForeignKey {
	var f schema.ForeignKey
	f.ReferencedTable = r.Table.Name.O
	if r.Table.Schema.O != "" {
		f.ReferencedTable = r.Table.Schema.O + "." + r.Table.Name.O
	}
	for _, part := range r.IndexPartSpecifications {
		if part.Column != nil {
			f.ReferencedColumns = append(f.ReferencedColumns, part.Column.Name.O)
		}
	}
	if r.OnDelete != nil {
		f.OnDelete = r.OnDelete.ReferOpt.String()
	}
	if r.OnUpdate != nil {
		f.OnUpdate = r.OnUpdate.ReferOpt.String()
	}
	return f
}
