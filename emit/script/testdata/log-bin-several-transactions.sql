-- binmend fix: what the replica needs so that the failing transaction applies
-- Replica:     MySQL 9.7.4
-- Error:       1062 (ER_DUP_ENTRY): Could not execute Write_rows event on
--              table shop.item; Duplicate entry '7' for key 'item.PRIMARY'
-- GTID:        135ed1fd-e555-11f1-955a-02fc00000001:4,
--              135ed1fd-e555-11f1-955a-02fc00000001:5
-- Range:       relay.000002:1042 to relay.000003:1291, 2 transactions,
--              2026-11-21 03:04:05 UTC (widened to whole transactions)
-- Source log:  source-bin.000007:498, MySQL 9.7.4, server id 1
-- Schema:      schema.sql
-- What it changes: 3 DELETEs and 1 REPLACE in shop.item, 1 row put by UPDATE
--   or INSERT in shop.child, 1 REPLACE in shop.log; then it starts the
--   applier. Written to the replica's binary log: its own replicas get it.
-- Review it, then run it whole, not with source or --force (they go on after
--   an error), while super_read_only is off. If a statement fails, nothing is
--   changed and the applier stays stopped.
-- RISK: the statements are written to the replica's binary log, if it writes
--   one. The replica's own replicas run them, too, and stop with 1032 or 1062
--   where their rows don't differ as this one's do.
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

SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_transaction_read_only=@@SESSION.transaction_read_only;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, sql_safe_updates=0, unique_checks=1, completion_type=0;
SET @binmend_guard=IF(@@GLOBAL.server_id <> 1, IF(NOT GTID_SUBSET('135ed1fd-e555-11f1-955a-02fc00000001:4', @@GLOBAL.gtid_executed), 'DO 0', 'DO `binmend: this replica has applied the transaction`'), 'DO `binmend: this is the server that wrote the transaction`');
PREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;
SET SESSION transaction_read_only=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;
STOP REPLICA SQL_THREAD;
START TRANSACTION;

-- transaction 1, relay.000002:1100 (Write_rows), row 1: its value of PRIMARY
--   must be free
DELETE FROM `shop`.`item` WHERE `id` = 7;

-- transaction 1, relay.000002:1100 (Write_rows), row 1: its value of sku
--   must be free
-- rows that the transaction needs and that the log can't rebuild are left alone
DELETE FROM `shop`.`item` WHERE `sku` = 'A-7' AND NOT (`id` = 9);

-- transaction 1, relay.000002:1100 (Write_rows), row 1: its value of low
--   must be free
--   note: Schöne<0A>Grüße
DELETE FROM `shop`.`item` WHERE (lower(note)) = (SELECT lower(note) FROM (SELECT CONVERT(_utf8mb4 x'536368C3B66E650A4772C3BCC39F65' USING utf8mb4) COLLATE utf8mb4_0900_ai_ci AS `note`) AS `r`);

-- transaction 1, relay.000002:1180 (Update_rows), row 2: the source had this
--   row
-- the log does not hold note: any value will do, the transaction overwrites it
-- an ENUM holds the empty value of number 0, which strict mode refuses;
-- without that mode a value that does not fit its column is cut instead of
-- refused
SET SESSION sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
REPLACE INTO `shop`.`item` (`id`, `sku`, `note`, `state`) VALUES (8, 'O''Brien', NULL, 0);
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';

-- transaction 1, relay.000002:1220 (Delete_rows), row 1: the source had this
--   row
UPDATE `shop`.`child` SET `id` = 1, `pid` = NULL WHERE `id` = 1 AND NOT (`id` <=> 1 AND `pid` IS NULL);
INSERT INTO `shop`.`child` (`id`, `pid`) SELECT 1, NULL FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM `shop`.`child` WHERE `id` = 1);

-- transaction 1, relay.000002:1240 (Delete_rows), row 2: the source had this
--   row
--   b: café
-- no unique key identifies this row: it is added if fewer than 2 equal rows
-- can be found; an unequal one may remain
REPLACE INTO `shop`.`log` (`a`, `b`) SELECT 1, _latin1 x'636166E9' FROM DUAL WHERE (SELECT COUNT(*) FROM `shop`.`log` WHERE `a` <=> 1 AND CAST(`b` AS BINARY) <=> CAST(_latin1 x'636166E9' AS BINARY)) < 2;

COMMIT;
START REPLICA SQL_THREAD;
SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, transaction_read_only=@binmend_transaction_read_only, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- Look whether it runs: SHOW REPLICA STATUS;

-- Other ways past the transaction; none of them repairs a row
--
-- 1. Skip the transaction by its GTID: put an empty one in its place
--    Nothing of it is applied: its rows differ from the source's, and later
--    changes of them fail.
-- STOP REPLICA SQL_THREAD;
-- SET GTID_NEXT='135ed1fd-e555-11f1-955a-02fc00000001:4'; BEGIN; COMMIT; SET GTID_NEXT='AUTOMATIC';
-- START REPLICA SQL_THREAD;
--
-- 2. Go on at the next transaction of the source
--    Nothing of the failing transaction is applied. The relay logs are
--    deleted: the replica's source must be the server that wrote this log, and
--    still have it. With several workers, transactions after it may be applied
--    already and would be applied twice; where workers left gaps, the server
--    refuses it (error 1802). It ends positioning by GTID; what is left out
--    comes back when SOURCE_AUTO_POSITION is 1 again.
-- STOP REPLICA;
-- CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='source-bin.000007', SOURCE_LOG_POS=2164, SOURCE_AUTO_POSITION=0;
-- START REPLICA;
--
-- 5 more ways: --alternatives
