package optionfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"binmend/fixtures/servers"
	"binmend/schema/live/optionfile"
)

// tree is a file with what it includes. DIR is the folder that all are in.
const tree = `
-- my.cnf --
[client]
user=first
! include   DIR/one.cnf
host=after
!includedir	DIR/conf.d
!include DIR/nowhere.cnf
!other thing
port=1
-- one.cnf --
port=2
[client]
user=one
-- conf.d/b.cnf --
[client]
user=b
!include DIR/two.cnf
-- conf.d/a.cnf --
[client]
user=a
[other]
user=nobody
-- conf.d/c.cnf.bak --
[client]
user=bak
-- two.cnf --
[client]
socket=two
`

// plant writes the files of an archive into a new folder.
func plant(t *testing.T, archive string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(strings.ReplaceAll(string(f.Data), "DIR", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// text writes options as the clients' --print-defaults does.
func text(options []optionfile.Option) string {
	var args []string
	for _, o := range options {
		arg := "--" + o.Name
		if o.HasValue {
			arg += "=" + o.Value
		}
		args = append(args, arg)
	}
	return strings.Join(args, " ")
}

func TestAdd(t *testing.T) {
	dir := plant(t, strings.Replace(tree, "port=2\n", "", 1))
	files := optionfile.Files{Groups: []string{"client"}}
	if err := files.AddFile(filepath.Join(dir, "my.cnf")); err != nil {
		t.Fatal(err)
	}
	const want = "--user=first --user=one --host=after --user=a --user=b --socket=two --port=1"
	if got := text(files.Options); got != want || len(files.Ignored) > 0 {
		t.Errorf("got  %s\nwant %s\nignored %q", got, want, files.Ignored)
	}
	if o := files.Options[5]; o.File != filepath.Join(dir, "two.cnf") || o.Line != 2 {
		t.Errorf("the socket is from %s:%d", o.File, o.Line)
	}
}

// Files that everybody may write are skipped, wherever they stand.
func TestAddUntrusted(t *testing.T) {
	dir := plant(t, "-- my.cnf --\n[client]\nuser=a\n!include DIR/open.cnf\n-- open.cnf --\n[client]\nuser=eve\n")
	open := filepath.Join(dir, "open.cnf")
	if err := os.Chmod(open, 0o666); err != nil {
		t.Fatal(err)
	}
	files := optionfile.Files{Groups: []string{"client"}}
	if err := files.AddFile(filepath.Join(dir, "my.cnf")); err != nil {
		t.Fatal(err)
	}
	if want := open + " is ignored, as the clients do: its mode is 0666"; text(files.Options) != "--user=a" || !slices.Equal(files.Ignored, []string{want}) {
		t.Errorf("got %s, ignored %q", text(files.Options), files.Ignored)
	}
}

func TestAddErrors(t *testing.T) {
	for _, c := range []struct{ archive, want string }{
		{tree, "DIR/one.cnf:1: an option before the first [group]"},
		{"-- my.cnf --\n!include DIR/my.cnf\n", "DIR/my.cnf:1: more than 10 files that include each other"},
		{"-- my.cnf --\n!include\n", "DIR/my.cnf:1: !include names nothing"},
		{"-- my.cnf --\n!includedir DIR/nowhere\n", "DIR/my.cnf:1: !includedir: open DIR/nowhere: no such file or directory"},
		{"-- my.cnf --\n!include DIR\n", "DIR is a folder"},
	} {
		dir := plant(t, c.archive)
		files := optionfile.Files{Groups: []string{"client"}}
		err := files.AddFile(filepath.Join(dir, "my.cnf"))
		if got := strings.ReplaceAll(fmt.Sprint(err), dir, "DIR"); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	var files optionfile.Files
	if err := files.AddFile("/nowhere/my.cnf"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

// The clients themselves follow the same files in the same order.
func TestAddAsClient(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			in := line.Install(t)
			name := filepath.Join(plant(t, strings.Replace(tree, "port=2\n", "", 1)), "my.cnf")
			files := optionfile.Files{Groups: []string{"client"}}
			if err := files.AddFile(name); err != nil {
				t.Fatal(err)
			}
			if printed, want := printDefaults(t, in, line.Client, "--defaults-file="+name), text(files.Options); !strings.Contains(printed, want) {
				t.Errorf("the client:\n%s\nhere:\n%s", printed, want)
			}
		})
	}
}

// printDefaults is what a client makes of its option files.
func printDefaults(t *testing.T, in *servers.Install, client string, args ...string) string {
	t.Helper()
	cmd := in.Command(client)
	first := slices.Index(cmd.Args, "--no-defaults")
	cmd.Args = slices.Replace(cmd.Args, first, first+1, append(args, "--print-defaults")...)
	printed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	return string(printed)
}
