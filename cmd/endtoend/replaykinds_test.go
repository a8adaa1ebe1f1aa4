package endtoend

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"binmend/fixtures/servers"
)

// A replayKind is what makes a log hard to replay: setup makes the tables, rows are changed after it, after RECONNECT in another
// session.
type replayKind struct {
	name        string
	setup, rows string
	runs        func(*servers.Line) bool // nil: on all lines
	flags       []string                 // of binmend sql, forward and backward
	onlyForward bool                     // the log does not have enough to go back
}

func onMariaDB(line *servers.Line) bool { return line.Flavor == servers.MariaDB }

const triggerTables = `CREATE TABLE t (a INT PRIMARY KEY, b TEXT, n INT); CREATE TABLE done (a INT, what VARCHAR(20));
CREATE TRIGGER ti BEFORE INSERT ON t FOR EACH ROW SET NEW.b = CONCAT(NEW.b, ';');
CREATE TRIGGER tu AFTER UPDATE ON t FOR EACH ROW INSERT INTO done VALUES (NEW.a, 'updated');
CREATE TRIGGER td AFTER DELETE ON t FOR EACH ROW INSERT INTO done VALUES (OLD.a, 'deleted');
INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2);
`

// logsPrepared: the line logs XA PREPARE.
func logsPrepared(line *servers.Line) bool { return line != servers.MySQL56 }

const xaTables = "CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1), (2, 2), (3, 3), (4, 4);"

func hasPartialJSON(line *servers.Line) bool {
	return line == servers.MySQL8015 || line == servers.MySQL8031 || line == servers.MySQL97
}

// xaBetween are XA transactions that stand between each other in the log, one that does not, and empty ones.
const xaBetween = "XA START 'a'; INSERT INTO t VALUES (10, 1); UPDATE t SET n = 5 WHERE id = 1; XA END 'a'; XA PREPARE 'a'; RECONNECT; INSERT INTO t VALUES (11, 2); XA START 'b', 'c', 7; INSERT INTO t VALUES (12, 3); XA END 'b', 'c', 7; " +
	"XA PREPARE 'b', 'c', 7; RECONNECT; DELETE FROM t WHERE id = 2; RECONNECT; XA COMMIT 'a'; RECONNECT; XA COMMIT 'b', 'c', 7; XA START 'd'; DELETE FROM t WHERE id = 3; XA END 'd'; XA PREPARE 'd'; XA COMMIT 'd'; " +
	"XA START 'e'; DELETE FROM t WHERE id = 4; XA END 'e'; XA COMMIT 'e' ONE PHASE; XA START 'f'; XA END 'f'; XA PREPARE 'f'; XA COMMIT 'f'; XA START 'g'; XA END 'g'; XA PREPARE 'g'; XA ROLLBACK 'g';"

// twoKeys: MySQL 9.7 leaves the row 4 as it is when the row of p that both keys of c refer to is deleted.
const twoKeys = `CREATE TABLE p (id INT PRIMARY KEY, u INT UNIQUE); CREATE TABLE c (id INT PRIMARY KEY, a INT, b INT,
FOREIGN KEY (a) REFERENCES p (id) ON DELETE CASCADE ON UPDATE CASCADE, FOREIGN KEY (b) REFERENCES p (u) ON DELETE SET NULL ON UPDATE SET NULL);
INSERT INTO p VALUES (1, 10), (2, 20), (3, 30); INSERT INTO c VALUES (1, 1, 10), (2, 2, 20), (3, 3, 30), (4, 1, 20);
`

