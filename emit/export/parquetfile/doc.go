// Package parquetfile writes Parquet files column by column. The caller has the values as Parquet's PLAIN encoding stores them, so
// nothing is set value by value: pages are cut, compressed with zstd and written, one row group after the other. A file in the
// making holds no more memory than the pages in work and some 300 bytes for each column of each row group. Of files that are there it
// reads the footer; rows it never reads.
//
//	4     PAR1
//	      the row groups: of each column a dictionary page, where it has one, and its data pages
//	rest  the footer in Thrift's compact protocol: the schema, where each column stands, its bounds
//	4     length of the footer, little-endian
//	4     PAR1
//
// (Source of the format: github.com/apache/parquet-format.)
package parquetfile
