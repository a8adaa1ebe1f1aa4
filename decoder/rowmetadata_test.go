package decoder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
)

// Columns of every type that a line has. Each text column has a collation of its own, so that a collation given to the
// wrong column is seen.
var columnsOfAllTypes = map[*servers.Line][]string{
	servers.MySQL97: slices.Concat(commonColumns, []string{"v VECTOR(7)", "j JSON", "g2 POINT NOT NULL",
		"hidden INT INVISIBLE"}),
	servers.MySQL8031:   slices.Concat(commonColumns, []string{"j JSON", "g2 POINT NOT NULL", "hidden INT INVISIBLE"}),
	servers.MySQL8015:   slices.Concat(commonColumns, []string{"j JSON", "g2 POINT NOT NULL"}),
	servers.MariaDB1011: slices.Concat(commonColumns, mariadbColumns),
	servers.MariaDB114:  slices.Concat(commonColumns, mariadbColumns),
	servers.MariaDB118:  slices.Concat(commonColumns, mariadbColumns, []string{"v VECTOR(7) NOT NULL"}),
}

var mariadbColumns = []string{
	"u UUID", "i4 INET4", "i6 INET6", "c1 VARCHAR(30) COMPRESSED CHARACTER SET koi8r",
	"c2 TEXT COMPRESSED CHARACTER SET greek", "j JSON",
}

var commonColumns = []string{
	"t1 VARCHAR(10) CHARACTER SET latin1", "i INT UNSIGNED", "d DATE", "b BIT(5)", "t2 CHAR(20) CHARACTER SET latin2",
	"d1 DECIMAL(5,2) UNSIGNED", "t3 TEXT CHARACTER SET cp1251", "y YEAR", "f FLOAT", "f2 DOUBLE UNSIGNED",
	"e1 ENUM('a','b''c','') CHARACTER SET hebrew", "t4 VARBINARY(10)", "t5 BINARY(3)", "s1 SET('x','y') CHARACTER SET gbk",
	"l BLOB", "t6 LONGTEXT CHARACTER SET big5", "ti TINYINT", "t7 TINYTEXT CHARACTER SET sjis", "g GEOMETRY",
	"e2 ENUM('é') CHARACTER SET utf8mb4", "dt DATETIME(3)", "t8 MEDIUMTEXT CHARACTER SET ucs2", "tm TIME", "ts TIMESTAMP NULL",
	"bi BIGINT UNSIGNED", "t9 VARCHAR(300) CHARACTER SET utf16",
}

// The members of the ENUM and SET columns.
var members = map[string][]string{"e1": {"a", "b'c", ""}, "e2": {"é"}, "s1": {"x", "y"}}

// What full row metadata says of columns is what the server says of them.
func TestRowMetadata(t *testing.T) {
	for line, columns := range columnsOfAllTypes {
		t.Run(line.Name, func(t *testing.T) {
			s := servers.Start(t, line, servers.Options{Args: []string{"--binlog-row-metadata=FULL"}})
			s.MustExec(t, "CREATE DATABASE d")
			for turn := range columns { // so that each type once stands before all others
				turned := slices.Concat(columns[turn:], columns[:turn])
				s.MustExec(t, tableOf(fmt.Sprintf("d.t%d", turn), turned))
			}
			maps := tableMapsOf(t, s.Binlogs(t))
			if len(maps) != len(columns) {
				t.Fatalf("%d tables, want %d", len(maps), len(columns))
			}
			for _, m := range maps {
				compareColumns(t, s, m)
			}
		})
	}
}

// tableOf makes a table of the columns and a primary key, and puts a row into it.
func tableOf(name string, columns []string) string {
	names, values := []string{"id", "p"}, []string{"1", "'x'"}
	for column, value := range map[string]string{
		"v VECTOR(7) NOT NULL": "VEC_FromText('[1,2,3,4,5,6,7]')",
		"g2 POINT NOT NULL":    "ST_GeomFromText('POINT(1 2)')",
	} {
		if slices.Contains(columns, column) {
			names, values = append(names, strings.Fields(column)[0]), append(values, value)
		}
	}
	return "CREATE TABLE " + name + " (" + strings.Join(columns, ", ") +
		", id INT, p VARCHAR(9) CHARACTER SET dec8, PRIMARY KEY (p(4), id));\n" +
		"INSERT INTO " + name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(values, ", ") + ");\n"
}

func tableMapsOf(t *testing.T, logs []string) (maps []*decoder.TableMap) {
	t.Helper()
	f := logfile.OpenFiles(logs...)
	defer f.Close()
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == decoder.EventTableMap {
			m, err := e.TableMap()
			if err != nil {
				t.Fatal(err)
			}
			maps = append(maps, m)
		}
	}
	return maps
}

// compareColumns holds a table map against information_schema.
func compareColumns(t *testing.T, s *servers.Server, m *decoder.TableMap) {
	t.Helper()
	collations := "SELECT id, collation_name FROM information_schema.collations"
	if s.Install.Line.Flavor == servers.MariaDB {
		collations = "SELECT id, full_collation_name AS collation_name FROM information_schema.collation_character_set_applicability"
	}
	rows, err := s.DB().Query(`SELECT c.column_name, c.column_type, COALESCE(o.id, 0), c.data_type
		FROM information_schema.columns c LEFT JOIN (`+collations+`) o ON o.collation_name = c.collation_name
		WHERE c.table_schema = 'd' AND c.table_name = ? ORDER BY c.ordinal_position`, m.Table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	i := 0
	for ; rows.Next(); i++ {
		var name, full, kind string
		var collation int
		if err := rows.Scan(&name, &full, &collation, &kind); err != nil {
			t.Fatal(err)
		}
		if i >= len(m.Columns) {
			continue
		}
		c := &m.Columns[i]
		if c.Name != name {
			t.Errorf("%s: column %d: %q, want %q", m.Table, i+1, c.Name, name)
		}
		if collation != 0 && int(c.Collation) != collation {
			t.Errorf("%s: %s %s: collation %d, want %d", m.Table, name, full, c.Collation, collation)
		}
		unsigned := strings.Contains(full, "unsigned") || kind == "year" && s.Install.Line != servers.MySQL8015
		if unsigned != (c.Sign == decoder.Unsigned) {
			t.Errorf("%s: %s %s: sign %d", m.Table, name, full, c.Sign)
		}
		if !slices.Equal(c.Members, members[name]) {
			t.Errorf("%s: %s %s: members %q", m.Table, name, full, c.Members)
		}
		if c.Invisible != (name == "hidden") {
			t.Errorf("%s: %s: invisible %v", m.Table, name, c.Invisible)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if i != len(m.Columns) {
		t.Errorf("%s: %d columns, want %d", m.Table, len(m.Columns), i)
	}
	last := len(m.Columns) - 1
	want := fmt.Sprint([]decoder.PrimaryKeyPart{{Column: last, Prefix: 4}, {Column: last - 1}})
	if got := fmt.Sprint(m.PrimaryKey); got != want {
		t.Errorf("%s: primary key %s, want %s", m.Table, got, want)
	}
}
