package app

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestNormalize(t *testing.T) {
	commands := []*cli.Command{{Name: "fix", Flags: []cli.Flag{
		&cli.StringFlag{Name: "host", Aliases: []string{"h"}},
		&cli.IntFlag{Name: "port", Aliases: []string{"P"}},
		attachedFlag{&cli.StringFlag{Name: "password", Aliases: []string{"p"}}},
		&cli.StringFlag{Name: "gtid"},
		&cli.StringFlag{Name: "channel"},
		&cli.StringSliceFlag{Name: "table"},
		&cli.Int64Flag{Name: "start-position", Aliases: []string{"j"}},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}},
		&cli.BoolFlag{Name: "log-bin"},
	}}, {Name: "events"}}
	global := []cli.Flag{&cli.BoolFlag{Name: "version", Aliases: []string{"V"}}}
	app := &cli.App{Commands: commands, Flags: global}

	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"files", "fix a b", "fix -- a b"},
		{"flags after files", "fix relay.000002 --gtid 0-1-5 --log-bin", "fix --gtid=0-1-5 --log-bin -- relay.000002"},
		{"value attached by =", "fix --gtid=a:1,b:2 f", "fix --gtid=a:1,b:2 -- f"},
		{"a channel may be empty", "fix --channel= f", "fix --channel= -- f"},
		{"a password may be empty", "fix --password= f", "fix --password= -- f"},
		{"-h is the host", "fix -h db1 f", "fix --host=db1 -- f"},
		{"of two hosts the last counts", "fix -h db1 -h db2 f", "fix --host=db1 --host=db2 -- f"},
		{"port in both forms", "fix -P 3306 -P3306 f", "fix --port=3306 --port=3306 -- f"},
		{"a flag that repeats", "fix --table a --table b f", "fix --table=a --table=b -- f"},
		{"a value that is no flag", "fix --gtid -x f", "fix --gtid=-x -- f"},
		{"password attached", "fix -pSECRET f", "fix --password=SECRET -- f"},
		{"password attached by =", "fix --password=SECRET f", "fix --password=SECRET -- f"},
		{"bare -p does not eat the file", "fix -p f", "fix --password=\x00 -- f"},
		{"bare --password does not eat the file", "fix --password f", "fix --password=\x00 -- f"},
		{"flags in one", "fix -vvp f", "fix --verbose --verbose --password=\x00 -- f"},
		{"underscores", "fix --start_position=4 --log_bin f", "fix --start-position=4 --log-bin -- f"},
		{"a number is decimal, as for the mysql client", "fix --start-position=0363 -P 03306 f", "fix --start-position=363 --port=3306 -- f"},
		{"a value may begin with a dash", "fix --start-position -1 f", "fix --start-position=-1 -- f"},
		{"- is standard input", "fix - -v", "fix --verbose -- -"},
		{"everything after -- is a file", "fix -v -- --gtid -p help", "fix --verbose -- --gtid -p help"},
		{"help of a command", "fix -? f", "fix --help"},
		{"program's own flags", "-V", "--version"},
		{"flag before the command", "--version fix", "--version fix"},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, err := readLine(app, strings.Fields(c.in))
			got := line.Args
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Fields(c.want); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
				t.Errorf("%q\ngot  %q\nwant %q", c.in, got, want)
			}
		})
	}

	for _, c := range []struct{ in, text, hint string }{
		{"fx a", `unknown command "fx"`, `did you mean "fix"?`},
		{"relay.000002", `unknown command "relay.000002"`, "binmend events relay.000002"},
		{"qqqqqqqq", `unknown command "qqqqqqqq"`, "binmend help"},
		{"fix --strat-position 4 a", "unknown flag --strat-position", "did you mean --start-position?"},
		{"fix --where id=1 a", "unknown flag --where", ""},
		{"fix --zzzzzzzzzz a", "unknown flag --zzzzzzzzzz", ""},
		{"fix -z a", "unknown flag -z", ""},
		{"fix --h a", "unknown flag --h", ""},
		{"fix a --gtid", "--gtid needs a value", ""},
		{"fix a -P", "--port needs a value", ""},
		{"fix a --gtid=", "--gtid needs a value, found an empty one", "is a variable of the shell not set?"},
		{"fix a --gtid --log-bin", "--gtid needs a value, found --log-bin", "--gtid=VALUE"},
		{"fix a --gtid --start_position=4", "--gtid needs a value, found --start_position", "--gtid=VALUE"},
		{"fix a -h -pSECRET", "--host needs a value, found -p", "--host=VALUE"},
		{"fix a --gtid -- b", "--gtid needs a value, found --", "--gtid=VALUE"},
		{"fix a --gtid 0-1-7 --gtid=0-1-8", "--gtid has two values", "give it once"},
		{"fix a –gtid 0-1-7", `"–gtid" begins with a dash that is not the keyboard's -`, "./NAME"},
		{"--log-bin fix", "unknown flag --log-bin", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			_, err := readLine(app, strings.Fields(c.in))
			var usage *usageError
			if !errors.As(err, &usage) || usage.text != c.text || !strings.Contains(usage.hint, c.hint) || c.hint == "" && usage.hint != "" {
				t.Errorf("error %v, hint %q; want %q, %q", err, hintOf(err), c.text, c.hint)
			}
		})
	}
}

func TestUseColor(t *testing.T) {
	for _, c := range []struct {
		when     string
		terminal bool
		env      string
		want     bool
	}{
		{"auto", true, "", true},
		{"auto", false, "", false},
		{"auto", true, "NO_COLOR=1", false},
		{"auto", true, "TERM=dumb", false},
		{"always", false, "NO_COLOR=1", true},
		{"never", true, "", false},
	} {
		name, value, _ := strings.Cut(c.env, "=")
		s := Streams{OutIsTerminal: c.terminal, Getenv: func(n string) string {
			if n == name {
				return value
			}
			return ""
		}}
		if got := s.UseColor(c.when); got != c.want {
			t.Errorf("--color=%s, terminal %v, %q: got %v", c.when, c.terminal, c.env, got)
		}
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"Schlüssel 'ж'":      "Schlüssel 'ж'",
		"a\nb\x1b[31m\x00":   `a\nb\x1b[31m\x00`,
		"\xff raw":           `\xff raw`,
		"right\u202eto left": `right\u202eto left`,
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"fix a --gtid 0-1-5", "fix -j4 -- -x", "events -? --", "-V", "--color", "fix -\xff --=", "schema --schema"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		app := (&session{}).newApp()
		read, err := readLine(app, strings.Split(line, " "))
		if err != nil {
			return
		}
		for i, arg := range read.Args {
			switch {
			case arg == "--":
				return
			case strings.HasPrefix(arg, "--"):
			case read.Command < 0 || arg != app.Commands[read.Command].Name:
				t.Errorf("%q: argument %d, %q, is neither a flag nor the command nor after --: %q", line, i, arg, read.Args)
			}
		}
	})
}
