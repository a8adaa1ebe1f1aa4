package dump_test

import (
	"strings"
	"testing"

	"binmend/schema/dump"
)

func TestReadTrigger(t *testing.T) {
	for name, test := range map[string]struct {
		sql  string
		want string // table: trigger, and what it writes
	}{
		"one statement": {"CREATE DEFINER=`root`@`localhost` TRIGGER ai AFTER INSERT ON t FOR EACH ROW INSERT INTO audit (a) VALUES (NEW.a)",
			"d.t: ai AFTER INSERT d.audit"},
		"several statements": {"CREATE TRIGGER x.bu BEFORE UPDATE ON x.t FOR EACH ROW BEGIN IF NEW.a > 1 THEN UPDATE LOW_PRIORITY e.total SET n = n + 1; END IF; " +
			"DELETE FROM `odd;name` WHERE a = OLD.a; INSERT IGNORE b SELECT 1; CALL tell(NEW.a); END",
			"x.t: bu BEFORE UPDATE e.total, x.odd;name, x.b, procedure x.tell"},
		"functions and clauses that look like statements": {"CREATE TRIGGER bi BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = REPLACE(NEW.a, 'INSERT INTO x', INSERT(NEW.b, 1, 1, '')); " +
			"SELECT n INTO @n FROM c FOR UPDATE; INSERT INTO k VALUES (1) ON DUPLICATE KEY UPDATE n = 1; END", "d.t: bi BEFORE INSERT d.k"},
		"MariaDB, several events": {"CREATE OR REPLACE TRIGGER IF NOT EXISTS a AFTER INSERT OR UPDATE ON t FOR EACH ROW REPLACE INTO h VALUES (1)", "d.t: a AFTER INSERT d.h"},
		"dropped":                 {"DROP TRIGGER IF EXISTS x.bu", "x.: dropped bu"},
		"another statement":       {"CREATE TABLE t (a INT)", ""},
		"cut off":                 {"CREATE TRIGGER ai AFTER INSERT ON", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, ok := dump.ReadTrigger(dump.Statement{Database: "d", SQL: test.sql})
			got := ""
			switch {
			case ok && c.Dropped:
				got = c.Database + "." + c.Table + ": dropped " + c.Trigger.Name
			case ok:
				got = c.Database + "." + c.Table + ": " + c.Trigger.String() + " " + strings.Join(c.Trigger.Writes, ", ")
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
