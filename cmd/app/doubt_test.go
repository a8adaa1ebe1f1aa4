package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kballard/go-shellquote"
)

// TestDoubtfulDefinition: a table that is known from a CREATE TABLE IF NOT EXISTS alone may have been there already, with
// other columns. The output says so, and the exit code is 1; with a CREATE TABLE there is no doubt.
func TestDoubtfulDefinition(t *testing.T) {
	for _, tc := range []struct {
		create, args string
		exit         int
		says         string // in the output
	}{
		{"CREATE TABLE IF NOT EXISTS t (c0 INT PRIMARY KEY, c1 INT)", "sql", exitFindings, "-- RISK: `shop`.`t`: its definition is that of the CREATE TABLE IF NOT EXISTS"},
		{"CREATE TABLE IF NOT EXISTS t (c0 INT PRIMARY KEY, c1 INT)", "sql --rollback --type insert", exitFindings, "-- RISK: `shop`.`t`: its definition"},
		{"CREATE TABLE IF NOT EXISTS t (c0 INT, c1 INT)", "find --table shop.t --key 'c1 is null'", exitFindings, "RISK: `shop`.`t`: its definition"},
		{"CREATE TABLE IF NOT EXISTS t (c0 INT, c1 INT)", "find --json --table shop.t --key 'c1 is null'", exitFindings, `"risk":"`},
		{"CREATE TABLE IF NOT EXISTS t (c0 INT, c1 INT)", "export", exitFindings, ""},
		{"CREATE TABLE t (c0 INT, c1 INT)", "sql", exitDone, ""},
		{"CREATE TABLE t (c0 INT, c1 INT)", "export", exitDone, ""},
	} {
		t.Run(tc.args+" "+tc.create, func(t *testing.T) {
			log := newLogBuilder(t, "mysql-9.7")
			log.addEvent(queryEvent, query(tc.create))
			log.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), log.insert(7, 2, 1))
			name := filepath.Join(t.TempDir(), "binlog.000001")
			save(t, name, log.Bytes())
			var out, messages bytes.Buffer
			args, err := shellquote.Split("binmend " + tc.args)
			if err != nil {
				t.Fatal(err)
			}
			exit := Main(append(args, name),
				Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
			if exit != tc.exit || !strings.Contains(out.String(), tc.says) || strings.Contains(messages.String(), "RISK") != (exit == exitFindings) {
				t.Errorf("exit code %d, want %d; want %q in\n%s\nmessages:\n%s", exit, tc.exit, tc.says, &out, &messages)
			}
		})
	}
}

