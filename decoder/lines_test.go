package decoder_test

import (
	"testing"

	"binmend/decoder"
	"binmend/fixtures/servers"
)

// lineEvents are statements whose events, or optional metadata, differ from one version to the next, in the database d.
var lineEvents = []struct {
	name       string
	since      [3]int // of MySQL
	onMariaDB  bool   // too
	once       bool   // whatever the metadata: it takes long
	statements string
}{
	{"rows and their statement", [3]int{5, 6, 2}, false, false, `SET SESSION binlog_rows_query_log_events = ON;
		CREATE TABLE t (id INT PRIMARY KEY, n BIGINT UNSIGNED, d DOUBLE UNSIGNED, v VARCHAR(300) CHARACTER SET latin1, w TEXT, e ENUM('a', 'b'), s SET('x', 'y'), b BIT(9), g GEOMETRY, u DECIMAL(20, 5) UNSIGNED);
		INSERT INTO t VALUES (1, 18446744073709551615, 1.5, 'é', '日本', 'b', 'x,y', 257, NULL, 99.5), (2, 0, 0, '', NULL, NULL, '', 0, NULL, NULL); UPDATE t SET n = n - 1, w = REPEAT('long', 10000) WHERE id = 1; DELETE FROM t WHERE id = 2;
		SET SESSION binlog_rows_query_log_events = OFF;`},
	{"partitions", [3]int{5, 6, 0}, true, false, `CREATE TABLE p (id INT, part INT, PRIMARY KEY (id, part)) PARTITION BY RANGE (part) SUBPARTITION BY HASH (id) SUBPARTITIONS 3 (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
		INSERT INTO p VALUES (1, 1), (2, 1), (3, 20), (4, 21); UPDATE p SET part = part + 15; UPDATE p SET id = id + 10 WHERE part < 20; DELETE FROM p; ALTER TABLE p REMOVE PARTITIONING; INSERT INTO p VALUES (5, 5);`},
	{"XA", [3]int{5, 7, 7}, true, false, `CREATE TABLE x (id INT PRIMARY KEY); XA START 'a', 'b', 3; INSERT INTO x VALUES (1); XA END 'a', 'b', 3; XA PREPARE 'a', 'b', 3; XA COMMIT 'a', 'b', 3;
		XA START x'00ff'; INSERT INTO x VALUES (2); XA END x'00ff'; XA PREPARE x'00ff'; XA ROLLBACK x'00ff'; XA START 'c'; INSERT INTO x VALUES (3); XA END 'c'; XA COMMIT 'c' ONE PHASE;`},
	{"GTIDs of transactions of all lengths", [3]int{5, 7, 0}, true, true, `CREATE TABLE l (b LONGBLOB); INSERT INTO l VALUES (''), (REPEAT('a', 200)); INSERT INTO l VALUES (REPEAT('a', 65300)); INSERT INTO l VALUES (REPEAT('b', 70000)); INSERT INTO l VALUES (REPEAT('c', 17000000));`},
	{"GTIDs with the times of a first commit", [3]int{8, 0, 1}, false, false, `CREATE TABLE c (id INT PRIMARY KEY); SET SESSION original_commit_timestamp = 1; INSERT INTO c VALUES (1);
		SET SESSION original_commit_timestamp = 1700000000123456; INSERT INTO c VALUES (2); SET SESSION original_commit_timestamp = 36028797018963968;`},
	{"GTIDs with the version of a first server", [3]int{8, 0, 14}, false, false, `SET SESSION original_server_version = 80011; CREATE TABLE v (id INT PRIMARY KEY); SET SESSION original_server_version = 50722; INSERT INTO v VALUES (1); SET SESSION original_server_version = 999999;`},
	{"partial JSON", [3]int{8, 0, 3}, false, false, `SET SESSION binlog_row_value_options = PARTIAL_JSON; CREATE TABLE j (id INT PRIMARY KEY, j JSON, k JSON, v INT);
		INSERT INTO j VALUES (1, JSON_OBJECT('a', 1, 'b', JSON_ARRAY(1, 2), 'pad', REPEAT('p', 500)), JSON_ARRAY(REPEAT('q', 500), 1), 1);
		UPDATE j SET j = JSON_SET(j, '$.a', 2), k = JSON_SET(k, '$[1]', 'x'); UPDATE j SET j = JSON_REMOVE(j, '$.b[0]'), v = 2; UPDATE j SET k = JSON_SET(k, '$[2]', JSON_OBJECT('n', 15)); UPDATE j SET v = 3; UPDATE j SET j = '[]';
		SET SESSION binlog_row_image = MINIMAL; UPDATE j SET k = JSON_REPLACE(k, '$[1]', 'z'); UPDATE j SET k = NULL; SET SESSION binlog_row_image = FULL, binlog_row_value_options = '';`},
	{"functional keys", [3]int{8, 0, 13}, false, false, `CREATE TABLE f (id INT PRIMARY KEY, v VARCHAR(20), UNIQUE KEY k ((LOWER(v))), g INT AS (id * 2) STORED, h INT AS (id + 1)); INSERT INTO f (id, v) VALUES (1, 'A'), (2, 'B'); UPDATE f SET v = 'C' WHERE id = 1; DELETE FROM f WHERE id = 2;`},
	{"multi-valued keys", [3]int{8, 0, 17}, false, false, `CREATE TABLE m (id INT PRIMARY KEY, j JSON, UNIQUE KEY k ((CAST(j->'$.a' AS UNSIGNED ARRAY)), id), KEY s ((CAST(j->'$.b' AS CHAR(9) ARRAY))), KEY d ((CAST(j->'$.d' AS DECIMAL(9, 2) ARRAY))));
		INSERT INTO m VALUES (1, '{"a": [1, 2], "b": ["x"], "d": [1.5]}'), (2, '{"a": [3]}'); UPDATE m SET j = JSON_SET(j, '$.a[2]', 9); DELETE FROM m WHERE id = 2;`},
	{"compressed transactions", [3]int{8, 0, 20}, false, false, `SET SESSION binlog_transaction_compression = ON; CREATE TABLE z (id INT PRIMARY KEY, v LONGTEXT); BEGIN; INSERT INTO z VALUES (1, REPEAT('z', 100000)); UPDATE z SET v = 'y'; COMMIT; INSERT INTO z VALUES (2, REPEAT('w', 3000000));
		XA START 'z'; INSERT INTO z VALUES (3, REPEAT('x', 1000)); XA END 'z'; XA PREPARE 'z'; XA COMMIT 'z'; SET SESSION binlog_rows_query_log_events = ON; DELETE FROM z WHERE id = 1; SET SESSION binlog_rows_query_log_events = OFF, binlog_transaction_compression = OFF;`},
	{"invisible columns and a generated key", [3]int{8, 0, 30}, false, false, `SET SESSION sql_generate_invisible_primary_key = ON; CREATE TABLE i (v INT, w INT INVISIBLE DEFAULT 7); INSERT INTO i (v) VALUES (1), (2); UPDATE i SET v = 3 WHERE v = 1; DELETE FROM i WHERE v = 2; SET SESSION sql_generate_invisible_primary_key = OFF;`},
	{"GTIDs with tags", [3]int{8, 3, 0}, false, false, `CREATE TABLE g (id INT PRIMARY KEY); SET GTID_NEXT = 'AUTOMATIC:blue'; INSERT INTO g VALUES (1); SET GTID_NEXT = 'AUTOMATIC:a_tag_that_is_as_long_as_can_be_'; INSERT INTO g VALUES (2); SET GTID_NEXT = 'AUTOMATIC';`},
}

