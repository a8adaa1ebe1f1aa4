-- Edge values of the types that every server line has. Column a and so on: one column a type; k_…: types in keys.
SET sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00';
CREATE TABLE numbers (id INT AUTO_INCREMENT PRIMARY KEY, ti TINYINT, tu TINYINT UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED,
  m MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED ZEROFILL, b BIGINT, bu BIGINT UNSIGNED, d DECIMAL(65,30),
  d0 DECIMAL(10,0) UNSIGNED, dn DECIMAL(5,5), f FLOAT, fm FLOAT(7,4), db DOUBLE, dm DOUBLE(20,10), bit1 BIT, bit10 BIT(10), bit64 BIT(64));
INSERT INTO numbers VALUES
  (0, -128, 255, -32768, 65535, -8388608, 16777215, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615,
   99999999999999999999999999999999999.999999999999999999999999999999, 9999999999, -0.99999, -3.4028234e38, 999.9999,
   1.7976931348623157e308, 9999999999.9999999999, 1, b'1000000001', 18446744073709551615),
  (1, 127, 0, 32767, 0, 8388607, 0, 2147483647, 0, 9223372036854775807, 9223372036854775808, -0.000000000000000000000000000001,
   0, 0.00001, 1.17549435e-38, -0.1, 5e-324, -0.1, 0, 0, 0),
  (2, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0.1, 0.1, 0.1, 0.1, NULL, b'11', 1),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, -0e0, 1e-4, -0e0, 1e-9, NULL, NULL, NULL),
  (4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 16777217, 1.0001, 9007199254740993, 1e15, 1, b'1111111111', b'10000000000000000000000000000001'),
  (5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1e-45, 123.4567, 2.2250738585072011e-308, 3, 1, 7, 8),
  (6, -1, 128, -1, 32768, -1, 8388608, -1, 2147483648, -1, 9223372036854775807,
   -99999999999999999999999999999999999.999999999999999999999999999999, 1, 0.99999, -1.4e-45, -999.9999, -1.7976931348623157e308,
   -9999999999.9999999999, 0, b'1000000000', 9223372036854775808);
CREATE TABLE times (id INT PRIMARY KEY, y YEAR, d DATE, t TIME, t3 TIME(3), t6 TIME(6), dt DATETIME, dt1 DATETIME(1),
  dt6 DATETIME(6), ts TIMESTAMP NULL, ts4 TIMESTAMP(4) NULL, ts6 TIMESTAMP(6) NULL);
INSERT INTO times VALUES
  (1, 0, '0000-00-00', '-838:59:59', '-838:59:59', '-838:59:58.999999', '0000-00-00 00:00:00', '0000-00-00 00:00:00.0',
   '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00', '0000-00-00 00:00:00'),
  (2, 2155, '9999-12-31', '838:59:59', '838:59:59', '838:59:59', '9999-12-31 23:59:59', '9999-12-31 23:59:59.9',
   '9999-12-31 23:59:59.999999', '2038-01-19 03:14:07', '2038-01-19 03:14:07.9999', '2038-01-19 03:14:07.999999'),
  (3, 1901, '2024-00-15', '-00:00:01', '-00:00:00.001', '-00:00:00.000001', '2024-00-00 00:00:00', '2024-02-31 12:00:00.5',
   '2024-11-31 00:00:00.000001', '1970-01-01 00:00:01', '1970-01-01 00:00:01.0001', '1970-01-01 00:00:01.000001'),
  (4, 2024, '2024-02-30', '00:00:00', '00:00:00.5', '12:00:00.000100', '1000-01-01 00:00:00', '0001-01-01 00:00:00',
   '2024-10-27 01:30:00', '2024-03-31 01:30:00', '2024-10-27 01:30:00.5', '2001-09-09 01:46:40');
