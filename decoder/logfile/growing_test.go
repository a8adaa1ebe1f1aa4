package logfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// TestGrowing reads two logs of which the second one ends inside an event.
func TestGrowing(t *testing.T) {
	whole := logOf(rawEventOf(decoder.EventFormatDescription, 60), rawEventOf(decoder.EventXid, 40))
	torn := whole[:len(whole)-7]
	for _, tc := range []struct {
		name, index string
		names       []string
		want        error
		told        bool
	}{
		{"the last one of the index", "./bin.000001\n./bin.000002\n", []string{"bin.000001", "bin.000002"}, io.EOF, true},
		{"no index", "", []string{"bin.000001", "bin.000002"}, decoder.ErrTruncated, false},
		{"not the last one of the index", "bin.000002\nbin.000003\n", []string{"bin.000002"}, decoder.ErrTruncated, false},
		{"not the last one that is read", "bin.000001\nbin.000002\n", []string{"bin.000002", "bin.000001"}, decoder.ErrTruncated, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "[1]*")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{"bin.000001": whole, "bin.000002": torn}
			if tc.index != "" {
				files["bin.index"] = []byte(tc.index)
			}
			for name, b := range files {
				if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var paths []string
			for _, name := range tc.names {
				paths = append(paths, filepath.Join(dir, name))
			}
			var told decoder.Position
			src := logfile.Opener{Growing: func(pos decoder.Position) { told = pos }}.OpenFiles(paths...)
			defer src.Close()
			var err error
			for err == nil {
				_, _, err = src.Next()
			}
			if !errors.Is(err, tc.want) || (told == decoder.Position{File: filepath.Join(dir, "bin.000002"), Offset: 64}) != tc.told {
				t.Errorf("error %v and told %v, want %v and %v", err, told, tc.want, tc.told)
			}
		})
	}
}
