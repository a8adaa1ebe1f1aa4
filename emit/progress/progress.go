// Package progress shows how far a command is. In go counts of bytes read, rows judged (Meter) or bytes copied from a source (Pull);
// out comes a line on a terminal that replaces itself, and nothing where there is no terminal. Of a copy, messages and JSON (PullJSON)
// go to any stream. It decides nothing.
package progress

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Meter shows how much of the logs was read, how fast, and how long the rest takes. It shows nothing if standard error is not a
// terminal. It removes itself before anything else goes to the terminal.
type Meter struct {
	mu    sync.Mutex
	out   io.Writer // nil when nothing is shown
	bar   *progressbar.ProgressBar
	since time.Time
	shown bool
	total int64            // bytes of all logs; -1 when unknown
	read  map[string]int64 // bytes of each log
}

// A command that finishes sooner shows nothing.
const meterDelay = 500 * time.Millisecond

// NewMeter returns a meter that shows on out; nil shows nothing.
func NewMeter(out io.Writer) *Meter { return &Meter{out: out} }

// Expect starts over, with logs that are about to be read.
func (m *Meter) Expect(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out == nil {
		return
	}
	m.total, m.read, m.since = sizeOf(names), map[string]int64{}, time.Now()
	m.bar = newBar(m.out, m.total)
}

// sizeOf is the size of files on disk; -1 if one is not a regular file.
func sizeOf(names []string) (total int64) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() {
			return -1
		}
		total += info.Size()
	}
	return total
}

// ExpectRows starts over, with rows of a server that are about to be judged.
func (m *Meter) ExpectRows(total uint64) {
	m.Hide()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out == nil {
		return
	}
	m.total, m.read, m.since = int64(total), map[string]int64{}, time.Now()
	m.bar = newRowBar(m.out, m.total)
}

// ShowRows counts rows.
func (m *Meter) ShowRows(judged uint64) { m.Show("", int64(judged)) }

// Show counts. A log that is read a second time counts once.
func (m *Meter) Show(file string, read int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bar == nil || read <= m.read[file] {
		return
	}
	m.read[file] = read
	if time.Since(m.since) < meterDelay {
		return
	}
	sum := int64(0)
	for _, n := range m.read {
		sum += n
	}
	if m.total < 0 || sum < m.total {
		m.bar.Set64(sum) // if it can't be shown, the command goes on
		m.shown = true
	}
}

func newBar(out io.Writer, total int64) *progressbar.ProgressBar {
	bar := newBarOf(out, total, "reading", progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true))
	bar.Add64(0) // the speed is measured from here on
	return bar
}

func newRowBar(out io.Writer, total int64) *progressbar.ProgressBar {
	return newBarOf(out, total, "judging", progressbar.OptionShowCount())
}

func newBarOf(out io.Writer, total int64, what string, more ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append(more, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetWidth(20))...)
}

// Hide removes the bar until more is read.
func (m *Meter) Hide() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shown {
		m.bar.Clear()
		m.shown = false
	}
}

// End removes the bar for good.
func (m *Meter) End() {
	m.Hide()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out, m.bar = nil, nil
}

// Before is a writer that calls Clear before it writes.
type Before struct {
	io.Writer
	Clear func()
}

func (b Before) Write(p []byte) (int, error) {
	b.Clear()
	return b.Writer.Write(p)
}
