package watch

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParseCommand(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string
	}{
		{"mail-dba", []string{"mail-dba"}},
		{`  /opt/tell  -s "new  script" 'it''s' a\ b `, []string{"/opt/tell", "-s", "new  script", "its", "a b"}},
		{"tell $HOME `id` > /tmp/x; true", []string{"tell", "$HOME", "`id`", ">", "/tmp/x;", "true"}},
	} {
		got, err := ParseCommand(c.line)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, %v, want %q", c.line, got, err, c.want)
		}
	}
	for _, line := range []string{"", "  ", "''", `tell "it`, `tell \`} {
		if got, err := ParseCommand(line); err == nil {
			t.Errorf("%q: got %q, want an error", line, got)
		}
	}
}

// The path is the last argument, as it is.
func TestCommandRun(t *testing.T) {
	got := filepath.Join(t.TempDir(), "got")
	command := Command{"sh", "-c", `printf '%s\n' "$#" "$@" >"$1"`, "sh", got}
	if err := command.Run(t.Context(), "/var/lib/a b;$(id).sql"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(got)
	if want := "2\n" + got + "\n/var/lib/a b;$(id).sql\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
}

func TestCommandFails(t *testing.T) {
	said := Command{"sh", "-c", `i=0; while [ $i -lt 1000 ]; do echo "line $i"; i=$((i+1)); done; echo the end >&2; exit 3`}
	err := said.Run(t.Context(), "x")
	if err == nil || !strings.HasPrefix(err.Error(), "exit status 3: ") || !strings.HasSuffix(err.Error(), "\nthe end") || len(err.Error()) > 2*maxSaid {
		t.Errorf("got %v", err)
	}
	if err := (Command{"/nowhere/tell"}).Run(t.Context(), "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Command{"sleep", "1000"}).Run(ctx, "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