var replayKinds = []replayKind{
	{name: "triggers", setup: triggerTables,
		rows: `INSERT INTO t VALUES (3, 'a\\G b', 3), (4, NULL, 4); UPDATE t SET n = n + 1; DELETE FROM t WHERE a < 3; UPDATE t SET a = 9 WHERE a = 3;`},
	{name: "savepoints under ANSI_QUOTES", setup: "CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB; CREATE TABLE m (id INT) ENGINE=MyISAM; SET sql_mode = 'ANSI_QUOTES'; BEGIN; INSERT INTO m VALUES (1); SAVEPOINT `a``\"b`; " +
		"INSERT INTO t VALUES (1); INSERT INTO m VALUES (2); SAVEPOINT c; INSERT INTO t VALUES (2); ROLLBACK TO `a``\"b`; INSERT INTO t VALUES (3); COMMIT;", rows: "INSERT INTO t VALUES (4);"},
	{name: "MINIMAL rows without what has no default", onlyForward: true, setup: "SET sql_mode = '', binlog_row_image = MINIMAL; CREATE TABLE t (id INT PRIMARY KEY, a INT NOT NULL, b TEXT NOT NULL, d DATE NOT NULL, c INT); " +
		"INSERT INTO t (id, c) VALUES (1, 1), (2, 2); INSERT INTO t (id, a) VALUES (3, 3); ALTER TABLE t ALTER c DROP DEFAULT;", rows: "SET sql_mode = '', binlog_row_image = MINIMAL; INSERT INTO t (id, b) VALUES (4, 'b'), (5, 'c');"},
	{name: "what only a session without strict mode stores", runs: func(line *servers.Line) bool { return line != servers.MySQL56 && line.Flavor != servers.MariaDB },
		setup: "SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, a INT, b TINYINT AS (a * 2) STORED, c TINYINT UNSIGNED AS (a * 3) VIRTUAL, d DECIMAL(4, 1) AS (a * 100), e VARCHAR(3) AS (CONCAT('x', a, 'yy')), " +
			"f DATE AS (a), g BIT(3) AS (a), h YEAR AS (a), i TIME AS (a * 100000), j FLOAT(5, 2) AS (a * 1000));",
		rows: "SET sql_mode = ''; INSERT IGNORE INTO t (id, a) VALUES (1, 1), (2, 100), (3, -100), (4, 90000); DELETE FROM t WHERE id = 2; UPDATE IGNORE t SET a = 50000 WHERE id = 1;"},
	{name: "an empty VECTOR", runs: func(line *servers.Line) bool { return line == servers.MySQL97 }, setup: "SET sql_mode = ''; CREATE TABLE p (id INT PRIMARY KEY, v VECTOR(3) NOT NULL);",
		rows: "SET sql_mode = ''; INSERT INTO p (id) VALUES (1), (2); UPDATE p SET id = 5 WHERE id = 1; DELETE FROM p WHERE id = 2; " +
			"INSERT INTO p VALUES (3, TO_VECTOR('[1,2,3]')); UPDATE p SET v = NULL WHERE id = 3; UPDATE p SET v = TO_VECTOR('[4]') WHERE id = 5;"},
	{name: "any byte in ASCII, and what only a session without strict mode stores on MariaDB", runs: onMariaDB, onlyForward: true,
		setup: "SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, a INT, b TINYINT AS (a * 2) STORED, s VARCHAR(9) CHARACTER SET ascii);",
		rows:  "SET sql_mode = ''; INSERT IGNORE INTO t (id, a, s) VALUES (1, 1, x'E9'), (2, 100, 'a'), (3, -100, x'C3A9');"},
	{name: "an empty POINT", runs: func(line *servers.Line) bool {
		return line == servers.MySQL56 || line == servers.MySQL57 || line.Flavor == servers.MariaDB
	},
		setup: "SET sql_mode = ''; CREATE TABLE p (id INT PRIMARY KEY, s POINT NOT NULL, n INT);",
		rows:  "SET sql_mode = ''; INSERT IGNORE INTO p (id) VALUES (1), (2); UPDATE IGNORE p SET n = 5 WHERE id = 1; DELETE FROM p WHERE id = 2;"},
	{name: "the collation of a client's names", setup: "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET latin1 DEFAULT 'é'); SET NAMES utf8 COLLATE utf8_bin; CREATE TABLE u (e ENUM('é', 'ü')); " +
		"SET NAMES latin1 COLLATE latin1_german2_ci; CREATE TABLE w (e ENUM('é', 'b') CHARACTER SET utf8mb4);", rows: "INSERT INTO t (id) VALUES (1); INSERT INTO u VALUES (2); INSERT INTO w VALUES (1);"},
	{name: "members that CONVERT TO garbles", setup: "SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, e ENUM('é', 'b', '表') CHARACTER SET latin1); ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4; " +
		"CREATE TABLE u (id INT PRIMARY KEY, e SET('é', 'b') CHARACTER SET utf8); ALTER TABLE u CONVERT TO CHARACTER SET latin1;", rows: "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); UPDATE t SET e = 1 WHERE id = 3; INSERT INTO u VALUES (1, 3), (2, 1);"},
	{name: "triggers of a renamed table", setup: triggerTables + "RENAME TABLE t TO u;",
		rows: "INSERT INTO u VALUES (3, 'z', 3); UPDATE u SET n = 7 WHERE a = 1; DELETE FROM u WHERE a = 2;"},
	{name: "triggers as BINLOG", setup: triggerTables, flags: []string{"--as-binlog"},
		rows: "BEGIN; INSERT INTO t VALUES (3, 'z', 3); UPDATE t SET n = 7 WHERE a = 1; COMMIT; DELETE FROM t WHERE a = 2;"},
	{name: "CREATE TABLE SELECT", setup: "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO a VALUES (1, 'x'), (2, 'y'); CREATE TABLE b (PRIMARY KEY (id)) SELECT * FROM a; CREATE TABLE c (at TIMESTAMP NULL) SELECT * FROM a; CREATE TABLE d CHARSET=latin1 COMMENT='START TRANSACTION' SELECT * FROM a;",
		rows: "UPDATE b SET v = 'z' WHERE id = 2;"},
	{name: "collations and indexes of MariaDB", runs: onMariaDB, setup: "/*M!110301 SET character_set_collations = 'utf8mb4=utf8mb4_bin' */; CREATE TABLE t (a VARCHAR(9) CHARACTER SET utf8mb4 PRIMARY KEY, b INT) WITH SYSTEM VERSIONING; " +
		"/*M!110301 SET character_set_collations = '' */; CREATE TABLE u (a VARCHAR(9) CHARACTER SET utf8mb4 PRIMARY KEY); SET system_versioning_alter_history = KEEP; CREATE INDEX i ON t (b); DROP INDEX i ON t; CREATE UNIQUE INDEX j ON t (b);",
		rows: "INSERT INTO u VALUES ('a');"},
	{name: "CREATE OR REPLACE that fails", runs: onMariaDB, setup: "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a', 'b')); CREATE TABLE u (id INT PRIMARY KEY); INSERT INTO t VALUES (1, 'a');\nDELIMITER //\n" +
		"CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; CREATE OR REPLACE TABLE t (id INT PRIMARY KEY, e ENUM('b', 'a') INVISIBLE NOT NULL); CREATE OR REPLACE TABLE u (a INT, a INT); END//\nDELIMITER ;\nCALL p(); " +
		"CREATE TABLE IF NOT EXISTS t (id INT PRIMARY KEY, e ENUM('c', 'd'));", rows: "INSERT INTO t VALUES (1, 'd');"},
	{name: "members that are equal to the collation", setup: "SET NAMES utf8mb4; SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, e ENUM('e', 'é', 'ss', 'ß') CHARACTER SET latin1 COLLATE latin1_german2_ci, n INT AS (e + 0), " +
		"s SET('é', 'e', 'ñ') CHARACTER SET utf8, m INT AS (s + 0), b ENUM('e', 'é') CHARACTER SET utf8 COLLATE utf8_bin);", runs: func(line *servers.Line) bool { return line != servers.MySQL56 },
		rows: "INSERT INTO t (id, e, s, b) VALUES (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 1), (4, 4, 4, 2); UPDATE t SET e = 2 WHERE id = 1;"},
	{name: "an empty member of a SET", setup: "SET sql_mode = ''; CREATE TABLE t (id INT PRIMARY KEY, s SET('', 'c', 'd'), n INT AS (s + 0), r SET('a', 'A', 'b'), m INT AS (r + 0));", runs: func(line *servers.Line) bool { return line != servers.MySQL56 },
		rows: "INSERT INTO t (id, s, r) VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 5, 6), (5, 0, 4), (6, 7, 0); UPDATE t SET s = 3 WHERE s = 2; DELETE FROM t WHERE id > 4;"},
	{name: "the database of a temporary table is dropped", setup: "CREATE DATABASE other; USE other; CREATE TEMPORARY TABLE t (a INT); CREATE TEMPORARY TABLE u (a INT); USE DB; CREATE TABLE t (a INT PRIMARY KEY); DROP DATABASE other;",
		rows: "INSERT INTO t VALUES (1);"},
	{name: "a database is dropped", setup: "CREATE DATABASE other; USE other; CREATE TABLE t (a INT); USE DB; CREATE TABLE s (a INT); USE other; CREATE TABLE u (a INT); DROP DATABASE other; USE DB; CREATE TABLE t (a INT PRIMARY KEY);",
		rows: "INSERT INTO t VALUES (1);"},
	{name: "CREATE TABLE SELECT of times", setup: "CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE t SELECT id, NOW() n, CURDATE() d FROM a; CREATE TABLE u (at DATETIME NULL) SELECT id, CURTIME() c FROM a;",
		rows: "INSERT INTO t (id, n, d) VALUES (2, '2024-01-01', '2024-01-01'); UPDATE t SET id = 3 WHERE id = 1;"},
	{name: "ALTER DATABASE of the default one", setup: "CREATE DATABASE other CHARACTER SET latin1; USE other; CREATE TABLE DB.s (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb4); INSERT INTO DB.s VALUES (1, 'é'); " +
		"USE DB; ALTER DATABASE CHARACTER SET gbk; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9)); USE other; ALTER TABLE DB.s CONVERT TO CHARACTER SET DEFAULT; CREATE TABLE u (v VARCHAR(9)); DROP DATABASE other;",
		rows: "INSERT INTO t VALUES (1, '国'); INSERT INTO s VALUES (2, 'é'); UPDATE s SET v = 'x' WHERE id = 1;"},
	{name: "a part of what is dropped was not there", setup: `CREATE TABLE a (id INT); CREATE TABLE b (id INT); CREATE VIEW v AS SELECT 1; CREATE TABLE t (id INT PRIMARY KEY);
DELIMITER //
CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; DROP TABLE a, nope; DROP TABLE nope, b; DROP VIEW v, w; DROP TEMPORARY TABLE x, y; END//
DELIMITER ;
CALL p();`, rows: "INSERT INTO t VALUES (1);"},
	{name: "a part of the sequences was not there", runs: onMariaDB, setup: `CREATE SEQUENCE s; CREATE TABLE t (id INT PRIMARY KEY);
DELIMITER //
CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; DROP SEQUENCE s, nope; END//
DELIMITER ;
CALL p();`, rows: "INSERT INTO t VALUES (1);"},
	{name: "explicit_defaults_for_timestamp", runs: func(line *servers.Line) bool { return line != servers.MySQL56 },
		setup: "SET explicit_defaults_for_timestamp = 0; CREATE TABLE t (id INT PRIMARY KEY, ts TIMESTAMP, u TIMESTAMP NULL); " +
			"CREATE TABLE v (id INT PRIMARY KEY, n INT, a TIMESTAMP NULL); ALTER TABLE v ADD b TIMESTAMP FIRST; CREATE TABLE w (id INT PRIMARY KEY, n INT, b TIMESTAMP); " +
			"ALTER TABLE w ADD a TIMESTAMP NULL AFTER id; INSERT INTO v (id, b) VALUES (1, '2020-01-01'); INSERT INTO w (id, b) VALUES (1, '2020-01-01');",
		rows: "INSERT INTO t (id) VALUES (1); UPDATE v SET n = 1, b = b; UPDATE w SET n = 1, b = b;"},
	{name: "maintenance", setup: "CREATE TABLE t (a INT PRIMARY KEY);",
		rows: "INSERT INTO t VALUES (1); ANALYZE TABLE t; CREATE TEMPORARY TABLE x (a INT); INSERT INTO t VALUES (2); OPTIMIZE TABLE t; DROP TEMPORARY TABLE x; UPDATE t SET a = 3 WHERE a = 1; FLUSH TABLES;"},
	{name: "foreign keys", runs: func(line *servers.Line) bool { return line == servers.MySQL97 },
		setup: `CREATE TABLE p (id INT PRIMARY KEY);
CREATE TABLE c (id INT PRIMARY KEY, p INT, at TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, FOREIGN KEY (p) REFERENCES p (id) ON UPDATE CASCADE ON DELETE SET NULL);
CREATE TABLE k (p INT, n INT, FOREIGN KEY (p) REFERENCES p (id) ON UPDATE CASCADE ON DELETE CASCADE);
INSERT INTO p VALUES (1), (2), (3), (4); INSERT INTO c VALUES (1, 1, NULL), (2, 1, NULL), (3, 2, NULL), (4, 3, NULL); INSERT INTO k VALUES (1, 1), (1, 1), (2, 1), (3, 1);`,
		rows: "UPDATE p SET id = 9 WHERE id = 1; DELETE FROM p WHERE id = 2; DELETE FROM p WHERE id = 9; UPDATE p SET id = 7 WHERE id = 3;"},
	{name: "two foreign keys about the same rows", runs: func(line *servers.Line) bool { return line == servers.MySQL97 },
		setup: twoKeys, rows: "UPDATE p SET id = 100, u = 1000 WHERE id = 1; DELETE FROM p WHERE id = 2; DELETE FROM p WHERE id = 3;"},
	{name: "two foreign keys about the same rows as BINLOG", flags: []string{"--as-binlog"}, runs: func(line *servers.Line) bool { return line == servers.MySQL97 },
		setup: twoKeys, rows: "UPDATE p SET id = 100, u = 1000 WHERE id = 1; DELETE FROM p WHERE id = 2; DELETE FROM p WHERE id = 3;"},
	{name: "WITH SYSTEM VERSIONING", runs: onMariaDB, setup: `CREATE TABLE t (a INT PRIMARY KEY, b INT); ALTER TABLE t WITH SYSTEM VERSIONING; INSERT INTO t VALUES (1, 1), (2, 2); UPDATE t SET b = 9 WHERE a = 2;
CREATE TABLE u (a INT, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING; INSERT INTO u (a) VALUES (1), (1);`,
		rows: "INSERT INTO t VALUES (3, 3); UPDATE t SET b = b + 1; DELETE FROM t WHERE a = 1; REPLACE INTO t VALUES (2, 5); INSERT INTO u (a) VALUES (1); UPDATE u SET a = 2 LIMIT 1; DELETE FROM u WHERE a = 1 LIMIT 1;"},
	{name: "ALTER of a system-versioned table", runs: onMariaDB, setup: "SET system_versioning_alter_history = KEEP; CREATE TABLE t (a INT PRIMARY KEY, b INT) WITH SYSTEM VERSIONING; INSERT INTO t VALUES (1, 1), (2, 2); " +
		"UPDATE t SET b = 9 WHERE a = 2; ALTER TABLE t ADD c INT DEFAULT 3; UPDATE t SET c = 4; ALTER TABLE t DROP b, MODIFY c BIGINT; SET STATEMENT lock_wait_timeout = 9 FOR ALTER TABLE t ADD d INT;",
		rows: "INSERT INTO t VALUES (3, 3, 3); UPDATE t SET d = 5; DELETE FROM t WHERE a = 1;"},
	{name: "application-time periods", runs: onMariaDB, setup: "CREATE TABLE t (id INT, s DATE, e DATE, v INT, PERIOD FOR p (s, e), UNIQUE k (id, p WITHOUT OVERLAPS)); INSERT INTO t VALUES (1, '2020-01-01', '2021-01-01', 1), (2, '2020-01-01', '2021-01-01', 2); " +
		"DELETE FROM t FOR PORTION OF p FROM '2020-02-01' TO '2020-03-01' WHERE id = 1; UPDATE t FOR PORTION OF p FROM '2020-05-01' TO '2020-06-01' SET v = 9; ALTER TABLE t ADD x INT FIRST, DROP INDEX k; ALTER TABLE t DROP PERIOD FOR p; ALTER TABLE t DROP PERIOD IF EXISTS FOR p; " +
		"CREATE TABLE u (id INT PRIMARY KEY, s DATE, e DATE); ALTER TABLE u ADD PERIOD FOR q (s, e), ADD x INT; INSERT INTO u VALUES (1, '2020-01-01', '2021-01-01', 1);",
		rows: "INSERT INTO t VALUES (1, 2, '2021-01-01', '2020-01-01', 3); UPDATE t SET v = 5; DELETE FROM t WHERE id = 1; UPDATE u SET x = 2;"},
	{name: "sequences", runs: onMariaDB, setup: "CREATE SEQUENCE s; CREATE SEQUENCE r START WITH 5 INCREMENT BY 2 CACHE 3 CYCLE MAXVALUE 20; SELECT NEXTVAL(s), NEXTVAL(r); SET binlog_row_image = MINIMAL; " +
		"SELECT NEXTVAL(r), NEXTVAL(r), NEXTVAL(r), NEXTVAL(r); SELECT SETVAL(s, 50); SELECT NEXTVAL(s); ALTER SEQUENCE s RESTART 1000; SELECT NEXTVAL(s), SETVAL(s, 9, 0), SETVAL(s, 2000, 0); " +
		"SELECT NEXTVAL(r), NEXTVAL(r), NEXTVAL(r), NEXTVAL(r); INSERT INTO r VALUES (7, 1, 30, 1, 1, 0, 0, 0);", rows: "SELECT NEXTVAL(s), NEXTVAL(r);", onlyForward: true},
	{name: "sequences as BINLOG", runs: onMariaDB, flags: []string{"--as-binlog"}, onlyForward: true, setup: "CREATE SEQUENCE s; CREATE TABLE t (a INT PRIMARY KEY DEFAULT NEXTVAL(s), b INT); SELECT NEXTVAL(s); " +
		"SET binlog_row_image = MINIMAL; SELECT NEXTVAL(s), SETVAL(s, 50), NEXTVAL(s); BEGIN; INSERT INTO t (b) VALUES (1), (2); COMMIT; ALTER SEQUENCE s RESTART 1000 CYCLE; SELECT NEXTVAL(s), SETVAL(s, 2000, 0, 1);",
		rows: "SET binlog_row_image = MINIMAL; SELECT NEXTVAL(s); INSERT INTO t (b) VALUES (3);"},
	{name: "rollback past sequences", runs: onMariaDB, setup: "CREATE SEQUENCE s NOCACHE; CREATE TABLE t (a INT PRIMARY KEY DEFAULT NEXTVAL(s), b INT); INSERT INTO t (b) VALUES (1);",
		rows: "INSERT INTO t (b) VALUES (2); INSERT INTO t (b) VALUES (3);"},
	{name: "XA transactions between each other", runs: logsPrepared, setup: xaTables, rows: xaBetween},
	{name: "XA transactions with their GTIDs", runs: onMariaDB, setup: xaTables, rows: "SET SESSION gtid_domain_id = 3; " + xaBetween, flags: []string{"--gtids"}, onlyForward: true},
	{name: "XA transactions as BINLOG", runs: logsPrepared, setup: xaTables, rows: xaBetween, flags: []string{"--as-binlog"}},
	{name: "XA transactions rolled back", runs: logsPrepared, setup: xaTables, onlyForward: true,
		rows: "XA START 'a'; INSERT INTO t VALUES (10, 1); XA END 'a'; XA PREPARE 'a'; RECONNECT; INSERT INTO t VALUES (11, 2); XA START 'b'; INSERT INTO t VALUES (12, 3); XA END 'b'; XA PREPARE 'b'; RECONNECT; XA ROLLBACK 'a'; RECONNECT; XA ROLLBACK 'b';"},
	{name: "two-phase ALTER", runs: onMariaDB, setup: "CREATE TABLE t (a INT PRIMARY KEY, b INT); INSERT INTO t VALUES (1, 1), (2, 1); SET binlog_alter_two_phase = 1; ALTER TABLE t ADD c INT DEFAULT 7, ALGORITHM=COPY; " +
		"ALTER TABLE t DROP b, ALGORITHM=INPLACE; ALTER TABLE t ADD d INT, ADD INDEX (c);", rows: "INSERT INTO t (a, d) VALUES (3, 3); UPDATE t SET c = 8 WHERE a = 1;"},
	{name: "a change of the schema online, with triggers", setup: `CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c'); CREATE TABLE _t_new LIKE t; ALTER TABLE _t_new ADD COLUMN n INT DEFAULT 0;
CREATE TRIGGER osc_del AFTER DELETE ON t FOR EACH ROW DELETE IGNORE FROM _t_new WHERE _t_new.id <=> OLD.id;
DELIMITER //
CREATE TRIGGER osc_upd AFTER UPDATE ON t FOR EACH ROW BEGIN DELETE IGNORE FROM _t_new WHERE !(OLD.id <=> NEW.id) AND _t_new.id <=> OLD.id; REPLACE INTO _t_new (id, v) VALUES (NEW.id, NEW.v); END//
DELIMITER ;
CREATE TRIGGER osc_ins AFTER INSERT ON t FOR EACH ROW REPLACE INTO _t_new (id, v) VALUES (NEW.id, NEW.v);
INSERT LOW_PRIORITY IGNORE INTO _t_new (id, v) SELECT id, v FROM t WHERE id <= 2 LOCK IN SHARE MODE; UPDATE t SET v = 'x' WHERE id = 1; INSERT INTO t VALUES (4, 'd'); DELETE FROM t WHERE id = 2; UPDATE t SET id = 5 WHERE id = 4;
INSERT LOW_PRIORITY IGNORE INTO _t_new (id, v) SELECT id, v FROM t WHERE id > 2 LOCK IN SHARE MODE; ANALYZE TABLE _t_new; RENAME TABLE t TO _t_old, _t_new TO t; DROP TABLE IF EXISTS _t_old;
DROP TRIGGER IF EXISTS osc_del; DROP TRIGGER IF EXISTS osc_upd; DROP TRIGGER IF EXISTS osc_ins;`, rows: "INSERT INTO t VALUES (9, 'z', 1); UPDATE t SET n = 2; DELETE FROM t WHERE id = 1;"},
	{name: "rows that nearly fill a packet", runs: func(line *servers.Line) bool {
		return line == servers.MySQL57 || line == servers.MySQL97 || line == servers.MariaDB118
	}, setup: `CREATE TABLE t (id INT PRIMARY KEY, b LONGBLOB, c LONGTEXT CHARACTER SET latin1, d LONGTEXT CHARACTER SET utf8, g GEOMETRY);
CREATE TABLE u (b LONGBLOB, c LONGTEXT CHARACTER SET latin1, g GEOMETRY); INSERT INTO t (id, b) VALUES (1, REPEAT(x'00ff5c27', 800000)); INSERT INTO u (b, c) VALUES (REPEAT('b', 2500000), REPEAT(_latin1 x'e95c', 500000));
CREATE TABLE p (id INT PRIMARY KEY, b BLOB); INSERT INTO p VALUES (1, REPEAT('p', 60000)); INSERT INTO p SELECT id + 1, b FROM p; INSERT INTO p SELECT id + 2, b FROM p; INSERT INTO p SELECT id + 4, b FROM p;
INSERT INTO p SELECT id + 8, b FROM p;`, flags: []string{"--batch=100"},
		rows: `INSERT INTO t VALUES (2, REPEAT(x'ff', 1500000), REPEAT(_latin1 x'e9', 600000), REPEAT(_utf8 x'c3a95c', 400000), NULL), (3, NULL, REPEAT('plain''', 500000), NULL, NULL);
UPDATE t SET b = REPEAT(x'01', 1100000), c = REPEAT('c', 300000) WHERE id = 1; UPDATE t SET g = ST_GeomFromText(CONCAT('LINESTRING(', REPEAT('1 2,', 70000), '3 4)')) WHERE id = 1;
INSERT INTO u SELECT NULL, NULL, g FROM t WHERE id = 1; UPDATE u SET c = 'short' WHERE c IS NOT NULL; UPDATE u SET b = REPEAT('x', 1800000); DELETE FROM u LIMIT 1;
UPDATE p SET b = CONCAT(id, REPEAT('q', 60000)); DELETE FROM t WHERE id > 1;`},
	{name: "compressed rows as BINLOG", runs: onMariaDB, flags: []string{"--as-binlog"}, setup: "SET GLOBAL log_bin_compress = 1, log_bin_compress_min_len = 10; " + triggerTables,
		rows: "INSERT INTO t VALUES (3, REPEAT('z', 999), 3); UPDATE t SET n = 7 WHERE a = 3; DELETE FROM t WHERE a = 2; SET GLOBAL log_bin_compress = 0;"},
	{name: "DEFAULT CASE and YEAR(2)", runs: onMariaDB, setup: "CREATE TABLE t (a INT PRIMARY KEY, y YEAR(2), c INT DEFAULT CASE WHEN a THEN 1 ELSE CASE a WHEN 2 THEN 3 END END);",
		rows: "INSERT INTO t (a, y) VALUES (1, 99), (2, 69), (3, 70);"},
	{name: "partial JSON without the document", runs: hasPartialJSON, onlyForward: true,
		setup: `SET binlog_row_value_options = PARTIAL_JSON, binlog_row_image = MINIMAL; CREATE TABLE t (id INT PRIMARY KEY, j JSON, k JSON);
INSERT INTO t VALUES (1, JSON_OBJECT('s', REPEAT('x', 300), 'a', JSON_ARRAY(1, 2, 3), 'o', JSON_OBJECT('k y', 1, 'b"c', 'd')), JSON_ARRAY(REPEAT('y', 300), 1));`,
		rows: `SET binlog_row_value_options = PARTIAL_JSON, binlog_row_image = MINIMAL; UPDATE t SET j = JSON_SET(j, '$.a[1]', 99);
UPDATE t SET j = JSON_REMOVE(j, '$.a[0]'); UPDATE t SET j = JSON_SET(j, '$.o."k y"', CAST(1.50 AS DECIMAL(5,2)), '$.o.new', CAST('2024-01-02' AS DATE)), k = JSON_SET(k, '$[1]', 'it''s \\ "q"');
UPDATE t SET j = JSON_SET(JSON_REMOVE(j, '$.o."b\\"c"'), '$.a[5]', JSON_ARRAY(true, null, 1e0));`},
	{name: "SET STATEMENT", runs: onMariaDB, setup: "SET STATEMENT sql_mode = '' FOR CREATE TABLE t (a INT PRIMARY KEY); SET STATEMENT lock_wait_timeout = 9 FOR ALTER TABLE t CHANGE a x INT;",
		rows: "INSERT INTO t VALUES (1); UPDATE t SET x = 2;"},
	{name: "SET STATEMENT of what is logged", runs: onMariaDB, onlyForward: true, setup: "CREATE TABLE t (a INT PRIMARY KEY, b INT);",
		rows: "SET STATEMENT binlog_format = STATEMENT FOR INSERT INTO t VALUES (1, 1); SET STATEMENT binlog_format = STATEMENT, binlog_direct_non_transactional_updates = 1, sql_mode = 'STRICT_ALL_TABLES' FOR UPDATE t SET b = 2;" +
			"BEGIN; INSERT INTO t VALUES (2, 2); COMMIT; SET STATEMENT binlog_direct_non_transactional_updates = 1, binlog_format = MIXED FOR DELETE FROM t WHERE a = 2;" +
			"SET STATEMENT binlog_format = STATEMENT FOR ALTER TABLE t ADD c INT;"},
	{name: "DDL whose bytes could be UTF-8", setup: "SET NAMES latin1; CREATE TABLE `tä` (id INT PRIMARY KEY, `cö` INT, e ENUM('é', 'ü'), s SET('ß', 'é') CHARACTER SET utf8mb4); " +
		"INSERT INTO `tä` VALUES (1, 1, 1, 2); CREATE TABLE `kö` (PRIMARY KEY (id)) SELECT * FROM `tä`; CREATE TABLE l LIKE `kö`; ALTER TABLE l ADD `ñ` ENUM('é', 'a') FIRST; " +
		"SET NAMES utf8mb4; CREATE TABLE c2 (PRIMARY KEY (id)) SELECT * FROM l; SET NAMES latin1; DROP TABLE `tä`; CREATE TABLE `tä` (n INT PRIMARY KEY);",
		rows: "INSERT INTO l VALUES (1, 1, 2, 2, 2); INSERT INTO `tÃ¤` VALUES (1); UPDATE `kÃ¶` SET e = 2; INSERT INTO c2 VALUES (2, 1, 1, 1, 3);"},
	{name: "names that the server writes in UTF-8", onlyForward: true, setup: "SET NAMES latin1; CREATE TABLE t (a INT PRIMARY KEY); CREATE USER `uä`@localhost; GRANT ALL ON *.* TO `uä`@localhost; " +
		"CREATE DEFINER=`uä`@localhost VIEW `vä` (`xö`, `xü`) AS SELECT 'é' AS c, 2; ALTER VIEW `vä` AS SELECT 'é' AS `xä`, a FROM t; GRANT SELECT ON `vä` TO `uä`@localhost; " +
		"CREATE DEFINER=`uä`@localhost TRIGGER `tä` BEFORE INSERT ON t FOR EACH ROW SET @x = 'é'; CREATE DEFINER=`uä`@localhost EVENT `eä` ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'é' DO SET @x = 'é'; " +
		"CREATE DEFINER=`uä`@localhost PROCEDURE `pä`(`pü` ENUM('é', ')')) READS SQL DATA SQL SECURITY INVOKER COMMENT 'cé' SET @x = 'é'; " +
		"CREATE DEFINER=`uä`@localhost FUNCTION `fä`(a INT) RETURNS ENUM('é', 'è') CHARSET latin1 DETERMINISTIC RETURN 1; ALTER PROCEDURE `pä` COMMENT 'è'; " +
		"SET NAMES gbk; CREATE VIEW `véé` AS SELECT 'éé' AS `céé`; CREATE PROCEDURE `péé`() COMMENT 'éé' SET @x = 'éé';",
		rows: "INSERT INTO t VALUES (1);"},
	{name: "rows that CHECK forbids", runs: onMariaDB, setup: "CREATE TABLE c (id INT PRIMARY KEY, v INT CHECK (v < 10), w INT); SET check_constraint_checks = 0; INSERT INTO c VALUES (1, 50, 1), (2, 60, 1), (3, 70, 1); " +
		"SET check_constraint_checks = 1; INSERT INTO c VALUES (4, 4, 4);",
		rows: "DELETE FROM c WHERE id = 1; UPDATE c SET v = 5 WHERE id = 2; REPLACE INTO c VALUES (3, 1, 1);"},
	{name: "members that are bytes", setup: "SET NAMES latin1; CREATE TABLE t (id INT PRIMARY KEY, e ENUM('é', 'b') CHARACTER SET binary, s SET('b', 'ü') CHARACTER SET binary); CREATE TABLE u (id INT PRIMARY KEY, e ENUM('é', 'b')) CHARACTER SET binary; SET NAMES utf8;",
		rows: "INSERT INTO t VALUES (1, 1, 2), (2, 2, 3); UPDATE t SET e = 1 WHERE id = 2; INSERT INTO u VALUES (1, 1);"},
	{name: "strings that the connection does not have", setup: "SET NAMES latin1; SET character_set_client = cp1251; CREATE TABLE t (id INT PRIMARY KEY, k ENUM('é', 'b') CHARACTER SET utf8); SET NAMES utf8;",
		rows: "INSERT INTO t VALUES (1, 1), (2, 2); UPDATE t SET k = 1;"},
	{name: "sizes of TEXT", setup: "SET sql_mode = ''; CREATE TABLE a (id INT PRIMARY KEY, a TEXT, b TINYTEXT, c VARCHAR(30000)) CHARSET utf8; CREATE TABLE b (id INT PRIMARY KEY, a VARCHAR(20000) CHARACTER SET utf8, b TEXT(100), " +
		"c TEXT(20000)); INSERT INTO a VALUES (1, 'a', 'b', 'c'); INSERT INTO b VALUES (1, 'a', 'b', 'c'); ALTER TABLE a CONVERT TO CHARACTER SET utf8mb4; ALTER TABLE b CONVERT TO CHARACTER SET utf8mb4;",
		rows: "INSERT INTO a VALUES (2, 'a', 'b', 'c'); UPDATE b SET a = 'x', b = 'y'; INSERT INTO b VALUES (2, 'a', 'b', 'c');"},
	{name: "temporary tables of another thread", runs: logsTemporary, setup: "SET SESSION binlog_format = MIXED; CREATE TABLE t (id INT PRIMARY KEY, n INT); SET pseudo_thread_id = 1000001; " +
		"CREATE TEMPORARY TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 50); SET pseudo_thread_id = 1000002; INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 2 + UUID_SHORT() * 0); " +
		"SET pseudo_thread_id = 1000001; CREATE TABLE c SELECT * FROM t; SET pseudo_thread_id = 1000002; UPDATE t SET n = 3; SET pseudo_thread_id = 1000001; DROP TEMPORARY TABLE t;",
		rows: "INSERT INTO t VALUES (3, 3);"},
}

