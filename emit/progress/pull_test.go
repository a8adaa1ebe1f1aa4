package progress

import (
	"errors"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
)

// TestPull: elsewhere than on a terminal a line for each log; on a terminal how far it is too, which makes room for
// the lines.
func TestPull(t *testing.T) {
	const clear = "\r\x1b[K"
	for _, c := range []struct {
		terminal bool
		want     string
	}{
		{false, "2026-11-21 07:00:00 connected to MySQL 9.7.4 as server id 7, from the oldest log\n" +
			"2026-11-21 07:00:02 bin.000001 is complete: 1048580 bytes\n" +
			"2026-11-21 07:00:03 the source is away; again in 1.2s\n" +
			"2026-11-21 07:00:03 up to date at bin.000002:2097156\n"},
		{true, "2026-11-21 07:00:00 connected to MySQL 9.7.4 as server id 7, from the oldest log\n" +
			"\rbin.000001:1048580  1.0 MiB/s  11s behind\x1b[K" + clear +
			"2026-11-21 07:00:02 bin.000001 is complete: 1048580 bytes\n" +
			"\rbin.000002:2097156  1.0 MiB/s  up to date\x1b[K" + clear +
			"2026-11-21 07:00:03 the source is away; again in 1.2s\n" +
			"2026-11-21 07:00:03 up to date at bin.000002:2097156\n"},
	} {
		var out strings.Builder
		now := time.Date(2026, 11, 21, 7, 0, 0, 0, time.UTC)
		p := &Pull{w: &out, terminal: c.terminal, advice: func(error) string { return "" }, now: func() time.Time { return now }, shown: now}
		at := func(file string, offset int64) decoder.Position { return decoder.Position{File: file, Offset: offset} }
		p.Connected(remote.Source{Version: decoder.Version{Text: "9.7.4"}}, 7, decoder.Position{})
		p.Received(pull.Progress{Pos: at("bin.000001", 4)})
		now = now.Add(time.Second)
		p.Received(pull.Progress{Pos: at("bin.000001", 1<<20+4), Time: uint32(now.Unix()) - 11})
		now = now.Add(time.Second)
		p.Finished("bin.000001", 1<<20+4)
		now = now.Add(time.Second)
		p.Received(pull.Progress{Pos: at("bin.000002", 2<<20+4), Time: uint32(now.Unix()) - 60, Idle: true})
		p.Retrying(errors.New("the source is away"), 1234*time.Millisecond)
		p.UpToDate()
		if out.String() != c.want {
			t.Errorf("terminal %t:\n%q\nwant\n%q", c.terminal, &out, c.want)
		}
	}
}