// TestEventsOfLines: what each line writes of each kind is what a server's own log reader makes of it, with the metadata that is
// the default and with all of it.
func TestEventsOfLines(t *testing.T) {
	installs := map[*servers.Line]*servers.Install{mysqlbinlog.line: mysqlbinlog.line.Install(t), mariadbBinlog.line: mariadbBinlog.line.Install(t)}
	for _, line := range servers.AllLines() {
		t.Run(line.Name, func(t *testing.T) {
			t.Parallel()
			s := servers.Shared(t, line, servers.Options{GTID: true, Args: []string{"--max-allowed-packet=64M"}})
			version := versionOf(t, s)
			json := new(jsonChecks)
			for _, metadata := range []string{"", "SET GLOBAL binlog_row_metadata = FULL;"} {
				if metadata != "" && line.Flavor == servers.MySQL && !version.AtLeast(8, 0, 1) {
					continue
				}
				s.MustExec(t, "DROP DATABASE IF EXISTS d; CREATE DATABASE d; FLUSH BINARY LOGS;"+metadata)
				before := len(s.Binlogs(t)) - 1
				for _, e := range lineEvents {
					if e.once && metadata != "" {
						continue
					}
					if line.Flavor == servers.MySQL && version.AtLeast(e.since[0], e.since[1], e.since[2]) || line.Flavor == servers.MariaDB && e.onMariaDB {
						s.MustExec(t, "USE d;"+e.statements)
					}
				}
				s.MustExec(t, "FLUSH BINARY LOGS")
				logs := s.Binlogs(t)[before:]
				logs = logs[:len(logs)-1]
				r := readerOf(t, logs)
				d := &difference{t: t, notation: r.words, json: json}
				d.compare(logs, installs[r.line])
			}
			json.check(t)
		})
	}
}

func versionOf(t *testing.T, s *servers.Server) decoder.Version {
	t.Helper()
	var text string
	if err := s.DB().QueryRow("SELECT @@version").Scan(&text); err != nil {
		t.Fatal(err)
	}
	v, _ := decoder.ParseVersion(text)
	return v
}