// logsTemporary: the line logs temporary tables under binlog_format=MIXED.
func logsTemporary(line *servers.Line) bool {
	return onMariaDB(line) || line == servers.MySQL56 || line == servers.MySQL57
}

// TestGTIDsBesideBinlog replays plain rows, and then the log's first rows that have to be BINLOG statements, with their GTIDs.
func TestGTIDsBesideBinlog(t *testing.T) {
	for _, line := range []*servers.Line{servers.MySQL57, servers.MySQL97} {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			o := servers.Options{GTID: true, Args: []string{"--log-bin-trust-function-creators=1"}}
			source, fresh := servers.Start(t, line, o), servers.Start(t, line, o)
			const executed = "SELECT @@global.gtid_executed"
			source.MustExec(t, "CREATE DATABASE d; USE d; CREATE TABLE p (a INT PRIMARY KEY); INSERT INTO p VALUES (1);"+triggerTables)
			runSQL(t, fresh, "with GTIDs", replaySQL(t, append([]string{"--gtids"}, source.Binlogs(t)...)...))
			compareStates(t, "with GTIDs", []string{"d"}, states(t, fresh, []string{"d"}), states(t, source, []string{"d"}))
			if got, want := fresh.MustExec(t, executed), source.MustExec(t, executed); got != want {
				t.Errorf("GTIDs: got %s, want %s", got, want)
			}
		})
	}
}

