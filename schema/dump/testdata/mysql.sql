-- What MySQL 5.7 to 9.x prints and the parser does not take, or takes only with help.

CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop` /*!40100 DEFAULT CHARACTER SET latin1 */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE `shop`;

CREATE TABLE `spatial` (
  `id` int NOT NULL,
  `p` point NOT NULL /*!80003 SRID 4326 */,
  `g` geomcollection DEFAULT NULL COMMENT 'a ''comment'' with , ) and `',
  PRIMARY KEY (`id`),
  SPATIAL KEY `p` (`p`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;

CREATE TABLE `hidden` (
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  `a` int DEFAULT NULL /*!80023 INVISIBLE */,
  `j` json DEFAULT (json_array(1,_utf8mb4'),')),
  `u` binary(16) DEFAULT (uuid_to_bin(uuid())),
  `c` varchar(20) /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT DYNAMIC */ DEFAULT NULL,
  PRIMARY KEY (`my_row_id`),
  CONSTRAINT `positive` CHECK ((`a` > 0)) /*!80016 NOT ENFORCED */,
  KEY `kj` ((cast(`j` as unsigned array))) /*!80000 INVISIBLE */
) /*!50100 TABLESPACE `ts` */ ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci ENGINE_ATTRIBUTE='{"key": "ENGINE=x"}' STATS_PERSISTENT=0 COMMENT='CHARSET=gbk'
/*!50100 PARTITION BY RANGE (`my_row_id`)
(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,
 PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;

CREATE TABLE `keys` (
  `a` varchar(100) NOT NULL,
  `b` varbinary(100) DEFAULT NULL,
  `j` json DEFAULT NULL,
  `g` varchar(40) GENERATED ALWAYS AS (concat(`a`,_utf8mb4')')) STORED NOT NULL,
  `v` int GENERATED ALWAYS AS (length(`a`)) VIRTUAL,
  UNIQUE KEY `k1` (`a`(10) DESC,`b`(5)) USING BTREE COMMENT 'x' KEY_BLOCK_SIZE=4,
  UNIQUE KEY `k2` ((lower(`a`)) DESC,((`v` + 1))) /*!80000 INVISIBLE */,
  UNIQUE KEY `k3` ((cast(json_extract(`j`,_utf8mb4'$.u') as char(20) array))),
  UNIQUE KEY `k4` ((`a` collate utf8mb4_de_pb_0900_ai_ci)),
  FULLTEXT KEY `ft` (`a`) /*!50100 WITH PARSER `ngram` */,
  PRIMARY KEY (`a`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE `charsets` (
  `from_database` char(3),
  `utf16le` varchar(10) CHARACTER SET utf16le DEFAULT NULL,
  `collated` varchar(10) COLLATE sjis_bin,
  `bin_attr` varchar(10) CHARACTER SET utf8 BINARY,
  `as_binary` varchar(10) CHARACTER SET binary,
  `as_blob` mediumtext CHARACTER SET binary,
  `national` national varchar(5),
  `nchar` nchar,
  `t` text(100) CHARACTER SET utf8mb4,
  `t3` text(64) CHARACTER SET utf8mb3,
  `b` blob(70000),
  `e` enum('a','b ',x'63') CHARACTER SET binary,
  `byte` char(4) byte,
  `l` long varchar,
  `lb` long varbinary
) ENGINE=MyISAM;

CREATE TABLE `other`.`vectors` (
  `id` serial,
  `v` vector(3) NOT NULL,
  `w` vector,
  VECTOR KEY `vk` (`v`)
);

CREATE TABLE `child` (
  `id` int NOT NULL PRIMARY KEY,
  `a` int REFERENCES `inline` (`x`) ON DELETE SET NULL ON UPDATE CASCADE,
  `b` int,
  CONSTRAINT `fk` FOREIGN KEY (`a`,`b`) REFERENCES `other`.`parent` (`x`, `y`) ON DELETE NO ACTION ON UPDATE SET DEFAULT
);
