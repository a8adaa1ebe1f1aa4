package render

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binmend/emit/display"
	"binmend/emit/stats"
	"binmend/fixtures/golden"
)

// made is how the sample's page was made.
var made = Provenance{Release: "v1.2.3", Command: "binmend stats --html report.html 'a log; <b>'"}

// TestGolden: a report in every form.
func TestGolden(t *testing.T) {
	text := func(to Terminal) func(io.Writer, *stats.Report) error {
		return func(w io.Writer, r *stats.Report) error { return Text(w, r, to) }
	}
	page := func(w io.Writer, r *stats.Report) error { return HTML(w, r, made) }
	for _, c := range []struct {
		file   string
		report *stats.Report
		write  func(io.Writer, *stats.Report) error
	}{
		{"sample.txt", sample(), text(Terminal{})},
		{"sample-narrow.txt", sample(), text(Terminal{Width: 80, Color: true})},
		{"sample.json", sample(), JSON},
		{"sample.html", sample(), page},
		{"empty.txt", stats.New(stats.Options{}).Report("", nil), text(Terminal{Width: 80})},
		{"empty.json", stats.New(stats.Options{}).Report("", nil), JSON},
		{"empty.html", stats.New(stats.Options{}).Report("", nil), page},
	} {
		var got bytes.Buffer
		if err := c.write(&got, c.report); err != nil {
			t.Fatalf("%s: %v", c.file, err)
		}
		golden.Check(t, filepath.Join("testdata", c.file), got.String())
	}
}

// TestPageSize: a page stays small however many lines the timeline has.
func TestPageSize(t *testing.T) {
	r := sample()
	one := r.Buckets[1]
	for i := range 50_000 {
		b := one
		b.Begin = b.Begin.Add(time.Duration(i) * time.Second)
		r.Buckets = append(r.Buckets, b)
	}
	r.Buckets, r.IntervalSeconds = r.Buckets[len(r.Buckets)-50_000:], 1
	var out bytes.Buffer
	if err := HTML(&out, r, made); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 300<<10 || !strings.Contains(out.String(), "A page has at most 120 bars; text and JSON have 1 s each.") {
		t.Errorf("the page has %d bytes", out.Len())
	}
}

// TestCommand: the command behind a bar names the logs.
func TestCommand(t *testing.T) {
	r := stats.New(stats.Options{}).Report("", nil)
	for _, c := range []struct {
		span stats.Span
		want string
	}{
		{stats.Span{}, "-"},
		{stats.Span{File: "/logs/bin.000007", Start: 4, EndFile: "/logs/bin.000007", End: 900}, "--start-position 4 --stop-position 900 bin.000007"},
		{stats.Span{File: "/logs/bin 1.000007", Start: 4, EndFile: "/logs/bin 1.000008", End: 900}, "--start-position 4 --stop-position 900 'bin 1.000007' 'bin 1.000008'"},
	} {
		if got := command(r, &c.span); strings.TrimPrefix(got, "binmend events --transactions ") != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestWidth: no line is wider than the terminal.
func TestWidth(t *testing.T) {
	for _, width := range []int{80, 100, 120, 200} {
		var out bytes.Buffer
		if err := Text(&out, sample(), Terminal{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if line = strings.TrimSuffix(line, "\n"); display.Width(line) > width {
				t.Errorf("%d cells, want at most %d: %s", display.Width(line), width, line)
			}
		}
	}
}
