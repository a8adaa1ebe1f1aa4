package dump

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"binmend/decoder/fault"
	"binmend/schema"
)

// load reads a schema file given as text, under the name a.sql.
func load(t *testing.T, sql string) *Schema {
	t.Helper()
	s, err := Load(strings.NewReader(sql), "a.sql")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// lookup asks for database.table and says what came: where it is defined and under which name, or the error and its
// reason.
func lookup(s *Schema, database, table string) string {
	found, err := s.Table(context.Background(), schema.Ref{Database: database, Table: table})
	if err != nil {
		var reason *fault.Reason
		errors.As(err, &reason)
		return fmt.Sprintf("%v | %v", err, reason)
	}
	return fmt.Sprintf("%s is %s.%s", found.Source, found.Database, found.Name)
}

func TestTable(t *testing.T) {
	const (
		named    = "USE shop;\nCREATE TABLE orders (a int);\nCREATE TABLE Orders2 (a int);\nUSE other;\nCREATE TABLE orders (b int);"
		plain    = "CREATE TABLE orders (a int);"
		twoPlain = "-- Host: localhost    Database: shop\nCREATE TABLE orders (a int);\n" +
			"-- Host: localhost    Database: other\nCREATE TABLE orders (b int);"
		twoDumps = "-- Host: localhost    Database: shop\nDROP TABLE IF EXISTS orders;\nCREATE TABLE orders (a int, UNIQUE (a));\nALTER TABLE orders ADD c int;\n" +
			"-- Host: localhost    Database: other\nDROP TABLE IF EXISTS orders;\nCREATE TABLE orders (a int);\nRENAME TABLE orders TO o, o TO orders;"
		bad   = "USE shop;\nCREATE TABLE orders (a frob);"
		cased = "USE shop;\nCREATE TABLE Orders (a int);\nCREATE TABLE ORDERS (a int);"
	)
	tests := []struct{ name, sql, database, table, want string }{
		{"database and table", named, "other", "orders", "a.sql:5 is other.orders"},
		{"in any case", named, "SHOP", "orders2", "a.sql:3 is shop.Orders2"},
		{"exact before any case", cased, "shop", "ORDERS", "a.sql:3 is shop.ORDERS"},
		{"any case, two of them", cased, "shop", "orders", "table `shop`.`orders` could be any of those at a.sql:2, " +
			"a.sql:3 | several definitions of the table"},
		{"a dump without databases", plain, "whatever", "orders", "a.sql:1 is whatever.orders"},
		{"two of them, told apart by the header", twoPlain, "other", "orders", "a.sql:4 is other.orders"},
		{"two of them, for a third database", twoPlain, "third", "orders", "table `third`.`orders` could be any of " +
			"those at a.sql:2, a.sql:4 | several definitions of the table"},
		{"two dumps in one file, the first", twoDumps, "shop", "orders", "a.sql:3 is shop.orders"},
		{"two dumps in one file, the second", twoDumps, "other", "orders", "a.sql:7 is other.orders"},
		{"no database asked for", plain, "", "orders", "a.sql:1 is .orders"},
		{"missing", named, "shop", "order", "table `shop`.`order` is not in a.sql (nearest: `shop`.`orders`, " +
			"`shop`.`Orders2`, `other`.`orders`) | no definition of the table"},
		{"in another database", named, "archive", "orders", "table `archive`.`orders` is not in a.sql (nearest: " +
			"`shop`.`orders`, `other`.`orders`, `shop`.`Orders2`) | no definition of the table"},
		{"not understood", bad, "shop", "orders", "a.sql:2: table `shop`.`orders`: not understood at \"frob\" | a definition that is not understood, or contradicts another"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := lookup(load(t, test.sql), test.database, test.table); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

// TestAnotherDatabase: a table of a dump that names no database says so, and whose it is by the header if that is another one.
func TestAnotherDatabase(t *testing.T) {
	const table, header = "CREATE TABLE orders (a int);", "-- Host: localhost    Database: shop\n"
	for _, test := range []struct {
		sql   string
		any   bool
		notes int
	}{{table, true, 0}, {header + table, true, 1}, {"-- Host: localhost    Database: ARCHIVE\n" + table, true, 0}, {header + "USE archive;\n" + table, false, 0}} {
		got, err := load(t, test.sql).Table(t.Context(), schema.Ref{Database: "archive", Table: "orders"})
		if err != nil || got.AnyDatabase != test.any || len(got.Notes) != test.notes {
			t.Errorf("%q: any database %v, notes %q (%v)", test.sql, got.AnyDatabase, got.Notes, err)
		}
	}
}

// TestUseWithLineBreak: a name with a line break is no command of the client's own, whatever its lines begin with.
func TestUseWithLineBreak(t *testing.T) {
	for _, name := range []string{"a\nDELIMITER x\nb", "a\nUSE b", "a b"} {
		for _, end := range []string{";\n", "\n"} {
			sql := "USE `" + name + "`" + end + "CREATE TABLE `" + name + "` (a int);"
			if strings.Contains(name, "\n") && end == "\n" {
				continue // it has no end
			}
			if got := lookup(load(t, sql), name, name); strings.Contains(got, "not") {
				t.Errorf("%q: %s", sql, got)
			}
		}
	}
}

// TestTableIsOne: whoever compares tables by pointer gets the same one for the same name.
func TestTableIsOne(t *testing.T) {
	s := load(t, "CREATE TABLE orders (a int);")
	get := func(database string) *schema.Table {
		table, err := s.Table(context.Background(), schema.Ref{Database: database, Table: "orders"})
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	first, second := get("shop"), get("shop")
	if first != second {
		t.Error("two tables for one name")
	}
	if first == get("other") {
		t.Error("one table for two databases")
	}
}

func TestMerge(t *testing.T) {
	merge := func(files ...string) *Schema {
		merged := newSchema()
		for i, sql := range files {
			s, err := Load(strings.NewReader(sql), fmt.Sprintf("%c.sql", 'a'+i))
			if err != nil {
				t.Fatal(err)
			}
			merged.Merge(s)
		}
		return merged
	}
	const table, other, bad = "USE d; CREATE TABLE t (a int);", "USE d; CREATE TABLE t (a bigint);", "USE d; CREATE TABLE t (a frob);"
	tests := []struct {
		name  string
		files []string
		want  string
	}{
		{"twice the same", []string{table, table}, "a.sql:1 is d.t"},
		{"one is dropped first in its file", []string{table, "USE d; DROP TABLE t; CREATE TABLE t (a int);"}, "a.sql:1 is d.t"},
		{"a good one after a bad one", []string{bad, table}, "b.sql:1 is d.t"},
		{"a bad one after a good one", []string{table, bad}, "a.sql:1 is d.t"},
		{"a conflict", []string{table, other}, "b.sql:1: table `d`.`t`: it is defined differently at a.sql:1 | a definition that is not understood, or contradicts another"},
		{"none", nil, "table `d`.`t` is not in any schema file: none was given | no schema file was given"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := lookup(merge(test.files...), "d", "t"); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorTypes(t *testing.T) {
	s := load(t, "CREATE TABLE bad (a frob);")
	_, err := s.Table(context.Background(), schema.Ref{Database: "d", Table: "bad"})
	var problem *Problem
	if !errors.As(err, &problem) || problem.Line != 1 {
		t.Errorf("a table that is not understood: %#v", err)
	}
	_, err = s.Table(context.Background(), schema.Ref{Database: "d", Table: "nope"})
	var missing *fault.Error
	if !errors.As(err, &missing) || missing.Reason != ErrMissingTable || missing.Facts.Name != "d" {
		t.Errorf("a missing table: %#v", err)
	}
}
