package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/fixtures/octets"
)

// TestForce: --force lists what follows damage, says what it skipped, and ends with exit code 1; without it the
// list ends at the damage. --stop-position takes what the hint of the error says. The transaction that the damage is in is listed as open.
func TestForce(t *testing.T) {
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", "mysql-9.7", "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1811 // a row event of 123 bytes in a transaction that goes from 1587 to 1965
	log[rows+30] ^= 1
	name := filepath.Join(t.TempDir(), "relay.000002")
	save(t, name, log)
	save(t, name+".gz", octets.Gzip(log))
	for _, tc := range []struct {
		name, args, in string
		exit           int
		lines          []string // one begins with each of these offsets
		says           string
	}{
		{"without", "events " + name, "", exitFailed, []string{"1587", "!1934", "!1965"}, "--stop-position=1811"},
		{"up to the damage", "events --stop-position=1811 " + name, "", exitDone, []string{"1587", "!1811"}, ""},
		{"forced", "events --force " + name, "", exitFindings, []string{"1587", "!1811", "1934", "1965", "3670"}, "passed over 123 bytes from 1811 on; reading goes on at 1934"},
		{"forced, transactions", "events --force --transactions " + name, "", exitFindings, []string{"1328", "1587", "1965", "2662"}, "passed over"},
		{"forced from a position", "events --force --start-position=1587 " + name, "", exitFindings, []string{"1587", "1934", "3670"}, "passed over"},
		{"forced, compressed", "events --force " + name + ".gz", "", exitFindings, []string{"1587", "1934", "3670"}, "passed over 123 bytes"},
		{"forced, from a pipe", "events --force -", string(log), exitFindings, []string{"1587", "1934", "3670"}, "passed over 123 bytes"},
		{"check", "check --force " + name, "", exitFindings, nil, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out, messages bytes.Buffer
			exit := Main(strings.Fields("binmend "+tc.args), Streams{In: strings.NewReader(tc.in), Out: &out, Err: &messages, Getenv: os.Getenv})
			if exit != tc.exit || !strings.Contains(messages.String(), tc.says) {
				t.Errorf("exit code %d, want %d; messages %q, want one that says %q", exit, tc.exit, &messages, tc.says)
			}
			for _, offset := range tc.lines {
				want := !strings.HasPrefix(offset, "!")
				if offset = strings.TrimPrefix(offset, "!"); lists(out.String(), offset) != want {
					t.Errorf("a line for %s: %v, want %v\n%s", offset, !want, want, &out)
				}
			}
		})
	}
}

// lists reports whether a line begins with an offset.
func lists(out, offset string) bool {
	for line := range strings.Lines(out) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == offset {
			return true
		}
	}
	return false
}
