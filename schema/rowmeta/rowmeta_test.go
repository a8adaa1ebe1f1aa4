package rowmeta_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
	"binmend/schema/rowmeta"
)

// Collation numbers.
const (
	latin1SwedishCI = 8
	gbkChineseCI    = 28
	utf8mb4GenCI    = 45
	binary          = 63
	swe7SwedishCI   = 10
)

func TestIntegerOfUnknownSign(t *testing.T) {
	_, err := rowmeta.Table(&decoder.TableMap{FullNames: true, Columns: []decoder.Column{{Name: "c", Type: decoder.TypeLong}}})
	if !errors.Is(err, rowmeta.ErrNoSign) {
		t.Errorf("got %v, want %v", err, rowmeta.ErrNoSign)
	}
}

// TestColumn has a column of the log and the type and character set that it becomes.
func TestColumn(t *testing.T) {
	tests := []struct {
		name string
		log  decoder.Column
		want string
	}{
		{"signed", decoder.Column{Type: decoder.TypeLong, Sign: decoder.Signed}, "int"},
		{"unsigned", decoder.Column{Type: decoder.TypeTiny, Sign: decoder.Unsigned}, "tinyint unsigned"},
		{"year", decoder.Column{Type: decoder.TypeYear, Sign: decoder.Unsigned}, "year"},
		{"decimal", decoder.Column{Type: decoder.TypeNewDecimal, Precision: 10, Scale: 2}, "decimal(10,2)"},
		{"fraction", decoder.Column{Type: decoder.TypeTime2, Scale: 3}, "time(3)"},
		{"old temporal", decoder.Column{Type: decoder.TypeDatetime}, "datetime"},
		{"char", decoder.Column{Type: decoder.TypeString, Length: 80, Collation: utf8mb4GenCI}, "char(20) utf8mb4 utf8mb4_general_ci"},
		{"binary", decoder.Column{Type: decoder.TypeString, Length: 20, Collation: binary}, "binary(20) binary"},
		{"varchar", decoder.Column{Type: decoder.TypeVarchar, Length: 20, Collation: gbkChineseCI}, "varchar(10) gbk gbk_chinese_ci"},
		{"compressed", decoder.Column{Type: decoder.TypeVarcharCompressed, Length: 11, Collation: latin1SwedishCI},
			"varchar(10) latin1 latin1_swedish_ci"},
		{"text", decoder.Column{Type: decoder.TypeBlob, LenBytes: 3, Collation: latin1SwedishCI}, "mediumtext latin1 latin1_swedish_ci"},
		{"blob", decoder.Column{Type: decoder.TypeBlob, LenBytes: 4, Collation: binary}, "longblob binary"},
		{"enum", decoder.Column{Type: decoder.TypeEnum, Length: 1, Members: []string{"a", "\xd6\xd0"}, Collation: gbkChineseCI},
			"enum('a','中') gbk gbk_chinese_ci"},
		{"enum that can't be read", decoder.Column{Type: decoder.TypeEnum, Length: 1, Members: []string{"\x80"}, Collation: swe7SwedishCI},
			"enum() swe7 swe7_swedish_ci"},
		{"json", decoder.Column{Type: decoder.TypeJSON, LenBytes: 4}, "json"},
		{"point", decoder.Column{Type: decoder.TypeGeometry, LenBytes: 4, Geometry: 1}, "point"},
		{"vector", decoder.Column{Type: decoder.TypeVector, LenBytes: 4, Dimension: 3, Collation: binary}, "vector(3)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.log.Name = "c"
			table, err := rowmeta.Table(&decoder.TableMap{FullNames: true, Columns: []decoder.Column{test.log}})
			if err != nil {
				t.Fatal(err)
			}
			c := &table.Columns[0]
			got := strings.TrimRight(c.SQLType()+" "+c.Charset+" "+c.Collation, " ")
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestPrimaryKey(t *testing.T) {
	table, err := rowmeta.Table(&decoder.TableMap{
		Database: "d", Table: "t", FullNames: true,
		Columns:    []decoder.Column{{Name: "a", Type: decoder.TypeLong, Sign: decoder.Signed}, {Name: "b", Type: decoder.TypeBlob, LenBytes: 2}},
		PrimaryKey: []decoder.PrimaryKeyPart{{Column: 1, Prefix: 5}, {Column: 0}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []schema.KeyPart{{Column: 1, Prefix: 5}, {Column: 0}}
	if key := table.Primary(); key == nil || !reflect.DeepEqual(key.Parts, want) {
		t.Errorf("primary key %+v, want the parts %+v", key, want)
	}
	if !table.KeysUnknown || len(table.Notes) == 0 {
		t.Error("the table must say that other unique keys are unknown")
	}
}

// TestHiddenHash: the columns that MariaDB hides after long unique keys are not the table's.
func TestHiddenHash(t *testing.T) {
	table, err := rowmeta.Table(&decoder.TableMap{FullNames: true, Columns: []decoder.Column{
		{Name: "a", Type: decoder.TypeLong, Sign: decoder.Signed}, {Name: "DB_ROW_HASH_1", Type: decoder.TypeLonglong},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Columns) != 1 {
		t.Errorf("%d columns, want 1", len(table.Columns))
	}
}

// TestHiddenKeyColumns: the columns of functional keys, which early MySQL 8.0 logs, are not the table's; between others they are
// columns that no statement names.
func TestHiddenKeyColumns(t *testing.T) {
	long := func(name string) decoder.Column {
		return decoder.Column{Name: name, Type: decoder.TypeLong, Sign: decoder.Signed}
	}
	const hidden = "82b5f6802b727b0d948d38cbccd48904"
	table, err := rowmeta.Table(&decoder.TableMap{FullNames: true, KeyColumns: true, Columns: []decoder.Column{long("a"), long(hidden), long("b"), long(hidden)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Columns) != 3 || table.KeyExprs != 1 || table.Columns[1].Assignable() || !table.Columns[2].Assignable() {
		t.Errorf("got %d columns, %d key parts", len(table.Columns), table.KeyExprs)
	}
}

func TestErrors(t *testing.T) {
	_, err := rowmeta.Table(&decoder.TableMap{Columns: []decoder.Column{{Type: decoder.TypeLong}}})
	if !errors.Is(err, rowmeta.ErrNoNames) {
		t.Errorf("a table map without names: %v", err)
	}
	_, err = rowmeta.Table(&decoder.TableMap{FullNames: true, Columns: []decoder.Column{
		{Name: "c", Type: decoder.TypeString, Length: 3, Collation: 999},
	}})
	if err == nil || !strings.Contains(err.Error(), "collation number 999") {
		t.Errorf("an unknown collation: %v", err)
	}
}
