package app

import (
	"errors"
	"regexp"
	"strconv"

	"binmend/cmd/arguments"
	"binmend/decoder"
	"binmend/decoder/atomicfile"
	"binmend/decoder/check"
	"binmend/decoder/crypt"
	"binmend/decoder/dial"
	"binmend/decoder/fault"
	"binmend/decoder/find"
	"binmend/decoder/logfile"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/decoder/serve"
	"binmend/decoder/walk"
	"binmend/decoder/words"
	"binmend/emit/compare"
	"binmend/emit/compare/span"
	"binmend/emit/export"
	"binmend/emit/list"
	"binmend/emit/probe"
	"binmend/emit/repair"
	"binmend/emit/replay"
	"binmend/emit/sqltext"
	"binmend/emit/tempdir"
	"binmend/emit/watch"
	"binmend/schema"
	"binmend/schema/changes"
	"binmend/schema/dump"
	"binmend/schema/live"
	"binmend/schema/live/optionfile"
	"binmend/schema/replica"
	"binmend/schema/rowmeta"
	"binmend/schema/track"
)

// advice says what to do, by reason. {offset} and other names in braces stand for facts of the error; what is in brackets is
// left out when one of its facts is missing. A reason that is not in the table gets the advice of its parent.
var advice = map[*fault.Reason]string{
	span.ErrBehind:       "give the logs up to there as well; what a purged relay log held the source may still have: --source-host, without logs",
	span.ErrForeign:      "give the logs of its source, or its relay logs",
	compare.ErrOwnLogs:   "give the logs of its source, or its relay logs",
	compare.ErrManyMoved: "stop the applier (STOP REPLICA SQL_THREAD) and compare again, or fewer tables at a time (--table)",
	compare.ErrNoPlace:   "is the server a replica of the server that wrote the logs? See SHOW REPLICA STATUS",
	compare.ErrLoad:      "name one that SHOW GLOBAL STATUS has: --max-load Threads_running=25",

	decoder.ErrCorrupt:     "the file is damaged here: copy it again[, or read the part before with --stop-position={offset}]",
	decoder.ErrTruncated:   "the file is cut off or still being written: copy it again[, or read the whole events with --stop-position={whole}]",
	decoder.ErrUnsupported: "read this file with the log reader of the server that wrote it",
	decoder.ErrNoRows:      "row events exist since MySQL 5.1 (binlog version 4); read this file with the mysqlbinlog of its own server",
	decoder.ErrNoBeginning: "the file's beginning is missing; copy the whole file",
	decoder.ErrNoTableMap:  "the transaction begins earlier: give the file before this one as well, or an earlier --start-position",
	decoder.ErrUndefined:   "give the table's definition with --schema, as it was when the log was written",
	decoder.ErrPrecision:   "the log does not say how many fraction digits this table's TIME, DATETIME or TIMESTAMP columns have: give its definition with --schema",
	decoder.ErrUnknown:     "a newer binmend may know it; without it, read up to --stop-position={begin} and then from --start-position={end} on",
	decoder.ErrTooLarge:    "if you trust the log, raise the limit with --max-inflated",
	decoder.ErrNotALog:     "name a binary log or relay log; the output of mysqlbinlog, a dump and an index file are not logs",

	logfile.ErrNotAFile:      "name the logs themselves, oldest first: a pipe is read only when it is named",
	logfile.ErrNotOpened:     whoReads,
	logfile.ErrStdin:         "save it to a file first",
	logfile.ErrFolder:        "name the log files in it, oldest first",
	logfile.ErrNoLogs:        "name the logs, oldest first",
	logfile.ErrEmpty:         "the server has written nothing into it, or the copy failed",
	logfile.ErrNotIndex:      "an index file is the NAME.index beside the logs; name the logs themselves, oldest first",
	logfile.ErrNoEvent:       "no event begins here, or the file is damaged[: read the part before with --stop-position={offset}]",
	logfile.ErrUnwritten:     "the rest was allocated and never written (a crash or a full disk)[: read the part before with --stop-position={offset}]",
	logfile.ErrWindow:        "decompress it first: zstd -d --long=31",
	logfile.ErrPackedCut:     "the file is cut off or still being written: copy it again[, or read the whole events with --stop-position={whole}]",
	logfile.ErrOtherPacking:  "decompress it first: {name} LOG > FILE",
	logfile.ErrPackedDamaged: "copy the file again[, or read the whole events with --stop-position={whole}]",

	logfile.ErrNoKeyring: "give --keyring FILE: the server's component_keyring_file, or a copy from before the key was rotated away; or let the server send the log: " +
		"-h HOST --from-log NAME of sql, export, find, events and stats",
	logfile.ErrMissingKey: anotherKeyring,
	logfile.ErrWrongKey:   anotherKeyring + "; or the first bytes of the log are damaged",
	logfile.ErrNoKeyFile: "give --file-key FILE, the server's file_key_management_filename; or let the server send the log: -h HOST --from-log NAME of sql, export, find, " +
		"events and stats",
	logfile.ErrWrongKeyFile:      "give --file-key FILE, the server's file_key_management_filename as it was when the log was written; or the log is damaged here",
	logfile.ErrUnknownEncryption: "read the log from its server, which decrypts it: {argument} --read-from-remote-server --raw",

	crypt.ErrKeyring:    "--keyring is the file that component_keyring_file.cnf names as its path",
	crypt.ErrKeyFile:    "--file-key is the file that file_key_management_filename names",
	crypt.ErrPassword:   "give --file-key-password FILE: what file_key_management_filekey is on the server, in a file",
	crypt.ErrNoPassword: "--file-key-password is a file with nothing but the password",

	check.ErrOrder:       "give the files in order and without gaps",
	check.ErrMissingFile: "a file is missing between them",
	check.ErrJoined:      "bytes are missing or were added before it, or the file was put together from others",
	check.ErrUnfinished:  "copy the file again; if the server crashed, it rolls the transaction back",

	walk.ErrMissing: "give what is missing as well, or run binmend on the logs before it and on those after it",
	walk.ErrTwice:   "name each log once",
	walk.ErrMixed:   "run binmend on the logs of each server separately",

	walk.ErrNoLog:        "name the relay log or binary log",
	walk.ErrNotGiven:     "name it as well; SHOW REPLICA STATUS calls it Relay_Log_File",
	walk.ErrAfterEnd:     "in a relay log use Relay_Log_Pos or an offset that 'binmend events' prints; end_log_pos is a position in the source's log",
	walk.ErrInside:       "use {begin} or {end}; 'binmend events {argument}' prints every offset",
	walk.ErrBeginsInside: "give the log before it as well; a relay log may end in the middle of a transaction, which the next one continues",

	find.ErrOtherRelay: "give the relay log that Relay_Log_File names and those after it",
	find.ErrNoGTIDs:    "give the transaction by --start-position",
	find.ErrEarlier:    "give the logs before it; a replica that needs it can't get it from these",
	find.ErrLater:      "give the logs after them as well",
	find.ErrOtherLog:   "give the log that holds it: SHOW BINARY LOGS and each log's Previous_gtids show which",

	dump.ErrNoText: "give the output of mysqldump --no-data, as text or compressed with gzip or zstd, or the folder of mydumper or MySQL Shell",
	dump.ErrEmpty:  "did mysqldump fail? Make the dump again, and look at what it prints on standard error",
	dump.ErrIsLog:  "name logs without a flag, and the output of mysqldump --no-data with --schema",

	find.ErrUnfinished: "give the log after {name} as well; if there is none, the source has not sent the rest yet",

	dial.ErrServer:     "is it a MySQL or MariaDB server?",
	dial.ErrNoAnswer:   "is it a MySQL or MariaDB server? If it is, the connection or a proxy before it is broken",
	dial.ErrSlow:       "is it, or the network to it, overloaded?",
	dial.ErrClearText:  "if it is right to ask so, as with PAM or LDAP: --enable-cleartext-plugin, with --ssl-mode=VERIFY_CA or VERIFY_IDENTITY",
	dial.ErrServerKey:  "--ssl-mode=REQUIRED sends it over TLS, a socket needs none; --get-server-public-key trusts whoever answers",
	dial.ErrUnverified: "a password goes out in clear text only to a server whose certificate is verified: --ssl-mode=VERIFY_CA or VERIFY_IDENTITY",

	live.ErrServerName:  "HOST, HOST:PORT, [ADDRESS]:PORT or the path of a socket",
	live.ErrAccount:     "-u USER names the account and -p asks for its password; ~/.my.cnf may hold both",
	live.ErrCertificate: "the server's certificate is not accepted: --ssl-ca names who signed it; --ssl-mode=REQUIRED encrypts without checking who the server is",
	live.ErrNoTLS:       "the server has no TLS: --ssl-mode=DISABLED connects without it",
	live.ErrHandshake:   oldTLS + "--ssl-mode=PREFERRED or DISABLED connects without TLS",
	live.ErrNotReached:  "is the server running? -S names its socket, -h and -P its host and port",
	live.ErrPrivilege:   "let the account read it: {grant} TO the account that connects",
	live.ErrNoTable:     "was it dropped or renamed on the replica? Give --schema FILE with its CREATE TABLE, as it was when the log was written",
	live.ErrRowsDenied:  "let the account read the table: GRANT SELECT on it to the account that connects",
	live.ErrRowsRefused: "the server refused the query; nothing was changed on it",
	live.ErrRowsLost:    "the connection is lost; nothing was changed on the server: see whether it runs, then run binmend again",
	live.ErrElsewhere:   "run binmend on the replica's host, or give --relay-log-dir DIR: a mounted or copied folder with the replica's relay logs",
	live.ErrNotAllowed:  whoReads,
	live.ErrWhichLog:    "give the relay logs as arguments, oldest first",

	optionfile.ErrSyntax:      "an option file has lines [group], name=value and # comment; mysql --print-defaults shows how the client reads it",
	optionfile.ErrLogin:       "mysql_config_editor print --all shows what the clients read of it; mysql_config_editor set --login-path=NAME writes it again",
	optionfile.ErrNoLoginPath: "mysql_config_editor print --all lists them, mysql_config_editor set --login-path={argument} makes one",
	repair.ErrPartlyExecuted: "leave the applier stopped: binmend compare with the source's logs (or --source-host) and --include-gtids with this GTID prints what " +
		"the replica lacks of it. Run that, then start the applier: it passes over the transaction",
	repair.ErrHalves: "give the table the source's engine (SET SESSION sql_log_bin=0; ALTER TABLE … ENGINE=InnoDB) while the applier is stopped, and run binmend again",
	repair.ErrExecuted: "no applier runs it again: leave --gtid and positions out for the transaction at which the replica has stopped. Whether the rows of this " +
		"one are there, binmend compare shows",
	repair.ErrKeyOfReplica: "drop the key on the replica, or make it as on the source, and start the applier; or add it on the source, where one of the " +
		"two rows has to change first",
	repair.ErrEndMissing:          "give the logs after them as well",
	repair.ErrNoLogs:              "name the relay logs or binary logs, oldest first",
	repair.ErrWhichTransaction:    "give --status FILE with the output of mysql -E -e 'SHOW REPLICA STATUS', or --gtid, or --start-position",
	repair.ErrNotAHalf:            "the status names the error; leave --error out",
	repair.ErrAheadWithoutStatus:  "give --status FILE, or a connection to the replica: it says what is applied already",
	repair.ErrProbeWithoutReplica: "-S names its socket, -h and -P its host and port",
	repair.ErrOtherServer:         "give --replica-version as SELECT @@version prints it on the replica: 8.0.36 or 10.11.6-MariaDB",
	repair.ErrCandidates:          "the message fits the transaction at {name}: if it is the one that failed, name it with --gtid or --start-position",
	repair.ErrOtherTransaction:    "is it the status of this replica, are these its logs, and are the definitions its own? Or name the transaction with --gtid or --start-position",
	repair.ErrMovedOn:             "run it again with the replica's current status",
	repair.ErrNotTheSource:        "the replica's status names {name} as its source",
	repair.ErrNotOnSource:         "is it the source of this replica? SELECT @@GLOBAL.gtid_executed shows what it has",
	repair.ErrNothingAfterPlace:   "has it been reset, or is it another server?",
	repair.ErrPlaceUnknown:        "give --status FILE, or --gtid with a GTID of the source's own kind",
	repair.ErrTooMuch:             "--max-memory allows more; --table or --exclude-table leaves out rows",
	repair.ErrNoRows:              "binmend events --transactions shows which transaction changes which rows",
	repair.ErrNoRowEvents:         "no server before 5.1 writes row events",

	dump.ErrMissingTable: "add the output of `mysqldump --no-data --databases {argument}` or of SHOW CREATE TABLE, as the table was when " +
		"the log was written",
	dump.ErrAmbiguous: "give one schema file only, or dumps that name their databases (mysqldump --databases)",
	dump.ErrProblem:   "correct it there, or give the table's CREATE TABLE, as SHOW CREATE TABLE prints it, in one more schema file",
	schema.ErrValue: "the applier would change the value or refuse it: make the replica's column as the source's, or repair this " +
		"table by hand",
	schema.ErrMismatch: "the table was altered between the two: give its definition as it was when the log was written",
	changes.ErrDoubted: "give the table's definition from before the log with --schema",
	track.ErrGone:      "the log does not show all that happened: begin with a log from before that",
	track.ErrForgotten: "read fewer logs at a time, each time with a dump from where they begin",
	track.ErrBefore: "give the table's definition from before the {first}, as SHOW CREATE TABLE prints it on a replica that has not " +
		"applied it yet; or begin with a log that holds the table's CREATE TABLE",
	track.ErrAfter: "give the table's definition from after the {last}",
	track.ErrAtEnds: "give the table's definition from before the {first} with --schema-at start, or from after all that the logs " +
		"do to it with --schema-at end",
	track.ErrOtherTime: "give the table's definition from before the first of those, with --schema-at start, or from after the " +
		"last, with --schema-at end",
	track.ErrReadWrong: "throw away what was printed; give the log as a file, not on standard input: then the statement is found in time",
	track.ErrWhichTime: "say when the schema file was written: --schema-at start or --schema-at end",

	replica.ErrNotStatus: pasteStatus,
	replica.ErrIsLog:     "give the log as an argument, and the text of the status to --status",
	replica.ErrIsDump:    "give the dump to --schema, and the text of the status to --status",
	replica.ErrEmptySet:  "this server is not a replica: run the statement on the replica that stopped",
	replica.ErrMessages:  "leave only the one that has stopped the replica now, or " + pasteStatus,
	replica.ErrTwoRows:   "keep the newer one, with its line of asterisks, and delete the other",
	replica.ErrTwoColumns: "an error message that quotes a value with line breaks can look like columns: delete those lines of the " +
		"message. Without the asterisks between them, two rows look like that too",
	replica.ErrWhichChannel:  "choose one with --channel NAME; --channel= is the default channel",
	replica.ErrHealthy:       "there is nothing to repair; look at the threads and at the lag instead",
	replica.ErrNoError:       "there is nothing to repair; to see what a transaction needs anyway, give --gtid or --start-position",
	replica.ErrStopped:       "the applier was stopped without an error: START REPLICA (START SLAVE before MySQL 8.0.22 and on MariaDB)",
	replica.ErrNoNumber:      wholeStatus,
	replica.ErrNoPlace:       wholeStatus,
	replica.ErrRelayNotGiven: "give the relay log that Relay_Log_File names and those after it",

	replay.ErrNoLiteral: "--as-binlog writes rows as the bytes of the log", sqltext.ErrNoLiteral: "put the row there with binmend sql --as-binlog",
	replay.ErrTable: "leave the table out with --exclude-table, or give its right definition with --schema",
	replay.ErrNotLogged: "the log was written with binlog_row_image=MINIMAL or NOBLOB, or with partial JSON; read the values from the " +
		"source or a backup",
	replay.ErrNotCommitted: "leave the transaction out with --start-position and --stop-position",
	replay.ErrLoad:         "leave the transaction out with --stop-position and --start-position, and carry it over by other means",
	replay.ErrNoInverse: "restore a backup for it; to roll back only the rows, leave it out with --type insert,update,delete or with " +
		"positions",
	replay.ErrLeftOut:  "ask for the other table as well, or leave the statement out with --stop-position and --start-position",
	replay.ErrClient:   "read it with the log reader of the server that wrote it, and carry it over by hand",
	replay.ErrVariable: "leave the statement out with --stop-position and --start-position",
	replay.ErrOpenEnd:  "give the log after the last one as well; if there is none, leave the transaction out with --stop-position",

	probe.ErrSetting:          "change it for the account that connects, or on the server, or leave --probe out; the session of a probe sets nothing",
	watch.ErrLocked:           "one watcher per instance and --output-dir is enough; fuser names the process that holds the file",
	export.ErrLabel:           "--source names the server whose logs these are, such as db7",
	export.ErrNotEmpty:        "give a new one: an engine reads all files of a folder as one table",
	atomicfile.ErrWouldBeLost: "give another name, or remove it first",
	list.ErrTooManyRows:       "name one row, by the columns of its primary key",

	pull.ErrTaken:       "give each process a folder of its own, or stop the other one",
	pull.ErrOtherLog:    "the source has reset its logs, or is another one: pull into another folder",
	pull.ErrCompressed:  "the last log grows: uncompress it",
	pull.ErrOtherStem:   "give each source a folder of its own, and a new one when its logs get another name",
	pull.ErrNothing:     "begin with a log by its name, or with the oldest",
	pull.ErrInside:      "give the position of an event, or none: a log is always copied from its beginning",
	pull.ErrAfterEnd:    "is the position one of another log?",
	pull.ErrBadChecksum: "the source's log is damaged there: run binmend check on it",
	pull.ErrOtherHistory: "it is another server, it has reset its logs, or it lost the end of this one in a crash; nothing was changed. " +
		"Pull into another folder",
	pull.ErrDiskFull: "make room and run it again: it continues where it stopped, and nothing that was acknowledged is lost",

	remote.ErrNotReached:  "is the source running, and is this its host and port?",
	remote.ErrEnded:       "its error log may say why",
	remote.ErrSilent:      "is it, or the network to it, overloaded?",
	remote.ErrNotServer:   "does a MySQL or MariaDB server listen there?",
	remote.ErrAccount:     "the account or its password is wrong for this source",
	remote.ErrGrant:       "let the account read the log: GRANT REPLICATION SLAVE ON *.* TO the account that connects",
	remote.ErrTLSRequired: "the source requires TLS: --ssl-mode=REQUIRED, or --source-ssl-mode for --source-host",
	remote.ErrNoTLS:       "--ssl-mode=DISABLED connects without it, or --source-ssl-mode for --source-host",
	remote.ErrHandshake:   oldTLS + "--ssl-mode=PREFERRED or DISABLED connects without TLS, or --source-ssl-mode for --source-host",
	remote.ErrCertificate: "the source's certificate is not accepted: name who signed it, or ask for TLS without verification (REQUIRED)",
	remote.ErrNoRSAKeys: "without TLS a caching_sha2_password needs the RSA keys of the source: ssl-mode REQUIRED, or a socket. " +
		"Or another program listens there",
	remote.ErrNoSemiSync: "on the source: INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so' (MySQL before 8.0.26: " +
		"rpl_semi_sync_master, semisync_master.so)",
	remote.ErrPurged: "the source has purged this part of its log, or never had it: take it from a backup of its logs, or from a " +
		"server that has it",
	remote.ErrPastEnd:     "the source's file ends before this position: it lost its end in a crash, or this is another server",
	remote.ErrPacket:      "an event is larger than the source lets its dump threads send: raise max_allowed_packet there",
	remote.ErrSameID:      "another replica has this one's server id: each needs one of its own",
	remote.ErrBadPosition: "does an event begin at this position of the source's log? If so, its file is damaged there: check it on the source",
	remote.ErrBroken:      "is it a MySQL or MariaDB server at this port? If it is, its log may be damaged: check it there",
	remote.ErrEndless:     "does a MySQL or MariaDB server listen there? A proxy may answer for one that is gone",
	remote.ErrBegunAnew:   "was its log reset (RESET BINARY LOGS, RESET MASTER)? Run binmend again. If it says so again, this is not a MySQL or MariaDB server",
	remote.ErrNotAnEvent:  "does an event begin at this position, {begin}, of the source's {name}? binmend events prints where they do",

	serve.ErrNotFolder:    "name the folder that holds the logs",
	serve.ErrSeveralStems: "give each source's logs a folder of their own",
	serve.ErrAccounts:     "each line is USER PLUGIN HASH; 'binmend account USER' writes one",
	serve.ErrMode:         "the hashes in it are as good as passwords: chmod 600 {argument}",
	serve.ErrRelayLog:     "name the folder with the logs that the source itself wrote",
}

