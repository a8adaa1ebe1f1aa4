package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/fixtures/octets"
)

// TestCompressedLogs: every command prints the same for compressed logs as for the logs themselves.
func TestCompressedLogs(t *testing.T) {
	dir := filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed")
	status, definitions := filepath.Join(dir, "status.txt"), filepath.Join(dir, "schema.sql")
	plain := []string{"relay.000001", "relay.000002"}
	folder := t.TempDir()
	for _, name := range plain {
		log, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(folder, name), log)
		save(t, filepath.Join(folder, name+".gz"), octets.Gzip(log))
		save(t, filepath.Join(folder, name+".zst"), octets.Zstd(log))
	}
	for _, command := range []string{
		"events", "events --transactions", "check", "schema --schema " + definitions,
		"events --start-position 1587 --stop-position 2339",
		"fix --status " + status + " --schema " + definitions,
		"fix --gtid b15e4f71-e566-11f1-89b6-02fc00000001:8 --schema " + definitions,
	} {
		want := runIn(t, folder, command, "")
		if want == "" {
			t.Fatalf("%s prints nothing", command)
		}
		for _, suffix := range []string{".gz", ".zst"} {
			got := strings.ReplaceAll(runIn(t, folder, command, suffix), suffix, "")
			if !slices.Equal(wordsOf(got), wordsOf(want)) { // comments wrap elsewhere where names are longer
				t.Errorf("%s of %s files:\n%s\nwant\n%s", command, suffix, got, want)
			}
		}
	}
}

// wordsOf are those of a text, without the marks of comments.
func wordsOf(text string) []string { return strings.Fields(strings.ReplaceAll(text, "\n--", "\n")) }

// runIn runs a command with the two logs of the folder.
func runIn(t *testing.T, folder, command, suffix string) string {
	t.Helper()
	args := strings.Fields("binmend " + command)
	for _, name := range []string{"relay.000001", "relay.000002"} {
		if strings.Contains(command, "-position") && name == "relay.000001" {
			continue
		}
		args = append(args, filepath.Join(folder, name+suffix))
	}
	var out, messages bytes.Buffer
	if exit := Main(args, Streams{In: strings.NewReader(""), Out: &out, Err: &messages, Getenv: os.Getenv}); exit != exitDone {
		t.Fatalf("%s: exit code %d: %s", args, exit, &messages)
	}
	return out.String()
}

func save(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