// TestUndatedDefinition: where neither the files, the user nor the logs say that a definition is the one of the rows, a RISK line does.
// A table that is dropped and made anew as the files have it may have been another one before: that is a finding.
func TestUndatedDefinition(t *testing.T) {
	const undated, anew, old = "nothing in schema.sql says when", "by the CREATE TABLE at binlog.000001:", "the definitions are from 2001-01-01 00:00:00, and these logs begin"
	for _, tc := range []struct {
		before, after, files, args string
		exit                       int
		risk                       string
	}{
		{"", "", "", "sql", exitDone, undated},
		{"", "", "", "sql --rollback", exitDone, undated},
		{"", "", "", "export", exitDone, undated},
		{"", "", "", "find --table shop.t --key 'c0 is null'", exitDone, undated},
		{"", "", "", "sql --schema-at start", exitDone, ""},
		{"", "", "", "export --schema-at end", exitDone, ""},
		{"", "", "-- Dump completed on 2001-01-01 00:00:00", "sql", exitDone, old},
		{"", "", "-- Dump completed on 2031-01-01 00:00:00", "sql", exitDone, "the definitions are from 2031-01-01"},
		{"CREATE TABLE t (c0 INT, c1 INT)", "", "", "sql", exitDone, ""},
		{"ALTER TABLE t DROP c9", "", "", "sql", exitDone, undated},
		{"", "ALTER TABLE t ADD c2 INT", "", "sql --type insert", exitDone, undated},
		{"", "DROP TABLE t; CREATE TABLE t (c0 INT, c1 INT)", "", "sql --type insert", exitFindings, anew},
		{"", "DROP TABLE t; CREATE TABLE t (c0 INT, c1 INT)", "", "export", exitFindings, anew},
		{"", "DROP TABLE t; CREATE TABLE t (c1 INT, c0 INT)", "", "export", exitDone, undated},
		{"", "DROP TABLE t; CREATE TABLE t (c0 INT, c1 INT)", "-- Dump completed on 2001-01-01 00:00:00", "export", exitDone, old},
		{"", "DROP TABLE t; CREATE TABLE t (c0 INT, c1 INT)", "-- Dump completed on 2031-01-01 00:00:00", "export", exitFailed, "puts in its place"},
		{"", "DROP TABLE t; CREATE TABLE t (c0 INT, c1 INT)", "", "export --schema-at start", exitDone, ""},
	} {
		t.Run(tc.args+" "+tc.before+tc.after+tc.files, func(t *testing.T) {
			log := newLogBuilder(t, "mysql-9.7")
			if tc.before != "" {
				log.addEvent(queryEvent, query(tc.before))
			}
			log.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), log.insert(7, 2, 1))
			for statement := range strings.SplitSeq(tc.after, "; ") {
				if statement != "" {
					log.addEvent(queryEvent, query(statement))
				}
			}
			t.Chdir(t.TempDir())
			save(t, "binlog.000001", log.Bytes())
			save(t, "schema.sql", []byte("USE shop; CREATE TABLE t (c0 INT, c1 INT);\n"+tc.files+"\n"))
			var out, messages bytes.Buffer
			args, err := shellquote.Split("binmend " + tc.args + " --schema schema.sql binlog.000001")
			if err != nil {
				t.Fatal(err)
			}
			exit := Main(args, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
			says := messages.String()
			if strings.HasPrefix(tc.args, "sql") {
				says = out.String()
			}
			if exit != tc.exit || !strings.Contains(says, tc.risk) || strings.Contains(says, "RISK: ") != (tc.risk != "" && exit != exitFailed) {
				t.Errorf("exit code %d, want %d; want %q in\n%s\nmessages:\n%s", exit, tc.exit, tc.risk, &out, &messages)
			}
		})
	}
}

// TestFindLeavesOutOtherDDL: the history of a row has the statements that may have changed its table, not those that only name it.
func TestFindLeavesOutOtherDDL(t *testing.T) {
	const create = "CREATE TABLE t (c0 INT, c1 INT)"
	for statement, shown := range map[string]bool{
		"CREATE VIEW v AS SELECT * FROM t":                    false,
		"CREATE TABLE copy LIKE t":                            false,
		"ALTER TABLE u ADD FOREIGN KEY (a) REFERENCES t (c0)": false,
		"DROP VIEW v /* t */":                                 false,
		"ALTER TABLE t ADD INDEX (c1)":                        true,
		"RENAME TABLE u TO t":                                 true,
		"ALTER TABLE u EXCHANGE PARTITION p WITH TABLE t":     true,
		"UPDATE u, t SET t.c1 = u.a":                          true,
	} {
		log := newLogBuilder(t, "mysql-9.7")
		log.addEvent(queryEvent, query(create))
		log.transaction(event(tableMapEvent, true, intTable(7, "t", 2)), log.insert(7, 2, 1))
		log.addEvent(queryEvent, query(statement))
		name := filepath.Join(t.TempDir(), "binlog.000001")
		save(t, name, log.Bytes())
		var out, messages bytes.Buffer
		Main([]string{"binmend", "find", "--table", "shop.t", "--key", "c1 is null", name},
			Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv})
		if strings.Contains(out.String(), "STATEMENT "+statement) != shown {
			t.Errorf("%s: shown must be %v, got\n%s%s", statement, shown, &out, &messages)
		}
	}
}
