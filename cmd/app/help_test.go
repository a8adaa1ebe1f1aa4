package app

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kballard/go-shellquote"
	"github.com/urfave/cli/v2"

	"binmend/cmd/manual"
	"binmend/cmd/terminal"
)

// TestHelpFitsTerminal: no line of a help text is wider than the narrowest terminal, and none says that a switch is off.
func TestHelpFitsTerminal(t *testing.T) {
	names := []string{""}
	for _, command := range allCommands() {
		names = append(names, command.Name)
	}
	isTopic := map[string]bool{} // their statements are lines as a client wants them
	for _, topic := range Manual().Topics {
		names = append(names, topic.Name)
		isTopic[topic.Name] = true
	}
	for _, name := range names {
		text := helpText(t, name)
		for line := range strings.Lines(text) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > manual.Width && !(isTopic[name] && line[0] == ' ') {
				t.Errorf("help %s has a line of %d characters: %s", name, n, line)
			}
			if strings.Contains(line, "(default: false)") {
				t.Errorf("help %s: a flag without a value needs no default: %s", name, line)
			}
		}
	}
}

// TestExamplesParse: the commands that help texts show have only flags that there are, with values that they take.
func TestExamplesParse(t *testing.T) {
	for _, command := range allCommands() {
		examples := examplesIn(t, helpText(t, command.Name))
		if len(examples) == 0 {
			t.Errorf("help %s shows no example", command.Name)
		}
		for _, args := range examples {
			if err := readOnly(t, args); err != nil {
				t.Errorf("help %s: binmend %s: %v", command.Name, strings.Join(args, " "), err)
			}
		}
	}
	topics := []manual.Topic{{}}
	for _, topic := range append(topics, Manual().Topics...) {
		text := helpText(t, topic.Name)
		if topic.Name != "" { // code has four blanks before it there, and lists have fewer
			text = strings.Join(regexp.MustCompile(`(?m)^    .*$`).FindAllString(text, -1), "\n")
		}
		for _, args := range examplesIn(t, text) {
			if err := readOnly(t, args); err != nil {
				t.Errorf("help %s: binmend %s: %v", topic.Name, strings.Join(args, " "), err)
			}
		}
	}
}

// TestExamplesRun: the examples that need only files do what they say, with files of the names in the examples.
func TestExamplesRun(t *testing.T) {
	fixture := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed")
	files := map[string]string{"schema.sql": "schema.sql", "status.txt": "status.txt", "relay-bin.000002": "relay.000002",
		"binlog.000007": "relay.000002"}
	for n := range 6 {
		files[fmt.Sprintf("binlog.%06d", n+1)] = "relay.000002"
	}
	dir := t.TempDir()
	for name, from := range files {
		text, err := os.ReadFile(filepath.Join(fixture, from))
		if err != nil {
			t.Fatal(err)
		}
		if name == "status.txt" {
			text = bytes.ReplaceAll(text, []byte("relay.0"), []byte("relay-bin.0"))
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	ran := map[string]bool{}
	for _, command := range allCommands() {
		for _, args := range examplesIn(t, helpText(t, command.Name)) {
			args, ok := withFiles(args)
			if !ok {
				continue
			}
			var out, messages bytes.Buffer
			code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: func(string) string { return "" }})
			if code != exitDone && code != exitFindings || out.Len() == 0 && messages.Len() == 0 {
				t.Errorf("binmend %s: exit code %d, messages %s", strings.Join(args, " "), code, &messages)
			}
			ran[command.Name] = true
		}
	}
	for _, name := range []string{"fix", "events", "sql", "export", "stats", "find", "check", "schema"} {
		if !ran[name] {
			t.Errorf("no example of %s could be run", name)
		}
	}
}

// withFiles puts the files that there are in the place of patterns; ok is false when an argument needs something else.
func withFiles(args []string) (out []string, ok bool) {
	for i, arg := range args {
		switch {
		case slices.Contains([]string{"-S", "-h", "-", "--keyring", "--file-key", "--users"}, arg), strings.Contains(arg, "/"):
			return nil, false
		case strings.ContainsAny(arg, "*[") && i > 0 && args[i-1] != "--table":
			names, _ := filepath.Glob(arg)
			if len(names) == 0 {
				return nil, false
			}
			out = append(out, names...)
			continue
		case strings.Contains(arg, "."):
			if _, err := os.Stat(arg); err != nil && strings.Contains(arg, "bin") {
				return nil, false
			}
		}
		out = append(out, arg)
	}
	return out, !slices.Contains([]string{"watch", "pull", "serve", "account"}, args[0])
}

func allCommands() []*cli.Command { return (&session{}).commands() }

func helpText(t *testing.T, command string) string {
	t.Helper()
	args := []string{"help"}
	if command != "" {
		args = append(args, command)
	}
	var out bytes.Buffer
	if code := run(t.Context(), args, Streams{Out: &out, Err: &out}); code != exitDone {
		t.Fatalf("%s: exit code %d", strings.Join(args, " "), code)
	}
	return out.String()
}

// examplesIn are the arguments of the calls of binmend in a text: indented lines, which a backslash continues. What a shell
// does with the output is left out.
func examplesIn(t *testing.T, text string) (examples [][]string) {
	t.Helper()
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", "")) {
		_, call, found := strings.Cut("|"+line, " binmend ")
		if !found || !strings.HasPrefix(line, "  ") {
			continue
		}
		call, _, _ = strings.Cut(call, " # ")
		words, err := shellquote.Split(call)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if end := slices.IndexFunc(words, func(w string) bool { return slices.Contains([]string{">", ">>", "|", "||", "&&"}, w) }); end >= 0 {
			words = words[:end]
		}
		examples = append(examples, words)
	}
	return examples
}

// readOnly reads arguments as the program does, and runs nothing.
func readOnly(t *testing.T, args []string) error {
	r := &session{Streams: Streams{Out: io.Discard, Err: io.Discard}, ctx: t.Context(), out: terminal.NewOutput(io.Discard)}
	r.app = r.newApp()
	for _, c := range r.app.Commands {
		c.Action = func(*cli.Context) error { return nil }
	}
	line, err := readLine(r.app, args)
	if err != nil {
		return err
	}
	return r.execute(line.Args)
}
