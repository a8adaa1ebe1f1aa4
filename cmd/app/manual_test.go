package app

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"binmend/cmd/manual"
)

// need finds a program, or skips the test; with REQUIRE_SHELLS it fails.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("REQUIRE_SHELLS") != "" {
			t.Fatal(err)
		}
		t.Skipf("%s is not installed", program)
	}
}

// TestManPages: the man pages render without a complaint, and show every flag and example.
func TestManPages(t *testing.T) {
	need(t, "man")
	p := Manual()
	dir := t.TempDir()
	for _, page := range p.Pages(manual.Source{Release: "v1.2.3", Day: "2026-11-21"}) {
		file := filepath.Join(dir, page.Name)
		if err := os.WriteFile(file, []byte(page.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("man", "--warnings", "--local-file", file)
		cmd.Env = append(os.Environ(), "MANWIDTH=200", "LC_ALL=C.UTF-8", "MANROFFSEQ=", "MAN_KEEP_FORMATTING=")
		var complaints bytes.Buffer
		cmd.Stderr = &complaints
		out, err := cmd.Output()
		if err != nil || complaints.Len() > 0 {
			t.Errorf("%s: %v: %s", page.Name, err, &complaints)
		}
		shown := strings.Join(strings.Fields(string(out)), " ")
		for _, want := range onPage(p, page.Name) {
			if !strings.Contains(shown, strings.Join(strings.Fields(want), " ")) {
				t.Errorf("%s does not show %q", page.Name, want)
			}
		}
	}
}

// onPage is what a man page has to show.
func onPage(p manual.Program, page string) (texts []string) {
	for _, c := range p.Commands {
		if page != "binmend-"+c.Name+".1" {
			continue
		}
		for _, f := range c.Flags {
			texts = append(texts, f.Names...)
		}
		for line := range strings.Lines(c.Text) {
			if strings.HasPrefix(line, "  ") {
				texts = append(texts, line)
			}
		}
	}
	return append(texts, "NAME")
}

// completions are command lines that are typed with a tab in them, and the arguments that come of it.
var completions = []struct {
	typed string
	want  []string
}{
	{"binmend chec\t relay.000001", []string{"check", "relay.000001"}},
	{"binmend fix --statu\t status.txt", []string{"fix", "--status", "status.txt"}},
	{"binmend fix --status stat\t", []string{"fix", "--status", "status.txt"}},
	{"binmend events rela\t", []string{"events", "relay.000001"}},
	{"binmend export --format parq\t", []string{"export", "--format", "parquet"}},
	{"binmend fix --schema-at sta\t", []string{"fix", "--schema-at", "start"}},
	{"binmend pull --dir fold\t", []string{"pull", "--dir", "folder"}},
	{"binmend help exi\t", []string{"help", "exit"}},
}

// TestCompletion: real shells complete what is typed, on a terminal.
func TestCompletion(t *testing.T) {
	p := Manual()
	for _, shell := range []struct{ name, script, file, start, setup string }{
		{"bash", p.Bash(), "binmend", "bash --noprofile --norc -i", `source ./binmend; binmend() { printf '<%s>' "$@"; echo .; }`},
		{"zsh", p.Zsh(), "_binmend", "zsh -f -i", `fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D; binmend() { printf '<%s>' "$@"; echo .; }`},
		{"fish", p.Fish(), "binmend.fish", "fish --no-config -i", `source ./binmend.fish; function binmend; printf '<%s>' $argv; echo .; end`},
	} {
		t.Run(shell.name, func(t *testing.T) {
			need(t, shell.name)
			need(t, "script")
			dir := t.TempDir()
			for name, text := range map[string]string{shell.file: shell.script, "status.txt": "", "relay.000001": "", "folder/x": ""} {
				file := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			typed := typeInto(t, dir, shell.start, shell.setup)
			for _, c := range completions {
				if got := typed(c.typed); !slices.Equal(got, c.want) {
					t.Errorf("%q: got %q, want %q", c.typed, got, c.want)
				}
			}
		})
	}
}

var (
	told   = regexp.MustCompile(`(?:<[^<>]*>)+\.`)
	argued = regexp.MustCompile(`<([^<>]*)>`)
)

// typeInto starts a shell on a terminal. What it returns types a line there and reads the arguments that the program gets.
func typeInto(t *testing.T, dir, start, setup string) func(line string) []string {
	t.Helper()
	cmd := exec.Command("script", "-qfc", start, "/dev/null")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=dumb", "HOME="+dir, "PS1=", "LC_ALL=C.UTF-8")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan string)
	t.Cleanup(func() {
		go func() {
			for range read {
			}
		}()
		limit := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		defer limit.Stop()
		fmt.Fprint(in, "\x15exit\r") // script ends after the shell, which may write a history into the folder that is removed next
		cmd.Wait()
	})
	go func() {
		defer close(read)
		for b := make([]byte, 4096); ; {
			n, err := out.Read(b)
			if err != nil {
				return
			}
			read <- string(b[:n])
		}
	}()
	await := func(line string) []string {
		fmt.Fprint(in, line)
		time.Sleep(300 * time.Millisecond) // what completes may still be at work
		fmt.Fprint(in, "\r")
		seen := ""
		for limit := time.After(20 * time.Second); ; {
			select {
			case more, ok := <-read:
				seen += more
				if m := told.FindString(seen); m != "" {
					var words []string
					for _, w := range argued.FindAllStringSubmatch(m, -1) {
						words = append(words, strings.TrimSuffix(w[1], "/"))
					}
					return words
				}
				if !ok {
					t.Fatalf("%q: the shell has ended: %q", line, seen)
				}
			case <-limit:
				t.Fatalf("%q: the shell said only %q", line, seen)
			}
		}
	}
	await(setup + "; binmend ready")
	return await
}
