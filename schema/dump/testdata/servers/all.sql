-- Tables that every server line takes. Each gets a row, so that its table map is in the binlog.
CREATE TABLE synonyms (
  id serial, b bool, i1 int1, i2 int2, i3 int3, i4 int4, i8 int8, mi middleint, d dec(5,2), n numeric, f fixed(7,3),
  dp double precision, r real, fl float(30), f4 float4, f8 float8, l long, lv long varchar, lb long varbinary, c char,
  ch character(3), nc nchar(3), nv national varchar(4), nv2 nvarchar(5), nv3 nchar varchar(6), cv character varying(7),
  vc varcharacter(8), cb char(3) byte, cbin char(4) binary, ca char(5) ascii, cu char(6) unicode, t text(300), t2 text(64),
  bl blob(10), bl2 blob(70000), bi bit, y year, ti time(3), da datetime(6), ts timestamp(2) null, bin binary, vb varbinary(4),
  z int(4) zerofill, u decimal(8) unsigned, s int signed
);
INSERT INTO synonyms (id) VALUES (1);
CREATE TABLE charsets (
  a char(10), b varchar(10) CHARACTER SET utf8, c varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  d text CHARACTER SET utf16le, e text COLLATE sjis_bin, f varchar(10) CHARACTER SET binary, g text CHARACTER SET binary,
  h enum('a','it''s','c\\d','x y') CHARACTER SET gbk, i set('a','b') CHARACTER SET ucs2, j enum('a') CHARACTER SET binary,
  k char(255) CHARACTER SET utf8mb4, l varchar(64) CHARACTER SET utf32, m tinytext CHARACTER SET koi8r,
  n char(10) CHARACTER SET utf8mb4 BINARY
) DEFAULT CHARSET=utf8mb4;
INSERT INTO charsets (a) VALUES ('x');
CREATE TABLE keyed (
  a varchar(100) NOT NULL, b varbinary(50), c blob, d int UNIQUE, e int, f text,
  UNIQUE (a(10), b(5)), UNIQUE (a), UNIQUE KEY `odd ``name` (c(20)), UNIQUE (d), CONSTRAINT named UNIQUE (e, d), KEY (e),
  UNIQUE (f(30)), PRIMARY KEY (a, d)
) DEFAULT CHARSET=utf8;
INSERT INTO keyed (a, d) VALUES ('x', 1);
CREATE TABLE defaults (
  id int NOT NULL DEFAULT -7, s varchar(20) DEFAULT 'it''s \\ "x" ,)(', b bit(9) DEFAULT b'101', h binary(2) DEFAULT x'4142',
  d datetime(3) DEFAULT '2020-01-02 03:04:05.678', t timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  f double DEFAULT 1e-5, n decimal(5,2) DEFAULT 1.50, e enum('a','b') DEFAULT 'b' COMMENT 'a comment, with ) and ; and '' in it'
) COMMENT='ENGINE=x; CHARSET=gbk';
INSERT INTO defaults (id) VALUES (1);
CREATE TABLE geometries (id int PRIMARY KEY, g geometry, p point NOT NULL, l linestring, po polygon, mp multipoint,
  ml multilinestring, mpo multipolygon, gc geometrycollection);
INSERT INTO geometries (id, p) VALUES (1, POINT(1, 2));
CREATE TABLE parted (id int NOT NULL, k int NOT NULL, PRIMARY KEY (id, k)) DEFAULT CHARSET=utf8
  PARTITION BY RANGE (k) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, 1);
CREATE TABLE `odd ``na'me" ;-- x` (`a b` int, `c``d` int, `select` int, `日本` int);
INSERT INTO `odd ``na'me" ;-- x` (`a b`) VALUES (1);
CREATE TRIGGER trg BEFORE INSERT ON parted FOR EACH ROW SET @a = 'don''t;';
CREATE VIEW seen AS SELECT id FROM parted;
