package render

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"

	"binmend/emit/compare"
	"binmend/emit/display"
)

// Text writes what was found for each table, and what was not judged and why.
func Text(w io.Writer, r *compare.Result, limit int) error {
	number := func(n uint64) string { return display.Number(n) }
	right := func(head string) display.Column { return display.Column{Head: head, Align: display.Right} }
	t := display.Table{Columns: []display.Column{{Head: "TABLE", Least: 10}, right("JUDGED"), right("EQUAL"), right("DIFFERING"), right("MISSING"),
		right("EXTRA"), right("NOT JUDGED")}}
	for _, x := range r.Tables {
		t.AddRow(display.Printable(nameOf(x)), number(x.Judged), number(x.Equal), number(x.Differs), number(x.Missing), number(x.Extra), number(notJudged(x)))
	}
	plain := func(s string) string { return s }
	if err := t.Write(w, limit, plain); err != nil {
		return err
	}
	for _, note := range notesOf(r) {
		for i, line := range display.Wrap(note, limit-2) {
			if i > 0 {
				line = "  " + line
			}
			if _, err := fmt.Fprintln(w, line); err != nil {
				return err
			}
		}
	}
	return nil
}

func notJudged(t *compare.TableResult) (n uint64) {
	for _, rows := range t.NotJudged {
		n += rows
	}
	return n
}

// notesOf are what the numbers don't show.
func notesOf(r *compare.Result) (notes []string) {
	for _, t := range r.Tables {
		name := display.Printable(nameOf(t))
		for _, why := range slices.Sorted(maps.Keys(t.NotJudged)) {
			notes = append(notes, fmt.Sprintf("%s: not judged: %s: %s", name, display.Count(t.NotJudged[why], "row"), display.Printable(why)))
		}
		if t.Unmended > 0 {
			notes = append(notes, fmt.Sprintf("%s: no statement for %s: the log does not hold them whole, the source may", name, display.Count(t.Unmended, "row")))
		}
		if t.Partly > 0 {
			notes = append(notes, fmt.Sprintf("%s: of %s the log does not hold all columns: the others are not compared", name, display.Count(t.Partly, "row")))
		}
		if t.AsSource > 0 {
			notes = append(notes, fmt.Sprintf("%s: %s as on the source, though not as in the log", name, display.Count(t.AsSource, "row")))
		}
	}
	for _, log := range r.Foreign {
		notes = append(notes, fmt.Sprintf("%s was not written by the replica's source: if it is of another replication, what is found means nothing", display.Printable(filepath.Base(log))))
	}
	if r.Pending {
		notes = append(notes, "the logs hold transactions that the replica has not applied: what they do to rows is not compared")
	}
	for _, s := range r.Statements {
		notes = append(notes, "a statement changed rows by itself, and the log does not say which: "+display.Printable(s))
	}
	if r.More > 0 {
		notes = append(notes, fmt.Sprintf("and %s more", display.Count(uint64(r.More), "such statement")))
	}
	return notes
}

// Findings summarises in one line what was found; "" if all is equal.
func Findings(r *compare.Result) string {
	switch n, unknown := r.Differences(), r.NotJudged(); {
	case n > 0 && unknown > 0:
		return fmt.Sprintf("%s not as the log has them, and %s not judged", areRows(n), display.Count(unknown, "row"))
	case n > 0:
		return areRows(n) + " not as the log has them"
	case unknown > 0:
		return areRows(unknown) + " not judged; all others are as the log has them"
	case r.Judged() == 0:
		return "no row was judged: of what the logs hold the replica has applied no change of a row that is asked for"
	case len(r.Statements) > 0:
		return display.Count(uint64(len(r.Statements)+r.More), "statement") + " changed rows that the log does not show; all others are as the log has them"
	}
	return ""
}

func areRows(n uint64) string {
	if n == 1 {
		return "1 row is"
	}
	return display.Number(n) + " rows are"
}
