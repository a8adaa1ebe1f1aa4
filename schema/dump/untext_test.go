package dump

import (
	"errors"
	"slices"
	"testing"

	"binmend/decoder"
)

// TestStatementsOfAnotherCharset: a client that says gbk and sends UTF-8. What is no text in gbk has no name for sure, and a table with such a
// name of a column is unknown.
func TestStatementsOfAnotherCharset(t *testing.T) {
	const gbk, utf8 = 28, 45
	for _, c := range []struct {
		client  uint16
		sql     string
		column  string
		members []string
	}{
		{utf8, "CREATE TABLE t (`é7` ENUM('日', 'b'))", "é7", []string{"日", "b"}},
		{gbk, "CREATE TABLE t (`é7` ENUM('é', 'b'))", "茅7", []string{"茅", "b"}},
		{gbk, "CREATE TABLE t (`é7` ENUM('日', 'b')) COMMENT 'ü7'", "茅7", []string{"鏃?", "b"}},
		{gbk, "CREATE TABLE t (`日7` ENUM('a', 'b'))", "", nil},
	} {
		st := Statement{Server: decoder.Version{Flavor: decoder.MySQL, Major: 5, Minor: 7}, Database: "d", SQL: c.sql, Collations: decoder.Collations{Client: c.client, Connection: c.client}}
		var made []*Change
		if err := NewParser().Parse(st, func(c *Change) { made = append(made, c) }); err != nil || len(made) != 1 {
			t.Fatalf("%s: %v, %v", c.sql, made, err)
		}
		if c.column == "" {
			if made[0].Kind != Lost || !errors.Is(made[0].Err, errNoText) {
				t.Errorf("%s: %+v, want it to be unknown", c.sql, made[0])
			}
			continue
		}
		d, err := made[0].Create(Encoding{}, "")
		if err != nil || d.Table.Columns[0].Name != c.column || !slices.Equal(d.Table.Columns[0].Members, c.members) {
			t.Errorf("%s: %+v, %v", c.sql, d, err)
		}
	}
}

// TestMembersThatAreBytes: members of a column that is CHARACTER SET binary, be it by the default of the table or of the database, have the bytes
// of the session that made it: their names are known in ASCII, and where it was in UTF-8.
func TestMembersThatAreBytes(t *testing.T) {
	const latin1, utf8 = 8, 45
	for _, c := range []struct {
		session  uint16
		sql      string
		database string
		want     []string
	}{
		{latin1, "CREATE TABLE t (e ENUM('\xe9', 'b')) CHARACTER SET binary", "utf8mb4", []string{"?", "b"}},
		{latin1, "CREATE TABLE t (e ENUM('\xe9', 'b'))", "binary", []string{"?", "b"}},
		{latin1, "CREATE TABLE t (e ENUM('\xe9', 'b'), c BINARY(8))", "latin1", []string{"é", "b"}},
		{utf8, "CREATE TABLE t (e ENUM('é', 'b'))", "binary", []string{"é", "b"}},
	} {
		st := Statement{Database: "d", SQL: c.sql, Collations: decoder.Collations{Client: c.session, Connection: c.session}}
		var made []*Change
		if err := NewParser().Parse(st, func(c *Change) { made = append(made, c) }); err != nil || len(made) != 1 {
			t.Fatalf("%s: %v, %v", c.sql, made, err)
		}
		if d, err := made[0].Create(Encoding{Charset: c.database}, ""); err != nil || !slices.Equal(d.Table.Columns[0].Members, c.want) {
			t.Errorf("%s in a database of %s: %+v, %v", c.sql, c.database, d, err)
		}
	}
}
