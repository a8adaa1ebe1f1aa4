-- binmend fix: what the replica needs so that the failing transaction applies
-- Replica:     MySQL 9.7.4
-- Error:       1062 (ER_DUP_ENTRY): Could not execute Write_rows event on
--              table shop.item; Duplicate entry '7' for key 'item.PRIMARY'
-- GTID:        135ed1fd-e555-11f1-955a-02fc00000001:4
-- Range:       relay.000002:1042 to 1291, 2026-11-21 03:04:05 UTC (widened to
--              whole transactions)
-- Source log:  source-bin.000007:498, MySQL 9.7.4, server id 1
-- Schema:      schema.sql
-- What it changes: 1 DELETE in shop.place, 1 DELETE in archive.place; then
--   it starts the applier. Not written to the replica's binary log
--   (sql_log_bin=0).
-- Review it, then run it whole, not with source or --force (they go on after
--   an error), while super_read_only is off. If a statement fails, nothing is
--   changed and the applier stays stopped.
-- RISK: shop.place, archive.place: tables of several databases, and one
--   definition that names none: one of them may have other keys, and then a
--   row may be removed that is in nobody's way. Give the definition of each.
-- RISK: shop.place, archive.place: a DELETE by a unique key other than the
--   primary key may remove a row that lives on the source under another value
--   of that key. Compare the table afterwards.

SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_sql_log_bin=@@SESSION.sql_log_bin, @binmend_transaction_read_only=@@SESSION.transaction_read_only;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, sql_safe_updates=0, unique_checks=1, completion_type=0, sql_log_bin=0;
SET @binmend_guard=IF(@@GLOBAL.server_id <> 1, IF(NOT GTID_SUBSET('135ed1fd-e555-11f1-955a-02fc00000001:4', @@GLOBAL.gtid_executed), 'DO 0', 'DO `binmend: this replica has applied the transaction`'), 'DO `binmend: this is the server that wrote the transaction`');
PREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;
SET SESSION transaction_read_only=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;
STOP REPLICA SQL_THREAD;
START TRANSACTION;

-- relay.000002:527 (Update_rows), row 1: its value of seat must be free
DELETE FROM `shop`.`place` WHERE `hall` = 5 AND `seat` = 6;

-- relay.000002:527 (Update_rows), row 1: its value of seat must be free
DELETE FROM `archive`.`place` WHERE `hall` = 5 AND `seat` = 6;

COMMIT;
START REPLICA SQL_THREAD;
SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, sql_log_bin=@binmend_sql_log_bin, transaction_read_only=@binmend_transaction_read_only, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
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
