// Package export writes row changes for engines that analyse them: one line of JSON for each (NDJSON), or Parquet files,
// one folder for each table and day. In go a stream of changes; out come records that hold, of each row change, where it
// stands in the logs, who wrote it and when, and the row before and after it. It analyses nothing, and changes that the
// logs tell as statements are only counted.
//
// Values keep what the server stores. A value that its Parquet type can't hold (a zero date, text that its character set
// does not know) is never left out in silence: its column is null, and the record names it in not_representable.
// A column that a row image leaves out (binlog_row_image=MINIMAL) is not NULL either: NDJSON has no key for it, and a
// Parquet record names it in absent.
//
// The NDJSON records have "version": 1, and the Parquet files say so in their key-value metadata (binmend.version). Fields
// are added without a new version; one that changes its meaning or goes gives a new one.
package export

// version is that of the records.
const version = 1
