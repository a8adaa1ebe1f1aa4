package control

// Class is the kind of an error. It decides which ways past the error are offered.
type Class uint8

const (
	// Unlike: the replica is not as a statement or a row expects. A skipped change is lost.
	Unlike Class = iota
	// Rows: a row is in conflict or missing.
	Rows
	// Transient: nothing is wrong with the data. The same transaction applies once there is enough time, space or memory.
	Transient
	// Setting: a setting of one of the servers is wrong. The transaction is good.
	Setting
	// RelayLog: the relay log can't be read or written. The source still has the transactions.
	RelayLog
	// Receiver: the receiver can't fetch. No transaction failed.
	Receiver
	// Worker: the error is only a consequence of another one.
	Worker
)

// Guidance says what an error of a replication thread means and what can be done about it.
type Guidance struct {
	Class   Class
	Symbol  string // the server's name of the error
	Meaning string
	Safe    string // what is safe to do
}

// ThenSkips reports whether nothing of the failing transaction is left to do once the replica is as it says.
func (g *Guidance) ThenSkips() bool {
	switch g.Safe {
	case alreadyThere, alreadyGone, bringAccount, inOwnWords:
		return true
	}
	return false
}

// Explain returns the guidance for an error number. MariaDB and MySQL number these errors alike, where both have them.
func Explain(errno int) (Guidance, bool) {
	g, ok := guidance[errno]
	return g, ok
}

const (
	alreadyThere = "Compare the object on both servers (SHOW CREATE). If it is the same, the statement has nothing left " +
		"to do and the transaction can be skipped. If it differs, make it the same first, with binary logging off, then skip."
	alreadyGone = "The replica is where the statement wants it to be: the transaction can be skipped. Find out who " +
		"changed the replica, as more may be missing."
	bringAccount = "Compare mysql.user and SHOW GRANTS on both servers, make the account what it is on the source, with binary logging off, then skip."
	inOwnWords   = "The servers are of different versions or sql_modes. Find the statement in the log and run its equivalent on the " +
		"replica, with binary logging off; then skip the transaction."
	retry = "Nothing has to be repaired: start the applier again. If it comes back, look for long transactions and " +
		"for clients that write on the replica, and let the applier retry more often (slave_transaction_retries, " +
		"replica_transaction_retries)."
	sameDefinition = "Compare SHOW CREATE TABLE on both servers and change the replica's definition to the source's, with " +
		"binary logging off; then start again. Skipping would lose the rows."
	fetchAgain = "Have the relay log fetched again from the source, as below. If the error comes back at the same place, the " +
		"source's own log is damaged: verify it with binmend check. Skip nothing."
	replicationAccount = "Log in from the replica's host with the receiver's account by hand. Correct its password, host or grants (REPLICATION " +
		"SLAVE) on the source, or give the replica the right ones by CHANGE REPLICATION SOURCE (CHANGE MASTER)."
	connection = "Start the receiver again when the source can be reached from the replica's host by hand. Meanwhile the applier " +
		"goes on with what is in the relay logs."
	authentication = "Let the receiver use TLS (SOURCE_SSL=1, MASTER_SSL=1) or ask for the source's key (GET_SOURCE_PUBLIC_KEY=1); a " +
		"MariaDB replica needs an account with mysql_native_password or ed25519."
	purged = "Rebuild the replica, or give it the missing logs from a copy (binmend pull and serve). What is in the relay " +
		"logs can still be applied."
	storedPlace = "Note the place from the status and the error log. RESET REPLICA (RESET SLAVE) and a new CHANGE … with that place, or " +
		"with positioning by GTID, stores the place again."
	gtidSlavePos = "Look in the error log for what is wrong with mysql.gtid_slave_pos (engine, crash, privileges); correct it, and set " +
		"gtid_slave_pos to the position in the status."
	wrongGTID = "Compare gtid_slave_pos of the replica with gtid_binlog_pos of the source. If the source lost its last transactions in a " +
		"crash or the replica was written to, the two have diverged: compare the tables or rebuild the replica."
	checkConstraint = "Compare SHOW CREATE TABLE on both servers: the source does not have the constraint, or does not enforce it. Drop it on " +
		"the replica, with binary logging off, and start again. Skipping would lose the rows."
	replicaTrigger = "Compare the triggers on both servers (SHOW TRIGGERS). Row events have what the source's triggers did. Where only the replica has " +
		"the trigger, drop it there, with binary logging off, or let row events fire none (slave_run_triggers_for_rbr=NO on MariaDB), and start again. " +
		"Skipping would lose the rows."
	lostChanges     = "Read the source's error log. Compare all tables in full; skip the incident only if they are equal, else rebuild the replica."
	relayLogFolder  = "Look for a full disk or missing permissions on the relay log's folder, and start the receiver again."
	freeValue       = "Remove the row that has the value, then start again."
	grantIt         = "Grant it what the source's account had, with binary logging off, and start again. Skipping would lose the rows."
	otherLog        = "Start the receiver again. If it comes back, the source's log is not the one that the replica was reading."
	permitAnonymous = "Make gtid_mode of both servers compatible: ON_PERMISSIVE on the replica lets it through. No row has to be repaired."
	permitGTID      = "Make gtid_mode of both servers compatible: OFF_PERMISSIVE on the replica lets it through. No row has to be repaired."
	seeWorker       = "Look for the worker's own error in performance_schema.replication_applier_status_by_worker or in the " +
		"error log, and give that to this tool."
)

