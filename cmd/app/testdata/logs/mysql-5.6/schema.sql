CREATE DATABASE `shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;

USE `shop`;

CREATE TABLE `item` (
  `id` int(11) NOT NULL,
  `code` varchar(20) NOT NULL,
  `price` decimal(8,2) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `code` (`code`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

