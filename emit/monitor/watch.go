package monitor

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"binmend/emit/watch"
)

// Watch keeps the last look at each instance, for the metrics of `binmend watch`.
type Watch struct {
	Service  Service
	Textfile string // written after each look, see WriteFile; "" for none
	Build    Build
	Failed   func(error) // of writing it

	mu    sync.Mutex
	looks map[string]*counted
	file  sync.Mutex
}

// counted is the last look at an instance, and the number of looks.
type counted struct {
	watch.Look
	at        time.Time
	all, fail int
}

// Looked records a look.
func (w *Watch) Looked(l watch.Look) {
	w.Service.Alive()
	w.count(l)
	if w.Textfile == "" {
		return
	}
	w.file.Lock()
	defer w.file.Unlock()
	if err := WriteFile(w.Textfile, w.Build, w); err != nil {
		w.Failed(err)
	}
}

func (w *Watch) count(l watch.Look) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.looks == nil {
		w.looks = map[string]*counted{}
	}
	c := w.looks[l.Address]
	if c == nil {
		c = &counted{}
		w.looks[l.Address] = c
	}
	c.Look, c.at = l, time.Now()
	c.all++
	if l.Err != nil {
		c.fail++
	}
}

// Looks are the last looks, sorted by the instances' addresses.
func (w *Watch) Looks() (all []watch.Look) {
	for _, c := range w.sorted() {
		all = append(all, c.Look)
	}
	return all
}

func (w *Watch) sorted() (all []counted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, address := range slices.Sorted(maps.Keys(w.looks)) {
		all = append(all, *w.looks[address])
	}
	return all
}

var (
	reached    = description("watch_reached", "Whether the replica answered the last look.", "instance")
	looked     = description("watch_last_look_timestamp_seconds", "When the replica was looked at last.", "instance")
	looks      = description("watch_looks_total", "Looks at the replica.", "instance")
	failed     = description("watch_failed_looks_total", "Looks for which the replica did not answer, or a script could not be written.", "instance")
	stopped    = description("replica_stopped", "Whether a thread of the channel has stopped with an error; error is its number, 0 for none.", "instance", "channel", "thread", "error")
	running    = description("replica_thread_running", "Whether a thread of the channel runs: 1, 0, or 0.5 for a receiver that connects.", "instance", "channel", "thread")
	scripts    = description("watch_scripts_total", "Scripts that were written.", "instance")
	lastScript = description("watch_last_script_timestamp_seconds", "When the newest script in the folder was written.", "instance")
)

func (w *Watch) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{reached, looked, looks, failed, stopped, running, scripts, lastScript} {
		to <- d
	}
}

func (w *Watch) Collect(to chan<- prometheus.Metric) {
	for _, c := range w.sorted() {
		instance := label(c.Address)
		to <- gauge(reached, truth(c.Reached), instance)
		to <- gauge(looked, seconds(c.at), instance)
		to <- counter(looks, float64(c.all), instance)
		to <- counter(failed, float64(c.fail), instance)
		to <- counter(scripts, float64(c.Scripts), instance)
		if !c.LastScript.IsZero() {
			to <- gauge(lastScript, seconds(c.LastScript), instance)
		}
		if !c.Reached {
			continue // its last known state says nothing about now
		}
		for _, s := range c.Channels {
			channel := label(s.Name)
			to <- gauge(stopped, truth(s.Errno != 0), instance, channel, threadOf(s), strconv.Itoa(s.Errno))
			to <- gauge(running, state(s.Receiver), instance, channel, "receiver")
			to <- gauge(running, state(s.Applier), instance, channel, "applier")
		}
	}
}

// threadOf is the thread that stopped; "" for none.
func threadOf(s watch.ChannelState) string {
	if s.Errno == 0 {
		return ""
	}
	return s.Thread
}

func state(s string) float64 {
	switch s {
	case "Yes":
		return 1
	case "Connecting":
		return 0.5
	default:
		return 0
	}
}

// label makes a text valid as a label.
func label(s string) string { return strings.ToValidUTF8(s, "?") }

// seconds is a time as Prometheus writes it.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
