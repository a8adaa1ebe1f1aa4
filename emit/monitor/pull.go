package monitor

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
)

// Pull counts what `binmend pull` does, and passes it on to another observer.
type Pull struct {
	pull.Observer

	mu                         sync.Mutex
	connected                  bool
	progress                   pull.Progress
	bytes                      float64
	connections, retries, logs int
}

// NewPull returns a Pull that passes everything on to an observer.
func NewPull(next pull.Observer) *Pull { return &Pull{Observer: next} }

func (p *Pull) Connected(source remote.Source, serverID uint32, from decoder.Position) {
	p.change(func() {
		p.connected, p.progress.Pos = true, from
		p.connections++
	})
	p.Observer.Connected(source, serverID, from)
}

func (p *Pull) Received(now pull.Progress) {
	p.change(func() {
		p.bytes += float64(pull.Bytes(p.progress.Pos, now.Pos))
		p.progress = now
	})
	p.Observer.Received(now)
}

func (p *Pull) Finished(log string, size int64) {
	p.change(func() { p.logs++ })
	p.Observer.Finished(log, size)
}

func (p *Pull) Retrying(err error, after time.Duration) {
	p.change(func() {
		p.connected = false
		p.retries++
	})
	p.Observer.Retrying(err, after)
}

func (p *Pull) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
}

var (
	pullConnected   = description("pull_connected", "Whether the source is there.")
	pullConnections = description("pull_connections_total", "Connections to the source.")
	pullRetries     = description("pull_retries_total", "Times that the source was away, or the disk was full.")
	pullBytes       = description("pull_received_bytes_total", "Bytes of logs that were received and written.")
	pullLogs        = description("pull_finished_logs_total", "Logs that were completed.")
	pullLast        = description("pull_last_event_timestamp_seconds", "When the source logged the last event that was received, by its clock.")
	pullLag         = description("pull_lag_seconds", "How far the copy is behind the source: 0 when it has all.")
)

func (p *Pull) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{pullConnected, pullConnections, pullRetries, pullBytes, pullLogs, pullLast, pullLag} {
		to <- d
	}
}

func (p *Pull) Collect(to chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	to <- gauge(pullConnected, truth(p.connected))
	to <- counter(pullConnections, float64(p.connections))
	to <- counter(pullRetries, float64(p.retries))
	to <- counter(pullBytes, p.bytes)
	to <- counter(pullLogs, float64(p.logs))
	if p.progress.Time == 0 {
		return // nothing has arrived yet: the lag is unknown
	}
	to <- gauge(pullLast, float64(p.progress.Time))
	lag := max(0, time.Since(time.Unix(int64(p.progress.Time), 0)).Seconds())
	if p.connected && p.progress.Idle {
		lag = 0
	}
	to <- gauge(pullLag, lag)
}
