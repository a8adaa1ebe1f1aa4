MariaDB [shop]> show create table a; show create table b;
+-------+------------------------------------------------+
| Table | Create Table                                   |
+-------+------------------------------------------------+
| a     | CREATE TABLE `a` (
  `id` int(11) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1                   |
+-------+------------------------------------------------+
1 row in set (0.000 sec)

+-------+------------------------------------------------+
| Table | Create Table                                   |
+-------+------------------------------------------------+
| b     | CREATE TABLE `b` (
  `id` int(11) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1                   |
+-------+------------------------------------------------+
1 row in set (0.000 sec)
