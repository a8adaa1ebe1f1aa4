package repair

import (
	"testing"

	"binmend/decoder"
)

// TestChangesRows: however a statement is written, the range ends before one that changes rows, and goes on over DDL.
func TestChangesRows(t *testing.T) {
	for sql, want := range map[string]bool{
		"/* app=checkout */ INSERT INTO customers VALUES (77)":     true,
		"-- app\nUPDATE t SET a = 1":                               true,
		"(DELETE\nFROM t)":                                         true,
		"WITH x AS (SELECT 1) DELETE FROM t":                       true,
		"/*!50001 REPLACE INTO t VALUES (1) */":                    true,
		"CREATE TABLE t SELECT 1":                                  true,
		"ALTER TABLE t DROP PARTITION p":                           true,
		"TRUNCATE t":                                               true,
		"ROLLBACK TO s":                                            true,
		"CREATE\nTABLE t (a INT)":                                  false,
		"/* app */ ALTER TABLE t ADD a INT":                        false,
		"DROP\tTABLE t":                                            false,
		"SAVEPOINT s":                                              false,
		"ANALYZE TABLE t":                                          false,
		"/*!99999 INSERT INTO t VALUES (1) */ RENAME TABLE t TO u": false,
	} {
		e := decoder.Event{Header: decoder.Header{Type: decoder.EventQuery}, Body: append(make([]byte, 14), sql...),
			Format: &decoder.Format{Server: decoder.Version{Flavor: decoder.MySQL, Major: 8}}}
		if got := changesRows(&e); got != want {
			t.Errorf("%q: %v, want %v", sql, got, want)
		}
	}
}
