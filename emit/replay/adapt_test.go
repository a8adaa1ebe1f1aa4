package replay

import "testing"

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
