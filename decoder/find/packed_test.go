package find

import (
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/walk"
	"binmend/fixtures/octets"
)

// TestPackedLogs: in compressed logs every transaction is found that is found in the logs themselves, also one that goes over
// two of them.
func TestPackedLogs(t *testing.T) {
	for _, replica := range []string{"my97-gtidon-mts-mixed-multi", "m118-gtidon-mts-big-txn-relay-rotates"} {
		plain := relayLogs(t, replica)
		packed := walk.Logs{}
		for _, name := range plain.Names {
			packed.Names = append(packed.Names, compressed(t, name))
		}
		for i, name := range plain.Names {
			for _, offset := range []int64{0, 4, fileSize(t, name) / 2, fileSize(t, name)} {
				if offset > 4 {
					offset = eventAround(t, plain, i, offset)
				}
				want, wantErr := At(plain, decoder.Position{File: name, Offset: offset})
				got, err := At(packed, decoder.Position{File: packed.Names[i], Offset: offset})
				if (err == nil) != (wantErr == nil) || got.Start.Offset != want.Start.Offset || got.End.Offset != want.End.Offset ||
					filepath.Base(got.Start.File) != filepath.Base(want.Start.File) {
					t.Errorf("%s, at %d of %s: %s to %s, %v; want %s to %s, %v", replica, offset, filepath.Base(name),
						got.Start, got.End, err, want.Start, want.End, wantErr)
				}
			}
		}
	}
}

// compressed writes a log anew by zstd under its own name.
func compressed(t *testing.T, name string) string {
	t.Helper()
	log, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(path, octets.Zstd(log), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func fileSize(t *testing.T, name string) int64 {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// eventAround is the offset of the last event of log i that begins at or before an offset.
func eventAround(t *testing.T, logs walk.Logs, i int, offset int64) (last int64) {
	t.Helper()
	src := logs.Opener.OpenFiles(logs.Names[i])
	defer src.Close()
	for {
		_, pos, err := src.Next()
		if err != nil || pos.Offset > offset {
			return last
		}
		last = pos.Offset
	}
}
