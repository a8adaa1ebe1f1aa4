// Package display writes for people: names made safe for a terminal, numbers with separators, sizes, durations, and tables
// whose columns are aligned and fit a width. In go values; out comes text. It knows nothing of logs and writes no SQL.
package display
