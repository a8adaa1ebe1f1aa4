package schema_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/schema"
)

// TestLayoutOfColumn has a column of a replica's table, the log's column in its place, a value of the log, and the value that
// the applier puts there or what is refused.
func TestLayoutOfColumn(t *testing.T) {
	const utf8mb3, utf8mb4, latin1, binaryCollation = 33, 45, 8, 63
	const null = "NULL"
	integer := func(typ decoder.ColumnType, sign decoder.Signedness) decoder.Column {
		return decoder.Column{Type: typ, Sign: sign}
	}
	varchar := func(length int, charset string) schema.Column {
		return schema.Column{Type: schema.TypeVarchar, Length: length, Charset: charset}
	}
	logVarchar := func(bytes int, collation uint16) decoder.Column {
		return decoder.Column{Type: decoder.TypeVarchar, Length: bytes, LenBytes: 1, Collation: collation}
	}
	little := func(n uint64, size int) string { return string(binary.LittleEndian.AppendUint64(nil, n)[:size]) }

	for name, test := range map[string]struct {
		column  schema.Column
		log     decoder.Column
		value   string
		want    string // the value stored
		refused string
	}{
		"wider integer": {column: schema.Column{Type: schema.TypeBigInt}, log: integer(decoder.TypeLong, decoder.Signed),
			value: little(^uint64(4), 4), want: little(^uint64(4), 8)},
		"narrower integer that fits": {column: schema.Column{Type: schema.TypeTinyInt}, log: integer(decoder.TypeLong, decoder.Signed),
			value: little(^uint64(127), 4), want: little(^uint64(127), 1)},
		"narrower integer that does not fit": {column: schema.Column{Type: schema.TypeTinyInt}, log: integer(decoder.TypeLong, decoder.Signed),
			value: little(128, 4), refused: "beyond its range"},
		"unsigned into a wider signed": {column: schema.Column{Type: schema.TypeBigInt}, log: integer(decoder.TypeLong, decoder.Unsigned),
			value: "\xff\xff\xff\xff", want: little(0xffffffff, 8)},
		"negative into unsigned": {column: schema.Column{Type: schema.TypeInt, Unsigned: true}, log: integer(decoder.TypeTiny, decoder.Signed),
			value: "\xff", refused: "no negative numbers"},
		"sign unknown, into a wider unsigned": {column: schema.Column{Type: schema.TypeBigInt, Unsigned: true}, log: integer(decoder.TypeLong, decoder.SignUnknown),
			value: "\xff\xff\xff\xff", refused: "its sign is not known"},
		"float into double": {column: schema.Column{Type: schema.TypeDouble}, log: decoder.Column{Type: decoder.TypeFloat},
			value: "\x00\x00\xc0\x3f", want: "\x00\x00\x00\x00\x00\x00\xf8\x3f"},
		"double into float, rounded": {column: schema.Column{Type: schema.TypeFloat}, log: decoder.Column{Type: decoder.TypeDouble},
			value: "\x9a\x99\x99\x99\x99\x99\xb9\x3f", refused: "rounded"},
		"wider decimal": {column: schema.Column{Type: schema.TypeDecimal, Length: 10, Decimals: 4},
			log: decoder.Column{Type: decoder.TypeNewDecimal, Precision: 6, Scale: 2}, value: "\x80\x01\x02", want: "\x80\x01\x02"},
		"decimal of fewer digits": {column: schema.Column{Type: schema.TypeDecimal, Length: 6, Decimals: 1},
			log: decoder.Column{Type: decoder.TypeNewDecimal, Precision: 6, Scale: 2}, refused: "the schema says decimal(6,1)"},
		"integer into text":          {column: varchar(9, "utf8mb4"), log: integer(decoder.TypeLong, decoder.Signed), refused: "the log has int"},
		"utf8mb3 into utf8mb4":       {column: varchar(20, "utf8mb4"), log: logVarchar(60, utf8mb3), value: "é", want: "é"},
		"latin1 into utf8mb4, ASCII": {column: varchar(20, "utf8mb4"), log: logVarchar(20, latin1), value: "e", want: "e"},
		"latin1 into utf8mb4, beyond ASCII": {column: varchar(20, "utf8mb4"), log: logVarchar(20, latin1), value: "\xe9",
			refused: "another meaning"},
		"character set unknown, text": {column: varchar(20, "utf8mb4"), log: logVarchar(60, 0), value: "é", want: "é"},
		"character set unknown, no such text": {column: varchar(20, "utf8mb4"), log: logVarchar(60, 0), value: "\xe9",
			refused: "another meaning"},
		"shorter, and the value fits": {column: varchar(2, "utf8mb4"), log: logVarchar(80, utf8mb4), value: "éé", want: "éé"},
		"shorter than the value":      {column: varchar(2, "utf8mb4"), log: logVarchar(80, utf8mb4), value: "ééé", refused: "longer"},
		"varchar into char, blanks at its end": {column: schema.Column{Type: schema.TypeChar, Length: 9, Charset: "utf8mb4"}, log: logVarchar(80, utf8mb4),
			value: "é b  ", want: "é b"},
		"bytes into text":              {column: varchar(20, "utf8mb4"), log: logVarchar(20, binaryCollation), refused: "varchar or varbinary"},
		"text into a longer text type": {column: schema.Column{Type: schema.TypeMediumText, Charset: "utf8mb4"}, log: logVarchar(80, utf8mb4), value: "x", want: "x"},
		"BINARY into VARBINARY: the image drops zeros": {column: schema.Column{Type: schema.TypeVarbinary, Length: 9, Charset: "binary"},
			log: decoder.Column{Type: decoder.TypeString, Length: 4, Collation: binaryCollation}, value: "ab", want: "ab\x00\x00"},
		"other members of ENUM, as many": {column: schema.Column{Type: schema.TypeEnum, Members: []string{"c", "b", "a"}},
			log: decoder.Column{Type: decoder.TypeEnum, Length: 1, Members: []string{"a", "b", "c"}}, value: "\x01", want: "\x01"},
		"a member of ENUM that the replica lacks": {column: schema.Column{Type: schema.TypeEnum, Members: []string{"a"}},
			log: decoder.Column{Type: decoder.TypeEnum, Length: 2}, value: "\x02\x00", refused: "it has 1 member"},
		"a member of SET that the replica lacks": {column: schema.Column{Type: schema.TypeSet, Members: []string{"a"}},
			log: decoder.Column{Type: decoder.TypeSet, Length: 2}, value: "\x02\x00", refused: "it has 1 member"},
		"a member of ENUM that the replica lacks, of the same size": {column: schema.Column{Type: schema.TypeEnum, Members: []string{"a", "b"}},
			log: decoder.Column{Type: decoder.TypeEnum, Length: 1}, value: "\x03", refused: "it has 2 members"},
		"a member of ENUM that both have": {column: schema.Column{Type: schema.TypeEnum, Members: []string{"a", "b"}},
			log: decoder.Column{Type: decoder.TypeEnum, Length: 1}, value: "\x02", want: "\x02"},
		"NULL into NOT NULL": {column: schema.Column{Type: schema.TypeInt}, log: decoder.Column{Type: decoder.TypeLong, Nullable: true},
			value: null, refused: "NOT NULL"},
		"NULL into a wider one that is NOT NULL": {column: schema.Column{Type: schema.TypeBigInt}, log: decoder.Column{Type: decoder.TypeLong, Nullable: true},
			value: null, refused: "NOT NULL"},
		"a value into NOT NULL": {column: schema.Column{Type: schema.TypeInt}, log: decoder.Column{Type: decoder.TypeLong, Nullable: true},
			value: little(7, 4), want: little(7, 4)},
		"more fraction digits": {column: schema.Column{Type: schema.TypeDatetime, Decimals: 3},
			log: decoder.Column{Type: decoder.TypeDatetime2}, value: "12345", refused: "another number of decimals"},
		"fewer fraction digits": {column: schema.Column{Type: schema.TypeDatetime},
			log: decoder.Column{Type: decoder.TypeDatetime2, Scale: 3}, refused: "datetime(3)"},
		"date into datetime": {column: schema.Column{Type: schema.TypeDatetime}, log: decoder.Column{Type: decoder.TypeDate}, refused: "the log has date"},
	} {
		t.Run(name, func(t *testing.T) {
			test.column.Name = "c"
			table := &schema.Table{Database: "d", Name: "t", Columns: []schema.Column{test.column}}
			l, err := schema.LayoutOf(table, &decoder.TableMap{Columns: []decoder.Column{test.log}})
			var cells []decoder.Cell
			if err == nil {
				cell := decoder.NewCell(&test.log, []byte(test.value))
				if test.value == null {
					cell = decoder.NullCell(&test.log)
				}
				cells, err = l.Row(nil, []decoder.Cell{cell})
			}
			switch {
			case test.refused != "":
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("want an error with %q, got %v and %v", test.refused, err, cells)
				}
			case err != nil:
				t.Errorf("refused: %v", err)
			case string(cells[0].Raw()) != test.want:
				t.Errorf("stored as %q, want %q", cells[0].Raw(), test.want)
			}
		})
	}
}

