-- binmend compare: makes these rows of the replica what the log says they are
-- Replica:     /run/mysqld/mysqld.sock, MySQL 8.0.36
-- Logs:        binlog.000040 to binlog.000041
-- Applied:     b15e4f71-e566-11f1-89b6-02fc00000001:1-9
-- What it changes: 3 rows in shop.log (2 missing, 1 too many), 1 row in
-- shop.odd<1B>[31m<b>`'<0A> (1 missing), 5 rows in shop.stock (2 other, 1 missing, 2
-- too many). Not written to the replica's binary log (sql_log_bin=0).
-- Each statement changes its row only while that is still as it was read.
-- Review it, then run it whole, not with source or --force (they go on after
-- an error): if a statement fails, nothing is changed.
-- RISK: transaction_read_only is on. This session turns it off for itself,
--   but the applier can't change rows either while it is, and stops with error
--   1792 or 13117. First SET GLOBAL transaction_read_only=0.
-- RISK: shop is read only: the script stops there with error 3989, and
--   nothing is changed. First ALTER DATABASE `shop` READ ONLY = 0, and
--   afterwards READ ONLY = 1.

SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_sql_log_bin=@@SESSION.sql_log_bin, @binmend_transaction_read_only=@@SESSION.transaction_read_only;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, sql_safe_updates=0, unique_checks=1, completion_type=0, sql_log_bin=0;
SET @binmend_guard=IF(@@GLOBAL.server_id = 2 AND @@GLOBAL.server_uuid = 'c15e4f71-e566-11f1-89b6-02fc00000002', 'DO 0', 'DO `binmend: this is not the replica that was compared`');
PREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;
SET SESSION transaction_read_only=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;
SET @binmend_do=IF(@@SESSION.transaction_read_only, 'DO 0', 'SET GLOBAL super_read_only=0');
PREPARE binmend_do FROM @binmend_do; EXECUTE binmend_do;
START TRANSACTION;

-- shop.log, extra: binlog.000040:200 (Query),
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log makes or empties the table,
-- and has no such row, or fewer of them
--   is: a = NULL, b = 'y'
DELETE FROM `shop`.`log` WHERE `a` <=> NULL AND CAST(`b` AS BINARY) <=> CAST('y' AS BINARY) LIMIT 1;

-- shop.stock, differs: binlog.000040:4800 (Update_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has the row so
-- the source has another row by now, or none
-- a transaction that the replica has not applied touches the row as well
--   is: id = 2, code = 7
-- it is put below as it must be: a unique value changes
DELETE FROM `shop`.`stock` WHERE `id` = 2 AND CAST(`name` AS BINARY) <=> CAST('b' AS BINARY) AND `code` <=> 7;

-- shop.stock, extra: binlog.000040:5000 (Delete_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log deletes the row
-- the source agrees
--   is: id = 3, name = '-- x<5C>n; DROP TABLE stock', code = NULL
DELETE FROM `shop`.`stock` WHERE `id` = 3 AND CAST(`name` AS BINARY) <=> CAST('-- x\n; DROP TABLE stock' AS BINARY) AND `code` <=> NULL;

-- shop.stock, extra: binlog.000040:5100 (Write_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the source gave its value of unique
-- key code to another row
-- RISK: the log does not touch this row. The source may have it with another
-- value: look there.
--   is: id = 9, name = NULL, code = 8
DELETE FROM `shop`.`stock` WHERE `id` = 9 AND `name` <=> NULL AND `code` <=> 8;

-- shop.log, missing: binlog.000040:6000 (Write_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has this row
--   must be: a = 1, b = 'x'
INSERT INTO `shop`.`log` (`a`, `b`) VALUES (1, 'x');
INSERT INTO `shop`.`log` (`a`, `b`) VALUES (1, 'x');

-- shop.odd<1B>[31m<b>`'<0A>, missing: binlog.000040:7000 (Update_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has this row
-- the log does not hold the whole row. Read it on the source, then put it:
--   SELECT `id`, `v` FROM `shop`.`odd<1B>[31m<b>``'<0A>` WHERE `id` = 1;

-- shop.stock, differs: binlog.000040:4711 (Update_rows), row 2,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has the row so
--   is: id = 1, name = 'x'
--   must be: id = 1, name = 'O<5C>'Neil <script>'
UPDATE `shop`.`stock` SET `name` = 'O\'Neil <script>' WHERE `id` = 1 AND CAST(`name` AS BINARY) <=> CAST('x' AS BINARY) AND `code` <=> 5;

-- shop.stock, differs: binlog.000040:4800 (Update_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has the row so
-- the source has another row by now, or none
-- a transaction that the replica has not applied touches the row as well
--   is: id = 2, code = 7
--   must be: id = 2, code = 6
INSERT INTO `shop`.`stock` (`id`, `name`, `code`) SELECT 2, 'b', 6 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`stock` WHERE `id` = 2);

-- shop.stock, missing: binlog.000040:5200 (Write_rows), row 1,
-- b15e4f71-e566-11f1-89b6-02fc00000001:7: the log has this row
--   must be: id = 4, name = 'd', code = 8
INSERT INTO `shop`.`stock` (`id`, `name`, `code`) SELECT 4, 'd', 8 FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`stock` WHERE `id` = 4);

COMMIT;
SET @binmend_do=IF(@@SESSION.transaction_read_only, 'DO 0', 'SET GLOBAL super_read_only=1');
PREPARE binmend_do FROM @binmend_do; EXECUTE binmend_do;
SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, sql_log_bin=@binmend_sql_log_bin, transaction_read_only=@binmend_transaction_read_only, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
