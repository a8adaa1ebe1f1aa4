CREATE TABLE parts (id INT PRIMARY KEY, b BLOB, bi BINARY(4), vb VARBINARY(10), ts TIMESTAMP(3) NULL, dt DATETIME, t TIME, d DATE, y YEAR, bt BIT(5),
  de DECIMAL(12,4), f FLOAT, e ENUM('a', 'b'), s SET('a', 'b'), g GEOMETRY, bu BIGINT UNSIGNED, j JSON, tx TEXT, lb LONGBLOB);
INSERT INTO parts VALUES (1, x'00FF', 'ab', x'27', '2024-01-01 00:00:00.5', '2024-02-29 01:02:03', '-12:34:56', '2024-02-29', 2024, 5, 12.5, 0.1, 'a', 'a,b',
  ST_GeomFromText('POINT(1 2)'), 5, '[1]', 'text', x'00');
CREATE TABLE documents (id INT PRIMARY KEY, j JSON);
INSERT INTO documents VALUES (1, '{}'), (2, '[]'), (3, 'null'), (4, 'true'), (5, '0'), (6, '-1'), (7, '4294967295'), (8, '4294967296'), (9, '9223372036854775807'),
  (10, '18446744073709551615'), (11, '-9223372036854775808'), (12, '1.0'), (13, '-0.0'), (14, '1e308'), (15, '5e-324'), (16, '0.1'), (17, '"it''s \\"q\\" \\\\ \\n"'),
  (18, '{"a": {"b": [1, 2.5, "x", null, false]}, "": 1, "key with \\"q\\"": 2}'), (19, NULL), (20, '123456789.123456789'), (21, '0.30000000000000004'),
  (22, '[2.2250738585072011e-308, 1.7976931348623157e308, 9007199254740993.0, 1e22, 1e23, 1.0e16, 123456789012345678901234567890, 8.41e21, 0.000001, 1e-7]'),
  (23, '"日本 😀 \\u2028"'),
  (24, JSON_ARRAY(5, CAST(5 AS UNSIGNED), 5000000000, CAST(5000000000 AS UNSIGNED), 1.5e0, 1e0, 1.50, -0.1, 0.5, 12345678901.5)),
  (25, JSON_OBJECT('i', -9223372036854775808, 'u', CAST(18446744073709551615 AS UNSIGNED), 't', TRUE, 'n', NULL, 's', 'it''s \\ \n')),
  (26, CAST(CAST(1.50 AS DECIMAL(5,2)) AS JSON)), (27, CAST(CAST('2024-02-29' AS DATE) AS JSON)), (28, CAST(CAST('-838:59:59' AS TIME(6)) AS JSON)),
  (29, CAST(CAST(5 AS UNSIGNED) AS JSON)), (30, CAST(x'00FF' AS JSON)), (31, JSON_ARRAY(CAST('0000-00-00' AS DATE), CAST('2024-00-15' AS DATETIME))),
  (32, JSON_ARRAY(CAST(123.450 AS DECIMAL(20,3)), CAST(-99999999999999999999 AS DECIMAL(65,0)), 0.0, 12345678901234567890.5));
INSERT INTO documents SELECT 100, JSON_OBJECT('vb', vb, 'dt', dt, 't', t, 'd', d, 'y', y, 'de', de, 'f', f, 'e', e, 's', s, 'bu', bu, 'j', j, 'tx', tx, 'ts', ts) FROM parts;
CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3));
INSERT INTO vectors VALUES (1, STRING_TO_VECTOR('[1,-2.5,1e-30]')), (2, NULL), (3, STRING_TO_VECTOR('[0]'));
INSERT INTO shapes VALUES (100, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY'), ST_GeomFromText('POINT(1 2)', 3857), NULL);
CREATE TABLE v_none (v VECTOR(2), g GEOMETRY, j JSON);
INSERT INTO v_none VALUES (STRING_TO_VECTOR('[1,2]'), ST_GeomFromText('POINT(1 2)'), '{"a": 1}'), (NULL, NULL, NULL);
CREATE TABLE computed (id INT PRIMARY KEY, a INT INVISIBLE, v INT AS (a + 1) VIRTUAL, s VARCHAR(20) AS (CONCAT('s', a)) STORED UNIQUE, b INT DEFAULT (7));
INSERT INTO computed (id, a) VALUES (1, 1), (2, NULL);
SET sql_generate_invisible_primary_key=1;
CREATE TABLE hidden (a INT);
INSERT INTO hidden VALUES (1), (1);
CREATE TABLE functional (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci, n INT UNSIGNED, d DATETIME(3), f DOUBLE,
  de DECIMAL(10,2), bi VARBINARY(10), e ENUM('x', 'Y'), j JSON, t TIME(2), y YEAR, bt BIT(9), fl FLOAT,
  UNIQUE KEY f1 ((LOWER(a))), UNIQUE KEY f2 ((CONCAT(b, '-', n)), id), UNIQUE KEY f3 ((DATE(d))), UNIQUE KEY f4 ((f * 2)), UNIQUE KEY f5 ((de + 1)),
  UNIQUE KEY f6 ((HEX(bi))), UNIQUE KEY f7 ((CAST(UPPER(e) AS CHAR(5) CHARSET utf8mb4)), id), UNIQUE KEY f8 ((CAST(j->'$.a' AS UNSIGNED ARRAY))),
  UNIQUE KEY f9 ((SEC_TO_TIME(TIME_TO_SEC(t)))), UNIQUE KEY f10 ((y + 1)), UNIQUE KEY f11 ((bt | 256)), UNIQUE KEY f12 ((fl * 3)),
  UNIQUE KEY f13 ((CAST(j->>'$.s' AS CHAR(20)))));
INSERT INTO functional VALUES (1, 'Ann', 'Ä', 5, '2024-01-01 01:02:03.004', 0.1, 1.25, 'ab', 'x', '{"a": [1, 2], "s": "x"}', '-01:02:03.5', 2024, 5, 0.1),
  (2, 'O''Br\\ien', 'it''s', 6, '2024-01-02', 1e300, -3, x'00FF', 'Y', '{"a": [7], "s": "it''s"}', '10:00:00', 1999, 257, 1.5),
  (3, '日本', '', 7, '2024-01-03', -1, 0, '', 'Y', '{"a": 9, "s": "y"}', '11:00:00', 1901, 2, 3);
