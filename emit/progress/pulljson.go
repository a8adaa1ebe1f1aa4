package progress

import (
	"encoding/json"
	"io"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/emit/display"
)

// pullVersion is the version of the JSON form. It grows when a field changes its meaning or goes; new fields come without.
const pullVersion = 1

// PullJSON says how a copy goes, as one JSON object on a line for each thing that happens.
type PullJSON struct {
	out    *json.Encoder
	now    func() time.Time
	advice func(error) string
	last   decoder.Position
}

// NewPullJSON writes to w, each object with one Write. advice says what to do about an error, "" for nothing.
func NewPullJSON(w io.Writer, advice func(error) string) *PullJSON {
	return &PullJSON{out: display.NewEncoder(w), now: time.Now, advice: advice}
}

// pullLine is one object. What an event does not have is left out.
type pullLine struct {
	Version  int     `json:"version"`
	Time     string  `json:"time"`
	Event    string  `json:"event"`                    // connected, finished, retrying or up_to_date
	File     string  `json:"file,omitempty"`           // the log
	Position int64   `json:"position,omitempty"`       // connected: where the copy goes on; up_to_date: its end
	Bytes    int64   `json:"bytes,omitempty"`          // finished: of the log
	Flavor   string  `json:"flavor,omitempty"`         // connected: of the source
	Server   string  `json:"server_version,omitempty"` // connected: of the source
	ServerID uint32  `json:"server_id,omitempty"`      // connected: binmend's own
	Error    string  `json:"error,omitempty"`          // retrying: why
	Advice   string  `json:"advice,omitempty"`         // retrying: what to do about it
	After    float64 `json:"after_seconds,omitempty"`  // retrying: how long binmend waits
}

func (p *PullJSON) line(l pullLine) {
	l.Version, l.Time = pullVersion, p.now().UTC().Format(time.RFC3339)
	p.out.Encode(l) // the output keeps its error
}

func (p *PullJSON) Connected(source remote.Source, serverID uint32, from decoder.Position) {
	p.line(pullLine{Event: "connected", File: from.File, Position: from.Offset, Flavor: source.Version.Flavor.String(), Server: source.Version.Text, ServerID: serverID})
}

func (p *PullJSON) Finished(log string, size int64) {
	p.line(pullLine{Event: "finished", File: log, Bytes: size})
}

func (p *PullJSON) Retrying(err error, after time.Duration) {
	p.line(pullLine{Event: "retrying", Error: err.Error(), Advice: p.advice(err), After: after.Seconds()})
}

func (p *PullJSON) Received(progress pull.Progress) { p.last = progress.Pos }

// UpToDate says up to where the folder has the source's logs.
func (p *PullJSON) UpToDate() {
	p.line(pullLine{Event: "up_to_date", File: p.last.File, Position: p.last.Offset})
}

// Clear has nothing to clear.
func (p *PullJSON) Clear() {}