// TestReplayKinds replays the log of each kind on another server, and takes its rows back there.
func TestReplayKinds(t *testing.T) {
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			o := servers.Options{Args: []string{"--log-bin-trust-function-creators=1", "--max-allowed-packet=4M"}}
			source, fresh := servers.Start(t, line, o), servers.Start(t, line, o)
			for _, k := range replayKinds {
				if k.runs == nil || k.runs(line) {
					t.Run(k.name, func(t *testing.T) { k.replay(t, source, fresh) })
				}
			}
		})
	}
}

func (k *replayKind) replay(t *testing.T, source, fresh *servers.Server) {
	const db = "kinds"
	for _, s := range []*servers.Server{source, fresh} {
		s.MustExec(t, "DROP DATABASE IF EXISTS "+db)
	}
	source.MustExec(t, "FLUSH BINARY LOGS; CREATE DATABASE "+db)
	inDatabase := func(sql string) string {
		return "USE " + db + ";\n" + strings.NewReplacer("USE DB;", "USE "+db+";", " DB.", " "+db+".").Replace(sql)
	}
	source.MustExec(t, inDatabase(k.setup))
	before := states(t, source, []string{db})
	logs := source.Binlogs(t)
	log := logs[len(logs)-1]
	info, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	for session := range strings.SplitSeq(k.rows, "RECONNECT;") {
		source.MustExec(t, inDatabase(session))
	}
	runSQL(t, fresh, k.name, replaySQL(t, append(k.flags, log)...))
	compareStates(t, "forward", []string{db}, states(t, fresh, []string{db}), states(t, source, []string{db}))
	table := "SELECT table_name, column_name, column_type, collation_name, is_nullable, column_default FROM information_schema.columns WHERE table_schema = '" + db + "' ORDER BY 1, 2"
	if got, want := fresh.MustExec(t, table), source.MustExec(t, table); got != want {
		t.Errorf("the columns differ:\n%s", difference(got, want))
	}
	for _, programs := range []string{
		"SELECT table_name, definer, view_definition, character_set_client FROM information_schema.views WHERE table_schema = '" + db + "' ORDER BY 1",
		"SELECT routine_name, definer, dtd_identifier, routine_definition, routine_comment, character_set_client FROM information_schema.routines WHERE routine_schema = '" + db + "' ORDER BY 1",
		"SELECT specific_name, parameter_name, dtd_identifier FROM information_schema.parameters WHERE specific_schema = '" + db + "' ORDER BY 1, ordinal_position",
		"SELECT trigger_name, definer, action_statement FROM information_schema.triggers WHERE trigger_schema = '" + db + "' ORDER BY 1",
		"SELECT event_name, definer, event_comment, event_definition FROM information_schema.events WHERE event_schema = '" + db + "' ORDER BY 1",
		"SELECT table_name, grantee FROM information_schema.table_privileges WHERE table_schema = '" + db + "' ORDER BY 1",
	} {
		if got, want := fresh.MustExec(t, programs), source.MustExec(t, programs); got != want {
			t.Errorf("the programs differ:\n%s", difference(got, want))
		}
	}
	if k.onlyForward {
		return
	}
	undo := replaySQL(t, append(k.flags, "--rollback", "--start-position", strconv.FormatInt(info.Size(), 10), log)...)
	runSQL(t, fresh, k.name+" rollback", undo)
	back := states(t, fresh, []string{db})
	back[db], before[db] = servers.WithoutSequences(back[db]), servers.WithoutSequences(before[db])
	compareStates(t, "rollback", []string{db}, back, before)
}

// TestNamesInAnotherCharacterSet: filters know the tables of DDL that a client sent in another character set than that of table maps.
func TestNamesInAnotherCharacterSet(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			s := servers.Start(t, line, servers.Options{})
			s.MustExec(t, "CREATE DATABASE d; USE d; SET NAMES latin1; CREATE TABLE `tä` (a INT PRIMARY KEY); INSERT INTO `tä` VALUES (1); DROP TABLE `tä`; "+
				"CREATE TABLE `tä` (a INT PRIMARY KEY); CREATE TABLE o (a INT PRIMARY KEY); RENAME TABLE o TO `ö`;")
			for _, c := range []struct{ flag, table, want string }{
				{"--table", "d.tÃ¤", "rows 1, statements 3\n"}, {"--exclude-table", "d.tÃ¤", "rows 0, statements 3\n"},
			} {
				if out := replaySQL(t, append([]string{c.flag, c.table}, s.Binlogs(t)...)...); !strings.HasSuffix(out, c.want) {
					t.Errorf("%s %s: want %s, got\n%s", c.flag, c.table, c.want, out)
				}
			}
		})
	}
}
