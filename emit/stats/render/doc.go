// Package render writes a statistics report: as text for a terminal, as JSON for programs, and as one page of HTML. In
// goes a stats.Report; out comes the whole text. It counts nothing and opens no files.
package render
