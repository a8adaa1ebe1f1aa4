package app

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInterruptedStats: after Ctrl-C, stats prints what it has counted, and says that it is incomplete.
func TestInterruptedStats(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hangs := readerFunc(func([]byte) (int, error) { cancel(); select {} })
	var out, messages bytes.Buffer
	s := Streams{In: io.MultiReader(bytes.NewReader(log[:2000]), hangs), Out: &out, Err: &messages}
	if code := run(ctx, []string{"stats", "-"}, s); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	for _, want := range []string{"\n5 transactions, 3 rows: 3 inserts", "* the logs were not read to their end: interrupted\n", "\nshop.customers "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output does not hold %q:\n%s%s", want, &out, &messages)
		}
	}
}

// TestTopicStats: the tables that the help shows are those that the program prints.
func TestTopicStats(t *testing.T) {
	topic, err := os.ReadFile(filepath.Join("..", "manual", "topics", "statistics.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed"))
	const command = "binmend stats relay.000001 relay.000002"
	_, shown, _ := strings.Cut(string(topic), "$ "+command+"\n\nbegins with\n\n```\n")
	shown, _, found := strings.Cut(shown, "```")
	var out, messages bytes.Buffer
	run(t.Context(), strings.Fields(command)[1:], Streams{Out: &out, Err: &messages})
	if !found || !strings.HasPrefix(out.String(), shown) {
		t.Errorf("the help shows\n%s\nthe program prints\n%s%s", shown, &out, &messages)
	}
}

// TestProvenance: a page names the command line that made it, without passwords.
func TestProvenance(t *testing.T) {
	r := session{args: []string{"stats", "-pSECRET", "--password=SECRET", "--html", "a page.html", "-h", "db1"}}
	if got, want := r.provenance().Command, "binmend stats -p -p --html 'a page.html' -h db1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