// guidance is by error number, in ascending order.
var guidance = map[int]Guidance{
	1007: {Unlike, "ER_DB_CREATE_EXISTS", "CREATE DATABASE, and the replica has the database already.", alreadyThere},
	1008: {Unlike, "ER_DB_DROP_EXISTS", "DROP DATABASE, and the replica does not have the database.", alreadyGone},
	1022: {Rows, "ER_DUP_KEY", "A row is to be written with a unique value that another row of the replica has.", freeValue},
	1030: {Unlike, "ER_GET_ERRNO", "The storage engine refused; the number in the message is the engine's or the system's.",
		"perror names the number: 28 is a full disk, 24 too many open files, 120 to 150 are the engine's; 171 is a row that the applier can't " +
			"read, as with a TIME, DATETIME or TIMESTAMP column that has another number of decimals than the source's. Look in the error log. " +
			"Correct the cause and start again; no row has to be repaired."},
	1032: {Rows, "ER_KEY_NOT_FOUND", "An UPDATE or DELETE looks for a row that the replica does not have.",
		"Put the row back as the source had it before the transaction, then start again."},
	1040: {Receiver, "ER_CON_COUNT_ERROR", "The source has no connection left.", "Raise max_connections on the source or close what holds them; the receiver tries again."},
	1044: {Receiver, "ER_DBACCESS_DENIED_ERROR", "An account may not use a database.", replicationAccount},
	1045: {Receiver, "ER_ACCESS_DENIED_ERROR", "The source refuses the receiver's account: a wrong password, another host, or no such account.", replicationAccount},
	1047: {Unlike, "ER_UNKNOWN_COM_ERROR", "The other server does not know the command. A Galera node says so while it is not in its group's majority.",
		"On Galera look at wsrep_ready and wsrep_cluster_status: the node applies again when it has joined. Otherwise the source is too old for this replica."},
	1048: {Unlike, "ER_BAD_NULL_ERROR", "NULL is to be written to a column that is NOT NULL on the replica.", sameDefinition},
	1049: {Unlike, "ER_BAD_DB_ERROR", "The replica does not have the database.",
		"Load the database from the source with its position, or create it if the log goes back to its creation."},
	1050: {Unlike, "ER_TABLE_EXISTS_ERROR", "CREATE TABLE, and the replica has a table or view of that name already.", alreadyThere},
	1051: {Unlike, "ER_BAD_TABLE_ERROR", "DROP TABLE, and the replica does not have the table.", alreadyGone},
	1054: {Unlike, "ER_BAD_FIELD_ERROR", "A statement names a column that the replica's table does not have.", sameDefinition},
	1060: {Unlike, "ER_DUP_FIELDNAME", "ALTER TABLE adds a column that the replica's table has already.", alreadyThere},
	1061: {Unlike, "ER_DUP_KEYNAME", "ALTER TABLE or CREATE INDEX adds an index that the replica's table has already.", alreadyThere},
	1062: {Rows, "ER_DUP_ENTRY", "A row is to be inserted with, or changed to, a unique value that another row of the replica has.", freeValue},
	1064: {Unlike, "ER_PARSE_ERROR", "The replica can't parse a statement of the source.", inOwnWords},
	1068: {Unlike, "ER_MULTIPLE_PRI_KEY", "ALTER TABLE adds a primary key, and the replica's table has one already.", alreadyThere},
	1091: {Unlike, "ER_CANT_DROP_FIELD_OR_KEY", "ALTER TABLE drops a column or index that the replica's table does not have.", alreadyGone},
	1105: {Unlike, "ER_UNKNOWN_ERROR", "The server has no number for this error; the message has all that is known.", "Look in the error log for what came before it."},
	1114: {Transient, "ER_RECORD_FILE_FULL", "There is no room for the table's data.",
		"Make room (disk, tablespace, tmp_table_size for temporary tables) and start again. Nothing has to be repaired."},
	1118: {Setting, "ER_TOO_BIG_ROWSIZE", "The table's rows are too long for the replica's row format.",
		"Set innodb_strict_mode, innodb_default_row_format and the page size as on the source, then start again."},
	1129: {Receiver, "ER_HOST_IS_BLOCKED", "The source has blocked the replica's host after many failed connections.", "FLUSH HOSTS on the source, after the cause is found."},
	1130: {Receiver, "ER_HOST_NOT_PRIVILEGED", "The source has no account for the replica's host.", replicationAccount},
	1136: {Unlike, "ER_WRONG_VALUE_COUNT_ON_ROW", "A statement has more or fewer values than the replica's table has columns.", sameDefinition},
	1142: {Unlike, "ER_TABLEACCESS_DENIED_ERROR", "The account that applies (PRIVILEGE_CHECKS_USER, or a DEFINER) may not change the table.", grantIt},
	1143: {Unlike, "ER_COLUMNACCESS_DENIED_ERROR", "The account that applies (PRIVILEGE_CHECKS_USER, or a DEFINER) may not change the column.", grantIt},
	1146: {Unlike, "ER_NO_SUCH_TABLE", "The replica does not have the table.",
		"Load the table from the source as of this position: a dump of its present state holds later changes too, which " +
			"then fail. Do not create it empty if it had rows. If the table is not wanted on the replica, filter it."},
	1153: {Transient, "ER_NET_PACKET_TOO_LARGE", "An event is longer than the replica takes.",
		"Raise max_allowed_packet and slave_max_allowed_packet (replica_max_allowed_packet) on the replica, and start both threads again."},
	1158: {Receiver, "ER_NET_READ_ERROR", "The connection to the source broke.", connection},
	1159: {Receiver, "ER_NET_READ_INTERRUPTED", "The source sent nothing in time.", connection},
	1160: {Receiver, "ER_NET_ERROR_ON_WRITE", "The connection to the source broke.", connection},
	1161: {Receiver, "ER_NET_WRITE_INTERRUPTED", "The source took nothing in time.", connection},
	1189: {Receiver, "ER_SOURCE_NET_READ", "The connection to the source broke.", connection},
	1190: {Receiver, "ER_SOURCE_NET_WRITE", "The connection to the source broke.", connection},
	1193: {Setting, "ER_UNKNOWN_SYSTEM_VARIABLE", "A variable that one server sets and the other does not know: versions, plugins or flavours differ.",
		"A receiver that asks its source for a variable needs a source of its own flavour, in a version that it supports. For a statement: " +
			"install the plugin that has the variable, or run the statement without it and skip it then."},
	1197: {Transient, "ER_TRANS_CACHE_FULL", "The transaction does not fit in the replica's binary log cache.",
		"Raise max_binlog_cache_size and start again. Nothing has to be repaired."},
	1200: {Setting, "ER_BAD_REPLICA", "The replica is not configured.", "Give it a server_id, and run CHANGE REPLICATION SOURCE (CHANGE MASTER) with the place on the source."},
	1201: {Setting, "ER_CONNECTION_METADATA", "The stored place of the receiver can't be read.", storedPlace},
	1205: {Transient, "ER_LOCK_WAIT_TIMEOUT", "The applier waited too long for a row lock.", retry},
	1213: {Transient, "ER_LOCK_DEADLOCK", "The applier was chosen to give way in a deadlock.", retry},
	1218: {Receiver, "ER_CONNECT_TO_SOURCE", "The receiver can't connect.", connection},
	1227: {Unlike, "ER_SPECIFIC_ACCESS_DENIED_ERROR", "The account that applies lacks a privilege; the message names it.",
		"Grant it on the replica (to PRIVILEGE_CHECKS_USER or the DEFINER) with binary logging off, and start again."},
	1236: {Receiver, "ER_SOURCE_FATAL_ERROR_READING_BINLOG", "The source can't send the log that the replica asks for. The message " +
		"says which of three it is: the log is purged, the position does not exist, or an event is damaged or too long.",
		"If the position is past the end of a log of a source that crashed, continue at the beginning of the source's next " +
			"log and compare the tables. If the log was purged, rebuild the replica, or give it the log from a " +
			"copy. This is an error of the receiver: what is in the relay logs can still be applied."},
	1264: {Unlike, "ER_WARN_DATA_OUT_OF_RANGE", "A value is out of the range of the replica's column.", sameDefinition},
	1265: {Unlike, "WARN_DATA_TRUNCATED", "A value does not fit the replica's column or is not a member of its ENUM.", sameDefinition},
	1273: {Setting, "ER_UNKNOWN_COLLATION", "The source uses a collation that the replica does not know: it is newer, or of the other flavour.",
		"Upgrade the replica, or set an older default collation on the source for what follows (utf8mb4_0900_ai_ci is not known before 8.0, " +
			"the uca1400 ones not before MariaDB 10.10). A statement can be run with a collation that the replica has, and be skipped then."},
	1286: {Setting, "ER_UNKNOWN_STORAGE_ENGINE", "The replica does not have the storage engine.", "Install it as on the source, or create the table with another engine and skip the statement then."},
	1290: {Setting, "ER_OPTION_PREVENTS_STATEMENT", "An option of the replica forbids the statement; the message names it (super_read_only, skip-grant-tables, secure-file-priv).",
		"Appliers are exempt from read_only. What else is named has to be lifted for the statement; then start again."},
	1292: {Unlike, "ER_TRUNCATED_WRONG_VALUE", "A value of a statement is not one of the column's type.", sameDefinition},
	1298: {Setting, "ER_UNKNOWN_TIME_ZONE", "The replica does not know a time zone by name.", "Load the time zone tables (mysql_tzinfo_to_sql) with binary logging off, and start again."},
	1304: {Unlike, "ER_SP_ALREADY_EXISTS", "CREATE PROCEDURE or FUNCTION, and the replica has it already.", alreadyThere},
	1305: {Unlike, "ER_SP_DOES_NOT_EXIST", "A procedure or function that the replica does not have.",
		"If the statement drops it, the transaction can be skipped. If it calls it, create it from the source's definition."},
	1317: {Transient, "ER_QUERY_INTERRUPTED", "The applier was killed, or a statement of its was.", "Nothing has to be repaired: start again. Find out who kills it (KILL, a killer of slow queries, a shutdown)."},
	1347: {Unlike, "ER_WRONG_OBJECT", "On the replica the name belongs to a view or a sequence; the applier writes rows only to a table.",
		"See what the replica has there (SHOW CREATE TABLE). Drop the view with binary logging off, and load the table from the source as of this " +
			"position. If the view is wanted, leave the table out on the replica by a filter. Skipping would lose the rows."},
	1359: {Unlike, "ER_TRG_ALREADY_EXISTS", "CREATE TRIGGER, and the replica has the trigger already.", alreadyThere},
	1360: {Unlike, "ER_TRG_DOES_NOT_EXIST", "DROP TRIGGER, and the replica does not have the trigger.", alreadyGone},
	1364: {Unlike, "ER_NO_DEFAULT_FOR_FIELD", "The replica's table has a column without a default that the source's table lacks.", sameDefinition},
	1366: {Unlike, "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", "A value does not fit the column's type or character set.", sameDefinition},
	1371: {RelayLog, "ER_RELAY_LOG_FAIL", "Old relay logs could not be purged.", "Look for missing permissions or a full disk in the relay log's folder, and for files that its index names and that are gone."},
	1373: {Setting, "ER_UNKNOWN_TARGET_BINLOG", "The index does not have the log that is asked for.", storedPlace},
	1380: {RelayLog, "ER_RELAY_LOG_INIT", "The stored place in the relay logs can't be found.", fetchAgain},
	1381: {Setting, "ER_NO_BINARY_LOGGING", "The server writes no binary log.", "Turn log_bin on where it is needed."},
	1396: {Unlike, "ER_CANNOT_USER", "CREATE, DROP, ALTER or RENAME USER, and the account exists already, or does not.",
		bringAccount},
	1397: {Unlike, "ER_XAER_NOTA", "XA COMMIT or ROLLBACK of a transaction that the replica has not prepared.",
		"Its XA PREPARE was lost or skipped on the replica: put its rows back, or compare the tables, and skip this transaction."},
	1399: {Unlike, "ER_XAER_RMFAIL", "An XA statement comes in a state that does not allow it.", "Look for a prepared transaction of the same name (XA RECOVER) that a person or an earlier run left on the replica."},
	1406: {Unlike, "ER_DATA_TOO_LONG", "A value is longer than the replica's column.", sameDefinition},
	1418: {Setting, "ER_BINLOG_UNSAFE_ROUTINE", "The replica refuses to create a function that is not declared deterministic.",
		"Set log_bin_trust_function_creators=1 on the replica as on the source, and start again."},
	1440: {Unlike, "ER_XAER_DUPID", "XA START of a name that the replica has prepared already.", "XA RECOVER lists it: somebody left it, or an earlier run did. Commit or roll back that one first."},
	1442: {Unlike, "ER_CANT_UPDATE_USED_TABLE_IN_SF_OR_TRG", "A trigger or function of the replica writes a table that the transaction is writing.",
		replicaTrigger},
	1449: {Unlike, "ER_NO_SUCH_USER", "The definer of a view, trigger or routine does not exist on the replica.",
		"Create the account as on the source, with binary logging off, and start again."},
	1451: {Unlike, "ER_ROW_IS_REFERENCED_2", "A row is to be deleted that rows of another table of the replica refer to.",
		"The referring rows are not on the source. Compare the child table and remove them, with binary logging off; then start again."},
	1452: {Unlike, "ER_NO_REFERENCED_ROW_2", "A row refers to a row that the replica's other table does not have.",
		"Put the missing row of the parent table back from the source, with binary logging off; then start again."},
	1467: {Unlike, "ER_AUTOINC_READ_FAILED", "The replica can't make an AUTO_INCREMENT value.", "The column is at the end of its type's range, or its definition differs from the source's."},
	1507: {Unlike, "ER_DROP_PARTITION_NON_EXISTENT", "ALTER TABLE drops a partition that the replica's table does not have.", alreadyGone},
	1517: {Unlike, "ER_SAME_NAME_PARTITION", "ALTER TABLE adds a partition that the replica's table has already.", alreadyThere},
	1526: {Unlike, "ER_NO_PARTITION_FOR_GIVEN_VALUE", "The replica's table has no partition for a row of the transaction.",
		"Compare SHOW CREATE TABLE on both servers and add the missing partition to the replica's table (ALTER TABLE … ADD PARTITION, or " +
			"REORGANIZE PARTITION), with binary logging off; then start again. Skipping would lose the rows."},
	1534: {Unlike, "ER_BINLOG_ROW_LOGGING_FAILED", "The replica could not write a row to its own binary log.", "Look for a full disk or max_binlog_cache_size in the error log."},
	1535: {Unlike, "ER_BINLOG_ROW_WRONG_TABLE_DEF", "The table's columns differ between source and replica.", sameDefinition},
	1536: {Setting, "ER_BINLOG_ROW_RBR_TO_SBR", "Row events reach a replica that logs statements.", "Set binlog_format=ROW or MIXED on the replica and start again."},
	1537: {Unlike, "ER_EVENT_ALREADY_EXISTS", "CREATE EVENT, and the replica has the event already.", alreadyThere},
	1539: {Unlike, "ER_EVENT_DOES_NOT_EXIST", "DROP or ALTER EVENT, and the replica does not have the event.", alreadyGone},
	1586: {Rows, "ER_DUP_ENTRY_WITH_KEY_NAME", "A row is to be inserted with, or changed to, a unique value that another row of the replica has.", freeValue},
	1587: {Setting, "ER_BINLOG_PURGE_EMFILE", "Too many files are open.", "Raise open_files_limit and start again."},
	1590: {Unlike, "ER_SLAVE_INCIDENT", "The source says in its log that it may have lost changes.", lostChanges},
	1593: {Receiver, "ER_BINLOG_FATAL_ERROR", "The receiver can't work with this source: equal server ids or UUIDs, an " +
		"incompatible version, or a GTID mode that does not fit.", "The message says which. Nothing is wrong with the data."},
	1594: {RelayLog, "ER_SLAVE_RELAY_LOG_READ_FAILURE", "The applier can't read an event of the relay log.", fetchAgain},
	1595: {RelayLog, "ER_SLAVE_RELAY_LOG_WRITE_FAILURE", "The receiver can't write the relay log.", relayLogFolder},
	1596: {Unlike, "ER_SLAVE_CREATE_EVENT_FAILURE", "The replica could not make an event or a file for LOAD DATA.", "Look for a full disk or missing permissions on replica_load_tmpdir (slave_load_tmpdir)."},
	1597: {Receiver, "ER_SLAVE_MASTER_COM_FAILURE", "A command of the receiver failed on the source; the message names it.", connection},
	1610: {RelayLog, "ER_REPLICA_CORRUPT_EVENT", "The applier can't read an event: it is damaged, or a TIME, DATETIME or TIMESTAMP column of the replica " +
		"has another number of decimals than the source's.", "Compare SHOW CREATE TABLE on both servers first, and change the column to the source's " +
		"definition, with binary logging off. If they are equal, the event is damaged. " + fetchAgain},
	1614: {Unlike, "ER_XA_RBDEADLOCK", "An XA transaction was rolled back in a deadlock.", "Start again; if it comes back, look for clients that write on the replica."},
	1623: {Receiver, "ER_SLAVE_HEARTBEAT_FAILURE", "A heartbeat of the source does not fit the place of the receiver.", otherLog},
	1644: {Unlike, "ER_SIGNAL_EXCEPTION", "A SIGNAL refuses the change: in a trigger or routine of the replica, or one that a logged statement calls. " +
		"MariaDB's message names it (At line … in …).", replicaTrigger},
	1664: {Setting, "ER_BINLOG_ROW_INJECTION_AND_STMT_ENGINE", "Row events concern a table whose engine on the replica logs statements only.", "Change the engine to the source's, and start again."},
	1666: {Setting, "ER_BINLOG_ROW_INJECTION_AND_STMT_MODE", "Row events reach a replica with binlog_format=STATEMENT.", "Set binlog_format=ROW or MIXED on the replica and start again."},
	1677: {Unlike, "ER_SLAVE_CONVERSION_FAILED", "A column's type on the source can't be converted to the replica's.",
		"Compare the order of the columns first: values go by position. Change the column to the source's type, or allow the conversion with " +
			"slave_type_conversions (replica_type_conversions) if none of the values can be cut. Skipping would lose the rows."},
	1678: {Unlike, "ER_REPLICA_CANT_CREATE_CONVERSION", "The replica could not make a table to convert the source's rows.", sameDefinition},
	1690: {Unlike, "ER_DATA_OUT_OF_RANGE", "An expression of the replica's table (generated column, CHECK, trigger) or of a statement leaves the range of its type.",
		sameDefinition},
	1705: {Transient, "ER_STMT_CACHE_FULL", "The statement does not fit in the replica's binary log cache.", "Raise max_binlog_stmt_cache_size and start again. Nothing has to be repaired."},
	1743: {Receiver, "ER_NETWORK_READ_EVENT_CHECKSUM_FAILURE", "An event came over the network with a wrong checksum.",
		"Start the receiver again. If it comes back at the same place, verify the source's log with binmend check."},
	1744: {RelayLog, "ER_BINLOG_READ_EVENT_CHECKSUM_FAILURE", "An event of a log has a wrong checksum.", fetchAgain},
	1748: {Unlike, "ER_ROW_DOES_NOT_MATCH_GIVEN_PARTITION_SET", "A row is in another partition than the one that the statement names.", sameDefinition},
	1753: {Setting, "ER_MTA_FEATURE_IS_NOT_SUPPORTED", "With parallel workers this is not supported; the message says what.",
		"Start again with replica_parallel_workers=0 (slave_parallel_workers), and return to several once it is applied."},
	1755: {Setting, "ER_MTA_CANT_PARALLEL", "A transaction can't be applied by parallel workers.",
		"Start again with one worker, and return to several once it is applied."},
	1756: {Worker, "ER_MTA_INCONSISTENT_DATA", "A worker stopped and left transactions unapplied before others that are applied.",
		seeWorker + " The gaps are closed with START … UNTIL SQL_AFTER_MTS_GAPS."},
	1776: {Setting, "ER_BAD_REPLICA_AUTO_POSITION", "A file and position are given though auto positioning is on.", "Give one or the other in CHANGE REPLICATION SOURCE."},
	1781: {Setting, "ER_CANT_SET_GTID_NEXT_TO_GTID_WHEN_GTID_MODE_IS_OFF", "A transaction with a GTID comes to a replica whose " +
		"gtid_mode is OFF.", permitGTID},
	1782: {Setting, "ER_CANT_SET_GTID_NEXT_TO_ANONYMOUS_WHEN_GTID_MODE_IS_ON", "A transaction without GTID comes to a replica whose " +
		"gtid_mode is ON.", permitAnonymous},
	1784: {Setting, "ER_FOUND_GTID_EVENT_WHEN_GTID_MODE_IS_OFF", "A transaction with a GTID comes to a server whose gtid_mode is OFF.",
		"Make gtid_mode of both servers compatible: OFF_PERMISSIVE on the replica lets it through."},
	1785: {Setting, "ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE", "The transaction mixes tables with and without transactions, which " +
		"enforce_gtid_consistency forbids.", "The table's engine differs on the replica. Change it to the source's, then start again."},
	1786: {Setting, "ER_GTID_UNSAFE_CREATE_SELECT", "CREATE TABLE … SELECT as one statement, which enforce_gtid_consistency forbids.",
		"The source has enforce_gtid_consistency off or is older. Set it OFF or WARN on the replica for the time of this transaction."},
	1787: {Setting, "ER_GTID_UNSAFE_CREATE_DROP_TEMPORARY_TABLE_IN_TRANSACTION", "A temporary table inside a transaction, which enforce_gtid_consistency forbids.",
		"The source has enforce_gtid_consistency off. Set it OFF or WARN on the replica for the time of this transaction."},
	1789: {Receiver, "ER_SOURCE_HAS_PURGED_REQUIRED_GTIDS", "The source has purged logs with transactions that the replica lacks.", purged},
	1792: {Setting, "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", "Transactions of new sessions, and of the applier, are read only on the replica.",
		"Somebody has set transaction_read_only (tx_read_only before MySQL 8.0 and MariaDB 11.1) globally: SET GLOBAL it to 0 and start again. No row has to be repaired."},
	1794: {Setting, "ER_REPLICA_CONFIGURATION", "The replica is not configured, or its stored configuration can't be read.", storedPlace},
	1802: {Worker, "ER_MTA_CHANGE_SOURCE_CANT_RUN_WITH_GAPS", "Workers left gaps, so the replica's place can't be changed.",
		"START … UNTIL SQL_AFTER_MTS_GAPS closes the gaps, once the failing worker's error is repaired."},
	1803: {Worker, "ER_MTA_RECOVERY_FAILURE", "After a crash the gaps that workers had left can't be closed from the relay logs.",
		"With GTIDs and auto positioning: STOP, RESET REPLICA, START fetches what is missing. Without, START … UNTIL SQL_AFTER_MTS_GAPS."},
	1826: {Unlike, "ER_FK_DUP_NAME", "ALTER TABLE adds a foreign key of a name that the replica has already.", alreadyThere},
	1837: {Setting, "ER_GTID_NEXT_TYPE_UNDEFINED_GTID", "A transaction has more than one implicit commit under one GTID.",
		"A table's engine differs between the servers, or a statement commits only on the replica. Compare SHOW CREATE TABLE."},
	1864: {Setting, "ER_MTA_EVENT_BIGGER_PENDING_JOBS_SIZE_MAX", "An event is larger than what may wait for the workers.",
		"Raise replica_pending_jobs_size_max (slave_pending_jobs_size_max) over max_allowed_packet and start again."},
	1866: {RelayLog, "ER_BINLOG_LOGICAL_CORRUPTION", "A log's contents contradict each other.", fetchAgain},
	1871: {Setting, "ER_REPLICA_CM_INIT_REPOSITORY", "The receiver's stored position can't be read.", storedPlace},
	1872: {Setting, "ER_REPLICA_AM_INIT_REPOSITORY", "The applier's stored position can't be read.", storedPlace},
	1927: {Transient, "ER_CONNECTION_KILLED", "The applier's connection was killed.", "Nothing has to be repaired: start again. Find out who kills it."},
	1932: {Unlike, "ER_NO_SUCH_TABLE_IN_ENGINE", "The replica has the table's definition, but the engine does not have its data.", "The data files are gone or were moved. Load the table from the source as of this position."},
	1940: {Setting, "ER_FAILED_GTID_STATE_INIT", "The replica can't read its GTID position.", gtidSlavePos},
	1941: {Setting, "ER_INCORRECT_GTID_STATE", "A list of GTIDs can't be read.", "See what in gtid_slave_pos is not a GTID."},
	1942: {Setting, "ER_CANNOT_UPDATE_GTID_STATE", "The replica can't write its GTID position to mysql.gtid_slave_pos.",
		"Look in the error log for what is wrong with that table (engine, crash, privileges), correct it and start again."},
	1943: {Setting, "ER_DUPLICATE_GTID_DOMAIN", "A list of GTIDs has one domain twice.", "Leave one GTID for each domain in gtid_slave_pos."},
	1944: {Setting, "ER_GTID_OPEN_TABLE_FAILED", "The table of the GTID position can't be opened.", gtidSlavePos},
	1945: {Receiver, "ER_GTID_POSITION_NOT_FOUND_IN_BINLOG", "The source's logs do not hold the GTID where the replica wants to begin.", wrongGTID},
	1946: {Setting, "ER_CANNOT_LOAD_SLAVE_GTID_STATE", "The GTID position can't be loaded from mysql.gtid_slave_pos.", gtidSlavePos},
	1947: {Setting, "ER_MASTER_GTID_POS_CONFLICTS_WITH_BINLOG", "The GTID position that was set is before one that the replica's own binary log has.",
		"Something was written on the replica in that domain. If gtid_slave_pos is right, use it with gtid_strict_mode=0, or RESET MASTER on a replica " +
			"that has no replicas; compare the tables."},
	1948: {Setting, "ER_MASTER_GTID_POS_MISSING_DOMAIN", "The GTID position that was set lacks a domain that the replica's own binary log has.",
		"Add the domain's GTID to gtid_slave_pos, or RESET MASTER on a replica that has no replicas of its own."},
	1950: {Unlike, "ER_GTID_STRICT_OUT_OF_ORDER", "A transaction of the replica's own has a GTID as high as that of the source's, " +
		"and gtid_strict_mode is on.", "Something wrote on the replica with binary logging on. Compare the tables, then " +
		"let it pass with gtid_strict_mode=0 or move gtid_slave_pos."},
	1951: {Receiver, "ER_GTID_START_FROM_BINLOG_HOLE", "The source's logs lack the GTID where the replica wants to begin, though they hold later ones.", wrongGTID},
	1952: {Receiver, "ER_SLAVE_UNEXPECTED_MASTER_SWITCH", "After a reconnect another server answered for the source.", "Is the address a proxy's or a virtual one? Stop both threads and start them: they ask the new source by GTID."},
	1955: {Receiver, "ER_GTID_POSITION_NOT_FOUND_IN_BINLOG2", "The replica has a GTID that the source's logs do not, though they hold higher ones: the two have diverged.", wrongGTID},
	1963: {Setting, "ER_CHANGE_SLAVE_PARALLEL_THREADS_ACTIVE", "slave_parallel_threads was changed while another change was under way.", "Set it again with the replica stopped, and start."},
	1964: {Worker, "ER_PRIOR_COMMIT_FAILED", "An earlier transaction failed in another worker; this one is not to blame.",
		"Look for the error before this one in the error log, and give that to this tool."},
	1966: {Setting, "ER_SLAVE_SKIP_NOT_IN_GTID", "The skip counter does not work with parallel workers and several GTID domains.", "Move gtid_slave_pos past the transaction instead."},
	1969: {Transient, "ER_STATEMENT_TIMEOUT", "max_statement_time ended the statement.", "Set max_statement_time=0 for the applier (globally) and start again."},
	2002: {Receiver, "CR_CONNECTION_ERROR", "The receiver can't reach the source's socket.", connection},
	2003: {Receiver, "CR_CONN_HOST_ERROR", "The receiver can't reach the source: it is down, or the network, a firewall or the port is wrong.", connection},
	2005: {Receiver, "CR_UNKNOWN_HOST", "The name of the source's host can't be resolved.", connection},
	2006: {Receiver, "CR_SERVER_GONE_ERROR", "The source closed the connection.", connection},
	2013: {Receiver, "CR_SERVER_LOST", "The connection to the source was lost.", connection},
	2026: {Receiver, "CR_SSL_CONNECTION_ERROR", "TLS with the source fails; the message says why.",
		"Compare the certificates and TLS versions of both. MariaDB 11.4 and later verify the source's certificate unless " +
			"MASTER_SSL_VERIFY_SERVER_CERT=0; MySQL has SOURCE_SSL=0 to go without TLS."},
	2059: {Receiver, "CR_AUTH_PLUGIN_CANNOT_LOAD", "The receiver does not have the plugin for the account's kind of password.", authentication},
	2061: {Receiver, "CR_AUTH_PLUGIN_ERR", "The receiver's account has a caching_sha2_password, which needs TLS or the source's public key.", authentication},
	3002: {Unlike, "ER_INCONSISTENT_ERROR", "The statement failed on the source with another error than here, or failed only on one of the two.",
		"The rows of its tables differ. Compare them; skip the statement only when its effect on the source is known."},
	3030: {Worker, "ER_REPLICA_WORKER_STOPPED_PREVIOUS_THD_ERROR", "A worker gave up because another one, before it in commit order, failed.",
		"This is not the error to repair. " + seeWorker},
	3100: {Setting, "ER_RUN_HOOK_ERROR", "A plugin of replication refused the transaction: semi-synchronous replication or group replication.",
		"Look in the error log for the plugin's own message: a table without a primary key, an engine other than InnoDB, a certification conflict or " +
			"a lost majority. The transaction is sound."},
	3101: {Transient, "ER_TRANSACTION_ROLLBACK_DURING_COMMIT", "The group rolled the transaction back: another member changed the same rows.", retry},
	3112: {Setting, "ER_CANT_USE_AUTO_POSITION_WITH_GTID_MODE_OFF", "Auto positioning needs gtid_mode.", "Make gtid_mode of both servers compatible, or set SOURCE_AUTO_POSITION=0."},
	3546: {Setting, "ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS", "gtid_purged can't be set to this value: it contradicts the " +
		"GTIDs that the replica has.", "Compare gtid_executed of both servers before anything else; a replica that holds " +
		"GTIDs of its own has to be compared or rebuilt."},
	3547: {Transient, "ER_CANNOT_LOCK_USER_MANAGEMENT_CACHES", "An account statement could not lock the caches of accounts.",
		"Nothing has to be repaired: start again. If it comes back, look for an account statement of another session that hangs."},
	3635: {Setting, "ER_APPLIER_LOG_EVENT_VALIDATION_ERROR", "A plugin (group replication) refuses a table of the transaction: no primary key, another " +
		"engine than InnoDB, or a foreign key that cascades.", "Change the table to what the plugin requires, on both servers. The transaction is sound."},
	3648: {Rows, "ER_COULD_NOT_APPLY_JSON_DIFF", "A part of a JSON document is to be changed, and the document in the replica's row does not have that part.",
		"Put the row back as the source had it before the transaction, then start again."},
	3723: {Unlike, "ER_RESERVED_TABLESPACE_NAME", "The statement puts a table into a tablespace that is reserved here.", "Run it on the replica with another tablespace, with binary logging off, and skip it then."},
	3725: {Unlike, "ER_REPLICA_POSSIBLY_DIVERGED_AFTER_DDL", "A DDL statement of a source without atomic DDL was only half done there.",
		"Compare the objects that it names on both servers and make them equal by hand; then skip it."},
	3750: {Setting, "ER_TABLE_WITHOUT_PK", "The replica requires primary keys (sql_require_primary_key, REQUIRE_TABLE_PRIMARY_KEY_CHECK) and the table has none.",
		"Set REQUIRE_TABLE_PRIMARY_KEY_CHECK to OFF or GENERATE with CHANGE REPLICATION SOURCE, and start again."},
	3819: {Unlike, "ER_CHECK_CONSTRAINT_VIOLATED", "A row of the transaction violates a CHECK constraint of the replica's table.", checkConstraint},
	4025: {Unlike, "ER_CONSTRAINT_FAILED", "A row of the transaction violates a constraint of the replica's table.", checkConstraint},
	13114: {Receiver, "ER_SERVER_SOURCE_FATAL_ERROR_READING_BINLOG", "The source can't send the log that the replica asks for. The " +
		"message says whether the log is purged, the position does not exist, or an event is damaged or too long.",
		"As for 1236: if the log was purged, rebuild the replica, or give it the log from a copy; what is in " +
			"the relay logs can still be applied."},
	13115: {Receiver, "ER_NETWORK_READ_EVENT_CHECKSUM_FAILURE", "An event came over the network with a wrong checksum.",
		"Start the receiver again. If it comes back at the same place, verify the source's log with this tool."},
	13116: {Unlike, "ER_REPLICA_CREATE_EVENT_FAILURE", "The replica could not make an event or a file for LOAD DATA.", "Look for a full disk or missing permissions on replica_load_tmpdir."},
	13117: {Setting, "ER_REPLICA_FATAL_ERROR", "The receiver or applier met an error after which it does not go on.",
		"The message says which. Workers that can't be initialized may be those of a replica with a global transaction_read_only=1. " + seeWorker},
	13119: {Unlike, "ER_REPLICA_INCIDENT", "The source says in its log that it may have lost changes.", lostChanges},
	13120: {Receiver, "ER_REPLICA_SOURCE_COM_FAILURE", "A command of the receiver failed on the source; the message names it.", connection},
	13121: {RelayLog, "ER_REPLICA_RELAY_LOG_READ_FAILURE", "The applier can't read an event of the relay log.", fetchAgain},
	13122: {RelayLog, "ER_REPLICA_RELAY_LOG_WRITE_FAILURE", "The receiver can't write the relay log.", relayLogFolder},
	13123: {Setting, "ER_SERVER_REPLICA_CM_INIT_REPOSITORY", "The receiver's stored position can't be read.", storedPlace},
	13124: {Setting, "ER_SERVER_REPLICA_AM_INIT_REPOSITORY", "The applier's stored position can't be read.", storedPlace},
	13125: {Transient, "ER_SERVER_NET_PACKET_TOO_LARGE", "An event is longer than the replica takes.", "Raise max_allowed_packet and replica_max_allowed_packet on the replica, and start both threads again."},
	13145: {Setting, "ER_SERVER_REPLICA_INIT_QUERY_FAILED", "The statement in init_replica fails.", "Correct init_replica and start again."},
	13146: {Unlike, "ER_SERVER_REPLICA_CONVERSION_FAILED", "A column's type on the source can't be converted to the replica's.",
		"Compare the order of the columns first: values go by position. Change the column to the source's type, or allow the conversion with " +
			"replica_type_conversions if none of the values can be cut. Skipping would lose the rows."},
	13148: {Setting, "ER_CANT_REPLICATE_ANONYMOUS_WITH_AUTO_POSITION", "The source sends a transaction without a GTID, and auto positioning is on.",
		"Bring gtid_mode of both servers to ON, or set SOURCE_AUTO_POSITION=0 with the source's file and position."},
	13149: {Setting, "ER_CANT_REPLICATE_ANONYMOUS_WITH_GTID_MODE_ON", "A transaction without a GTID comes to a replica whose gtid_mode is ON.",
		permitAnonymous},
	13150: {Setting, "ER_CANT_REPLICATE_GTID_WITH_GTID_MODE_OFF", "A transaction with a GTID comes to a replica whose gtid_mode is OFF.",
		permitGTID},
}
