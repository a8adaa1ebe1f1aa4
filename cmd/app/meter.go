package app

import (
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"binmend/decoder/logfile"
)

// meter shows on standard error how much of the logs was read, how fast, and how long the rest takes. It shows nothing where
// standard error is no terminal. Before anything else goes to the terminal it takes itself away.
type meter struct {
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

// watched makes an opener report to the meter, and stop reading at Ctrl-C.
func (r *session) watched(o logfile.Opener, names []string) logfile.Opener {
	r.meter.expect(names)
	o.Reading = func(file string, read int64) error {
		r.meter.show(file, read)
		return r.ctx.Err()
	}
	return o
}

// expect begins anew, with logs that are going to be read.
func (m *meter) expect(names []string) {
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

// show counts. A log that is read a second time counts once.
func (m *meter) show(file string, read int64) {
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
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("reading"),
		progressbar.OptionShowBytes(true), progressbar.OptionUseIECUnits(true), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(200*time.Millisecond), progressbar.OptionSetWidth(20))
	bar.Add64(0) // it measures from here on
	return bar
}

// hide takes the bar away until more is read.
func (m *meter) hide() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.shown {
		m.bar.Clear()
		m.shown = false
	}
}

// end takes the bar away for good.
func (m *meter) end() {
	m.hide()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.out, m.bar = nil, nil
}

// behind is a writer that calls clear before it writes.
type behind struct {
	io.Writer
	clear func()
}

func (b behind) Write(p []byte) (int, error) {
	b.clear()
	return b.Writer.Write(p)
}
