package control

// Guidance says what an error of a replication thread means and what can be done about it.
type Guidance struct {
	Symbol  string // the server's name of the error
	Meaning string
	Safe    string // what is safe to do
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
	retry = "Nothing has to be repaired: start the applier again. If it comes back, look for long transactions and " +
		"for clients that write on the replica, and let the applier retry more often (slave_transaction_retries, " +
		"replica_transaction_retries)."
	sameDefinition = "Compare SHOW CREATE TABLE on both servers and bring the replica's definition to the source's, with " +
		"binary logging off; then start again. Skipping would lose the rows."
	fetchAgain = "Verify the relay log and the source's log with this tool or with the server's log reader. If only the " +
		"relay log is damaged, have it fetched again from the source: see below. If the source's own log is damaged, the " +
		"replica has to be built anew or moved past the damage at the price of what was in it."
	seeWorker = "Look for the worker's own error in performance_schema.replication_applier_status_by_worker or in the " +
		"error log, and give that to this tool."
)

var guidance = map[int]Guidance{
	1007: {"ER_DB_CREATE_EXISTS", "CREATE DATABASE, and the replica has the database already.", alreadyThere},
	1008: {"ER_DB_DROP_EXISTS", "DROP DATABASE, and the replica does not have the database.", alreadyGone},
	1022: {"ER_DUP_KEY", "A row is to be written to a unique value that another row of the replica has.",
		"Remove the row that has the value, then start again."},
	1032: {"ER_KEY_NOT_FOUND", "An UPDATE or DELETE looks for a row that the replica does not have.",
		"Put the row back as the source had it before the transaction, then start again."},
	1048: {"ER_BAD_NULL_ERROR", "A column that is NOT NULL on the replica is to be NULL.", sameDefinition},
	1049: {"ER_BAD_DB_ERROR", "The replica does not have the database.",
		"Load the database from the source with its position, or create it if the log goes back to its creation."},
	1050: {"ER_TABLE_EXISTS_ERROR", "CREATE TABLE, and the replica has a table or view of that name already.", alreadyThere},
	1051: {"ER_BAD_TABLE_ERROR", "DROP TABLE, and the replica does not have the table.", alreadyGone},
	1054: {"ER_BAD_FIELD_ERROR", "A statement names a column that the replica's table does not have.", sameDefinition},
	1060: {"ER_DUP_FIELDNAME", "ALTER TABLE adds a column that the replica's table has already.", alreadyThere},
	1061: {"ER_DUP_KEYNAME", "ALTER TABLE or CREATE INDEX adds an index that the replica's table has already.", alreadyThere},
	1062: {"ER_DUP_ENTRY", "A row is to be inserted or changed to a unique value that another row of the replica has.",
		"Remove the row that has the value, then start again."},
	1064: {"ER_PARSE_ERROR", "The replica can't parse a statement of the source.",
		"The servers are of different versions or sql_modes. Find the statement in the log and run what it means on the " +
			"replica in its own words, with binary logging off; then skip the transaction."},
	1091: {"ER_CANT_DROP_FIELD_OR_KEY", "ALTER TABLE drops a column or index that the replica's table does not have.", alreadyGone},
	1114: {"ER_RECORD_FILE_FULL", "There is no room for the table's data.",
		"Make room (disk, tablespace, tmp_table_size for temporary tables) and start again. Nothing has to be repaired."},
	1118: {"ER_TOO_BIG_ROWSIZE", "The table's rows are too long for the replica's row format.",
		"Bring innodb_strict_mode, innodb_default_row_format and the page size to the source's, then start again."},
	1136: {"ER_WRONG_VALUE_COUNT_ON_ROW", "A statement has more or fewer values than the replica's table has columns.", sameDefinition},
	1146: {"ER_NO_SUCH_TABLE", "The replica does not have the table.",
		"Load the table from the source as of this position: a dump of its present state holds later changes too, which " +
			"then fail. Do not create it empty if it had rows. If the table is not wanted on the replica, filter it."},
	1153: {"ER_NET_PACKET_TOO_LARGE", "An event is longer than the replica takes.",
		"Raise max_allowed_packet and slave_max_allowed_packet (replica_max_allowed_packet) on the replica, and start both threads again."},
	1197: {"ER_TRANS_CACHE_FULL", "The transaction does not fit in the replica's binary log cache.",
		"Raise max_binlog_cache_size and start again. Nothing has to be repaired."},
	1205: {"ER_LOCK_WAIT_TIMEOUT", "The applier waited too long for a row lock.", retry},
	1213: {"ER_LOCK_DEADLOCK", "The applier was chosen to give way in a deadlock.", retry},
	1236: {"ER_SOURCE_FATAL_ERROR_READING_BINLOG", "The source can't send the log that the replica asks for. The message " +
		"tells which of three it is: the log is purged, the position does not exist, or an event is damaged or too long.",
		"If the position is past the end of a log of a source that crashed, go on at the beginning of the source's next " +
			"log and compare the tables. If the log was purged, the replica has to be built anew or be given the log from a " +
			"copy. This is an error of the receiver: what is in the relay logs can still be applied."},
	1292: {"ER_TRUNCATED_WRONG_VALUE", "A value of a statement is not one of the column's type.", sameDefinition},
	1359: {"ER_TRG_ALREADY_EXISTS", "CREATE TRIGGER, and the replica has the trigger already.", alreadyThere},
	1360: {"ER_TRG_DOES_NOT_EXIST", "DROP TRIGGER, and the replica does not have the trigger.", alreadyGone},
	1304: {"ER_SP_ALREADY_EXISTS", "CREATE PROCEDURE or FUNCTION, and the replica has it already.", alreadyThere},
	1305: {"ER_SP_DOES_NOT_EXIST", "A procedure or function that the replica does not have.",
		"If the statement drops it, the transaction can be skipped. If it calls it, create it from the source's definition."},
	1364: {"ER_NO_DEFAULT_FOR_FIELD", "The replica's table has a column without a default that the source's has not.", sameDefinition},
	1366: {"ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", "A value does not fit the column's type or character set.", sameDefinition},
	1396: {"ER_CANNOT_USER", "CREATE, DROP, ALTER or RENAME USER, and the account exists already, or does not.",
		"Compare mysql.user and SHOW GRANTS on both servers, bring the account to the source's with binary logging off, then skip."},
	1406: {"ER_DATA_TOO_LONG", "A value is longer than the replica's column.", sameDefinition},
	1418: {"ER_BINLOG_UNSAFE_ROUTINE", "The replica refuses to create a function that is not declared deterministic.",
		"Set log_bin_trust_function_creators=1 on the replica as on the source, and start again."},
	1449: {"ER_NO_SUCH_USER", "The definer of a view, trigger or routine does not exist on the replica.",
		"Create the account as on the source, with binary logging off, and start again."},
	1451: {"ER_ROW_IS_REFERENCED_2", "A row is to be removed that rows of another table of the replica refer to.",
		"The referring rows are not on the source. Compare the child table and remove them, with binary logging off; then start again."},
	1452: {"ER_NO_REFERENCED_ROW_2", "A row refers to a row that the replica's other table does not have.",
		"Put the missing row of the parent table back from the source, with binary logging off; then start again."},
	1535: {"ER_BINLOG_ROW_WRONG_TABLE_DEF", "The table's columns differ between source and replica.", sameDefinition},
	1537: {"ER_EVENT_ALREADY_EXISTS", "CREATE EVENT, and the replica has the event already.", alreadyThere},
	1539: {"ER_EVENT_DOES_NOT_EXIST", "DROP or ALTER EVENT, and the replica does not have the event.", alreadyGone},
	1586: {"ER_DUP_ENTRY_WITH_KEY_NAME", "A row is to be inserted or changed to a unique value that another row of the replica has.",
		"Remove the row that has the value, then start again."},
	1590: {"ER_SLAVE_INCIDENT", "The source says in its log that it may have lost changes.",
		"Read the source's error log. Compare the tables whole; skip the incident only when they are equal, else build the replica anew."},
	1593: {"ER_BINLOG_FATAL_ERROR", "The receiver can't work with this source: equal server ids or UUIDs, an " +
		"incompatible version, or a GTID mode that does not fit.", "The message tells which. Nothing is wrong with the data."},
	1594: {"ER_SLAVE_RELAY_LOG_READ_FAILURE", "The applier can't read an event of the relay log.", fetchAgain},
	1595: {"ER_SLAVE_RELAY_LOG_WRITE_FAILURE", "The receiver can't write the relay log.",
		"Look for a full disk or missing rights on the relay log's folder, and start the receiver again."},
	1677: {"ER_SLAVE_CONVERSION_FAILED", "A column's type on the source can't be converted to the replica's.",
		"Bring the column to the source's type, or allow the conversion with slave_type_conversions " +
			"(replica_type_conversions) if none of the values can be cut. Skipping would lose the rows."},
	1755: {"ER_MTA_CANT_PARALLEL", "A transaction can't be applied by parallel workers.",
		"Start again with one worker, and return to several once it is applied."},
	1756: {"ER_MTA_INCONSISTENT_DATA", "A worker stopped and left transactions unapplied before others that are applied.",
		seeWorker + " The gaps are closed with START … UNTIL SQL_AFTER_MTS_GAPS."},
	1782: {"ER_CANT_SET_GTID_NEXT_TO_ANONYMOUS_WHEN_GTID_MODE_IS_ON", "A transaction without GTID comes to a replica whose " +
		"gtid_mode is ON.", "Bring gtid_mode of both servers together: ON_PERMISSIVE on the replica lets it through. No row has to be repaired."},
	1781: {"ER_CANT_SET_GTID_NEXT_TO_GTID_WHEN_GTID_MODE_IS_OFF", "A transaction with a GTID comes to a replica whose " +
		"gtid_mode is OFF.", "Bring gtid_mode of both servers together: OFF_PERMISSIVE on the replica lets it through. No row has to be repaired."},
	1785: {"ER_GTID_UNSAFE_NON_TRANSACTIONAL_TABLE", "The transaction mixes tables with and without transactions, which " +
		"enforce_gtid_consistency forbids.", "The table's engine differs on the replica. Bring it to the source's, then start again."},
	1837: {"ER_GTID_NEXT_TYPE_UNDEFINED_GTID", "A transaction has more than one implicit commit under one GTID.",
		"A table's engine differs between the servers, or a statement commits only on the replica. Compare SHOW CREATE TABLE."},
	1872: {"ER_REPLICA_AM_INIT_REPOSITORY", "The applier's stored position can't be read.",
		"Note the position from the status and the error log. RESET REPLICA (RESET SLAVE) and a new CHANGE … with that " +
			"position, or with positioning by GTID, makes it anew."},
	1942: {"ER_CANNOT_UPDATE_GTID_STATE", "The replica can't write its GTID position to mysql.gtid_slave_pos.",
		"Look into the error log for what is wrong with that table (engine, crash, rights) and start again."},
	1950: {"ER_GTID_STRICT_OUT_OF_ORDER", "A transaction of the replica's own has a GTID as high as that of the source's, " +
		"and gtid_strict_mode is on.", "Something wrote on the replica with binary logging on. Compare the tables, then " +
		"let it pass with gtid_strict_mode=0 or move gtid_slave_pos."},
	1964: {"ER_PRIOR_COMMIT_FAILED", "An earlier transaction failed in another worker; this one is not to blame.",
		"Look for the error before this one in the error log, and give that to this tool."},
	3030: {"ER_REPLICA_WORKER_STOPPED_PREVIOUS_THD_ERROR", "A worker gave up because another one, before it in commit order, failed.",
		"This is not the error to mend. " + seeWorker},
	3546: {"ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS", "gtid_purged can't be set to this value: it contradicts the " +
		"GTIDs that the replica has.", "Compare gtid_executed of both servers before anything else; a replica that holds " +
		"GTIDs of its own has to be compared or built anew."},
	13114: {"ER_SERVER_SOURCE_FATAL_ERROR_READING_BINLOG", "The source can't send the log that the replica asks for. The " +
		"message tells whether the log is purged, the position does not exist, or an event is damaged or too long.",
		"As for 1236: if the log was purged, the replica has to be built anew or be given the log from a copy; what is in " +
			"the relay logs can still be applied."},
	13115: {"ER_NETWORK_READ_EVENT_CHECKSUM_FAILURE", "An event came over the network with a wrong checksum.",
		"Start the receiver again. If it comes back at the same place, verify the source's log with this tool."},
	13117: {"ER_REPLICA_FATAL_ERROR", "The receiver or applier met an error it does not go on from.",
		"The message tells which. " + seeWorker},
	13119: {"ER_REPLICA_INCIDENT", "The source says in its log that it may have lost changes.",
		"Read the source's error log. Compare the tables whole; skip the incident only when they are equal, else build the replica anew."},
	13121: {"ER_REPLICA_RELAY_LOG_READ_FAILURE", "The applier can't read an event of the relay log.", fetchAgain},
	13122: {"ER_REPLICA_RELAY_LOG_WRITE_FAILURE", "The receiver can't write the relay log.",
		"Look for a full disk or missing rights on the relay log's folder, and start the receiver again."},
	13124: {"ER_SERVER_REPLICA_AM_INIT_REPOSITORY", "The applier's stored position can't be read.",
		"Note the position from the status and the error log. RESET REPLICA and a new CHANGE REPLICATION SOURCE with that " +
			"position, or with positioning by GTID, makes it anew."},
	13146: {"ER_SERVER_REPLICA_CONVERSION_FAILED", "A column's type on the source can't be converted to the replica's.",
		"Bring the column to the source's type, or allow the conversion with replica_type_conversions if none of the " +
			"values can be cut. Skipping would lose the rows."},
}
