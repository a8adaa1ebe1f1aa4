package replay

import (
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
)

// TestHasCollation: which servers have the default collations of others.
func TestHasCollation(t *testing.T) {
	const general, mysql0900, croatian, uca1400 = 45, 255, 576, 2304
	for server, want := range map[string][4]bool{
		"5.7.44":          {true, false, false, false},
		"8.0.15":          {true, true, false, false},
		"9.7.0":           {true, true, false, false},
		"10.6.20-MariaDB": {true, false, true, false},
		"11.8.9-MariaDB":  {true, false, true, true},
	} {
		version, _ := decoder.ParseVersion(server)
		for i, number := range []uint16{general, mysql0900, croatian, uca1400} {
			if got := hasCollation(sqltext.For(version), number); got != want[i] {
				t.Errorf("%s, collation %d: %v", server, number, got)
			}
		}
	}
}

// TestSetsOwnMode: a statement that gives itself an sql_mode is told from one that names the variable elsewhere.
func TestSetsOwnMode(t *testing.T) {
	for text, want := range map[string]bool{
		"set statement sql_mode='PIPES_AS_CONCAT' for create table t (a int as (b || 'x'))":             true,
		"SET STATEMENT max_statement_time=1, SQL_MODE = 'ANSI_QUOTES'\nFOR ALTER TABLE t ADD \"x\" INT": true,
		"SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a INT)":                                 false,
		"CREATE TABLE t (a VARCHAR(99) DEFAULT 'SET STATEMENT sql_mode=1 FOR')":                         false,
		"SET sql_mode='' /* no statement FOR */":                                                        false,
	} {
		if got := setsOwnMode.MatchString(text); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
