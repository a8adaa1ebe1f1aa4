// Package changes reads logs as a stream of changes: rows with the tables that they belong to, statements, and where
// transactions begin and end. In go events, a filter, and what is known of table definitions; out come chunks, runs of
// changes that are copied out of the log so that several goroutines can work on them (Stream.Run), and the rows in them
// (RowReader). Decoding values and writing anything is the caller's.
//
// DDL in the log is followed, so a table is given as it is at its rows (Definitions). A table that the filter does not want
// is not looked for and its rows are not decoded. Memory is bounded by the chunks in flight and the largest event.
package changes
