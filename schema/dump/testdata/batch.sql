Table	Create Table
a	CREATE TABLE `a` (\n  `id` int NOT NULL,\n  `e` enum('x','new\\nline') DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=latin1
b	CREATE TABLE `b` (\n  `id` int NOT NULL\n) ENGINE=InnoDB
