SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_explicit_defaults_for_timestamp=@@SESSION.explicit_defaults_for_timestamp;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0;

-- relay.000002:363 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:1
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:1';
SET TIMESTAMP=1795236468, @@session.foreign_key_checks=1, @@session.sql_auto_is_null=0, @@session.unique_checks=1, @@session.sql_mode=1168113696, @@session.auto_increment_increment=1, @@session.auto_increment_offset=1, @@session.character_set_client=255, @@session.collation_connection=255, @@session.collation_server=255, @@session.lc_time_names=0, @@session.default_collation_for_utf8mb4=255, @@session.default_table_encryption=0;
CREATE DATABASE shop;

-- relay.000002:548 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:2
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:2';
USE `shop`;
SET @@session.sql_require_primary_key=0;
CREATE TABLE customers (
  id INT NOT NULL PRIMARY KEY,
  email VARCHAR(60) NOT NULL UNIQUE,
  name VARCHAR(40) CHARACTER SET latin1,
  balance DECIMAL(12,2) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- relay.000002:931 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:3
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:3';
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer INT NOT NULL,
  number INT,
  placed DATETIME(3),
  note TEXT,
  UNIQUE KEY number_per_customer (customer, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- relay.000002:1328 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:4
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:4';
CREATE TABLE visits (page VARCHAR(20), seconds DOUBLE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0;
SET @@session.auto_increment_increment=DEFAULT, @@session.auto_increment_offset=DEFAULT, @@session.collation_server=DEFAULT, @@session.default_collation_for_utf8mb4=DEFAULT, @@session.default_table_encryption=DEFAULT, @@session.lc_time_names=DEFAULT, @@session.sql_auto_is_null=DEFAULT, @@session.sql_require_primary_key=DEFAULT, TIMESTAMP=DEFAULT;

-- relay.000002:1587 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:5
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:5';
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (1, 'ann@example.org', 'Ann', 10.00);
--   name: Boë
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (2, 'bob@example.org', _latin1 x'426FEB', -0.50);
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cy@example.org', NULL, 7.00);
COMMIT;

-- relay.000002:1965 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:6
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:6';
BEGIN;
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (18446744073709551615, 1, 1, '2024-02-29 23:59:59.999', 'first');
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (2, 1, NULL, NULL, '');
--   note: it's <5C> here
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (3, 2, 1, '2024-01-01 00:00:00.000', _utf8mb4 x'69742773205C2068657265');
COMMIT;

-- relay.000002:2339 2026-11-21 04:47:48 server 1 thread 10 GTID b15e4f71-e566-11f1-89b6-02fc00000001:7
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:7';
BEGIN;
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('home', 0.1);
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('home', 0.1);
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('cart', 2.5);
COMMIT;

-- relay.000002:2662 2026-11-21 04:47:48 server 1 thread 11 GTID b15e4f71-e566-11f1-89b6-02fc00000001:8
SET SESSION GTID_NEXT='b15e4f71-e566-11f1-89b6-02fc00000001:8';
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (5, 'eve@example.org', 'Eve', 1.00);
UPDATE `shop`.`customers` SET `id` = 6, `balance` = 2.00 WHERE `id` = 5;
UPDATE `shop`.`orders` SET `number` = 2, `placed` = '2024-05-06 07:08:09.010' WHERE `id` = 3;
DELETE FROM `shop`.`customers` WHERE `id` = 3;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cyril@example.org', 'Cyril', 7.00);
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('cart' AS BINARY) AND `seconds` <=> 2.5 LIMIT 1;
COMMIT;

SET SESSION GTID_NEXT='AUTOMATIC';
SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, explicit_defaults_for_timestamp=@binmend_explicit_defaults_for_timestamp, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- whole: transactions 8, rows 15, statements 4
