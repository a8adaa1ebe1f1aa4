-- binmend fix --undo: what takes the repair back
--
-- Repair of:   relay.000002:1042 to 1291, 2026-11-21 03:04:05 UTC (widened to
--              whole transactions)
-- Replica:     MariaDB 11.8.6-MariaDB
-- Channel:     east
-- GTID:        0-1-154
-- Rows of:     replica7:3306, read before the repair
--
-- When to run it
--   After the repair, as long as the transaction has not been applied; a guard
--   sees to that. Once it is applied, the rows of the repair are the source's,
--   and those below are for reading: to put them back would stop the replica
--   again.
--   A row that somebody else changes between the repair and this script is
--   lost.
--
-- RISK: shop.item: by key low the replica could not be asked. If the repair
--   removes a row by it, that is not put back here.

SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_check_constraint_checks=@@SESSION.check_constraint_checks, @binmend_transaction_read_only=@@SESSION.transaction_read_only;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=0, sql_safe_updates=0, unique_checks=1, completion_type=0, check_constraint_checks=0;
SET @binmend_guard=IF(@@GLOBAL.server_id <> 1, IF(CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL.gtid_slave_pos), ',0-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED) < 154, IF(CAST(SUBSTRING_INDEX(REGEXP_SUBSTR(CONCAT(',', @@GLOBAL.gtid_slave_pos), ',0-[0-9]+-[0-9]+'), '-', -1) AS UNSIGNED) >= 153, 'DO 0', 'DO `binmend: this replica has not applied what comes before it`'), 'DO `binmend: this replica has applied the transaction`'), 'DO `binmend: this is the server that wrote the transaction`');
PREPARE binmend_guard FROM @binmend_guard; EXECUTE binmend_guard;
SET SESSION transaction_read_only=NOT (@binmend_guard <=> 'DO 0'), @binmend_guard=NULL;
STOP SLAVE 'east' SQL_THREAD;
START TRANSACTION;

-- relay.000002:1240 (Delete_rows), row 2: the repair adds this row
DELETE FROM `shop`.`log` WHERE `a` <=> 1 AND CAST(`b` AS BINARY) <=> CAST(_latin1 x'636166E9' AS BINARY) LIMIT 1;

-- relay.000002:1100 (Write_rows), row 1: the repair removes or overwrites
--   this row
REPLACE INTO `shop`.`item` (`id`, `sku`, `note`, `state`) VALUES (7, 'B', NULL, 'old');

-- relay.000002:1100 (Write_rows), row 1: the repair removes or overwrites
--   this row
REPLACE INTO `shop`.`item` (`id`, `sku`, `note`, `state`) VALUES (12, 'A-7', 'üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü', 'new');

-- relay.000002:1180 (Update_rows), row 2: the repair removes or overwrites
--   this row
REPLACE INTO `shop`.`item` (`id`, `sku`, `note`, `state`) VALUES (8, 'O''Brian', '', 'new');

COMMIT;

SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, check_constraint_checks=@binmend_check_constraint_checks, transaction_read_only=@binmend_transaction_read_only, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- The applier is left stopped. To start it: START SLAVE 'east' SQL_THREAD;
