package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"binmend/cmd/terminal"
	"binmend/schema/live"
	"binmend/schema/live/optionfile/logintest"
)

// optionsOf reads the options of a connection.
func optionsOf(t *testing.T, env map[string]string, args ...string) (o live.Options, err error) {
	t.Helper()
	return flagsOf(t, env, func(r *session, f *fixFlags) (live.Options, error) { return r.connectionOptions(&f.connectionFlags) }, args...)
}

// flagsOf reads the flags of a connection and of one to the source.
func flagsOf(t *testing.T, env map[string]string, read func(*session, *fixFlags) (live.Options, error), args ...string) (o live.Options, err error) {
	t.Helper()
	r := &session{ctx: context.Background(), out: terminal.NewOutput(&strings.Builder{})}
	r.Err = &strings.Builder{}
	r.Getenv = func(name string) string { return env[name] }
	r.AskPassword = func(string) (string, error) { return "asked", nil }
	var f fixFlags
	application := r.newApp()
	application.Commands = []*cli.Command{{Name: "fix", Flags: append(f.connectionFlags.flags(), f.source.flags()...), Action: action(func() error {
		f.source.defaultsFile = f.defaultsFile
		o, err = read(r, &f)
		return err
	})}}
	line, wrong := readLine(application, append([]string{"fix"}, args...))
	if wrong != nil {
		t.Fatal(wrong)
	}
	application.RunContext(r.ctx, append([]string{"binmend"}, line.Args...))
	return o, err
}

// The command line comes before the option file, a later group of the file before an earlier one, and MYSQL_PWD last.
func TestConnectionOptions(t *testing.T) {
	home := t.TempDir()
	file := "[client]\nuser=ann\npassword=\"in#file\"\nsocket=/s\nport=1\nprompt=x\n[mysql]\nuser=nobody\n[binmend]\nuser=bob\nssl_mode=REQUIRED\n"
	asks := filepath.Join(home, "asks.cnf")
	for name, text := range map[string]string{".my.cnf": file, "asks.cnf": "[client]\nuser=eve\npassword\nskip-ssl\n"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"HOME": home, "MYSQL_PWD": "in environment"}
	alone := map[string]string{"HOME": t.TempDir(), "MYSQL_PWD": "in environment"}
	for _, c := range []struct {
		name string
		env  map[string]string
		args string
		want live.Options
	}{
		{"the file", env, "--ssl-ca=/ca", live.Options{Socket: "/s", Port: 1, User: "bob", Password: "in#file", SSLMode: "REQUIRED", SSLCA: "/ca"}},
		{"the command line first", env, "-ucarl -pdirect -S /t", live.Options{Socket: "/t", Port: 1, User: "carl", Password: "direct", SSLMode: "REQUIRED"}},
		{"a port of the command line is meant", env, "-P 3307", live.Options{Port: 3307, User: "bob", Password: "in#file", SSLMode: "REQUIRED"}},
		{"-p asks", env, "-p", live.Options{Socket: "/s", Port: 1, User: "bob", Password: "asked", SSLMode: "REQUIRED"}},
		{"the environment last", alone, "-h db1 -u dora", live.Options{Host: "db1", User: "dora", Password: "in environment"}},
		{"another file", env, "--defaults-file " + asks, live.Options{User: "eve", Password: "asked", SSLMode: "DISABLED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := optionsOf(t, c.env, strings.Fields(c.args)...)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v\nwant %+v", got, err, c.want)
			}
		})
	}
}

