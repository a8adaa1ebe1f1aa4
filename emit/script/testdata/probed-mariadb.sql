-- binmend fix: what the replica needs so that the failing transaction applies
-- Replica:     MariaDB 11.8.6-MariaDB
-- Channel:     east
-- Error:       1062 (ER_DUP_ENTRY)
-- GTID:        0-1-154
-- Range:       relay.000002:1042 to 1291, 2026-11-21 03:04:05 UTC (widened to
--              whole transactions)
-- Source log:  source-bin.000007:498, MySQL 9.7.4, server id 1
-- Schema:      schema.sql
-- Probed:      replica7:3306: 6 of 40 planned statements are needed; what
--              would change nothing is left out. What changes there after the
--              probe is not seen. 2 rows that can't be rebuilt from the log
--              and that the replica has
-- What it changes: 3 DELETEs and 1 REPLACE in shop.item, 1 row put by UPDATE
--   or INSERT in shop.child, 1 REPLACE in shop.log; then it starts the
--   applier. Written to the replica's binary log: its own replicas get it.
-- Review it, then run it whole, not with source or --force (they go on after
--   an error). If a statement fails, nothing is changed and the applier stays
--   stopped.
-- RISK: the statements are written to the replica's binary log, if it writes
--   one. The replica's own replicas run them, too, and stop with 1032 or 1062
--   where their rows don't differ as this one's do.
-- RISK: if the replica has gtid_strict_mode and log_slave_updates on, the
--   applier refuses the source's next transactions with error 1950, because
--   these statements are logged under sequence numbers as high as theirs. SET
--   GLOBAL gtid_strict_mode=0 until the source's are higher.
-- RISK: shop.child (child_ai AFTER INSERT, which writes shop.audit):
--   triggers fire on the rows that these statements change, though not when
--   the applier changes rows. The source does not have what they write.
--   SELECT * FROM `shop`.`audit`;
-- RISK: shop.child (fk (pid) to item (id) ON DELETE CASCADE): these
--   statements neither check foreign keys nor cascade (foreign_key_checks=0).
--   They can leave orphans, rows without their parent row.
--   SELECT c.* FROM `shop`.`child` AS c LEFT JOIN `shop`.`item` AS p ON p.`id` = c.`pid` WHERE p.`id` IS NULL AND c.`pid` IS NOT NULL;
-- RISK: shop.log (MyISAM): the engine does not roll back: what was done
--   before a failure stays.
-- RISK: shop.item: a DELETE by a unique key other than the primary key may
--   remove a row that lives on the source under another value of that key.
--   Compare the table afterwards.
-- RISK: shop.item: a DELETE by a prefix or an expression may read the whole
--   table and lock its rows.

SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_check_constraint_checks=@@SESSION.check_constraint_checks, @binmend_transaction_read_only=@@SESSION.transaction_read_only;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, sql_safe_updates=0, unique_checks=1, completion_type=0, check_constraint_checks=0;
SET @binmend_guard=IF(@@GLOBAL.server_id <> 1, IF(CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL.gtid_slave_pos), ',0-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED) < 154, IF(CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL.gtid_slave_pos), ',0-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED) >= 153, 'DO 0', 'DO `binmend: this replica has not applied what comes before it`'), 'DO `binmend: this replica has applied the transaction`'), 'DO `binmend: this is the server that wrote the transaction`');
PREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;
SET SESSION transaction_read_only=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;
STOP SLAVE 'east' SQL_THREAD;
START TRANSACTION;

-- relay.000002:1100 (Write_rows), row 1: its value of PRIMARY must be free
-- the replica has id = 7, sku = 'B', note = NULL, state = 'old'; it must have
-- no such row
DELETE FROM `shop`.`item` WHERE `id` = 7;

