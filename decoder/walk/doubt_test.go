package walk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
)

// TestDoubt: neighbours by number or by name of which one does not begin as the other ends; logs are written as in TestOrder, with
// other numbers in their names.
func TestDoubt(t *testing.T) {
	for _, tc := range []struct{ name, given, want string }{
		{"one server", "a/relay.000001=1 a/relay.000002=2 a/relay.000003=3!", ""},
		{"a server that crashed", "a/relay.000002=2? a/relay.000003=3*", ""},
		{"other times", "a/relay.000001=1~ b/relay.000002=5?", "the earlier one ended by beginning another at"},
		{"another start", "a/relay.000001=1~ b/relay.000002=2*", "the later one began when its server started"},
		{"earlier", "a/relay.000002=2? b/relay.000003=1*", "the later one began at"},
		{"no end and no start", "a/relay.000002=2? b/relay.000003=3?", "the later one did not begin with a start of its server"},
		{"another name", "a/relay.000002=2? b/other.000001=3*", ""},
		{"another name without a start", "a/relay.000002=2? b/other.000001=3?", "their names differ"},
		{"another name, earlier", "a/relay.000002=2? b/other.000001=1*", "their names differ"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var logs Logs
			for _, given := range strings.Fields(tc.given) {
				name, number, _ := strings.Cut(given, "=")
				name = filepath.Join(t.TempDir(), filepath.Base(name))
				writeLog(t, name, number)
				logs.Names = append(logs.Names, name)
			}
			var all []*member
			for _, group := range logs.groups() {
				all = append(all, group...)
			}
			got := ""
			for i, m := range all {
				m.head.Relay = false
				switch {
				case i == 0:
				case m.stem == all[i-1].stem:
					got += all[i-1].doubtNext(m)
				default:
					got += all[i-1].doubtRenamed(m)
				}
			}
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// TestDoubtEncrypted: MariaDB encrypts each event by itself, so that the last one can't be found from the end of the log. That is no
// doubt: it may name the next one.
func TestDoubtEncrypted(t *testing.T) {
	plain, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mariadb-10.11", "mixed", "relay.000001"))
	if err != nil {
		t.Fatal(err)
	}
	dir, key := t.TempDir(), crypttest.Key("of the logs", 32)
	keys, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	logs := Logs{Opener: logfile.Opener{KeyFile: keys}}
	for _, number := range []string{"1", "2"} {
		name := filepath.Join(dir, "binlog.00000"+number)
		if err := os.WriteFile(name, crypttest.MariaDB(plain, key, crypttest.CBC), 0o600); err != nil {
			t.Fatal(err)
		}
		logs.Names = append(logs.Names, name)
	}
	group := logs.groups()[0]
	if len(group) != 2 {
		t.Fatalf("%d logs of one server, want 2", len(group))
	}
	for _, m := range group {
		m.head.Relay = false
		m.head.Format.Created = 0 // not with a start of its server
	}
	if got := group[0].doubtNext(group[1]); got != "" {
		t.Errorf("%q, want no doubt", got)
	}
}
