// Package progress shows on a terminal how far a command is: how much of the logs was read, or of rows judged (Meter), and how a copy of a source's
// logs goes (Pull). It shows nothing where there is no terminal.
package progress

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Meter shows how much of the logs was read, how fast, and how long the rest takes. It shows nothing where
// standard error is no terminal. Before anything else goes to the terminal it takes itself away.
type Meter struct {
	mu    sync.Mutex
	out   io.Writer // nil when nothing is shown
	bar   *progressbar.ProgressBar
	since time.Time
	shown bool
	total int64            // bytes of all logs; -1 when it can't be told
	read  map[string]int64 // bytes of each log
}

// A command that is done sooner shows nothing.
const meterDelay = 500 * time.Millisecond

// NewMeter shows on out; nil: nowhere.
func NewMeter(out io.Writer) *Meter { return &Meter{out: out} }

// Expect begins anew, with logs that are going to be read.
func (m *Meter) Expect(names []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out == nil {
		return
	}
	m.total, m.read, m.since = sizeOf(names), map[string]int64{}, time.Now()
	m.bar = newBar(m.out, m.total)
}

// sizeOf is the size of files on the disk; -1 when one is none.
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

// ExpectRows begins anew, with rows of a server that are going to be judged.
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
		m.bar.Set64(sum) // what it can't show is no reason to stop
		m.shown = true
	}
}

func newBar(out io.Writer, total int64) *progressbar.ProgressBar {
	bar := newBarOf(out, total, "reading", progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true))
	bar.Add64(0) // it measures from here on
	return bar
}

func newRowBar(out io.Writer, total int64) *progressbar.ProgressBar {
	return newBarOf(out, total, "judging", progressbar.OptionShowCount())
}

func newBarOf(out io.Writer, total int64, what string, more ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append(more, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
		progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetWidth(20))...)
}

// Hide takes the bar away until more is read.
func (m *Meter) Hide() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shown {
		m.bar.Clear()
		m.shown = false
	}
}

// End takes the bar away for good.
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