// TestLayoutByPosition lays out images of integers; "-" is a column that the log has no value of.
func TestLayoutByPosition(t *testing.T) {
	table := func(names ...string) *schema.Table {
		t := &schema.Table{Database: "d", Name: "t"}
		for _, name := range names {
			t.Columns = append(t.Columns, schema.Column{Name: name, Type: schema.TypeInt})
		}
		return t
	}
	generated := table("my_row_id", "a", "b")
	generated.Columns[0] = schema.Column{Name: "my_row_id", Type: schema.TypeBigInt, Unsigned: true, Invisible: true, AutoIncrement: true}
	generated.Keys = []schema.Key{{Name: "PRIMARY", Primary: true, Parts: []schema.KeyPart{{Column: 0}}}}
	mismatched := table("a", "b")
	mismatched.Columns[1].Type = schema.TypeDate

	for name, test := range map[string]struct {
		table *schema.Table
		flags uint16
		logs  string // the log's columns
		want  string
		note  string // what a reviewer is told; "" for nothing
	}{
		"the same":                        {table: table("a", "b"), logs: "a b", want: "1 2"},
		"a column more at the end":        {table: table("a", "b", "c"), logs: "a b", want: "1 2 -", note: "column `c` is only on the replica"},
		"a column less":                   {table: table("a"), logs: "a b", want: "1", note: "the log's last 1 column is not on the replica"},
		"another order":                   {table: table("b", "a"), logs: "a b", want: "1 2", note: "column `b` takes the values of the log's `a`"},
		"a generated key of the replica":  {table: generated, logs: "a b", want: "- 1 2", note: "column `my_row_id` is only on the replica"},
		"a type that can't be converted":  {table: mismatched, logs: "a b"},
		"a generated key of both":         {table: generated, flags: 4, logs: "my_row_id a b", want: "1 2 3", note: "column `my_row_id` is bigint unsigned"},
		"more than one column at the end": {table: table("a", "b", "c"), logs: "a", want: "1 - -", note: "column `c` is only on the replica"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &decoder.TableMap{Flags: test.flags, FullNames: true}
			var image []decoder.Cell
			for i, c := range strings.Fields(test.logs) {
				m.Columns = append(m.Columns, decoder.Column{Type: decoder.TypeLong, Name: c})
				image = append(image, decoder.NewCell(&decoder.Column{Type: decoder.TypeLong}, []byte{byte('1' + i), 0, 0, 0}))
			}
			l, err := schema.LayoutOf(test.table, m)
			if test.want == "" {
				if !errors.Is(err, schema.ErrMismatch) {
					t.Fatalf("want a mismatch, got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			cells, err := l.Row(nil, image)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i, cell := range cells {
				text := strings.TrimRight(string(cell.Raw()), "\x00")
				if cell.State() == decoder.Absent {
					text = "-"
				}
				if l.Table.Columns[i].Local != (text == "-") {
					t.Errorf("column %d: Local is %v", i, l.Table.Columns[i].Local)
				}
				got = append(got, text)
			}
			if notes := strings.Join(l.Notes, "; "); strings.Join(got, " ") != test.want || !strings.Contains(notes, test.note) || (notes == "") != (test.note == "") {
				t.Errorf("got %v and the notes %q, want %s and %q", got, notes, test.want, test.note)
			}
		})
	}
}
