package monitor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"binmend/decoder"
	"binmend/decoder/pull"
	"binmend/decoder/remote"
	"binmend/decoder/serve"
	"binmend/emit/watch"
)

// need finds a program, or skips the test; with REQUIRE_PROMETHEUS it fails.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("REQUIRE_PROMETHEUS") != "" {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed", program)
	}
}

// hostile is what a server may say of itself, with all that breaks a line, a label or a terminal.
const hostile = "a\"b\\c\nd\x1b[31m\xff|e{}"

func someLooks() *Watch {
	var w Watch
	w.Looked(watch.Look{Address: "db1:3306", Reached: true, Scripts: 1, LastScript: time.Unix(1795236591, 0), Channels: []watch.ChannelState{
		{Name: "", Receiver: "Yes", Applier: "No", Thread: "applier", Errno: 1062, Script: "/var/lib/binmend/x.sql"},
		{Name: hostile, Receiver: "Connecting", Applier: "Yes"},
	}})
	w.Looked(watch.Look{Address: "/run/mysqld/mysqld.sock", Err: errors.New(hostile)})
	return &w
}

type nobody struct{}

func (nobody) Connected(remote.Source, uint32, decoder.Position) {}
func (nobody) Received(pull.Progress)                            {}
func (nobody) Finished(string, int64)                            {}
func (nobody) Retrying(error, time.Duration)                     {}

func pulled() *Pull {
	p := NewPull(nobody{})
	p.Connected(remote.Source{}, 1, decoder.Position{})
	p.Received(pull.Progress{Pos: decoder.Position{File: "bin.000001", Offset: 1000}, Time: 1})
	p.Received(pull.Progress{Pos: decoder.Position{File: "bin.000001", Offset: 1500}, Time: 1})
	p.Finished("bin.000001", 1500)
	p.Received(pull.Progress{Pos: decoder.Position{File: "bin.000002", Offset: 200}, Time: 2, Idle: true})
	return p
}

func served() Serve {
	return Serve{Load: func() serve.Load { return serve.Load{Connections: 3, Replicas: 2, Dumps: 5, Refused: 1, Bytes: 4096} }}
}

var testBuild = Build{Release: "v1.2.3", Commit: "0123456789ab", Go: "go1.26"}

// TestMetrics: what is exposed has the values, and Prometheus's own check of names, helps and types finds nothing.
func TestMetrics(t *testing.T) {
	file := filepath.Join(t.TempDir(), "binmend.prom")
	if err := WriteFile(file, testBuild, someLooks(), pulled(), served()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`binmend_build_info{commit="0123456789ab",go="go1.26",release="v1.2.3"} 1`,
		`binmend_replica_stopped{channel="",error="1062",instance="db1:3306",thread="applier"} 1`,
		`binmend_replica_stopped{channel="a\"b\\c\nd` + "\x1b" + `[31m?|e{}",error="0",instance="db1:3306",thread=""} 0`,
		`binmend_replica_thread_running{channel="",instance="db1:3306",thread="applier"} 0`,
		`binmend_replica_thread_running{channel="",instance="db1:3306",thread="receiver"} 1`,
		`binmend_watch_reached{instance="/run/mysqld/mysqld.sock"} 0`,
		`binmend_watch_failed_looks_total{instance="/run/mysqld/mysqld.sock"} 1`,
		`binmend_watch_last_script_timestamp_seconds{instance="db1:3306"} 1.795236591e+09`,
		`binmend_pull_received_bytes_total 1700`,
		`binmend_pull_lag_seconds 0`,
		`binmend_pull_finished_logs_total 1`,
		`binmend_serve_replicas 2`,
		`binmend_serve_sent_bytes_total 4096`,
	} {
		if !strings.Contains(string(text), want+"\n") {
			t.Errorf("no line %s in\n%s", want, text)
		}
	}
	need(t, "promtool")
	cmd := exec.Command("promtool", "check", "metrics")
	cmd.Stdin = strings.NewReader(string(text))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// TestExamples: the dashboard, the alert rules and the help name metrics that there are, and Prometheus takes the rules.
func TestExamples(t *testing.T) {
	families, err := register(testBuild, someLooks(), pulled(), served()).Gather()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range families {
		known[f.GetName()] = true
	}
	help := filepath.Join("..", "..", "cmd", "manual", "topics", "monitoring.md")
	for _, file := range []string{filepath.Join("..", "..", ".dist", "grafana.json"), filepath.Join("..", "..", ".dist", "alerts.yml"), help} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`binmend_\w+`).FindAllString(string(text), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which there is not", file, name)
			}
		}
		if file == help {
			for name := range known {
				if !strings.Contains(string(text), name) {
					t.Errorf("%s does not name %s", file, name)
				}
			}
		}
	}
	need(t, "promtool")
	if out, err := exec.Command("promtool", "check", "rules", filepath.Join("..", "..", ".dist", "alerts.yml")).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// TestLag: a copy that is not connected is behind, whatever it had.
func TestLag(t *testing.T) {
	p := pulled()
	p.Retrying(errors.New("away"), time.Second)
	registry := register(testBuild, p)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "binmend_pull_lag_seconds" && f.GetMetric()[0].GetGauge().GetValue() < 1e9 {
			t.Errorf("lag %v", f.GetMetric()[0])
		}
	}
}

