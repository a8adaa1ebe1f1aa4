package monitor

import (
	"github.com/prometheus/client_golang/prometheus"

	"binmend/decoder/serve"
)

// Serve reads a server's load, for the metrics of `binmend serve`.
type Serve struct{ Load func() serve.Load }

var (
	serveConnections = description("serve_connections", "Clients that are connected.")
	serveReplicas    = description("serve_replicas", "Replicas that are connected and are sent events.")
	serveDumps       = description("serve_dumps_total", "Times that a replica began to be sent events.")
	serveRefused     = description("serve_refused_total", "Dumps that ended in an error for the replica.")
	serveBytes       = description("serve_sent_bytes_total", "Bytes of events that were sent.")
)

func (s Serve) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{serveConnections, serveReplicas, serveDumps, serveRefused, serveBytes} {
		to <- d
	}
}

func (s Serve) Collect(to chan<- prometheus.Metric) {
	l := s.Load()
	to <- gauge(serveConnections, float64(l.Connections))
	to <- gauge(serveReplicas, float64(l.Replicas))
	to <- counter(serveDumps, float64(l.Dumps))
	to <- counter(serveRefused, float64(l.Refused))
	to <- counter(serveBytes, float64(l.Bytes))
}
