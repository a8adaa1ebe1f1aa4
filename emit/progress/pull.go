package progress

import (
	"fmt"
	"io"
	"time"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/emit/display"
)

// Pull shows the progress of a copy: a line for each complete log and, on a terminal, the current progress.
type Pull struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	advice   func(error) string

	progress pull.Progress
	shown    time.Time // when the progress was shown last
	rate     rate
	showing  bool
}

// NewPull writes to w. advice says what to do about an error, "" for nothing.
func NewPull(w io.Writer, terminal bool, advice func(error) string) *Pull {
	return &Pull{w: w, terminal: terminal, now: time.Now, advice: advice}
}

// line writes a permanent line.
func (p *Pull) line(format string, args ...any) {
	p.Clear()
	fmt.Fprintln(p.w, p.now().UTC().Format("2006-01-02 15:04:05"), display.Printable(fmt.Sprintf(format, args...)))
}

// Clear removes the progress.
func (p *Pull) Clear() {
	if p.showing {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.showing = false
	}
}

func (p *Pull) Connected(source remote.Source, serverID uint32, from decoder.Position) {
	where := "from the oldest log"
	if from.File != "" {
		where = "from " + from.String()
	}
	p.line("connected to %s %s as server id %d, %s", source.Version.Flavor, source.Version.Text, serverID, where)
}

func (p *Pull) Finished(log string, size int64) {
	p.line("%s is complete: %d bytes", log, size)
}

func (p *Pull) Retrying(err error, after time.Duration) {
	p.line("%v; again in %v", err, after.Round(100*time.Millisecond))
	if hint := p.advice(err); hint != "" {
		p.line("hint: %s", hint)
	}
}

// UpToDate says up to where the folder has the source's logs.
func (p *Pull) UpToDate() {
	p.line("up to date at %s", p.progress.Pos)
}

// progressInterval is how often the progress is shown.
const progressInterval = 250 * time.Millisecond

func (p *Pull) Received(progress pull.Progress) {
	p.rate.addProgress(p.progress.Pos, progress.Pos)
	p.progress = progress
	if !p.terminal {
		return
	}
	now := p.now()
	if now.Sub(p.shown) < progressInterval {
		return
	}
	speed := p.rate.perSecond(now.Sub(p.shown))
	p.shown, p.showing = now, true
	fmt.Fprintf(p.w, "\r%s  %.1f MiB/s  %s\x1b[K", display.Printable(progress.Pos.String()), speed/(1<<20), lag(progress, now))
}

// lag is how far after the source the copy is, by the source's own clock.
func lag(p pull.Progress, now time.Time) string {
	switch behind := now.Unix() - int64(p.Time); {
	case p.Time == 0:
		return ""
	case p.Idle || behind <= 0:
		return "up to date"
	default:
		return fmt.Sprintf("%v behind", time.Duration(behind)*time.Second)
	}
}

// rate measures bytes per second between two calls.
type rate struct{ bytes int64 }

func (r *rate) addProgress(from, to decoder.Position) { r.bytes += pull.Bytes(from, to) }

// perSecond is the bytes a second since the last call.
func (r *rate) perSecond(passed time.Duration) float64 {
	bytes := float64(r.bytes)
	r.bytes = 0
	return bytes / max(passed.Seconds(), 0.001)
}