CREATE TABLE texts (id INT PRIMARY KEY, u4 VARCHAR(60) CHARACTER SET utf8mb4, u3 VARCHAR(60) CHARACTER SET utf8,
  a VARCHAR(60) CHARACTER SET ascii, l1 VARCHAR(60) CHARACTER SET latin1, gbk VARCHAR(60) CHARACTER SET gbk,
  sjis VARCHAR(60) CHARACTER SET sjis, cp932 TEXT CHARACTER SET cp932, big5 CHAR(20) CHARACTER SET big5,
  ujis VARCHAR(60) CHARACTER SET ujis, euckr VARCHAR(60) CHARACTER SET euckr, cp1251 VARCHAR(60) CHARACTER SET cp1251,
  ucs2 VARCHAR(60) CHARACTER SET ucs2, utf16 TEXT CHARACTER SET utf16, utf16le VARCHAR(60) CHARACTER SET utf16le,
  utf32 CHAR(20) CHARACTER SET utf32, swe7 VARCHAR(60) CHARACTER SET swe7, armscii8 VARCHAR(60) CHARACTER SET armscii8,
  dec8 VARCHAR(60) CHARACTER SET dec8, hp8 VARCHAR(60) CHARACTER SET hp8, geostd8 VARCHAR(60) CHARACTER SET geostd8,
  macce VARCHAR(60) CHARACTER SET macce, keybcs2 VARCHAR(60) CHARACTER SET keybcs2, tis620 VARCHAR(60) CHARACTER SET tis620,
  greek VARCHAR(60) CHARACTER SET greek, hebrew VARCHAR(60) CHARACTER SET hebrew, koi8u VARCHAR(60) CHARACTER SET koi8u,
  cp866 VARCHAR(60) CHARACTER SET cp866, macroman VARCHAR(60) CHARACTER SET macroman, latin7 VARCHAR(60) CHARACTER SET latin7,
  gb2312 VARCHAR(60) CHARACTER SET gb2312, cp1250 VARCHAR(60) CHARACTER SET cp1250) ROW_FORMAT=DYNAMIC;
SET @ascii=' !"#$%&''()*+,-./0123456789:;<=>?@ABCXYZ[]^_`abcxyz{|}~';
INSERT INTO texts SELECT 1, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, '{|}~[]^_`@#', @ascii, @ascii, @ascii, @ascii,
  @ascii, @ascii, '{|}~[]^_`@#', 'abc''ABC', '!,-.0Az', @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii, @ascii,
  @ascii, @ascii, @ascii, @ascii;
INSERT INTO texts (id, u4, u3, l1, gbk, sjis, cp932, big5, ujis, euckr, cp1251, ucs2, utf16, utf16le, utf32, swe7, greek, hebrew, tis620, cp1250)
  VALUES (2, 'it''s 日本 😀', '日本 é', 'é€', '中文', '日本', '日本', '中文', '日本', '한글', 'Привет', '日本', '日本 😀', '日本 😀', '日本 😀',
  'Åäö', 'αβγ', 'אבג', 'ภาษา', 'šč'),
  (3, 'back\\slash', 'line\nbreak', '\\', '\\', '\\', '\\', '\\', '\\', '\\', '\\', '\\', '\\', '\\', '\\', 'x', '\\', '\\', '\\', '\\'),
  (4, _utf8 x'41E280AE42', _utf8 x'41E280A842', '\0', '\t', '\r\n', '', '', '', '', '', '', '', '', '', '', '', '', '', ''),
  (5, ' lead', 'trail  ', _latin1 x'80FF', _gbk x'815C', _sjis x'955C', _cp932 x'955C', _big5 x'A55C', '', '', '', _ucs2 x'005C4141', _utf16 x'D83DDE00',
   '', '', '', '', '', '', ''),
  (6, '-- x', '/* y */', ';', 'delimiter ;', '', '', '', '', '', '', '', '', '', '', '', '', '', '', ''),
  (7, 'a\0''\\😀', 'a\0''\\', 'a\0''\\é', 'a\0''\\中', 'a\0''', 'a\0''\\', 'a\0', 'a\0', 'a\0', 'a\0', 'a\0', 'a\0''\\😀', 'a\0''\\😀',
   'a\0''\\😀', 'a', 'a\0', 'a\0', 'a\0', 'a\0');
