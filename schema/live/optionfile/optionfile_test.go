package optionfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema/live/optionfile"
)

const file = `# comment
; comment
!includedir /etc/mysql/conf.d
[mysqld]
socket=/server
[client]
user = root
host=db1 # the first
socket="/tmp/a # b"   # quoted
port =3306
ssl_ca='a;b'
loose-ssl-cert=C:\new\table\\x\s|
ssl-key=\q\"end
plugin-dir=
reconnect
[other]
user=nobody
[ binmend ]
user=admin=x
`

func TestRead(t *testing.T) {
	got, err := optionfile.Read(strings.NewReader(file), "my.cnf", "client", "binmend")
	if err != nil {
		t.Fatal(err)
	}
	want := []optionfile.Option{
		{"client", "user", "root", true, "my.cnf", 7},
		{"client", "host", "db1", true, "my.cnf", 8},
		{"client", "socket", "/tmp/a # b", true, "my.cnf", 9},
		{"client", "port", "3306", true, "my.cnf", 10},
		{"client", "ssl-ca", "a;b", true, "my.cnf", 11},
		{"client", "ssl-cert", "C:\new\table\\x |", true, "my.cnf", 12},
		{"client", "ssl-key", `\q"end`, true, "my.cnf", 13},
		{"client", "plugin-dir", "", true, "my.cnf", 14},
		{"client", "reconnect", "", false, "my.cnf", 15},
		{"binmend", "user", "admin=x", true, "my.cnf", 19},
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("option %d:\ngot  %+v\nwant %+v", i, got, want)
		}
	}
}

func TestReadErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[client\n":                               "my.cnf:1: a group without ]",
		"\npassword=secret\n":                     "my.cnf:2: an option before the first [group]",
		"[a]\n" + strings.Repeat("x", 70_000):     "my.cnf:2: a line of more than 65536 bytes",
		"[client]\n\n[client\npassword=secret]\n": "my.cnf:3: a group without ]",
	} {
		_, err := optionfile.Read(strings.NewReader(text), "my.cnf", "client")
		if !errors.Is(err, optionfile.ErrSyntax) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The clients themselves read the file in the same way. --print-defaults prints each option as an argument.
func TestReadAsClient(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			in := line.Install(t)
			name := filepath.Join(t.TempDir(), "my.cnf")
			text := strings.Replace(file, "!includedir /etc/mysql/conf.d\n", "", 1)
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			client := in.Command(line.Client)
			first := slices.Index(client.Args, "--no-defaults")
			client.Args = slices.Replace(client.Args, first, first+1, "--defaults-file="+name, "--print-defaults")
			printed, err := client.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, printed)
			}
			options, err := optionfile.Read(strings.NewReader(text), name, "client")
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, o := range options {
				arg := "--" + o.Name
				if o.HasValue {
					arg += "=" + o.Value
				}
				args = append(args, arg)
			}
			plain := strings.NewReplacer("--loose-", "--", "ssl_ca", "ssl-ca")
			if want := strings.Join(args, " "); !strings.Contains(plain.Replace(string(printed)), want) {
				t.Errorf("the client:\n%s\nhere:\n%s", printed, want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(file))
	f.Add([]byte("[client]\npassword='\\'#\"\\"))
	f.Fuzz(func(t *testing.T, text []byte) {
		options, err := optionfile.Read(strings.NewReader(string(text)), "my.cnf", "client")
		if err != nil && len(options) > 0 {
			t.Errorf("%d options with an error: %v", len(options), err)
		}
		for _, o := range options {
			if o.Group != "client" || o.Line == 0 || strings.ContainsAny(o.Name, "_=\n") {
				t.Errorf("%+v", o)
			}
		}
	})
}