// TestTextfile: a file that can't be written is an error, and leaves what was there.
func TestTextfile(t *testing.T) {
	if err := WriteFile(filepath.Join(t.TempDir(), "none", "x.prom"), testBuild, someLooks()); err == nil {
		t.Error("no error")
	}
}

// TestPrometheus: a real Prometheus scrapes the address.
func TestPrometheus(t *testing.T) {
	need(t, "prometheus")
	at, err := Listen(t.Context(), "127.0.0.1:0", testBuild, someLooks())
	if err != nil {
		t.Fatal(err)
	}
	web := freeAddress(t)
	dir := t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 1s}\nscrape_configs: [{job_name: binmend, honor_labels: true, static_configs: [{targets: ['%s']}]}]\n", at)
	if err := os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("prometheus", "--config.file", filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path", filepath.Join(dir, "data"), "--web.listen-address", web)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	query := "http://" + web + "/api/v1/query?query=binmend_replica_stopped%7Berror%3D%221062%22%7D"
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		var answer struct {
			Data struct{ Result []struct{ Value []any } }
		}
		if r, err := http.Get(query); err == nil {
			json.NewDecoder(r.Body).Decode(&answer)
			r.Body.Close()
		}
		if len(answer.Data.Result) == 1 && answer.Data.Result[0].Value[1] == "1" {
			return
		}
	}
	t.Error("Prometheus has not seen the metric within a minute")
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestListen: other paths and methods are refused, and the address is free again when the context has ended.
func TestListen(t *testing.T) {
	at, err := Listen(t.Context(), "127.0.0.1:0", testBuild, prometheus.NewGauge(prometheus.GaugeOpts{Name: "x"}))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/metrics": 200, "/": 404} {
		r, err := http.Get("http://" + at.String() + path)
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, r.StatusCode, want)
		}
	}
	if _, err := Listen(t.Context(), at.String(), testBuild); err == nil {
		t.Error("two listen on one address")
	}
}

func TestNagios(t *testing.T) {
	up := watch.ChannelState{Receiver: "Yes", Applier: "Yes"}
	broken := watch.ChannelState{Name: "ops", Receiver: "Yes", Applier: "No", Thread: "applier", Errno: 1032, Script: "/s/a|b.sql"}
	byHand := watch.ChannelState{Receiver: "Yes", Applier: "No"}
	fine := watch.Look{Address: "db1:3306", Reached: true, Channels: []watch.ChannelState{up}}
	for _, c := range []struct {
		name  string
		looks []watch.Look
		err   error
		code  int
		want  string
	}{
		{"all run", []watch.Look{fine}, nil, OK,
			"BINMEND OK - 1 replica channel running | stopped=0;;0;0 unreached=0;;;0 idle_threads=0;0;;0 scripts=0;;;0"},
		{"one has stopped, one is away", []watch.Look{{Address: "db2:3306", Reached: true, Channels: []watch.ChannelState{up, broken}, Scripts: 1}, {Address: "db3:3306"}}, errors.New("x"), Critical,
			"BINMEND CRITICAL - 1 replica channel stopped: db2:3306 channel ops error 1032 (/s/a/b.sql) | stopped=1;;0;0 unreached=1;;;0 idle_threads=0;0;;0 scripts=1;;;0"},
		{"away", []watch.Look{fine, {Address: "db3:3306"}}, errors.New("x"), Unknown,
			"BINMEND UNKNOWN - 1 replica not reached: db3:3306 | stopped=0;;0;0 unreached=1;;;0 idle_threads=0;0;;0 scripts=0;;;0"},
		{"stopped by hand", []watch.Look{{Address: "db1:3306", Reached: true, Channels: []watch.ChannelState{byHand}}}, nil, Warning,
			"BINMEND WARNING - no error, but 1 thread not running: db1:3306 applier | stopped=0;;0;0 unreached=0;;;0 idle_threads=1;0;;0 scripts=0;;;0"},
		{"nothing was looked at", nil, errors.New(hostile), Unknown,
			"BINMEND UNKNOWN - a\"b\\c d"},
	} {
		line, code := Nagios(c.looks, c.err)
		if code != c.code || !strings.HasPrefix(line, c.want) {
			t.Errorf("%s: %d %s\nwant %d %s", c.name, code, line, c.code, c.want)
		}
		if strings.ContainsAny(line, "\n\x1b") || strings.Count(line, "|") != 1 {
			t.Errorf("%s: not one line with one bar: %q", c.name, line)
		}
	}
}

// TestService: systemd hears that the service is ready and alive, and nothing more once no work is done.
func TestService(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "100000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	var s Service
	s.Start(t.Context(), 500*time.Millisecond)
	told := ""
	for b := make([]byte, 100); ; {
		l.SetReadDeadline(time.Now().Add(2 * time.Second))
		n, err := l.Read(b)
		if err != nil {
			break // it is quiet: nobody has called Alive
		}
		told += string(b[:n]) + " "
	}
	if !strings.HasPrefix(told, "READY=1 WATCHDOG=1 WATCHDOG=1 ") || strings.Count(told, "WATCHDOG") > 20 {
		t.Errorf("systemd heard %q", told)
	}
}
