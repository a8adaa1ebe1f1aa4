package logfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
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

// TestFollow reads a log while it grows, and the one that begins after it. What a reader does not see yet is not read.
func TestFollow(t *testing.T) {
	dir := t.TempDir()
	event := rawEventOf(decoder.EventXid, 40)
	ends := map[string]int64{}
	write := func(name string, shown, hidden int) {
		log := logOf()
		for range shown {
			log = append(log, event...)
		}
		ends[name] = int64(len(log))
		for range hidden {
			log = append(log, event...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), log, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("bin.000001", 2, 1)
	rounds := []func() ([]string, error){
		func() ([]string, error) { write("bin.000001", 3, 1); return nil, nil },
		func() ([]string, error) {
			write("bin.000001", 4, 0)
			write("bin.000002", 1, 2)
			return []string{"bin.000002"}, nil
		},
		func() ([]string, error) {
			write("bin.000003", 1, 0)
			return []string{"bin.000003"}, nil
		},
	}
	files := logfile.Opener{Dir: dir, End: func(name string) int64 { return ends[name] }}.OpenFiles("bin.000001")
	defer files.Close()
	round := 0
	files.Follow(func() ([]string, error) {
		if round == len(rounds) {
			return nil, io.EOF
		}
		round++
		return rounds[round-1]()
	})
	var seen []int // the round in which each event was read
	for {
		_, _, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, round)
	}
	if want := []int{0, 0, 1, 2, 2, 3}; !slices.Equal(seen, want) {
		t.Errorf("events were read in the rounds %v, want %v", seen, want)
	}
}
