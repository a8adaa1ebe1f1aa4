// Package replica reads the status of a stopped replica out of pasted text: SHOW REPLICA STATUS\G, SHOW SLAVE STATUS\G
// or SHOW ALL SLAVES STATUS\G of any MySQL or MariaDB, and, anywhere around it, the rows of performance_schema's
// replication_applier_status_by_worker and _by_coordinator. Out come one Status per channel and, from it, a Failure:
// what failed, and where to look for it.
//
// The text is what people copy from terminals, so prompts, blank lines, Windows line ends and wrapped values are
// expected. The messages in it quote values that came from a log, so nothing in them is trusted: a column that appears
// twice is an error, never a choice. Answers that package live got from a server are read the same way. The package itself
// asks no server.
package replica
