SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_sql_log_bin=@@SESSION.sql_log_bin, @binmend_explicit_defaults_for_timestamp=@@SESSION.explicit_defaults_for_timestamp;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0, sql_log_bin=0;

-- relay.000002:1636 2026-11-21 04:47:51 server 1 GTID 0-1-5
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (1, 'ann@example.org', 'Ann', 10.00),
  (2, 'bob@example.org', _latin1 x'426FEB', -0.50),
  (3, 'cy@example.org', NULL, 7.00);
COMMIT;

-- relay.000002:2051 2026-11-21 04:47:51 server 1 GTID 0-1-6
BEGIN;
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (18446744073709551615, 1, 1, '2024-02-29 23:59:59.999', 'first'),
  (2, 1, NULL, NULL, ''),
  (3, 2, 1, '2024-01-01 00:00:00.000', _utf8mb4 x'69742773205C2068657265');
COMMIT;

-- relay.000002:2471 2026-11-21 04:47:51 server 1 GTID 0-1-7
BEGIN;
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('home', 0.1),
  ('home', 0.1),
  ('cart', 2.5);
COMMIT;

-- relay.000002:2761 2026-11-21 04:47:51 server 1 GTID 0-1-8
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (5, 'eve@example.org', 'Eve', 1.00);
UPDATE `shop`.`customers` SET `id` = 6, `email` = 'eve@example.org', `name` = 'Eve', `balance` = 2.00 WHERE `id` = 5;
UPDATE `shop`.`orders` SET `id` = 3, `customer` = 2, `number` = 2, `placed` = '2024-05-06 07:08:09.010', `note` = _utf8mb4 x'69742773205C2068657265' WHERE `id` = 3;
DELETE FROM `shop`.`customers` WHERE `id` = 3;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cyril@example.org', 'Cyril', 7.00);
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('cart' AS BINARY) AND `seconds` <=> 2.5 LIMIT 1;
COMMIT;

SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, sql_log_bin=@binmend_sql_log_bin, explicit_defaults_for_timestamp=@binmend_explicit_defaults_for_timestamp, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- whole: transactions 4, rows 15, statements 0
