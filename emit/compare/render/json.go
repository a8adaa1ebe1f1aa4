package render

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"slices"

	"binmend/emit/compare"
	"binmend/emit/sqltext"
)

// formVersion is the version of the JSON form. It grows when a field changes its meaning or is removed, not when one is added.
const formVersion = 1

type document struct {
	Version    int         `json:"version"`
	Replica    serverForm  `json:"replica"`
	Logs       []string    `json:"logs"`
	Fetched    string      `json:"fetched_from,omitempty"`
	Applied    string      `json:"applied"` // a set of GTIDs, MariaDB's position, or FILE:POSITION
	Asked      string      `json:"source_asked,omitempty"`
	Rounds     int         `json:"rounds"`
	IsEqual    bool        `json:"all_equal"`
	Tables     []tableForm `json:"tables"`
	Statements []string    `json:"statements"` // that changed rows by themselves, the first few
	Notes      []string    `json:"notes"`
}

type serverForm struct {
	Name     string `json:"name"`
	Flavor   string `json:"flavor"`
	Version  string `json:"version"`
	ServerID uint32 `json:"server_id"`
	UUID     string `json:"server_uuid,omitempty"`
	Channel  string `json:"channel"`
}

type tableForm struct {
	Database  string       `json:"database"`
	Table     string       `json:"table"`
	Whole     bool         `json:"whole"` // the logs determine all of its rows
	Judged    uint64       `json:"judged"`
	Equal     uint64       `json:"equal"`
	Differing uint64       `json:"differing"`
	Missing   uint64       `json:"missing"`
	Extra     uint64       `json:"extra"`
	Unmended  uint64       `json:"unmended"`
	Partly    uint64       `json:"partly_known"`
	NotJudged []reasonForm `json:"not_judged"`
}

type reasonForm struct {
	Reason string `json:"reason"`
	Rows   uint64 `json:"rows"`
}

type differenceForm struct {
	Kind     string            `json:"kind"`
	Database string            `json:"database"`
	Table    string            `json:"table"`
	Rows     int               `json:"rows"` // number of equal rows, in a table without a key
	Why      string            `json:"why"`
	File     string            `json:"file"`
	Offset   int64             `json:"offset"`
	Event    string            `json:"event"`
	Row      int               `json:"row"`
	GTID     string            `json:"gtid,omitempty"`
	Is       map[string]string `json:"is"` // values as SQL literals; null for no row
	MustBe   map[string]string `json:"must_be"`
	Columns  []string          `json:"columns"`          // that differ
	Source   string            `json:"source,omitempty"` // agrees, other, or gave the row
	Removal  []string          `json:"removal"`          // statements of the script, in its two parts
	Change   []string          `json:"change"`
}

// JSON writes one object. Its last field, differences, has one entry per row.
func JSON(w io.Writer, r *compare.Result) error {
	out := bufio.NewWriter(w)
	head, err := json.MarshalIndent(documentOf(r), "", "  ")
	if err != nil {
		return err
	}
	out.Write(head[:len(head)-len("\n}")])
	out.WriteString(",\n  \"differences\": [")
	comma := ""
	d := sqltext.For(r.Version)
	err = r.Each(func(x *compare.Difference) error {
		form, err := differenceOf(d, x)
		if err != nil {
			return err
		}
		b, err := json.Marshal(form)
		out.WriteString(comma + "\n    ")
		comma = ","
		out.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	out.WriteString("\n  ]\n}\n")
	return out.Flush()
}

func documentOf(r *compare.Result) document {
	d := document{Version: formVersion, Logs: orNone(r.Logs), Fetched: r.Fetched, Applied: appliedOf(r), Asked: r.Asked, Rounds: r.Rounds, IsEqual: r.IsClear(),
		Replica: serverForm{r.Server, r.Version.Flavor.String(), r.Version.Text, r.ServerID, r.ServerUUID, r.Status.Channel},
		Tables:  []tableForm{}, Statements: orNone(r.Statements), Notes: orNone(notesOf(r))}
	for _, t := range r.Tables {
		form := tableForm{Database: t.Name.Database, Table: t.Name.Table, Whole: t.Whole, Judged: t.Judged, Equal: t.Equal, Differing: t.Differs,
			Missing: t.Missing, Extra: t.Extra, Unmended: t.Unmended, Partly: t.Partly, NotJudged: []reasonForm{}}
		for _, why := range slices.Sorted(maps.Keys(t.NotJudged)) {
			form.NotJudged = append(form.NotJudged, reasonForm{why, t.NotJudged[why]})
		}
		d.Tables = append(d.Tables, form)
	}
	return d
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func differenceOf(d sqltext.Dialect, x *compare.Difference) (*differenceForm, error) {
	form := &differenceForm{Kind: x.Kind.String(), Database: x.Table.Name.Database, Table: x.Table.Name.Table, Rows: max(1, x.Count), Why: x.Why,
		File: x.Origin.Pos.File, Offset: x.Origin.Pos.Offset, Event: x.Origin.Type.String(), Row: x.Origin.Row, GTID: x.Origin.GTID.String(),
		Is: literalsOf(x.Have), MustBe: literalsOf(x.Want), Columns: []string{}, Removal: []string{}, Change: []string{}}
	if x.Kind == compare.Missing {
		form.Is = nil
	}
	for _, i := range x.Columns() {
		form.Columns = append(form.Columns, x.Want.Table.Columns[i].Name)
	}
	form.Source = map[compare.SourceSays]string{compare.SourceAgrees: "agrees", compare.SourceOther: "other", compare.SourceGave: "gave"}[x.Source]
	for _, part := range []struct {
		of   func(sqltext.Dialect, *compare.Difference) ([][]byte, error)
		into *[]string
	}{{removalOf, &form.Removal}, {changeOf, &form.Change}} {
		sql, err := part.of(d, x)
		if err != nil {
			return nil, err
		}
		for _, one := range sql {
			*part.into = append(*part.into, string(one)+";")
		}
	}
	return form, nil
}

func literalsOf(row *sqltext.Stored) map[string]string {
	if row == nil {
		return nil
	}
	m := map[string]string{}
	for i, l := range row.Literals {
		if l != nil && row.Table.Columns[i].Assignable() {
			m[row.Table.Columns[i].Name] = string(l)
		}
	}
	return m
}
