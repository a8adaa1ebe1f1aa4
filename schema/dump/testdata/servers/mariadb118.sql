CREATE TABLE vectors (id int PRIMARY KEY, v vector(4) NOT NULL, VECTOR INDEX (v) M=6 DISTANCE=cosine);
INSERT INTO vectors VALUES (1, Vec_FromText('[1,2,3,4]'));
CREATE SEQUENCE small AS smallint unsigned;
