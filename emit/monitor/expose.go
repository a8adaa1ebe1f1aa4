package monitor

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Limits for clients that ask for metrics. Answers are quick, and clients are not trusted.
const (
	headerLimit = 5 * time.Second
	answerLimit = 10 * time.Second
	headerBytes = 8 << 10
)

// Listen answers GET /metrics on an address until the context ends. It returns the address once it listens.
func Listen(ctx context.Context, address string, build Build, collectors ...prometheus.Collector) (net.Addr, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(register(build, collectors...), promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: headerLimit, ReadTimeout: headerLimit, WriteTimeout: answerLimit,
		IdleTimeout: answerLimit, MaxHeaderBytes: headerBytes}
	context.AfterFunc(ctx, func() { server.Close() })
	go server.Serve(l) // ends with the context; if metrics fail, the program goes on
	return l.Addr(), nil
}

// WriteFile writes metrics to a file for node_exporter's textfile collector, atomically.
func WriteFile(file string, build Build, collectors ...prometheus.Collector) error {
	return prometheus.WriteToTextfile(file, register(build, collectors...))
}
