SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_sql_log_bin=@@SESSION.sql_log_bin, @binmend_explicit_defaults_for_timestamp=@@SESSION.explicit_defaults_for_timestamp, @binmend_check_constraint_checks=@@SESSION.check_constraint_checks;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0, sql_log_bin=0, check_constraint_checks=0;

-- relay.000002:2827 2026-11-21 04:47:51 server 1 thread 7 GTID 0-1-8
BEGIN;
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('cart', 2.5);
DELETE FROM `shop`.`customers` WHERE `id` = 3;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cy@example.org', NULL, 7.00);
UPDATE `shop`.`orders` SET `number` = 1, `placed` = '2024-01-01 00:00:00.000' WHERE `id` = 3;
UPDATE `shop`.`customers` SET `id` = 5, `balance` = 1.00 WHERE `id` = 6;
DELETE FROM `shop`.`customers` WHERE `id` = 5;
COMMIT;

-- relay.000002:2537 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-7
BEGIN;
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('cart' AS BINARY) AND `seconds` <=> 2.5 LIMIT 1;
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('home' AS BINARY) AND `seconds` <=> 0.1 LIMIT 1;
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('home' AS BINARY) AND `seconds` <=> 0.1 LIMIT 1;
COMMIT;

-- relay.000002:2117 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-6
BEGIN;
DELETE FROM `shop`.`orders` WHERE `id` = 3;
DELETE FROM `shop`.`orders` WHERE `id` = 2;
DELETE FROM `shop`.`orders` WHERE `id` = 18446744073709551615;
COMMIT;

-- relay.000002:1702 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-5
BEGIN;
DELETE FROM `shop`.`customers` WHERE `id` = 3;
DELETE FROM `shop`.`customers` WHERE `id` = 2;
DELETE FROM `shop`.`customers` WHERE `id` = 1;
COMMIT;

SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, sql_log_bin=@binmend_sql_log_bin, explicit_defaults_for_timestamp=@binmend_explicit_defaults_for_timestamp, check_constraint_checks=@binmend_check_constraint_checks, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- whole: transactions 4, rows 15, statements 0