-- relay.000002:1100 (Write_rows), row 1: its value of sku must be free
-- rows that the transaction needs and that the log can't rebuild are left alone
-- the replica has id = 12, sku = 'A-7', note =
-- 'üüüüüüüüüüüüüüüüüüüüüüüüüüüüü…, state = 'new'; it must have no such row
DELETE FROM `shop`.`item` WHERE `sku` = 'A-7' AND NOT (`id` = 9);

-- relay.000002:1100 (Write_rows), row 1: its value of low must be free
--   note: Schöne<0A>Grüße
-- by key low the replica could not be asked: it may have a row that this
-- removes
DELETE FROM `shop`.`item` WHERE (lower(note)) = (SELECT lower(note) FROM (SELECT CONVERT(_utf8mb4 x'536368C3B66E650A4772C3BCC39F65' USING utf8mb4) COLLATE utf8mb4_0900_ai_ci AS `note`) AS `r`);

-- relay.000002:1180 (Update_rows), row 2: the source had this row
-- the log does not hold note: any value will do, the transaction overwrites it
-- the replica's row has sku = 'O''Brian', not 'O''Brien'; state = 'new', not 0
-- this removes the replica's row id = 12, sku = 'A-7', note =
-- 'üüüüüüüüüüüüüüüüüüüüüüüüüüüüü…, state = 'new', which has a unique value of
-- the one put
-- an ENUM holds the empty value of number 0, which strict mode refuses;
-- without that mode a value that does not fit its column is cut instead of
-- refused
SET SESSION sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
REPLACE INTO `shop`.`item` (`id`, `sku`, `note`, `state`) VALUES (8, 'O''Brien', NULL, 0);
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';

-- relay.000002:1220 (Delete_rows), row 1: the source had this row
-- the replica has this row, and a statement above may remove it
UPDATE `shop`.`child` SET `id` = 1, `pid` = NULL WHERE `id` = 1 AND NOT (`id` <=> 1 AND `pid` IS NULL);
INSERT INTO `shop`.`child` (`id`, `pid`) SELECT 1, NULL FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`child` WHERE `id` = 1);

-- relay.000002:1240 (Delete_rows), row 2: the source had this row
--   b: café
-- no unique key identifies this row: it is added if fewer than 2 equal rows
-- can be found; an unequal one may remain
REPLACE INTO `shop`.`log` (`a`, `b`) SELECT 1, _latin1 x'636166E9' FROM DUAL WHERE (SELECT COUNT(*) FROM `shop`.`log` WHERE `a` <=> 1 AND CAST(`b` AS BINARY) <=> CAST(_latin1 x'636166E9' AS BINARY)) < 2;

COMMIT;
START SLAVE 'east' SQL_THREAD;
SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, check_constraint_checks=@binmend_check_constraint_checks, transaction_read_only=@binmend_transaction_read_only, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- Look whether it runs: SHOW SLAVE 'east' STATUS;

-- Other ways past the transaction; none of them repairs a row
--
-- 1. Skip the transaction by its GTID: move gtid_slave_pos past it
--    Nothing of the transaction is applied; its rows differ from the source's
--    from then on. All connections of the replica have to be stopped. The
--    value replaces the position of every domain: a domain that is left out is
--    fetched again from its beginning. MariaDB deletes its relay logs when it
--    starts again, so the source must still have what follows.
-- STOP ALL SLAVES;
-- SET GLOBAL gtid_slave_pos='0-1-154';
-- START ALL SLAVES;
--
-- 2. Go on at the next transaction of the source
--    Nothing of the failing transaction is applied. The relay logs are
--    deleted: the replica's source must be the server that wrote this log, and
--    still have it. It ends the use of GTIDs: set MASTER_USE_GTID again
--    afterwards.
-- STOP SLAVE 'east';
-- CHANGE MASTER 'east' TO MASTER_LOG_FILE='source-bin.000007', MASTER_LOG_POS=2164, MASTER_USE_GTID=no;
-- START SLAVE 'east';
--
-- 5 more ways: --alternatives
