// Package display writes for people: names made safe for a terminal, numbers with separators, sizes, durations, and tables with
// aligned columns that fit a width. In go values; out comes text. It does not read logs and writes no SQL.
package display
