package optionfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/servers"
	"binmend/schema/live/optionfile"
	"binmend/schema/live/optionfile/logintest"
)

func TestReveal(t *testing.T) {
	lines := []string{"[client]\n", "user = \"ann\"\n", "password = \"a # b\"\n", "exactly 16 long\n", ""}
	got, err := optionfile.Reveal(logintest.File(lines...))
	if err != nil || string(got) != strings.Join(lines, "") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRevealErrors(t *testing.T) {
	whole := logintest.File("[client]\n", "user = \"ann\"\n")
	otherKey := slices.Concat(whole[:4], []byte("another key"), whole[15:])
	for _, c := range []struct {
		name string
		text []byte
		want string
	}{
		{"nothing", nil, "at offset 0 there are only 0 bytes"},
		{"an option file", []byte("[client]\nuser=ann\nhost=db1\n"), "at offset 24 there are only 3 bytes of a length"},
		{"another key", otherKey, "at offset 24 is a line that the key does not reveal"},
		{"cut in a line", whole[:50], "at offset 44 a line of 16 bytes ends after 2"},
		{"cut in a length", whole[:46], "at offset 44 there are only 2 bytes of a length"},
		{"odd", append(bytes.Clone(whole[:24]), 17, 0, 0, 0), "at offset 24 a line has 17 bytes"},
		{"none", append(bytes.Clone(whole[:24]), 0, 0, 0, 0), "at offset 24 a line has 0 bytes"},
		{"huge", append(bytes.Clone(whole[:24]), 0xf0, 0xff, 0xff, 0xff), "at offset 24 a line has 4294967280 bytes"},
		{"far too long", make([]byte, 2<<20), "at offset 0 there are more than 1048576 bytes"},
	} {
		got, err := optionfile.Reveal(c.text)
		if !errors.Is(err, optionfile.ErrLogin) || !strings.HasSuffix(err.Error(), c.want) || len(got) > 0 {
			t.Errorf("%s: got %q, %v; want %s", c.name, got, err, c.want)
		}
	}
}

// TestAddLogin reads what MySQL's own mysql_config_editor writes, as MySQL's own client reads it.
func TestAddLogin(t *testing.T) {
	in := servers.MySQL97.Install(t)
	name := filepath.Join(t.TempDir(), "login.cnf")
	t.Setenv("MYSQL_TEST_LOGIN_FILE", name)
	set := func(args ...string) {
		t.Helper()
		cmd := in.Command("mysql_config_editor")
		cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool {
			return arg == "--no-defaults" || strings.HasPrefix(arg, "--character-sets-dir")
		})
		cmd.Args = append(append(cmd.Args, "set", "--skip-warn"), args...)
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
	}
	set("--user=ann", "--host=db1")
	set("--login-path=replica7", `--user=o'con"nor#1`, "--host=db7", "--port=3307")
	set("--login-path=local", "--user=bob", `--socket=/run/my sqld.sock`)
	for _, path := range []string{"client", "replica7", "local"} {
		files := optionfile.Files{Groups: []string{"client", path}}
		if err := files.AddLogin(name); err != nil {
			t.Fatal(err)
		}
		if printed, want := printDefaults(t, in, "mysql", "--login-path="+path), text(files.Options); want == "" || !strings.Contains(printed, want) {
			t.Errorf("the client:\n%s\nhere:\n%s", printed, want)
		}
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	var files optionfile.Files
	if err := files.AddLogin(name); err != nil || len(files.Ignored) != 1 || len(files.Options) > 0 {
		t.Errorf("readable for others: %v, ignored %q", err, files.Ignored)
	}
}

func FuzzReveal(f *testing.F) {
	f.Add(logintest.File("[client]\n", "user = \"ann\"\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		plain, err := optionfile.Reveal(text)
		if err != nil && plain != nil {
			t.Errorf("%q with an error: %v", plain, err)
		}
		if len(plain) > len(text) {
			t.Errorf("%d bytes out of %d", len(plain), len(text))
		}
	})
}
