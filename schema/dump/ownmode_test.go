package dump

import (
	"errors"
	"testing"

	"binmend/decoder"
)

// TestOwnMode: a statement whose text the source may have read under another sql_mode than the logged one leaves its table unknown.
func TestOwnMode(t *testing.T) {
	for sql, want := range map[string]Kind{
		`SET STATEMENT sql_mode='NO_BACKSLASH_ESCAPES' FOR CREATE TABLE t (e ENUM('a\\', 'b'))`: Lost,
		`SET STATEMENT sql_mode='ANSI_QUOTES' FOR ALTER TABLE t ADD c INT DEFAULT "1"`:          Lost,
		`SET STATEMENT sql_mode='' FOR CREATE TABLE t (e ENUM('a', 'b'))`:                       CreateTable,
		`SET STATEMENT lock_wait_timeout=1 FOR CREATE TABLE t (e ENUM('a\\', 'b'))`:             CreateTable,
	} {
		st := Statement{Server: decoder.Version{Flavor: decoder.MariaDB, Major: 11, Minor: 8}, Database: "d", SQL: sql}
		var made []*Change
		if err := NewParser().Parse(st, func(c *Change) { made = append(made, c) }); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if len(made) != 1 || made[0].Kind != want || made[0].Name.Table != "t" || (want == Lost) != errors.Is(made[0].Err, errOwnMode) {
			t.Errorf("%s: %+v, want kind %v of table t", sql, made, want)
		}
	}
}
