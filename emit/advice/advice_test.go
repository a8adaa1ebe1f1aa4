package advice

import (
	"reflect"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/statement"
	"binmend/emit/sqltext"
	"binmend/schema"
	"binmend/schema/dump"
	"binmend/schema/replica"
)

const tables = `CREATE TABLE shop.t (id INT PRIMARY KEY, v INT, name VARCHAR(40), doc BLOB, UNIQUE KEY uv (v), UNIQUE KEY pair (v, name), UNIQUE KEY begins (doc(3)));
CREATE TABLE shop.p (id INT PRIMARY KEY, note TEXT);
CREATE TABLE shop.strict (id INT PRIMARY KEY, note INT NOT NULL);
CREATE TABLE shop.c (id INT PRIMARY KEY, p INT);
`

func number97(t *testing.T) sqltext.Dialect { return versioned(t, "9.7.4") }

func versioned(t *testing.T, text string) sqltext.Dialect {
	t.Helper()
	v, ok := decoder.ParseVersion(text)
	if !ok {
		t.Fatalf("no version: %s", text)
	}
	return sqltext.For(v)
}

func known(t *testing.T) func(database, name string) *schema.Table {
	t.Helper()
	files, err := dump.Load(strings.NewReader(tables), "schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	return func(database, name string) *schema.Table {
		table, err := files.Table(t.Context(), schema.Ref{Database: database, Table: name})
		if err != nil {
			return nil
		}
		return table
	}
}

// onQuery is the input of a statement that failed in the database shop.
func onQuery(errno int, said, sql string) Input {
	return Input{Errno: errno, Text: "Error '" + said + "' on query. Default database: 'shop'. Query: '" + sql + "'",
		Message: replica.Message{Query: sql, Database: "shop"}, Statement: &Statement{SQL: sql, Database: "shop"}, Statements: 1}
}

func statements(a *Advice) (all []string) {
	if a == nil {
		return nil
	}
	for _, step := range a.Steps {
		all = append(all, step.SQL...)
	}
	return all
}

