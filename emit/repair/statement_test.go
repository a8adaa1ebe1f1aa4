package repair

import (
	"testing"

	"binmend/decoder"
	"binmend/schema/replica"
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

// TestRollsBack: what a prepared XA transaction did is taken back by another statement than what a savepoint divides.
func TestRollsBack(t *testing.T) {
	for sql, want := range map[string]bool{"XA ROLLBACK X'72',X'',1": true, "XA COMMIT X'72',X'',1": false, "XA START X'72',X'',1": false, "ROLLBACK TO s": false} {
		e := decoder.Event{Header: decoder.Header{Type: decoder.EventQuery}, Body: append(make([]byte, 14), sql...),
			Format: &decoder.Format{Server: decoder.Version{Flavor: decoder.MySQL, Major: 8}}}
		if got := rollsBack(&e); got != want {
			t.Errorf("%q: %v, want %v", sql, got, want)
		}
	}
}

// TestRunsLoadData: the filters are asked for the database in which LOAD DATA ran.
func TestRunsLoadData(t *testing.T) {
	for database, want := range map[string]bool{"shop": true, "scratch": false} {
		head := append(make([]byte, 26), database...)
		head[8] = byte(len(database))
		e := decoder.Event{Header: decoder.Header{Type: decoder.EventExecuteLoadQuery}, Body: append(append(head, 0), "LOAD DATA INFILE 'f' INTO TABLE t"...)}
		a := applier{filters: replica.Filters{DoDB: []string{"shop"}}}
		if got := a.runs(&e); got != want {
			t.Errorf("in %s: %v, want %v", database, got, want)
		}
	}
}
