package live

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestRelayLogsIn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"relay.000001", "relay.000003", "relay.000004", "relay.000005", "relay.000007", "relay.index", "relay-ops@002d1.000004",
		"relay.999999", "relay.1000000", "other.000006", "relay.00006", "relay.0000x6",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for current, want := range map[string][]string{
		"relay.000004":           {"relay.000003", "relay.000004", "relay.000005"},
		"relay.000001":           {"relay.000001"},
		"relay.000007":           {"relay.000007"},
		"relay.999999":           {"relay.999999", "relay.1000000"},
		"relay-ops@002d1.000004": {"relay-ops@002d1.000004"},
	} {
		names, err := relayLogsIn(dir, current)
		for i := range names {
			names[i] = filepath.Base(names[i])
		}
		if err != nil || !reflect.DeepEqual(names, want) {
			t.Errorf("%s: got %q, %v, want %q", current, names, err, want)
		}
	}
	if _, err := relayLogsIn(dir, "relay.000006"); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrElsewhere) {
		t.Errorf("a log that is not there: %v", err)
	}
	if _, err := relayLogsIn(dir, "relay"); !errors.Is(err, ErrWhichLog) {
		t.Errorf("a log without a number: %v", err)
	}
	if _, err := relayLogsIn(filepath.Join(dir, "none"), "relay.000001"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestRelayLogDir(t *testing.T) {
	for want, f := range map[string]facts{
		"/var/lib/mysql":    {relayLogs: "/var/lib/mysql/relay-bin", dataDir: "/elsewhere/"},
		"/data":             {relayLogs: "relay-bin", dataDir: "/data/"},
		"/data/logs":        {relayLogs: "./logs/relay-bin", dataDir: "/data/"},
		"/var/lib/mysql/db": {dataDir: "/var/lib/mysql/db"},
	} {
		if got := f.relayLogDir(); got != want {
			t.Errorf("%+v: got %s, want %s", f, got, want)
		}
	}
}

// A folder of this host that has the name of another host's is not taken for it.
func TestCheckHost(t *testing.T) {
	here, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		options Options
		host    string
		ok      bool
	}{
		{Options{Socket: "/s"}, "container", true},
		{Options{Host: "127.0.0.1"}, "container", true},
		{Options{Host: "db1"}, here, true},
		{Options{Host: "db1"}, "elsewhere", false},
	} {
		s := &Server{options: c.options, facts: facts{host: c.host}}
		if err := s.checkHost(); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrElsewhere) {
			t.Errorf("%+v on %s: got %v", c.options, c.host, err)
		}
	}
}
