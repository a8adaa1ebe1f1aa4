-- mysqldump with data, triggers, routines, views and events.
-- Host: localhost    Database: shop
CREATE TABLE `t` (
  `id` int NOT NULL,
  `v` varchar(50) DEFAULT NULL
);
LOCK TABLES `t` WRITE;
/*!40000 ALTER TABLE `t` DISABLE KEYS */;
INSERT INTO `t` VALUES (1,'CREATE TABLE `fake` (a int);'),(2,'it''s \' ; \\'),(3,'-- no comment'),(4,'/* nor here');
INSERT INTO `t` VALUES
(5,'
CREATE TABLE `fake2` (a int);
');
REPLACE INTO `t` VALUES (6,"x;'");
/*!40000 ALTER TABLE `t` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_sql_mode = @@sql_mode */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `trg` BEFORE INSERT ON `t` FOR EACH ROW BEGIN
  -- don't stop here;
  INSERT INTO log VALUES (NEW.id); SET @a = 'it''s';
END */;;
CREATE DEFINER=`root`@`%` PROCEDURE `p`()
BEGIN
  CREATE TABLE inside (a int);
END ;;
DELIMITER ;
DELIMITER $$
CREATE TRIGGER shop.second AFTER UPDATE ON t FOR EACH ROW SET @x = 1; $$
delimiter ;
/*!50001 CREATE TABLE `view` (
  `id` tinyint NOT NULL
) ENGINE=MyISAM */;
CREATE TABLE `after` (`id` int);
/*!50001 DROP TABLE IF EXISTS `view`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `view` AS select `t`.`id` AS `id` from `t` */;
CREATE TABLE `last` (`id` int)