// TestStatements: what is proposed for a statement that failed. No statement: what the error's number says is enough.
func TestStatements(t *testing.T) {
	for _, test := range []struct {
		name      string
		errno     int
		said, sql string
		want      []string
		thenSkip  bool
	}{
		{"INSERT, number", 1062, "Duplicate entry '9' for key 't.PRIMARY'", "insert into t values (9, 90)",
			[]string{"SELECT * FROM `shop`.`t` WHERE `id` = 9", "DELETE FROM `shop`.`t` WHERE `id` = 9"}, false},
		{"UPDATE, key without a table", 1062, "Duplicate entry '50' for key 'uv'", "update low_priority t set v=50 where id=2",
			[]string{"SELECT * FROM `shop`.`t` WHERE `v` = 50", "DELETE FROM `shop`.`t` WHERE `v` = 50"}, false},
		{"several columns", 1062, "Duplicate entry '5-it's' for key 't.pair'", "insert into t (v, name) values (5, 'it''s')",
			[]string{"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', `v`, `name`) = '5-it''s'"}, false},
		{"a key of beginnings", 1062, "Duplicate entry 'abc' for key 't.begins'", "insert into t (doc) values ('abcd')",
			[]string{"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', LEFT(`doc`, 3)) = 'abc'"}, false},
		{"a value that is no number", 1062, "Duplicate entry '1 OR 1' for key 't.PRIMARY'", "insert into t values (1)",
			[]string{"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', `id`) = '1 OR 1'"}, false},
		{"a table that is not known", 1062, "Duplicate entry '9' for key 'PRIMARY'", "insert into other.x values (9)",
			[]string{"SHOW KEYS FROM `other`.`x` WHERE Key_name = 'PRIMARY'"}, false},
		{"a unique key is added", 1062, "Duplicate entry '2' for key 't.u'", "alter table t add column w int, add unique key u (v desc, name(5))",
			[]string{"SELECT `v`, LEFT(`name`, 5), COUNT(*) FROM `shop`.`t` WHERE `v` IS NOT NULL AND LEFT(`name`, 5) IS NOT NULL GROUP BY `v`, LEFT(`name`, 5) HAVING COUNT(*) > 1",
				"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', `v`, LEFT(`name`, 5)) = '2'"}, false},
		{"a unique index is created", 1062, "Duplicate entry '4' for key 'u'", "create unique index u on t ((v+1))",
			[]string{"SELECT (v+1), COUNT(*) FROM `shop`.`t` WHERE (v+1) IS NOT NULL GROUP BY (v+1) HAVING COUNT(*) > 1",
				"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', (v+1)) = '4'"}, false},
		{"another collation makes rows equal", 1062, "Duplicate entry '3' for key 't.uv'", "alter table t convert to character set utf8mb4",
			[]string{"SELECT `v`, COUNT(*) FROM `shop`.`t` WHERE `v` IS NOT NULL GROUP BY `v` HAVING COUNT(*) > 1",
				"SELECT * FROM `shop`.`t` WHERE CONCAT_WS('-', `v`) = '3'"}, false},

		{"one column", 1060, "Duplicate column name 'a'", "alter table t add a int", nil, false},
		{"one of two columns", 1060, "Duplicate column name 'a'", "alter table t add a int, add column\n`b` enum('x','y,z') after a",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add column `b` enum('x','y,z') after a"}, true},
		{"one of a list of columns", 1060, "Duplicate column name 'B'", "alter table shop.t add (a int, b decimal(5,2), c int), engine=InnoDB",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table shop.t add (a int, c int), engine=InnoDB"}, true},
		{"a key named as a column", 1060, "Duplicate column name 'a'", "alter table t add key a (v), add a int",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add key a (v)"}, true},
		{"one of two keys, of the default name", 1061, "Duplicate key name 'v'", "alter table t add unique (v), add index n (name)",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add index n (name)"}, true},
		{"MariaDB's words", 1091, "Can't DROP INDEX `kv`; check that it exists", "alter table t drop key kv, drop column x",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t drop column x"}, true},
		{"MySQL's words", 1091, "Can't DROP 'kv'; check that column/key exists", "alter table t drop key `kv`, add b int",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add b int"}, true},
		{"what is done is not found", 1060, "Duplicate column name 'z'", "alter table t change a z int, add b int", nil, true},
		{"a primary key", 1068, "Multiple primary key defined", "alter table t add primary key (id), add b int",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add b int"}, true},
		{"a foreign key", 1826, "Duplicate foreign key constraint name 'f'", "alter table t add b int, add constraint f foreign key (v) references p (id)",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "USE `shop`", "alter table t add b int"}, true},
		{"one of two partitions", 1507, "Error in list of partitions to DROP", "alter table t drop partition p0, p1", nil, true},
		{"one partition", 1507, "Error in list of partitions to DROP", "alter table t drop partition p0", nil, false},
		{"one of two new partitions", 1517, "Duplicate partition name p1", "alter table t add partition (partition p1 values less than (9), partition p2 values less than maxvalue)", nil, true},
		{"one new partition", 1517, "Duplicate partition name p1", "alter table t add partition (partition p1 values in (9, 10))", nil, false},
		{"accounts that are not there", 1396, "Operation ALTER USER failed for 'a'@'%'", "alter user a@'%' account lock, b@'%'", nil, false},
		{"one index", 1061, "Duplicate key name 'n'", "create index n on t (name)", nil, false},
		{"one table", 1051, "Unknown table 'shop.a'", "drop table a", nil, false},
		{"two tables", 1051, "Unknown table 'shop.a'", "DROP TABLE `a`,`b` /* generated by server */",
			[]string{"USE `shop`", "DROP TABLE IF EXISTS `a`,`b`"}, true},
		{"two accounts", 1396, "Operation DROP USER failed for 'a'@'%'", "drop user a@'%', b@'%'",
			[]string{"USE `shop`", "drop user IF EXISTS a@'%', b@'%'"}, true},
		{"one account", 1396, "Operation CREATE USER failed for 'a'@'%'", "create user a@'%'", nil, false},
		{"two new accounts", 1396, "Operation CREATE USER failed for 'a'@'%'", "create user a@'%', b@'%'",
			[]string{"USE `shop`", "create user IF NOT EXISTS a@'%', b@'%'"}, true},
		{"one table is created", 1050, "Table 't' already exists", "create table t (id int)", nil, false},
		{"a table is created out of another", 1050, "Table 't' already exists", "create table t select * from p",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "RENAME TABLE `shop`.`t` TO `shop`.`t_replica`"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := onQuery(test.errno, test.said, test.sql)
			in.Dialect, in.Table = number97(t), known(t)
			a := For(in)
			if got := statements(a); !reflect.DeepEqual(got, test.want) || (a != nil && a.ThenSkip) != test.thenSkip {
				t.Errorf("got %q, then skip: %v\nwant %q, then skip: %v", got, a != nil && a.ThenSkip, test.want, test.thenSkip)
			}
		})
	}
}

// TestRows: what is proposed for a row event that failed.
func TestRows(t *testing.T) {
	const fk = "(`shop`.`c`, CONSTRAINT `c_fk` FOREIGN KEY (`p`) REFERENCES `%s` (`id`))"
	at := func(table string, said string) string {
		return "Could not execute Write_rows event on table shop." + table + "; " + said + ", Error_code: 1; handler error X; the event's source log bin.1, end_log_pos 5"
	}
	of := func(table string, row ...string) func(*testing.T) *Rows {
		return func(t *testing.T) *Rows {
			return &Rows{Table: known(t)("shop", table), Before: [][]string{row}, After: [][]string{row, row}}
		}
	}
	for _, test := range []struct {
		name    string
		version string
		errno   int
		text    string
		rows    func(*testing.T) *Rows
		meaning string
		want    []string
	}{
		{"a parent is missing", "9.7.4", 1452, at("c", "Cannot add or update a child row: a foreign key constraint fails "+strings.Replace(fk, "%s", "p", 1)), of("c", "1", "7"), "a row of shop.p",
			[]string{"SELECT `id` FROM `shop`.`p` WHERE `id` IN (7)", "SELECT * FROM `shop`.`p` WHERE `id` IN (7)", "INSERT IGNORE INTO `shop`.`p` (`id`) VALUES (7)"}},
		{"a parent that can't be made of its key", "9.7.4", 1452, at("c", "x "+strings.Replace(fk, "%s", "strict", 1)), of("c", "1", "7"), "a row of shop.strict",
			[]string{"SELECT `id` FROM `shop`.`strict` WHERE `id` IN (7)", "SELECT * FROM `shop`.`strict` WHERE `id` IN (7)"}},
		{"a parent has children", "9.7.4", 1451, at("p", "Cannot delete or update a parent row: a foreign key constraint fails "+strings.Replace(fk, "%s", "p", 1)), of("p", "7", "NULL"), "rows of shop.c",
			[]string{"SELECT * FROM `shop`.`c` WHERE `p` IN (7)", "DELETE FROM `shop`.`c` WHERE `p` IN (7)"}},
		{"no partition", "10.11.6-MariaDB", 1526, at("t", "Table has no partition for value -5"), of("t", "-5", "1", "NULL", ""), "shop.t has no partition for the value -5",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "ALTER TABLE `shop`.`t` ADD PARTITION (PARTITION `pm5` VALUES LESS THAN (-4))", "ALTER TABLE `shop`.`t` ADD PARTITION (PARTITION `pm5` VALUES IN (-5))"}},
		{"a CHECK, MySQL", "8.0.18", 3819, at("t", "Check constraint 't_chk_1' is violated."), of("t", "1", "2", "NULL", ""), "t_chk_1 of the replica's table shop.t. The event's rows: id = 1, v = 2, name = NULL",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "ALTER TABLE `shop`.`t` DROP CHECK `t_chk_1`"}},
		{"a CHECK, MariaDB", "10.11.6-MariaDB", 4025, at("t", "CONSTRAINT `v_ok` failed for `shop`.`t`"), nil, "v_ok of the replica's table shop.t",
			[]string{"SHOW CREATE TABLE `shop`.`t`", "ALTER TABLE `shop`.`t` DROP CONSTRAINT `v_ok`"}},
		{"no table", "9.7.4", 1146, "Error executing row event: 'Table 'shop.x' doesn't exist'", nil, "the table shop.x",
			[]string{"SHOW TABLES FROM `shop`", "SHOW CREATE TABLE `shop`.`x`", "SELECT COUNT(*) FROM `shop`.`x`"}},
		{"no database", "9.7.4", 1049, "Error executing row event: 'Unknown database 'x''", nil, "the database x", []string{"SHOW CREATE DATABASE `x`", "SHOW TABLES FROM `x`"}},
		{"a type, counted from 0", "5.7.22", 1677, "Column 1 of table 'shop.t' cannot be converted from type 'varchar(400)' to type 'int(11)'", nil, "column 2 (v) of shop.t as varchar(400)",
			[]string{"SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 't' AND ORDINAL_POSITION = 2"}},
		{"a type, counted from 1", "9.7.4", 13146, "Column 2 (counting the first column as number 1) of table 'shop.t' cannot be converted from type 'varchar(400(bytes))' to type 'int'", nil, "column 2 (v)",
			[]string{"SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 't' AND ORDINAL_POSITION = 2"}},
		{"a wider type", "5.7.22", 1677, "Column 1 of table 'shop.t' cannot be converted from type 'varchar(80(bytes))' to type 'varchar(320(bytes) utf8mb4)'", nil, "column 2 (v)",
			[]string{"SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 't' AND ORDINAL_POSITION = 2",
				"SET GLOBAL slave_type_conversions='ALL_NON_LOSSY'"}},
		{"a row in the way is a plan's to remove", "9.7.4", 1062, at("t", "Duplicate entry '1' for key 't.PRIMARY'"), nil, "", nil},
		{"a message that says nothing", "9.7.4", 1452, "", nil, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := Input{Dialect: versioned(t, test.version), Errno: test.errno, Text: test.text, Table: known(t), Writes: []Name{{"shop", "t"}}}
			if test.rows != nil {
				in.Rows = test.rows(t)
			}
			a := For(in)
			meaning := ""
			if a != nil {
				meaning = a.Meaning
			}
			if got := statements(a); !reflect.DeepEqual(got, test.want) || !strings.Contains(meaning, test.meaning) {
				t.Errorf("got %q: %q\nwant %q: %q", meaning, got, test.meaning, test.want)
			}
		})
	}
}

// TestNotInAScript: a statement that would not be the same in a script is not printed for one.
func TestNotInAScript(t *testing.T) {
	in := onQuery(1060, "Duplicate column name 'a'", `alter table t add a int, add b varchar(9) default 'x\'`)
	in.Dialect, in.Statement.Context = number97(t), statement.Context{SQLMode: statement.NoBackslashEscapes}
	if a := For(in); a == nil || !a.ThenSkip || len(a.Steps) > 0 {
		t.Errorf("got %+v", a)
	}
	in = onQuery(1060, "Duplicate column name 'a'", `alter table "t" add a int, add "b`+"`"+`" int`)
	in.Dialect, in.Statement.Context = number97(t), statement.Context{SQLMode: statement.ANSIQuotes}
	if got := statements(For(in)); len(got) != 3 || got[2] != "alter table `t` add `b``` int" {
		t.Errorf("names in double quotes: %q", got)
	}
}

// FuzzFor: whatever a message and a statement hold, there is advice or none, on one line each.
func FuzzFor(f *testing.F) {
	f.Add(1060, "Duplicate column name 'a'", "alter table t add (a int, b int)", uint64(0))
	f.Add(1062, "Duplicate entry '' for key '.'", "alter table t add unique ((", uint64(4))
	f.Add(1452, "(`a`.`b`, CONSTRAINT `c` FOREIGN KEY (`d`) REFERENCES `e` (`f`))", "insert into", uint64(1<<20))
	f.Fuzz(func(t *testing.T, errno int, said, sql string, mode uint64) {
		in := onQuery(errno, said, sql)
		in.Statement.Context.SQLMode = mode
		For(in)
	})
}

func TestCompareTypes(t *testing.T) {
	for _, test := range []struct {
		source, replica string
		want            fit
	}{
		{"int", "bigint(20)", wider},
		{"bigint", "int(11)", narrower},
		{"double", "float", narrower},
		{"decimal(10,2)", "decimal(12,4)", wider},
		{"decimal(10,2)", "decimal(10,4)", narrower}, // of the digits before the point there are fewer
		{"decimal(12,4)", "decimal(14,2)", narrower},
		{"bit(8)", "bit(4)", narrower},
		{"varchar(320(bytes))", "varchar(80(bytes) utf8mb4)", narrower},
		{"char(40(bytes))", "varchar(80(bytes) utf8mb4)", wider},
		{"varchar(80)", "varchar(20)", unknownFit}, // bytes and characters
		{"tinyblob", "tinytext", unknownFit},
		{"int", "varchar(9)", unknownFit},
	} {
		if got := compareTypes(test.source, test.replica); got != test.want {
			t.Errorf("%s to %s: found %d, want %d", test.source, test.replica, got, test.want)
		}
	}
}
