package progress

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/fixtures/forms"
)

// TestPullJSON: each thing that happens is an object of the schema, and they show all of its fields.
func TestPullJSON(t *testing.T) {
	var out bytes.Buffer
	p := NewPullJSON(&out, func(error) string { return "wait" })
	p.now = func() time.Time { return time.Unix(1792000000, 0) }
	p.Connected(remote.Source{Version: decoder.Version{Flavor: decoder.MySQL, Text: "9.7.4"}}, 7, decoder.Position{File: "bin.000001", Offset: 4})
	p.Received(pull.Progress{Pos: decoder.Position{File: "bin.000002", Offset: 900}})
	p.Finished("bin.000001", 1000)
	p.Retrying(errors.New("gone <away>"), 1500*time.Millisecond)
	p.UpToDate()
	p.Clear()
	form, err := forms.Of("pull")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := form.Check(out.Bytes()); n != 4 || err != nil {
		t.Errorf("%d values, %v:\n%s", n, err, &out)
	}
	if unseen := form.Unseen(); len(unseen) > 0 {
		t.Errorf("no object has %s", unseen)
	}
	last := `{"version":1,"time":"2026-10-14T17:46:40Z","event":"up_to_date","file":"bin.000002","position":900}` + "\n"
	if !strings.HasSuffix(out.String(), last) {
		t.Errorf("it ends otherwise than in %s:\n%s", last, &out)
	}
}