CREATE TABLE bytes (id INT PRIMARY KEY, b4 BINARY(4), b20 BINARY(20) NOT NULL, vb VARBINARY(300), tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB);
INSERT INTO bytes VALUES (1, '', '', '', '', '', '', ''), (2, 'ab', 'a\0b\0', x'00', x'0000', 'text', x'FF00', REPEAT(x'275C', 40000)),
  (3, 'ab  ', REPEAT(x'FF', 20), x'2000', '\'', '\\', x'8081', 'x'), (4, NULL, x'00000000FF', NULL, NULL, NULL, NULL, NULL);
CREATE TABLE members (id INT PRIMARY KEY, e ENUM('', 'a', 'it''s', 'back\\slash', '0', '1', '日本', 'NULL'),
  eg ENUM('中', '文') CHARACTER SET gbk, s SET('a', 'it''s', '日本', 'x y'), s64 SET('m00','m01','m02','m03','m04','m05','m06','m07',
  'm08','m09','m10','m11','m12','m13','m14','m15','m16','m17','m18','m19','m20','m21','m22','m23','m24','m25','m26','m27','m28','m29',
  'm30','m31','m32','m33','m34','m35','m36','m37','m38','m39','m40','m41','m42','m43','m44','m45','m46','m47','m48','m49','m50','m51',
  'm52','m53','m54','m55','m56','m57','m58','m59','m60','m61','m62','m63'), sb SET('back\\slash', 'b'));
INSERT IGNORE INTO members VALUES (1, 0, 1, 0, 0, 0), (2, 1, 2, 15, 18446744073709551615, 3), (3, 2, NULL, 1, 1, 1), (4, 3, 1, 2, 9223372036854775808, 2),
  (5, 4, 1, 4, 3, 0), (6, 5, 2, 8, 4294967296, NULL), (7, 6, 2, 5, 5, NULL), (8, 7, 2, NULL, NULL, NULL), (9, 8, 2, 0, 0, 0), (10, NULL, 2, 0, 0, 0);
CREATE TABLE shapes (id INT PRIMARY KEY, g GEOMETRY, p POINT NOT NULL, l LINESTRING);
INSERT INTO shapes VALUES (1, ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0))'), ST_GeomFromText('POINT(-1.5 1e10)'), NULL),
  (2, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))'), ST_GeomFromText('POINT(1 2)'), ST_GeomFromText('LINESTRING(0 0,1 1)')),
  (3, ST_GeomFromText('POINT(10 20)', 4326), ST_GeomFromText('POINT(0 0)'), NULL),
  (4, ST_GeomFromText('MULTIPOINT(0 0,-1 2.5)'), ST_GeomFromText('POINT(5e-324 1.7976931348623157e308)'), ST_GeomFromText('LINESTRING(0 0,1 1,0 0)')),
  (5, ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3,4 5))'), ST_GeomFromText('POINT(0 0)'), NULL),
  (6, ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,9 5,9 9,5 9,5 5),(6 6,7 6,7 7,6 6)))'), ST_GeomFromText('POINT(0 0)'), NULL),
  (7, ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1),POLYGON((0 0,1 0,1 1,0 0)))'), ST_GeomFromText('POINT(0 0)'), NULL);
