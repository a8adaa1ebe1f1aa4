CREATE TABLE hidden (a int INVISIBLE, b varchar(5) DEFAULT 'x' INVISIBLE, c int, KEY k ((cast(c as char(3)))) INVISIBLE);
INSERT INTO hidden (c) VALUES (1);
SET sql_generate_invisible_primary_key = ON;
CREATE TABLE keyless (a int);
INSERT INTO keyless VALUES (1);
SET sql_generate_invisible_primary_key = OFF;
CREATE TABLE computed (
  a varchar(20), j json, v int GENERATED ALWAYS AS (length(a)) VIRTUAL, s varchar(40) AS (concat(a, ')', "'")) STORED NOT NULL,
  d json DEFAULT (json_array(1, '),')), u binary(16) DEFAULT (uuid_to_bin(uuid())),
  UNIQUE KEY f1 ((lower(a)), v DESC), UNIQUE KEY f2 ((cast(j->'$.x' as unsigned array))), UNIQUE ((v + 1)),
  CONSTRAINT positive CHECK (v > 0) NOT ENFORCED, CHECK (a <> 'CHECK (')
) STATS_AUTO_RECALC=0;
INSERT INTO computed (a) VALUES ('x');
CREATE TABLE modern (id int PRIMARY KEY, v vector(3), w vector, p point SRID 4326, c varchar(5) COLLATE utf8mb4_ja_0900_as_cs);
INSERT INTO modern (id) VALUES (1);
CREATE TABLE collated (a varchar(5) COLLATE utf8mb4_ja_0900_as_cs, b text COLLATE gb18030_bin, c char(3) COLLATE utf8mb4_0900_bin);
INSERT INTO collated VALUES ('a', 'b', 'c');
