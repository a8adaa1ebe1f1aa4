-- Statements whose effect depends on the session that runs them, and text that a client might take for something else.
CREATE DATABASE st CHARACTER SET latin1;
CREATE DATABASE `oth'er`;
USE st;
CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n BIGINT, d DOUBLE, at DATETIME(6), v VARCHAR(100) CHARACTER SET utf8mb4);
INSERT INTO t (n) VALUES (1), (2), (3);
INSERT INTO t (n) VALUES (LAST_INSERT_ID());
SET auto_increment_increment = 10, auto_increment_offset = 3;
INSERT INTO t (n) VALUES (4), (5);
SET auto_increment_increment = 1, auto_increment_offset = 1;
INSERT INTO t (d) VALUES (RAND()), (RAND());
SET @s = 'it''s \\ รถ', @i = -5, @u = 18446744073709551615, @r = 0.1e0, @d = 12.50, @n = NULL, @`o``dd` = x'FF00';
INSERT INTO t (v, n, d) VALUES (@s, @i, @r), (CONCAT(@d), @n, @d), (HEX(@`o``dd`), @u DIV 3, @r / 3);
SET timestamp = 1700000000.25, time_zone = '+03:00';
INSERT INTO t (at, v) VALUES (NOW(6), @@session.time_zone), (FROM_UNIXTIME(1700000000), DAYNAME('2024-01-01'));
SET lc_time_names = 'de_DE';
INSERT INTO t (v) VALUES (DAYNAME('2024-01-01'));
SET timestamp = DEFAULT, time_zone = '+00:00', lc_time_names = DEFAULT;
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT';
INSERT INTO t ("v") VALUES ('a\' || 'b'), ('\');
SET sql_mode = '';
INSERT INTO t (n) VALUES (99999999999999999999);
SET sql_mode = DEFAULT;
SET NAMES latin1;
INSERT INTO t (v) VALUES (_latin1 x'E9'), ('plain');
\C gbk
INSERT INTO t (v) VALUES (_gbk x'D55C'), ('plain'), ('ี\'), ('x');
\C utf8mb4
CREATE TABLE words (
  `id` INT PRIMARY KEY, -- a comment; with a semicolon
  v VARCHAR(20) DEFAULT 'a;b' COMMENT 'it''s -- "quoted" /* */ # ; \\! \\',
  # another; one
  w VARCHAR(60) COMMENT 'line
delimiter x
end'
) DEFAULT CHARSET=utf8mb4;
INSERT INTO words (id, w) VALUES (1, 'line
delimiter //
\\! touch x
'), (2, ';'), (3, '//');
DELIMITER $$
CREATE PROCEDURE fill(IN many INT)
BEGIN
  -- a body; with semicolons // and $
  DECLARE i INT DEFAULT 0;
  WHILE i < many DO
    INSERT INTO words (id, v) VALUES (100 + i, CONCAT('row; ', i));
    SET i = i + 1;
  END WHILE;
END$$
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2$$
DELIMITER ;
CALL fill(3);
INSERT INTO words (id, v) SELECT twice(id) + 1000, 'twice' FROM words WHERE id > 50 ORDER BY id;
CREATE VIEW v AS SELECT id, v FROM words WHERE v <> ';';
CREATE TEMPORARY TABLE tmp (a INT);
INSERT INTO tmp VALUES (7), (8);
INSERT INTO t (n) SELECT a FROM tmp ORDER BY a;
DROP TEMPORARY TABLE tmp;
CREATE TABLE `oth'er`.x (a INT);
USE `oth'er`;
INSERT INTO x VALUES (1);
BEGIN;
INSERT INTO x VALUES (2);
SAVEPOINT `s p`;
INSERT INTO x VALUES (3);
ROLLBACK TO `s p`;
INSERT INTO x VALUES (4);
COMMIT;
SET foreign_key_checks = 0;
CREATE TABLE child (a INT, FOREIGN KEY (a) REFERENCES later (id)) ENGINE=InnoDB;
CREATE TABLE later (id INT PRIMARY KEY) ENGINE=InnoDB;
INSERT INTO child VALUES (5);
SET foreign_key_checks = 1;
DROP TABLE IF EXISTS st.t_never;
