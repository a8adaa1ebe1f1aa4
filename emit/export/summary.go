package export

import (
	"fmt"
	"strings"

	"binmend/decoder/words"
)

// Summary is what an export did.
type Summary struct {
	Rows             uint64
	Files            int    // Parquet files
	DDL              uint64 // records of DDL and TRUNCATE
	Statements       uint64 // other changes logged as statements, which are not in the export
	NotRepresentable uint64 // values that their Parquet type can't hold

	Differing []string // folders of tables of which other logs have other columns there
}

func (s *Summary) addSummary(o Summary) {
	s.Rows += o.Rows
	s.Files += o.Files
	s.DDL += o.DDL
	s.Statements += o.Statements
	s.NotRepresentable += o.NotRepresentable
}

// Notes say what was written, and what the records don't show.
func (s *Summary) Notes() (list []string) {
	if s.Statements > 0 {
		list = append(list, words.Count(int(s.Statements), "statement")+" logged as such, not as rows, and not exported: binmend sql prints them")
	}
	if s.Files > 0 {
		what := words.Count(int(s.Rows), "row")
		if s.DDL > 0 {
			what += " and " + words.Count(int(s.DDL), "record") + " of DDL"
		}
		list = append(list, what+" in "+words.Count(s.Files, "file"))
	}
	return list
}

// Unheld says how many values Parquet can't hold; "" for none.
func (s *Summary) Unheld() string {
	if s.NotRepresentable == 0 {
		return ""
	}
	return words.Count(int(s.NotRepresentable), "value") + " that Parquet can't hold: null, and as text in not_representable"
}

// Mixed says which tables have files of several schemas; "" for none.
func (s *Summary) Mixed() string {
	n := len(s.Differing)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s there with other columns, from other logs: %s; engines that take the columns of one file for all read such a table wrong: "+
		"export all logs with the same columns (binmend help scale)", words.Count(n, "table"), strings.Join(s.Differing[:min(n, 5)], ", "))
}
