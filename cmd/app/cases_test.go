package app

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A case is a run of binmend on inputs on which it was wrong once. They lie beside the checkout, each in a folder with a README
// that says what is right. To add one takes a line.
var cases = []struct {
	folder string // below ../shared/cases
	args   string // the command line, in the folder
	exit   int
	has    string // a regular expression that the output must match, standard error after standard output
	lacks  string // one that it must not match; "" for none
}{
	{"definitions/create-table-if-not-exists", "sql table-exists.log", 1, "-- RISK: `d`.`t`: its definition", ""},
	{"definitions/create-table-if-not-exists", "sql table-exists-key-mysql97.log", 1, "-- RISK: `d`.`t`: its definition", ""},
	{"definitions/char-set-spelling", "export alter-char-set-mysql57.log", 0, "Привет", ""},
	{"definitions/char-set-spelling", "sql convert-to-default-mysql57.log", 0, "-- whole", ""},
	{"definitions/convert-partition-mariadb", "sql mariadb-ddl-mariadb118.log", 0, "(?s)INTO `d`.`p0t` [^;]* VALUES .2, 4000000002, -3.*-- whole", ""},
	{"definitions/sql-mode-types", "sql maxdb-ts.log", 0, "(?s)'2000-01-01 00:00:00'.*-- whole", ""},
	{"definitions/sql-mode-types", "sql oracle-mariadb118.log", 0, "(?s)1.5, '2000-01-01 10:11:12', 'x', x'79', x'00', 3.25, 'q'.*-- whole", ""},
	{"definitions/sql-mode-types", "sql real-as-float.log", 0, "-- whole", ""},
	{"definitions/text-types", "sql convert-grows.log", 0, "-- whole", ""},
	{"definitions/text-types", "sql varchar-to-text.log", 0, "-- whole", ""},
	{"definitions/dump-after-alter-enum-unsigned-order", "export --schema schema-after.sql bin.000001 bin.000002", 2, "ALTER TABLE at bin.000002:415", "held|4294967295"},
	{"definitions/dump-after-alter-enum-unsigned-order", "sql --schema schema-after.sql bin.000001 bin.000002", 2, "ALTER TABLE at bin.000002:415", "held|4294967295"},
	{"definitions/dump-after-alter-enum-unsigned-order", "sql --rollback --schema schema-after.sql bin.000001", 0, "(?m)^-- RISK: the definitions are from 2026-11-28 22:02:27", ""},
	{"definitions/leading-dot-alter", "export --schema dot-reorder.after.sql --schema-at end dot-reorder.log", 0, `"b":20,"a":11`, ""},
	{"definitions/leading-dot-alter", "sql dot-drop-pk.log", 0, "DELETE .* WHERE `id` <=> 1 AND `a` <=> 11 LIMIT 1", "WHERE `id` = 1"},
	{"definitions/no-backslash-escapes", "export nbe-enum.log", 0, `(?s)"e":"a\\\\\\\\b","s":"\\\\t".*"e":"c\\\\n".*"e":"C:\\\\new"`, ""},
	{"hostile/fix-client-charset", "fix --start-position 462 --stop-position 472 mysql.000001", 0, `(?m)^/\*!\\C utf8mb4 \*/;$`, ""},
	{"hostile/sql-sjis-refused", "sql mysql.000001", 0, "-- whole", ""},
	{"hostile/sql-sjis-refused", "sql mariadb.000001", 0, "-- whole", ""},
	{"logs/alter-with-system-versioning", "sql bin.000001", 0, "-- whole", ""},
	{"logs/default-case", "sql bin.000001", 0, "-- whole", ""},
	{"logs/year2", "sql bin.000001", 0, "-- whole", ""},
	{"logs/xa-interleaved", "sql bin.000001", 0, "XA COMMIT X'78',X'',1 is in the log here; its transaction stands above as a plain one(.|\n)*-- whole", "XA (START|PREPARE)"},
	{"logs/xa-interleaved", "sql --stop-position 900 bin.000001", 2, "transaction: the XA transaction at bin.000001:[0-9]+ is prepared and not ended in the range", "-- whole"},
	{"logs/create-table-select-97", "sql bin.000001", 0, "(?s)PRIMARY KEY \\(`id`\\)\n[)];.*BEGIN;\nINSERT INTO `d`.`b`", "START TRANSACTION"},
	{"logs/create-table-select-97", "sql --gtids bin.000001", 0, "(?s)[)] START TRANSACTION;\n-- As BINLOG.*BINLOG '", ""},
	{"logs/drop-two-one-missing", "sql mysql57.log", 0, "DROP TABLE IF EXISTS `a`,`nope`", ""},
	{"logs/drop-two-one-missing", "sql error-code-mysql57.log", 0, "RISK: this statement failed with error 1062", ""},
	{"logs/explicit-defaults", "sql mariadb118.log", 0, "explicit_defaults_for_timestamp=0", ""},
	{"logs/explicit-defaults", "sql mysql57.log", 0, "explicit_defaults_for_timestamp=0", ""},
	{"logs/log-57-into-80", "sql --server-version 8.0.31 mysql57.log", 0, "sql_mode=1168113696,", "1436549152"},
	{"logs/mariadb-open-temporary-table", "sql temp-shadow-open-mariadb118.log", 0, "character_set_client=utf8mb3", "=579"},
	{"logs/pt-osc", "sql mysql57.log", 0, "BINLOG '", ""},
	{"logs/rollback-trigger", "sql bin.000001", 0, "fires no triggers", "RISK"},
	{"logs/set-statement-for-alter", "sql bin.000001", 0, "-- whole", ""},
	{"logs/set-statement-for-create", "sql bin.000001", 0, "-- whole", ""},
	{"logs/stats-type-share", "sql --as-binlog bin.000003.gz", 0, "-- whole", "(?m)^INSERT"},
	{"logs/stats-type-share", "stats --type delete bin.000003.gz", 0, "shop.payments +269 .* 98 %", "shop.orders"},
	{"versions/partial-json-minimal", "sql binlog.000001", 0, "(?s)JSON_REPLACE\\(`j`, '\\$.a\\[1\\]'.*JSON_REMOVE\\(`j`, '\\$.a\\[0\\]'\\)", ""},
	{"logs/trigger-in-the-log-97", "sql bin.000001", 0, "BINLOG '", "(?m)^INSERT"},
	{"logs/trigger-made-in-the-log", "sql bin.000001", 0, "BINLOG '", "(?m)^INSERT INTO `d`.`t` "},
	{"logs/two-phase-alter-commit", "sql bin.000001", 0, "-- whole", ""},
	{"logs/two-phase-alter-rollback", "sql bin.000001", 0, "-- whole", "ADD COLUMN"},
	{"logs/use-after-drop-database", "sql bin.000001", 0, "(?s)DROP DATABASE.*USE `", ""},
	{"replica/ahead-comment-statement", "fix --status status.txt --schema schema.sql --ahead all relay.000001 relay.000002", 0,
		"before a statement that changes rows", "`id`[^;]* 77"},
	{"replica/ahead-gap", "fix --ahead all --status status.txt --schema schema.sql relay.000006 relay.000010 relay.000012", 0,
		"(?s)relay.000007.* missing", `\(21,`},
	{"replica/ahead-gap", "sql --rollback --schema schema.sql relay.000010 relay.000008", 2, "relay.000009 is missing", "-- whole"},
	{"replica/damaged-relay-1594", "fix --status status.txt --schema replica-schema.sql relay-bin.000005", 1,
		"(?s)-- 1[.].*MASTER_LOG_FILE='source-bin.000002', MASTER_LOG_POS=673", ""},
	{"replica/differing-tables-extra-column", "fix --status status.txt --schema replica-schema.sql relay.000017", 0,
		"UPDATE `d`.`x` SET `id` = 1, `v` = 1 WHERE `id` = 1 AND NOT", "REPLACE INTO|`note` ="},
	{"replica/differing-tables-gipk", "fix --status status.txt --schema replica-schema.sql relay.000005", 0,
		"INSERT INTO `d`.`g` \\(`a`, `v`\\) SELECT 2, 'y' .*COUNT.* < 1;", "`my_row_id` (=|<)"},
	{"replica/error-names-another-table", "fix --status status.txt --schema replica-schema.sql relay-bin.000004 relay-bin.000005", 1,
		"the error is about Write_rows on mysql.gtid_slave_pos", "(?m)^DELETE"},
	{"replica/filter-ignored-table-has-own-data", "fix --status status.txt --schema replica-schema.sql relay.000005", 0,
		"REPLACE INTO `d`.`t` .* VALUES \\(2, 2\\)", "(?m)^(DELETE|REPLACE).*`ign1`"},
	{"replica/group-replication-channel", "fix --status status.txt --schema replica-schema.sql --alternatives relay-bin.000013 relay-bin.000014", 0,
		"(?s)STOP GROUP_REPLICATION;\nSET GLOBAL super_read_only=0;.*COMMIT;\nSTART GROUP_REPLICATION;", "CHANGE |RESET |FOR CHANNEL"},
	{"replica/mariadb-11.8.9-virtual-key", "fix --status status.txt --schema schema.sql relay.000002 relay.000003 relay.000004", 0,
		"DELETE FROM `d`.`u` WHERE `low` = .*lcase\\(`email`\\).*'Cy@X'", ""},
	{"replica/receiver-error-1045", "fix --status status.txt --schema replica-schema.sql relay-bin.000005", 1, "", "skip_counter|skip_errors"},
	{"replica/replica-only-generated-unique", "fix --status status.txt --schema replica-schema.sql slave-relay-bin.000002", 0,
		"DELETE FROM `test`.`t1` WHERE `z4` = .*`a` MOD 6.*CAST\\(7 AS", ""},
	{"replica/rewrite-db", "fix --status status.txt --schema replica-schema.sql relay.000013", 0, "DELETE FROM `d2`.`rw` WHERE `id` = 7", "`d`.`rw`"},
	{"replica/sbr-1062", "fix --status status.txt --schema replica-schema.sql relay.000005", 1, "DELETE FROM `d`.`t` WHERE `id` = 9;",
		"No row has to be changed|exec_mode"},
	{"replica/status-forms", "fix --status a-errno-lines-cut.txt --schema replica-schema.sql relay-bin.000004 relay-bin.000005", 0,
		"DELETE FROM `shop`.`t_pk` WHERE `id` = 100", ""},
	{"replica/status-forms", "fix --status b-nbsp.txt --schema replica-schema.sql relay-bin.000004 relay-bin.000005", 0,
		"DELETE FROM `shop`.`t_pk` WHERE `id` = 100", ""},
	{"replica/status-forms", "fix --status c-json.txt --schema replica-schema.sql relay-bin.000004 relay-bin.000005", 0,
		"DELETE FROM `shop`.`t_pk` WHERE `id` = 100", ""},
	{"replica/status-forms", "fix --status d-message-alone.txt --schema replica-schema.sql relay-bin.000004 relay-bin.000005", 0,
		"DELETE FROM `shop`.`t_pk` WHERE `id` = 100", ""},
	{"replica/status-without-a-place", "fix --status status.txt --schema replica-schema.sql relay.000005", 1, "which transaction", "(?m)^DELETE"},
	{"replica/status-without-a-place", "fix --status status-full.txt --schema replica-schema.sql relay.000005", 0, "DELETE FROM `d`.`t` WHERE `id` = 5", "good"},
	{"replica/trigger-refires", "fix --status status.txt --schema schema.sql relay.000002", 0,
		"(?s)orders_ai AFTER INSERT, which writes shop.order_log.*UPDATE `shop`.`orders` SET [^;]* WHERE `id` = 12 AND NOT", "REPLACE INTO `shop`.`orders`"},
	{"replica/trigger-refires", "fix --status status.txt relay.000002", 0,
		"(?s)orders_ai AFTER INSERT, which writes shop.order_log.*UPDATE `shop`.`orders` SET [^;]* WHERE `id` = 12 AND NOT", "REPLACE INTO `shop`.`orders`"},
	{"versions/functional-key-8.0.15", "sql --schema schema.sql fk-full.log", 0, "(?s)VALUES \\(1, 5\\);.*SET `b` = 6 WHERE `a` = 1;", ""},
	{"versions/timestamp-zero-second-mariadb", "export zero-frac.log", 0, `"1970-01-01 00:00:00.001"`, "0000-00-00 00:00:00.001"},
	{"versions/year-8.0.15", "sql full-metadata.log", 0, "(?s)18446744073709551615, 200, -5\\).*`ti` = 201", ""},
	{"versions/year-8.0.15", "sql --schema schema.sql full-metadata.log", 0, "(?s)18446744073709551615, 200, -5\\).*`ti` = 201", ""},
	{"versions/year-8.0.15", "sql minimal-metadata.log", 0, "\\(2, NULL, 9223372036854775808, 0, 128, 1, -1, 1\\)", ""},
}

// continued finds where a comment goes on in a line of its own.
var continued = regexp.MustCompile(`\n--  +`)

func TestCases(t *testing.T) {
	top, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "cases"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(top); err != nil && os.Getenv("REQUIRE_CASES") != "1" {
		t.Skip("no cases beside the project")
	}
	for _, c := range cases {
		t.Run(c.folder+" "+c.args, func(t *testing.T) {
			t.Chdir(filepath.Join(top, filepath.FromSlash(c.folder)))
			var out, stderr strings.Builder
			exit := run(context.Background(), strings.Fields(c.args), Streams{
				In: strings.NewReader(""), Out: &out, Err: &stderr, Getenv: func(string) string { return "" },
			})
			printed := continued.ReplaceAllString(out.String(), " ") + stderr.String()
			isRight := exit == c.exit && regexp.MustCompile(c.has).MatchString(printed) &&
				(c.lacks == "" || !regexp.MustCompile(c.lacks).MatchString(printed))
			if !isRight {
				t.Errorf("want exit code %d, %q and no %q; got exit code %d and\n%s", c.exit, c.has, c.lacks, exit, printed)
			}
		})
	}
}
