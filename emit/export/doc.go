// Package export writes row changes for engines that analyse them: as NDJSON, one line for each, or as Parquet files, one folder
// for each table and day. In go a stream of changes; out come records: for each row change its place in the logs, who wrote it
// and when, and the row before and after; for each table that a DDL statement names, the statement. It analyses nothing. Changes that
// were logged as statements are only counted.
//
// Parquet's files are written when everything was read: until then the rows are in a temporary file, each as its table was defined
// at the time. So all files of a table have one schema, and no order of tables in the log opens files or ends them early.
//
// Values are what the server stores. A value that its Parquet type can't hold (a zero date, text that is invalid in its character
// set) is never left out in silence: its column is null, and the record names it in not_representable. A column that a row image
// leaves out (binlog_row_image=MINIMAL) is not NULL either: NDJSON has no key for it, and a Parquet record names it in absent.
//
// The NDJSON records have "version": 1, and the Parquet files say so in their key-value metadata (binmend.version). Adding a field
// does not change the version; removing one or changing its meaning does.
package export

// version is the version of the records.
const version = 1
