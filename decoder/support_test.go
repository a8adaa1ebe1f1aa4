package decoder_test

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/golden"
)

// TestSupportTable holds the help's table of what can be read against what TestDifferential compares: the logs of the
// project and of the corpus, by the server that wrote them. Without the corpus the table can't be made.
func TestSupportTable(t *testing.T) {
	if _, err := os.Stat(filepath.Join("..", "..", "shared", "corpus")); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	servers := map[string]*support{}
	for _, logs := range logsToCompare(t) {
		read := logs
		if strings.HasSuffix(logs[0], ".zst") {
			read = []string{decompressed(t, logs[0])}
		}
		survey(t, servers, read)
	}
	const begin, end = "<!-- support table: go test ./decoder -run SupportTable -update -->\n", "<!-- end -->"
	name := filepath.Join("..", "cmd", "manual", "topics", "formats.md")
	text := string(readFile(t, name))
	head, rest, found := strings.Cut(text, begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place for the table:\n%s%s", name, begin, end)
	}
	golden.Check(t, name, head+begin+table(servers)+end+tail)
}

// support is what logs of one server series hold.
type support struct {
	version  decoder.Version
	reader   string
	logs     int
	images   int
	features map[string]bool
}

// features are the columns of the table that are answered with yes.
var features = []string{"rows 20–22", "rows v1", "rows v2", "partial JSON", "compressed", "MINIMAL, NOBLOB", "GTID", "row metadata", "no checksums"}

func table(servers map[string]*support) string {
	var b strings.Builder
	b.WriteString("| written by | logs | row images | " + strings.Join(features, " | ") + " | compared with |\n")
	b.WriteString(strings.Repeat("| --- ", len(features)+4) + "|\n")
	rows := slices.SortedFunc(maps.Values(servers), func(a, b *support) int {
		return cmp.Or(cmp.Compare(a.version.Flavor, b.version.Flavor), cmp.Compare(a.version.Major, b.version.Major),
			cmp.Compare(a.version.Minor, b.version.Minor))
	})
	for _, s := range rows {
		fmt.Fprintf(&b, "| %s %d.%d | %d | %d |", s.version.Flavor, s.version.Major, s.version.Minor, s.logs, s.images)
		for _, f := range features {
			if s.features[f] {
				b.WriteString(" yes |")
			} else {
				b.WriteString(" |")
			}
		}
		fmt.Fprintf(&b, " %s |\n", s.reader)
	}
	return b.String()
}

// survey adds the logs to the series of the server that wrote their transactions.
func survey(t *testing.T, servers map[string]*support, logs []string) {
	t.Helper()
	src := logfile.OpenFiles(logs...)
	defer src.Close()
	r := decoder.NewReader(src)
	seen := map[*support]bool{}
	for {
		e, err := r.Next()
		if err == io.EOF || err != nil {
			break // what a damaged log holds before the damage is compared as well
		}
		if e.Type == decoder.EventFormatDescription || e.Flags&decoder.FlagRelayLog != 0 {
			continue
		}
		v := e.Format.Server
		series := fmt.Sprintf("%s %d.%d", v.Flavor, v.Major, v.Minor)
		s := servers[series]
		if s == nil {
			s = &support{version: v, reader: readerOf(t, logs).line.LogReader, features: map[string]bool{}}
			servers[series] = s
		}
		if !seen[s] {
			seen[s] = true
			s.logs += len(logs)
		}
		s.note(t, e)
	}
}

// note takes what the event shows.
func (s *support) note(t *testing.T, e *decoder.Event) {
	s.features["no checksums"] = s.features["no checksums"] || e.Format.Checksum == decoder.ChecksumNone
	switch e.Type {
	case decoder.EventPreGAWriteRows, decoder.EventPreGAUpdateRows, decoder.EventPreGADeleteRows:
		s.features["rows 20–22"] = true
	case decoder.EventWriteRowsV1, decoder.EventUpdateRowsV1, decoder.EventDeleteRowsV1:
		s.features["rows v1"] = true
	case decoder.EventWriteRows, decoder.EventUpdateRows, decoder.EventDeleteRows:
		s.features["rows v2"] = true
	case decoder.EventPartialUpdateRows:
		s.features["partial JSON"] = true
	case decoder.EventTransactionPayload, decoder.EventMariaQueryCompressed:
		s.features["compressed"] = true
	case decoder.EventGtid, decoder.EventGtidTagged, decoder.EventMariaGtid:
		s.features["GTID"] = true
	}
	if !e.IsRows() {
		return
	}
	re, err := e.Rows()
	if err != nil {
		return
	}
	if re.Map != nil && re.Map.FullNames {
		s.features["row metadata"] = true
	}
	if e.Type >= decoder.EventMariaWriteRowsCompressed1 {
		s.features["compressed"] = true
	}
	for row, err := range re.All() {
		if err != nil {
			return
		}
		for _, image := range []decoder.Image{row.Before, row.After} {
			if len(image) > 0 {
				s.images++
			}
			if slices.ContainsFunc(image, func(c decoder.Cell) bool { return c.State() == decoder.Absent }) {
				s.features["MINIMAL, NOBLOB"] = true
			}
		}
	}
}
