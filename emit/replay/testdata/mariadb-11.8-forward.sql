SET @binmend_character_set_client=@@SESSION.character_set_client, @binmend_character_set_results=@@SESSION.character_set_results, @binmend_collation_connection=@@SESSION.collation_connection, @binmend_sql_mode=@@SESSION.sql_mode, @binmend_time_zone=@@SESSION.time_zone, @binmend_foreign_key_checks=@@SESSION.foreign_key_checks, @binmend_sql_safe_updates=@@SESSION.sql_safe_updates, @binmend_unique_checks=@@SESSION.unique_checks, @binmend_completion_type=@@SESSION.completion_type, @binmend_explicit_defaults_for_timestamp=@@SESSION.explicit_defaults_for_timestamp, @binmend_gtid_domain_id=@@SESSION.gtid_domain_id, @binmend_server_id=@@SESSION.server_id;
/*!\C utf8mb4 */;
SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0;

-- relay.000002:615 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-1
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=1;
SET TIMESTAMP=1795236471, @@session.foreign_key_checks=1, @@session.sql_auto_is_null=0, @@session.unique_checks=1, @@session.check_constraint_checks=1, @@session.sql_mode=1411383296, @@session.auto_increment_increment=1, @@session.auto_increment_offset=1, @@session.character_set_client=utf8mb4, @@session.collation_connection=2304, @@session.collation_server=2304, @@session.lc_time_names=0, @@session.explicit_defaults_for_timestamp=1;
CREATE DATABASE shop;

-- relay.000002:744 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-2
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=2;
USE `shop`;
SET @@session.character_set_collations='utf8mb3=utf8mb3_uca1400_ai_ci,ucs2=ucs2_uca1400_ai_ci,utf8mb4=utf8mb4_uca1400_ai_ci,utf16=utf16_uca1400_ai_ci,utf32=utf32_uca1400_ai_ci';
CREATE TABLE customers (
  id INT NOT NULL PRIMARY KEY,
  email VARCHAR(60) NOT NULL UNIQUE,
  name VARCHAR(40) CHARACTER SET latin1,
  balance DECIMAL(12,2) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- relay.000002:1100 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-3
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=3;
CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  customer INT NOT NULL,
  number INT,
  placed DATETIME(3),
  note TEXT,
  UNIQUE KEY number_per_customer (customer, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- relay.000002:1470 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-4
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=4;
CREATE TABLE visits (page VARCHAR(20), seconds DOUBLE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

SET NAMES utf8mb4;
SET SESSION sql_mode='STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', foreign_key_checks=1, sql_safe_updates=0, unique_checks=1, completion_type=0;
SET @@session.auto_increment_increment=DEFAULT, @@session.auto_increment_offset=DEFAULT, @@session.character_set_collations=DEFAULT, @@session.check_constraint_checks=DEFAULT, @@session.collation_server=DEFAULT, @@session.lc_time_names=DEFAULT, @@session.sql_auto_is_null=DEFAULT, TIMESTAMP=DEFAULT;

-- relay.000002:1702 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-5
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=5;
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (1, 'ann@example.org', 'Ann', 10.00);
--   name: Boë
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (2, 'bob@example.org', _latin1 x'426FEB', -0.50);
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cy@example.org', NULL, 7.00);
COMMIT;

-- relay.000002:2117 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-6
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=6;
BEGIN;
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (18446744073709551615, 1, 1, '2024-02-29 23:59:59.999', 'first');
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (2, 1, NULL, NULL, '');
--   note: it's <5C> here
INSERT INTO `shop`.`orders` (`id`, `customer`, `number`, `placed`, `note`) VALUES (3, 2, 1, '2024-01-01 00:00:00.000', _utf8mb4 x'69742773205C2068657265');
COMMIT;

-- relay.000002:2537 2026-11-21 04:47:51 server 1 thread 6 GTID 0-1-7
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=7;
BEGIN;
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('home', 0.1);
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('home', 0.1);
INSERT INTO `shop`.`visits` (`page`, `seconds`) VALUES ('cart', 2.5);
COMMIT;

-- relay.000002:2827 2026-11-21 04:47:51 server 1 thread 7 GTID 0-1-8
SET SESSION gtid_domain_id=0, server_id=1, gtid_seq_no=8;
BEGIN;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (5, 'eve@example.org', 'Eve', 1.00);
UPDATE `shop`.`customers` SET `id` = 6, `balance` = 2.00 WHERE `id` = 5;
UPDATE `shop`.`orders` SET `number` = 2, `placed` = '2024-05-06 07:08:09.010' WHERE `id` = 3;
DELETE FROM `shop`.`customers` WHERE `id` = 3;
INSERT INTO `shop`.`customers` (`id`, `email`, `name`, `balance`) VALUES (3, 'cyril@example.org', 'Cyril', 7.00);
DELETE FROM `shop`.`visits` WHERE CAST(`page` AS BINARY) <=> CAST('cart' AS BINARY) AND `seconds` <=> 2.5 LIMIT 1;
COMMIT;

SET SESSION sql_mode=@binmend_sql_mode, time_zone=@binmend_time_zone, foreign_key_checks=@binmend_foreign_key_checks, sql_safe_updates=@binmend_sql_safe_updates, unique_checks=@binmend_unique_checks, completion_type=@binmend_completion_type, explicit_defaults_for_timestamp=@binmend_explicit_defaults_for_timestamp, gtid_domain_id=@binmend_gtid_domain_id, server_id=@binmend_server_id, character_set_client=@binmend_character_set_client, character_set_results=@binmend_character_set_results, collation_connection=@binmend_collation_connection;
-- whole: transactions 8, rows 15, statements 4