// sourceAdvice is about the connection to the source, which has flags of its own.
var sourceAdvice = map[*fault.Reason]string{
	live.ErrAccount: "--source-user names the account and --source-password asks for its password; ~/.my.cnf may hold both",
	live.ErrCertificate: "the server's certificate is not accepted: --source-ssl-ca names who signed it; " +
		"--source-ssl-mode=REQUIRED encrypts without checking who the server is",
	live.ErrNoTLS:      "the server has no TLS: --source-ssl-mode=DISABLED connects without it",
	live.ErrHandshake:  oldTLS + "--source-ssl-mode=PREFERRED or DISABLED connects without TLS",
	live.ErrNotReached: "is the server running? --source-socket names its socket, --source-host and --source-port its host and port",
}

const (
	whoReads    = "run binmend as an account that may read it: root, or the one that the server runs as (sudo -u mysql)"
	oldTLS      = "the server's TLS is too old, or has nothing but DHE key exchange: "
	pasteStatus = "paste the output of mysql -E -e 'SHOW REPLICA STATUS' (SHOW SLAVE STATUS before MySQL 8.0.22 and on MariaDB)"
	wholeStatus = pasteStatus + ", all of it; or name the transaction with --gtid or --start-position"
)

// schemaHint says how to get table definitions.
const schemaHint = "give --schema FILE, made on the replica by: mysqldump --no-data --databases DB > schema.sql"

