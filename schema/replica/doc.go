// Package replica reads what people and servers say of a stopped replica. In goes text in any form in which a status is handed
// around, or the answers that package live got from a server; out come one Status per channel, with the Filters of its
// applier, and from it a Failure: what failed, the parts of its Message, and where to look for it (Locate).
//
// The text is the output of SHOW REPLICA, SLAVE or ALL SLAVES STATUS of any MySQL or MariaDB, with the rows of
// performance_schema's replication_applier_status_by_worker and _by_coordinator around it: vertical, in a box, as TSV, CSV,
// JSON, XML or HTML, as key = value, with what terminals, logs, grep and mail put around it; or a line of the server's error
// log, or the message alone. One step turns any of them into rows of columns (forms.go, markup.go, loose.go), a second reads the
// columns, whatever the form was. A new form is made into rows; it gets no reader of its own.
//
// The messages quote values that came from a log, so nothing in them is trusted: a column that appears twice is an error, never
// a choice. What can't be told, an error's number first of all, is said to be unknown and is never taken for "no error". The
// package asks no server.
package replica
