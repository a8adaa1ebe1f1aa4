package watch

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestInstanceName(t *testing.T) {
	for address, want := range map[string]string{
		"replica7.example.org:3306":                  "replica7.example.org_3306",
		"[2001:db8::7]:3306":                         "2001%3Adb8%3A%3A7_3306",
		"my_host:3306":                               "my%5Fhost_3306",
		"/run/mysqld/mysqld.sock":                    "_run_mysqld_mysqld.sock",
		"/run/mysqld_3306.sock":                      "_run_mysqld%5F3306.sock",
		"/run/../run/my:sock":                        "_run_my%3Asock",
		"/" + strings.Repeat("long/", 30) + "a.sock": "_" + strings.Repeat("long_", 14) + "~0511442e",
	} {
		if got := instanceName(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// Whatever the server says, a name is one of a file in the folder, which a script finds again.
func TestScriptName(t *testing.T) {
	at := time.Date(2026, 11, 21, 7, 15, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct{ channel, place, want string }{
		{"", "d30ea6ed-e555-11f1-955a-02fc00000001:4", "db_1.20261121T061500Z.1062.d30ea6ed-e555-11f1-955a-02fc00000001_4.sql"},
		{"", "d30ea6ed-e555-11f1-955a-02fc00000001:a_tag:4", "db_1.20261121T061500Z.1062.d30ea6ed-e555-11f1-955a-02fc00000001_a%5Ftag_4.sql"},
		{"", "0-1-7", "db_1.20261121T061500Z.1062.0-1-7.sql"},
		{"ops-1", "bin.000001:1042", "db_1+ops-1.20261121T061500Z.1062.bin.000001_1042.sql"},
		{"../../etc", "..:0", "db_1+%2E%2E%2F%2E%2E%2Fetc.20261121T061500Z.1062.%2E._0.sql"},
		{"a\nb\x00", "'; rm -rf $HOME;:4", "db_1+a%0Ab%00.20261121T061500Z.1062.%27%3B%20rm%20-rf%20%24HOME%3B_4.sql"},
		{strings.Repeat("é", 64), "x:4", "db_1+%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9%~845836d7.20261121T061500Z.1062.x_4.sql"},
	} {
		stream := streamName("db_1", c.channel)
		if got := scriptName(stream, at, failing{errno: 1062, place: c.place}.suffix(".sql")); got != c.want {
			t.Errorf("%q, %q:\ngot  %s\nwant %s", c.channel, c.place, got, c.want)
		}
	}
}

func TestScriptNameProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instance := instanceName(rapid.String().Draw(t, "host") + ":3306")
		draw := func() (stream string, e failing) {
			return streamName(instance, rapid.String().Draw(t, "channel")),
				failing{errno: rapid.IntRange(0, 99999).Draw(t, "errno"), place: rapid.String().Draw(t, "place")}
		}
		stream, e := draw()
		name := scriptName(stream, time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "time"), 0), e.suffix(".sql"))
		if len(name)+len(".")+19 > 255 || !filepath.IsLocal(name) || filepath.Base(name) != name || name[0] == '.' {
			t.Fatalf("%q is no name of a file", name)
		}
		if strings.ContainsFunc(name, func(r rune) bool { return !strings.ContainsRune("-.+_%~", r) && (r < '0' || r > 'z') }) {
			t.Fatalf("%q has characters that it should not", name)
		}
		if errorOf(undoName(name), stream, ".sql") != "" {
			t.Fatalf("%q is taken for a script", undoName(name))
		}
		if errorOf(name, stream, ".sql") != e.suffix(".sql") {
			t.Fatalf("%q is not known again as %q of %q", name, e.suffix(".sql"), stream)
		}
		if other, _ := draw(); other != stream && errorOf(name, other, ".sql") != "" {
			t.Fatalf("%q is taken for one of %q", name, other)
		}
	})
}