const anotherKeyring = "give another --keyring FILE as well: the keyring of the server that wrote the log, or a copy from before the key was rotated away"

// adviceOn says what to do about an error, "" when there is nothing to say.
func adviceOn(err error) string { return adviceFrom(err, advice) }

// adviceFrom looks the advice up in several tables: the first that has some wins.
func adviceFrom(err error, tables ...map[*fault.Reason]string) string {
	var e *fault.Error
	if !errors.As(err, &e) {
		e = &fault.Error{}
		errors.As(err, &e.Reason)
	}
	for r := e.Reason; r != nil; r = r.Of() {
		for _, table := range tables {
			if text, ok := table[r]; ok {
				return withFacts(text, e)
			}
		}
	}
	if cause := errors.Join(e.Err, e.Cause); cause != nil {
		return adviceFrom(cause, tables...)
	}
	return ""
}

var optional, fact = regexp.MustCompile(`\[[^]]*\]`), regexp.MustCompile(`\{[a-z]+\}`)

// withFacts puts the facts of an error into a text of advice.
func withFacts(text string, e *fault.Error) string {
	facts := map[string]string{
		"{offset}": offset(e.Pos.Offset),
		"{whole}":  offset(e.Facts.Whole), "{begin}": offset(e.Facts.Begin), "{end}": offset(e.Facts.End),
		"{name}": e.Facts.Name, "{argument}": words.ShellArgument(e.Facts.Name), "{grant}": e.Facts.Grant, "{first}": e.Facts.First, "{last}": e.Facts.Last,
	}
	text = optional.ReplaceAllStringFunc(text, func(part string) string {
		for _, name := range fact.FindAllString(part, -1) {
			if facts[name] == "" {
				return ""
			}
		}
		return part[1 : len(part)-1]
	})
	return fact.ReplaceAllStringFunc(text, func(name string) string { return facts[name] })
}

// offset is the text of an offset, "" of none and of a log's beginning, before which nothing can be read.
func offset(n int64) string {
	if n <= int64(len(logfile.Magic)) {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// hintOf is what an error advises to do.
func hintOf(err error) string {
	var hinted interface{ Hint() string }
	switch {
	case errors.As(err, &hinted):
		return hinted.Hint()
	case errors.Is(err, rowmeta.ErrNoNames):
		return schemaHint
	case tempdir.Concerns(err):
		return "the environment's TMPDIR names another folder for temporary files: one with room, in which this account may write"
	}
	return adviceOn(err)
}

// asUsage turns errors in arguments and connection options into usage errors.
func asUsage(err error) error {
	var wrong *arguments.Error
	switch {
	case errors.As(err, &wrong):
		return &usageError{text: wrong.Text, hint: wrong.Hint}
	case errors.Is(err, live.ErrOption):
		return &usageError{text: err.Error(), hint: hintOf(err)}
	}
	return err
}