// The machine's option files come before the user's. Those that do not exist, or that the user may not read, are left out.
func TestOptionFilesOfTheMachine(t *testing.T) {
	home, machine := t.TempDir(), filepath.Join(t.TempDir(), "my.cnf")
	for name, text := range map[string]string{
		machine:                        "[client-server]\nsocket=/run/s\nuser=nobody\n",
		filepath.Join(home, ".my.cnf"): "[client]\nuser=ann\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	read := func(r *session, f *fixFlags) (live.Options, error) {
		r.OptionFiles = []string{"/nowhere/my.cnf", machine}
		return r.connectionOptions(&f.connectionFlags)
	}
	want := live.Options{Socket: "/run/s", User: "ann"}
	if got, err := flagsOf(t, map[string]string{"HOME": home}, read); err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// The words of MariaDB's clients for TLS mean an --ssl-mode.
func TestTLSSwitches(t *testing.T) {
	for text, want := range map[string]string{
		"ssl":                              "REQUIRED",
		"ssl=1":                            "REQUIRED",
		"ssl=OFF":                          "DISABLED",
		"skip-ssl":                         "DISABLED",
		"skip-ssl=0":                       "",
		"skip_ssl\nssl":                    "REQUIRED",
		"ssl-verify-server-cert":           "VERIFY_IDENTITY",
		"ssl_verify_server_cert=true\nssl": "VERIFY_IDENTITY",
		"ssl\nssl-verify-server-cert=0":    "REQUIRED",
		"ssl\nssl-mode=VERIFY_CA":          "VERIFY_CA",
	} {
		name := filepath.Join(t.TempDir(), "my.cnf")
		if err := os.WriteFile(name, []byte("[client]\n"+text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if o, err := optionsOf(t, nil, "--defaults-file", name); err != nil || o.SSLMode != want {
			t.Errorf("%q: got %q, %v, want %q", text, o.SSLMode, err, want)
		}
	}
}

// The login file comes after the option files, and a login path in it has to be there.
func TestLoginPath(t *testing.T) {
	home := t.TempDir()
	write := func(name string, text []byte, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(home, name), text, mode); err != nil {
			t.Fatal(err)
		}
	}
	write(".my.cnf", []byte("[client]\nuser=ann\nsocket=/s\n!include "+home+"/more.cnf\n[binmend]\nuser=bob\n"), 0o600)
	write("more.cnf", []byte("[client-server]\nport=3308\n[replica7]\nuser=nobody\n"), 0o600)
	write(".mylogin.cnf", logintest.File("[client]\n", "password = \"in login\"\n", "[replica7]\n", "host = \"db7\"\n", "user = \"eve\"\n",
		"[binmend-source]\n", "host = \"db1\"\n", "user = \"repl\"\n"), 0o600)
	env := map[string]string{"HOME": home}
	for _, c := range []struct {
		args string
		want live.Options
	}{
		{"-P 3307", live.Options{Port: 3307, User: "bob", Password: "in login"}},
		{"--login-path replica7", live.Options{Host: "db7", Socket: "/s", Port: 3308, User: "eve", Password: "in login"}},
		{"--login-path=replica7 -u carl", live.Options{Host: "db7", Socket: "/s", Port: 3308, User: "carl", Password: "in login"}},
	} {
		got, err := optionsOf(t, env, strings.Fields(c.args)...)
		if err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v\nwant %+v", c.args, got, err, c.want)
		}
	}
	source := func(r *session, f *fixFlags) (live.Options, error) {
		o, _, err := r.sourceOptions(&f.source)
		return o, err
	}
	want := live.Options{Host: "db1", User: "repl", Password: "in login"}
	if got, err := flagsOf(t, env, source, "--login-path=replica7", "--source-defaults-group=binmend-source"); err != nil || got != want {
		t.Errorf("the source: got %+v, %v\nwant %+v", got, err, want)
	}
	_, err := optionsOf(t, env, "--login-path=replica8")
	var usage *usageError
	if !errors.As(err, &usage) || err.Error() != `--login-path: expected a login path "replica8" in `+home+`/.mylogin.cnf, found none` {
		t.Errorf("got %v", err)
	}
}

// The source has flags and a group of its own. Of [client] it takes the account, not the replica's address.
func TestSourceOptions(t *testing.T) {
	home := t.TempDir()
	file := "[client]\nuser=ann\npassword=in file\nsocket=/s\nport=1\nhost=replica\n[binmend-source]\nport=3309\n" +
		"[other]\nhost=db2\nuser=carl\n[binmend]\nuser=bob\n"
	if err := os.WriteFile(filepath.Join(home, ".my.cnf"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"HOME": home, "MYSQL_PWD": "the replica's"}
	for _, c := range []struct {
		name string
		args string
		want live.Options
		ok   bool
		err  string
	}{
		{"none", "-S /t", live.Options{}, false, ""},
		{"a host", "--source-host db1", live.Options{Host: "db1", Port: 3309, User: "ann", Password: "in file"}, true, ""},
		{"the command line first", "--source-host db1 --source-port 7 --source-user eve --source-password=x --source-ssl-mode DISABLED",
			live.Options{Host: "db1", Port: 7, User: "eve", Password: "x", SSLMode: "DISABLED"}, true, ""},
		{"a socket", "--source-socket /t", live.Options{Socket: "/t", Port: 3309, User: "ann", Password: "in file"}, true, ""},
		{"asks", "--source-host db1 --source-password", live.Options{Host: "db1", Port: 3309, User: "ann", Password: "asked"}, true, ""},
		{"a group", "--source-defaults-group other", live.Options{Host: "db2", User: "carl", Password: "in file"}, true, ""},
		{"an account for no server", "--source-user eve", live.Options{}, false, "--source-user without --source-host"},
		{"a port that is none", "--source-port x", live.Options{}, false, `--source-port: expected a number, found "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var ok bool
			got, err := flagsOf(t, env, func(r *session, f *fixFlags) (o live.Options, err error) {
				o, ok, err = r.sourceOptions(&f.source)
				return o, err
			}, strings.Fields(c.args)...)
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Errorf("got %v, want %s", err, c.err)
				}
				return
			}
			if err != nil || ok != c.ok || got != c.want {
				t.Errorf("got %+v, %t, %v\nwant %+v, %t", got, ok, err, c.want, c.ok)
			}
		})
	}
}

// Errors in option files name file and line, and no password.
func TestConnectionOptionErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[client]\nport=secret\n":          `:2: port: expected a number, found "secret"`,
		"[binmend]\n\npasword=s3cr3t\n":    `:3: unknown option "pasword" in [binmend]`,
		"[client\npassword=s3cr3t\n":       ":1: a group without ]",
		"password=s3cr3t\n[client]\nx=1\n": ":1: an option before the first [group]",
	} {
		name := filepath.Join(t.TempDir(), "my.cnf")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := optionsOf(t, nil, "--defaults-file", name)
		if err == nil || err.Error() != name+want {
			t.Errorf("got %v, want %s", err, name+want)
		}
	}
}
