CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3) NOT NULL);
INSERT INTO vectors VALUES (1, VEC_FromText('[1,-2.5,1e-30]')), (3, VEC_FromText('[0,3.4028234e38,-1e-45]'));
