// Package monitor reports the program's state to monitoring systems. In go what watch, pull and serve have seen; out come metrics
// for Prometheus, over HTTP or in a file for node_exporter, one line for Nagios, and systemd's notifications of a service. It
// watches no replica itself. No text from a log or a message is ever a label: instances and channels have the names that
// their administrators gave them, and an error is its number.
package monitor

import "github.com/prometheus/client_golang/prometheus"

// Build identifies the program.
type Build struct{ Release, Commit, Go string }

// Metrics are what Listen and WriteFile collect: a Pull, Serve or Watch.
type Metrics = prometheus.Collector

// register makes a registry with the collectors and the program's own metric.
func register(build Build, collectors ...prometheus.Collector) *prometheus.Registry {
	r := prometheus.NewRegistry()
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "binmend_build_info", Help: "Which binmend this is; always 1.",
		ConstLabels: prometheus.Labels{"release": build.Release, "commit": build.Commit, "go": build.Go}})
	info.Set(1)
	r.MustRegister(info)
	r.MustRegister(collectors...)
	return r
}

func description(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("binmend_"+name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func counter(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, value, labels...)
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
