package script

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"binmend/decoder"
	"binmend/emit/advice"
	"binmend/emit/control"
	"binmend/emit/repair"
)

// formVersion is the version of the JSON form. It grows when a field changes its meaning or is removed, not when one is added.
const formVersion = 1

// document is a repair as JSON, without its parts.
type document struct {
	Version  int            `json:"version"`
	Replica  serverForm     `json:"replica"`
	Error    errorForm      `json:"error"`
	Place    placeForm      `json:"place"`
	Made     []string       `json:"made_from"` // logs, and sources of table definitions
	Tables   []tableForm    `json:"tables"`    // whose rows change
	Notes    []string       `json:"notes"`
	Risks    []string       `json:"risks"`
	Advice   *advice.Advice `json:"advice,omitempty"` // what to do about an error that no rows remove
	Ways     []wayForm      `json:"ways"`             // all ways past the transaction
	Runs     bool           `json:"runs"`             // the script has statements to run
	OpenEnds string         `json:"open_ends,omitempty"`
	Probed   string         `json:"probed,omitempty"` // where the replica was asked
}

type serverForm struct {
	Flavor  string `json:"flavor"`
	Version string `json:"version"`
	Channel string `json:"channel"`
}

type errorForm struct {
	Number  int    `json:"number"` // 0: unknown
	Name    string `json:"name"`
	Message string `json:"message"`
}

type placeForm struct {
	GTIDs        []string   `json:"gtids"`
	Transactions int        `json:"transactions"`
	Begin        coordinate `json:"begin"`
	End          coordinate `json:"end"` // the byte after the last event
	Source       coordinate `json:"source"`
	Time         *time.Time `json:"time"`
	ServerID     uint32     `json:"server_id"`
}

type coordinate struct {
	File     string `json:"file"`
	Position uint64 `json:"position"`
}

type tableForm struct {
	Database string `json:"database"`
	Table    string `json:"table"`
	Deletes  int    `json:"deletes"`
	Replaces int    `json:"replaces"`
}

type wayForm struct {
	Title string   `json:"title"`
	Price string   `json:"price"`
	Lines []string `json:"lines"` // statements; a line that is not a statement begins with #
	Usual bool     `json:"usual"`
}

// writeJSON writes the repair as one JSON object. Its last field, parts, is the script in pieces: the concatenated texts of all parts
// are what Write writes. After an error the object has a field error_text, and the parts end in what breaks a script off.
func writeJSON(w io.Writer, r *repair.Repair, o Options) error {
	o.Color = false
	out := bufio.NewWriter(w)
	risks := &riskWriter{}
	c, err := newComposer(risks, r, o)
	if err != nil {
		return err
	}
	c.risks()
	head, err := json.MarshalIndent(c.document(risks.texts), "", "  ")
	if err != nil {
		return err
	}
	out.Write(head[:len(head)-len("\n}")])
	out.WriteString(",\n  \"parts\": [")
	if c, err = newComposer(&jsonWriter{Writer: out}, r, o); err != nil {
		return err
	}
	c.compose()
	if c.err != nil {
		c.breakOff()
	}
	out.WriteString("\n  ]")
	if c.err != nil {
		text, _ := json.Marshal(c.err.Error())
		out.WriteString(",\n  \"error_text\": ")
		out.Write(text)
	}
	out.WriteString("\n}\n")
	if err := out.Flush(); err != nil {
		return err
	}
	return c.err
}

// riskWriter keeps the risks of a script.
type riskWriter struct{ texts []string }

func (w *riskWriter) writePart(kind Kind, text []byte, _ *Cause) error {
	if kind == Risk {
		w.texts = append(w.texts, unwrapped(text))
	}
	return nil
}

func (c *composer) document(risks []string) document {
	f, r := &c.repair.Facts, &c.repair.Replica
	d := document{
		Version: formVersion,
		Replica: serverForm{Flavor: r.Version.Flavor.String(), Version: r.Version.Text, Channel: r.Channel},
		Error:   errorForm{Number: r.Errno, Message: r.Message},
		Place: placeForm{GTIDs: orNone(f.GTIDs), Transactions: f.Transactions, Begin: place(f.Begin), End: place(f.End),
			Source: coordinate{r.Failing.File, r.Failing.Pos}, ServerID: f.WriterID},
		Made: append(orNone(f.Files), f.Schema...), Notes: orNone(f.Notes), Risks: orNone(risks), Runs: c.runs(), OpenEnds: OpenEnds(c.repair),
		Advice: c.repair.Advice, Tables: []tableForm{}, Ways: []wayForm{},
	}
	if g, ok := control.Explain(r.Errno); ok {
		d.Error.Name = g.Symbol
	}
	if !f.Time.IsZero() {
		d.Place.Time = new(f.Time.UTC())
	}
	if c.repair.Probed != nil {
		d.Probed = c.repair.Probed.Server
	}
	for _, t := range c.plan.Tables {
		if deletes, replaces := c.count(t); deletes+replaces > 0 {
			d.Tables = append(d.Tables, tableForm{t.Database, t.Name, deletes, replaces})
		}
	}
	for _, a := range c.commands.Alternatives() {
		d.Ways = append(d.Ways, wayForm{a.Title, a.Price, a.Lines, a.Usual})
	}
	return d
}

func place(p decoder.Position) coordinate { return coordinate{p.File, uint64(p.Offset)} }

// orNone makes JSON write [] for an empty list.
func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list[:len(list):len(list)]
}
