package render

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strings"

	"binmend/emit/compare"
	"binmend/emit/display"
	"binmend/emit/page"
	"binmend/emit/sqltext"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

var layout = page.New("compare", pageSource, pageStyle, "")

// sampleRows bounds the rows on the page.
const sampleRows = 200

// content is what the templates show.
type content struct {
	Tables []pageTable
	Notes  []string
	Sample string
	Rows   []pageRow
}

type pageTable struct {
	Name    string
	Numbers []string
	Warn    bool
}

type pageRow struct{ Table, Kind, Is, MustBe, Event string }

var errEnough = errors.New("enough")

// HTML writes what was found as one page: the tables, and a sample of the rows that differ.
func HTML(w io.Writer, r *compare.Result) error {
	title := "Every row is as the log has it"
	if found := Findings(r); found != "" {
		title = strings.ToUpper(found[:1]) + found[1:]
	}
	lead := []string{"Replica: " + display.Printable(r.Server) + ", " + r.Version.Flavor.String() + " " + display.Printable(r.Version.Text),
		"Logs: " + display.Printable(logsOf(r)), "Applied: " + display.Printable(appliedOf(r))}
	p := &content{Notes: notesOf(r)}
	for _, t := range r.Tables {
		row := pageTable{Name: display.Printable(nameOf(t)), Warn: t.Differs+t.Missing+t.Extra+notJudged(t) > 0}
		for _, n := range []uint64{t.Judged, t.Equal, t.Differs, t.Missing, t.Extra, notJudged(t)} {
			row.Numbers = append(row.Numbers, display.Number(n))
		}
		p.Tables = append(p.Tables, row)
	}
	err := r.Each(func(x *compare.Difference) error {
		if len(p.Rows) == sampleRows {
			return errEnough
		}
		p.Rows = append(p.Rows, pageRow{Table: display.Printable(nameOf(x.Table)), Kind: x.Kind.String(), Is: shown(x, x.Have), MustBe: shown(x, x.Want),
			Event: display.Printable(x.Origin.String() + ": " + x.Why)})
		return nil
	})
	if err != nil && err != errEnough {
		return err
	}
	if n := r.Differences(); n > 0 {
		p.Sample = fmt.Sprintf("%s of %s.", display.Number(uint64(len(p.Rows))), display.Number(n))
	}
	return layout.Write(w, title, lead, p)
}

// shown is a row as the page shows it.
func shown(x *compare.Difference, row *sqltext.Stored) string {
	if row == nil || row == x.Have && x.Kind == compare.Missing {
		return "no row"
	}
	return display.OneLine([]byte(strings.Join(values(x, row), ", ")), maxShown)
}