CREATE TABLE k_year (k YEAR PRIMARY KEY);
INSERT INTO k_year VALUES (0), (1901), (2000), (2155);
CREATE TABLE k_date (k DATE PRIMARY KEY, l DATETIME(3), UNIQUE (l));
INSERT INTO k_date VALUES ('0000-00-00', '0000-00-00'), ('2024-00-15', '2024-00-15 01:02:03.004'), ('2024-02-31', '2024-02-31'), ('9999-12-31', '9999-12-31 23:59:59.999');
CREATE TABLE k_time (k TIME(6) PRIMARY KEY, l TIMESTAMP(2) NULL, UNIQUE (l));
INSERT INTO k_time VALUES ('-838:59:59', '0000-00-00'), ('-00:00:00.000001', '1970-01-01 00:00:01.5'), ('838:59:59', '2038-01-19 03:14:07.99');
CREATE TABLE k_float (k FLOAT PRIMARY KEY, l DOUBLE, m DECIMAL(30,10), UNIQUE (l), UNIQUE (m));
INSERT INTO k_float VALUES (0.1, 0.1, 0.1), (-3.4028234e38, 1.7976931348623157e308, -1), (1e-45, 5e-324, 99999999999999999999), (16777217, 9007199254740993, 0);
CREATE TABLE k_bit (k BIT(64) PRIMARY KEY, l BIT(10), UNIQUE (l));
INSERT INTO k_bit VALUES (0, 0), (18446744073709551615, 1), (1, b'1000000000');
CREATE TABLE k_int (k BIGINT UNSIGNED PRIMARY KEY, l BIGINT, UNIQUE (l));
INSERT INTO k_int VALUES (0, -9223372036854775808), (18446744073709551615, 9223372036854775807);
CREATE TABLE k_enum (k ENUM('', 'a', '1') CHARACTER SET utf8 PRIMARY KEY, l SET('a', 'b') NOT NULL, UNIQUE (l));
INSERT IGNORE INTO k_enum VALUES (0, 0), (1, 1), (2, 3), (3, 2);
CREATE TABLE k_text (k VARCHAR(20) CHARACTER SET utf8 PRIMARY KEY, l CHAR(20) CHARACTER SET latin1, g VARCHAR(20) CHARACTER SET gbk,
  u VARCHAR(20) CHARACTER SET utf16, UNIQUE (l), UNIQUE (g), UNIQUE (u));
INSERT INTO k_text VALUES ('', '', '', ''), ('O''Brien', 'é', '中', '日'), ('b\\s', '\\', _gbk x'815C', '😀'), ('trail ', 'x ', 'x ', 'x '), ('日本', NULL, NULL, NULL);
CREATE TABLE k_bytes (k BINARY(4) PRIMARY KEY, l VARBINARY(10), UNIQUE (l));
INSERT INTO k_bytes VALUES ('', ''), ('ab', x'00'), (x'FF000000', x'0000'), ('abcd', 'x ');
CREATE TABLE k_prefix (id INT PRIMARY KEY, a TEXT CHARACTER SET utf8, b BLOB, c VARCHAR(20) CHARACTER SET gbk, d BINARY(10), e VARCHAR(20) CHARACTER SET latin1,
  UNIQUE (a(3)), UNIQUE (b(4)), UNIQUE (c(2)), UNIQUE (d(3)), UNIQUE (e(2)));
INSERT INTO k_prefix VALUES (1, '日本語文字', x'0001020304', '中文中文', 'a', 'éèê'), (2, 'ab', '', '', '', ''), (3, 'a\\bc', x'00', '\\\\\\', 'xyzzy', 'ab'), (4, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE k_none (a INT, b VARCHAR(20), c DOUBLE, d TEXT, e DATE, f BINARY(3), g BIT(3), h TIME(2), i ENUM('x', 'y'), y YEAR);
INSERT INTO k_none VALUES (1, 'x', 0.1, 'text', '2024-00-00', 'a', 5, '-00:00:00.5', 'y', 0), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (2, 'X ', -0e0, 'Text', '0000-00-00', '', 0, '00:00:00', 'x', 2024), (3, 'b\\s', 1e100, '日本', '2024-01-01', x'FF', 7, '100:00:00', NULL, 1999);
