package schema_test

import (
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// TestDisagreements has, for each kind of difference, a column of the definition, the log's column, and what is said.
func TestDisagreements(t *testing.T) {
	varchar := func(length int, charset string) schema.Column {
		return schema.Column{Name: "c", Type: schema.TypeVarchar, Length: length, Charset: charset}
	}
	logVarchar := func(bytes int) decoder.Column { return decoder.Column{Type: decoder.TypeVarchar, Length: bytes} }
	members := func(n int) []string { return strings.Split(strings.Repeat("x,", n-1)+"x", ",") }
	const utf8mb4GeneralCI, latin1SwedishCI, binary = 45, 8, 63

	tests := map[string]struct {
		column schema.Column
		log    decoder.Column
		want   string // "" when they agree
	}{
		"same integer": {schema.Column{Name: "c", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong}, ""},
		"wider integer": {
			schema.Column{Name: "c", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLonglong},
			"column `c`: the schema says int, the log has bigint",
		},
		"sign": {
			schema.Column{Name: "c", Type: schema.TypeInt, Unsigned: true},
			decoder.Column{Type: decoder.TypeLong, Sign: decoder.Signed},
			"column `c`: the schema says int unsigned, the log has int",
		},
		"other sign": {
			schema.Column{Name: "c", Type: schema.TypeInt},
			decoder.Column{Type: decoder.TypeLong, Sign: decoder.Unsigned},
			"column `c`: the schema says int, the log has int unsigned",
		},
		"sign unknown": {
			schema.Column{Name: "c", Type: schema.TypeInt, Unsigned: true}, decoder.Column{Type: decoder.TypeLong}, "",
		},
		"name": {
			schema.Column{Name: "c", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong, Name: "d"},
			"column `c`: the schema says `c`, the log has `d` in this place",
		},
		"name in another case": {
			schema.Column{Name: "c", Type: schema.TypeInt}, decoder.Column{Type: decoder.TypeLong, Name: "C"}, "",
		},
		"varchar of 4-byte characters": {varchar(10, "utf8mb4"), logVarchar(40), ""},
		"varchar of 3-byte characters": {
			varchar(10, "utf8mb4"), logVarchar(30),
			"column `c`: the schema says varchar(10), the log has varchar or varbinary of 30 bytes",
		},
		"varchar of an unknown character set": {varchar(10, ""), logVarchar(30), ""},
		"varchar too long for any character set": {
			varchar(10, ""), logVarchar(41),
			"column `c`: the schema says varchar(10), the log has varchar or varbinary of 41 bytes",
		},
		"character set": {
			schema.Column{Name: "c", Type: schema.TypeText, Charset: "utf8mb4"},
			decoder.Column{Type: decoder.TypeBlob, LenBytes: 2, Collation: latin1SwedishCI},
			"column `c`: the schema says text character set utf8mb4, the log has collation latin1_swedish_ci",
		},
		"same character set, other collation": {
			schema.Column{Name: "c", Type: schema.TypeText, Charset: "utf8mb4", Collation: "utf8mb4_bin"},
			decoder.Column{Type: decoder.TypeBlob, LenBytes: 2, Collation: utf8mb4GeneralCI}, "",
		},
		"text against blob": {
			schema.Column{Name: "c", Type: schema.TypeText, Charset: "latin1"},
			decoder.Column{Type: decoder.TypeBlob, LenBytes: 2, Collation: binary},
			"column `c`: the schema says text character set latin1, the log has collation binary",
		},
		"size of a blob": {
			schema.Column{Name: "c", Type: schema.TypeBlob, Charset: "binary"},
			decoder.Column{Type: decoder.TypeBlob, LenBytes: 4},
			"column `c`: the schema says blob, the log has longtext or longblob",
		},
		"compressed": {
			schema.Column{Name: "c", Type: schema.TypeBlob, Charset: "binary"},
			decoder.Column{Type: decoder.TypeBlobCompressed, LenBytes: 2},
			"column `c`: the schema says blob, the log has text or blob, compressed",
		},
		"compressed varchar": {
			schema.Column{Name: "c", Type: schema.TypeVarchar, Length: 10, Charset: "latin1", Compressed: true},
			decoder.Column{Type: decoder.TypeVarcharCompressed, Length: 11}, "",
		},
		"decimal": {
			schema.Column{Name: "c", Type: schema.TypeDecimal, Length: 10, Decimals: 2},
			decoder.Column{Type: decoder.TypeNewDecimal, Precision: 10, Scale: 3},
			"column `c`: the schema says decimal(10,2), the log has decimal(10,3)",
		},
		"fraction digits": {
			schema.Column{Name: "c", Type: schema.TypeDatetime, Decimals: 3},
			decoder.Column{Type: decoder.TypeDatetime2, Scale: 6},
			"column `c`: the schema says datetime(3), the log has datetime(6)",
		},
		"old temporal type": {
			schema.Column{Name: "c", Type: schema.TypeDatetime, Decimals: 3}, decoder.Column{Type: decoder.TypeDatetime}, "",
		},
		"bits": {
			schema.Column{Name: "c", Type: schema.TypeBit, Length: 3}, decoder.Column{Type: decoder.TypeBit, Length: 4},
			"column `c`: the schema says bit(3), the log has bit(4)",
		},
		"large enum": {
			schema.Column{Name: "c", Type: schema.TypeEnum, Members: members(256)},
			decoder.Column{Type: decoder.TypeEnum, Length: 2}, "",
		},
		"set of 33": {
			schema.Column{Name: "c", Type: schema.TypeSet, Members: members(33)},
			decoder.Column{Type: decoder.TypeSet, Length: 8}, "",
		},
		"set that grew": {
			schema.Column{Name: "c", Type: schema.TypeSet, Members: []string{"a"}},
			decoder.Column{Type: decoder.TypeSet, Length: 2},
			"column `c`: the schema says set('a'), the log has set of 2 bytes",
		},
		"MariaDB's JSON": {
			schema.Column{Name: "c", Type: schema.TypeJSON}, decoder.Column{Type: decoder.TypeBlob, LenBytes: 4},
			"column `c`: the schema says json, the log has longtext or longblob (MariaDB's JSON is longtext: write it so)",
		},
		"MariaDB's vector": {
			schema.Column{Name: "c", Type: schema.TypeVector, Length: 3}, logVarchar(12), "",
		},
		"uuid": {
			schema.Column{Name: "c", Type: schema.TypeUUID}, decoder.Column{Type: decoder.TypeString, Length: 16}, "",
		},
		"geometry": {
			schema.Column{Name: "c", Type: schema.TypeGeometry, GeometryOf: "point"},
			decoder.Column{Type: decoder.TypeBlob, LenBytes: 4},
			"column `c`: the schema says point, the log has longtext or longblob",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			table := &schema.Table{Columns: []schema.Column{test.column}}
			got := describe(schema.Disagreements(table, &decoder.TableMap{Columns: []decoder.Column{test.log}}))
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestColumnCount has the columns that the log may have beyond the definition's.
func TestColumnCount(t *testing.T) {
	id := schema.Column{Name: "id", Type: schema.TypeInt}
	logID := decoder.Column{Type: decoder.TypeLong}
	hash := decoder.Column{Type: decoder.TypeLonglong}
	time := decoder.Column{Type: decoder.TypeTimestamp2, Scale: 6}
	unique := []schema.Key{{Name: "k", Parts: []schema.KeyPart{{Column: 0}}}}
	primary := []schema.Key{{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}}}}

	tests := map[string]struct {
		table schema.Table
		log   []decoder.Column
		want  string
	}{
		"equal":                {schema.Table{}, []decoder.Column{logID}, ""},
		"hash of a unique key": {schema.Table{Keys: unique}, []decoder.Column{logID, hash}, ""},
		"two hashes for one key": {
			schema.Table{Keys: unique}, []decoder.Column{logID, hash, hash},
			"the table: the schema says 1 column, the log has 3 columns",
		},
		"implicit system versioning": {schema.Table{SystemVersioned: true}, []decoder.Column{logID, time, time}, ""},
		"hash and versioning": {
			schema.Table{SystemVersioned: true, Keys: unique}, []decoder.Column{logID, time, time, hash}, "",
		},
		"a column added": {
			schema.Table{Keys: primary}, []decoder.Column{logID, logID},
			"the table: the schema says 1 column, the log has 2 columns",
		},
		"a column dropped": {
			schema.Table{Keys: primary}, nil,
			"the table: the schema says 1 column, the log has 0 columns",
		},
		"generated invisible primary key": {
			schema.Table{}, []decoder.Column{hash, logID},
			"the table: the schema says 1 column, the log has 2 columns (the log's first column may be my_row_id, a " +
				"generated invisible primary key that the dump leaves out); " +
				"column `id`: the schema says int, the log has bigint",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.table.Columns = []schema.Column{id}
			got := describe(schema.Disagreements(&test.table, &decoder.TableMap{Columns: test.log}))
			if got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// A replica's table may have generated columns of its own, after the others.
func TestVerifyReplica(t *testing.T) {
	m := &decoder.TableMap{Columns: []decoder.Column{{Type: decoder.TypeLong}}}
	id, other := schema.Column{Name: "id", Type: schema.TypeInt}, schema.Column{Name: "other", Type: schema.TypeInt}
	twice := schema.Column{Name: "twice", Type: schema.TypeInt, Generated: schema.Stored}
	for name, test := range map[string]struct {
		columns []schema.Column
		fits    bool
	}{
		"as the log":              {[]schema.Column{id}, true},
		"a generated column more": {[]schema.Column{id, twice}, true},
		"a column more":           {[]schema.Column{id, other}, false},
		"both":                    {[]schema.Column{id, twice, other}, false},
		"another type":            {[]schema.Column{{Name: "id", Type: schema.TypeBigInt}, twice}, false},
	} {
		if err := schema.VerifyReplica(&schema.Table{Columns: test.columns}, m); (err == nil) != test.fits {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestVerifyMessage shows the error that a person gets.
func TestVerifyMessage(t *testing.T) {
	table := &schema.Table{Database: "shop", Name: "t", Source: "schema.sql:12"}
	m := &decoder.TableMap{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		table.Columns = append(table.Columns, schema.Column{Name: name, Type: schema.TypeInt})
		m.Columns = append(m.Columns, decoder.Column{Type: decoder.TypeTiny})
	}
	const want = "table `shop`.`t` in schema.sql:12 is not the table that the log speaks of: " +
		"column `a`: the schema says int, the log has tinyint; column `b`: the schema says int, the log has tinyint; " +
		"column `c`: the schema says int, the log has tinyint; and 2 more"
	if got := schema.Verify(table, m); got == nil || got.Error() != want {
		t.Errorf("\n got %v\nwant %s", got, want)
	}
}

func describe(list []schema.Disagreement) string {
	var words []string
	for _, d := range list {
		words = append(words, d.String())
	}
	return strings.Join(words, "; ")
}

// TestKeyColumns: early MySQL 8.0 logs the hidden columns of functional keys, after the columns that the table had then.
func TestKeyColumns(t *testing.T) {
	intColumn, bigint := decoder.Column{Type: decoder.TypeLong}, decoder.Column{Type: decoder.TypeLonglong}
	named := func(c decoder.Column, name string) decoder.Column { c.Name = name; return c }
	for name, test := range map[string]struct {
		last    schema.Type // of columns a INT and b
		log     []decoder.Column
		names   bool
		old     bool // the server logs hidden columns
		refused bool
	}{
		"last by its type":               {schema.TypeInt, []decoder.Column{intColumn, intColumn, bigint}, false, true, false},
		"perhaps between, by its type":   {schema.TypeBigInt, []decoder.Column{intColumn, bigint, bigint}, false, true, true},
		"last by its name":               {schema.TypeBigInt, []decoder.Column{named(intColumn, "a"), named(bigint, "b"), named(bigint, "3bb8")}, true, true, false},
		"between by its name":            {schema.TypeBigInt, []decoder.Column{named(intColumn, "a"), named(bigint, "3bb8"), named(bigint, "b")}, true, true, true},
		"a server that does not log it":  {schema.TypeInt, []decoder.Column{intColumn, intColumn, bigint}, false, false, true},
		"more columns than it has parts": {schema.TypeInt, []decoder.Column{intColumn, intColumn, bigint, bigint}, false, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			table := &schema.Table{Database: "d", Name: "t", KeyExprs: 1, Columns: []schema.Column{
				{Name: "a", Type: schema.TypeInt}, {Name: "b", Type: test.last}}}
			err := schema.Verify(table, &decoder.TableMap{Columns: test.log, FullNames: test.names, KeyColumns: test.old})
			if refused := err != nil; refused != test.refused {
				t.Errorf("refused: %v, want %v (%v)", refused, test.refused, err)
			}
		})
	}
}
