/*M!999999\- enable the sandbox mode */ 
-- What MariaDB 10.x to 12.x prints and the parser does not take.
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `m` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci */;
USE `m`;
CREATE SEQUENCE `s1` start with 1 minvalue 1 maxvalue 9223372036854775806 increment by 1 cache 1000 nocycle ENGINE=InnoDB;
CREATE SEQUENCE `s2` AS int unsigned start with 1;
CREATE TABLE `old_sequence` (
  `next_not_cached_value` bigint(21) NOT NULL,
  `cache_size` bigint(21) unsigned NOT NULL COMMENT 'number of sequence values cached'
) ENGINE=InnoDB SEQUENCE=1;
CREATE TABLE `types` (
  `i4` inet4 DEFAULT NULL,
  `i6` inet6 DEFAULT '::1',
  `u` uuid NOT NULL DEFAULT uuid(),
  `g` point DEFAULT NULL REF_SYSTEM_ID=101,
  `j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`)),
  `z` varchar(100) /*M!100301 COMPRESSED*/ DEFAULT NULL,
  `z2` blob /*M!100301 COMPRESSED=zlib*/ DEFAULT NULL,
  `old` timestamp /* mariadb-5.3 */ NOT NULL DEFAULT '0000-00-00 00:00:00',
  `short` varchar(5) COLLATE uca1400_as_ci DEFAULT 'it''s',
  `d` mariadb_schema.date DEFAULT NULL,
  `seq` bigint(20) NOT NULL DEFAULT nextval(`m`.`s1`),
  `seq2` bigint NOT NULL DEFAULT NEXT VALUE FOR s1,
  `ts` timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  `neg` decimal(5,2) DEFAULT -1.50,
  `bits` bit(3) DEFAULT b'101',
  `expr` int(11) DEFAULT (1 + 2 * (3)) INVISIBLE,
  `p` int(11) GENERATED ALWAYS AS (`neg` + 1) PERSISTENT,
  `v` int(11) AS (json_value(`j`, '$.a' )) VIRTUAL INVISIBLE,
  PRIMARY KEY (`u`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_uca1400_ai_ci PAGE_CHECKSUM=1;
CREATE TABLE `options` (
  `id` int(11) NOT NULL,
  `v` vector(4) NOT NULL,
  PRIMARY KEY (`id`),
  VECTOR KEY `v` (`v`) `m`=6 `distance`=euclidean
) ENGINE=Aria DEFAULT CHARSET=latin1 `encrypted`=yes `ENCRYPTION_KEY_ID`=7 `PAGE_COMPRESSED`='ON' WITH SYSTEM VERSIONING
 PARTITION BY SYSTEM_TIME INTERVAL 1 DAY (PARTITION `p0` HISTORY ENGINE = InnoDB, PARTITION `pn` CURRENT ENGINE = InnoDB);
CREATE TABLE `versioned` (
  `id` int(11) NOT NULL,
  `v` int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING,
  `rs` timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE,
  `re` timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE,
  PRIMARY KEY (`id`,`re`),
  PERIOD FOR SYSTEM_TIME (`rs`, `re`)
) ENGINE=InnoDB WITH SYSTEM VERSIONING;
CREATE TABLE `booking` (
  `room` int(11) NOT NULL,
  `from` date NOT NULL,
  `until` date NOT NULL,
  UNIQUE KEY `room` (`room`,`stay` WITHOUT OVERLAPS),
  PERIOD FOR `stay` (`from`, `until`)
) ENGINE=InnoDB;
CREATE TABLE `hashed` (
  `a` blob DEFAULT NULL,
  `b` text DEFAULT NULL,
  `n` int(11),
  UNIQUE KEY `a` (`a`) USING HASH,
  UNIQUE KEY `b` (`b`) USING HASH,
  KEY `n` (`n`) IGNORED,
  CONSTRAINT `c` CHECK (`n` > 0),
  CONSTRAINT CHECK (`n` < 9)
) ENGINE=InnoDB;
