package find

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
	"binmend/decoder/walk"
)

// In encrypted relay logs the same transactions are found as in the plain ones: from every offset, and by GTID.
func TestEncrypted(t *testing.T) {
	key := crypttest.Key("k", 32)
	keyring := &crypt.Keyring{}
	if err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), key)); err != nil {
		t.Fatal(err)
	}
	keyFile, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		line    string
		opener  logfile.Opener
		encrypt func(log []byte) []byte
		shift   int64
	}{
		{"mysql-9.7", logfile.Opener{Keyring: keyring}, func(log []byte) []byte { return crypttest.MySQL(log, crypttest.KeyID(1), key) }, 0},
		{"mariadb-10.11", logfile.Opener{KeyFile: keyFile}, func(log []byte) []byte { return crypttest.MariaDB(log, key, crypttest.CBC) }, crypttest.StartLength},
		{"mariadb-11.8", logfile.Opener{KeyFile: keyFile}, func(log []byte) []byte { return crypttest.MariaDB(log, key, crypttest.CTR) }, crypttest.StartLength},
	}
	for _, tt := range tests {
		t.Run(tt.line, func(t *testing.T) {
			plain, sealed := walk.Logs{}, walk.Logs{Opener: tt.opener}
			for _, name := range []string{"relay.000001", "relay.000002"} {
				path := filepath.Join("..", "..", "fixtures", tt.line, "mixed", name)
				log, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				encrypted := filepath.Join(t.TempDir(), name)
				if err := os.WriteFile(encrypted, tt.encrypt(log), 0o644); err != nil {
					t.Fatal(err)
				}
				plain.Names, sealed.Names = append(plain.Names, path), append(sealed.Names, encrypted)
			}
			for _, offset := range eventOffsets(t, plain.Names[1]) {
				want, err := At(plain, decoder.Position{File: plain.Names[1], Offset: offset})
				if errors.Is(err, decoder.ErrTruncated) {
					continue // after the last transaction
				}
				if err != nil {
					t.Fatal(err)
				}
				got, err := At(sealed, decoder.Position{File: sealed.Names[1], Offset: offset + tt.shift})
				if err != nil || got.Start.Offset != want.Start.Offset+tt.shift || got.End.Offset != want.End.Offset+tt.shift || got.GTID != want.GTID {
					t.Errorf("offset %d:\n got  %+v, %v\n want %+v", offset, got, err, want)
				}
				if got, err := ByGTID(sealed, want.GTID, decoder.Position{}); err != nil || got.Start.Offset != want.Start.Offset+tt.shift {
					t.Errorf("%s:\n got  %+v, %v\n want %+v", want.GTID, got, err, want)
				}
			}
			if _, err := At((walk.Logs{Names: sealed.Names}), decoder.Position{File: sealed.Names[1]}); !errors.Is(err, decoder.ErrEncrypted) {
				t.Errorf("without a key: error %v, want %v", err, decoder.ErrEncrypted)
			}
		})
	}
}

// eventOffsets are those of the events after the prologue.
func eventOffsets(t *testing.T, name string) (offsets []int64) {
	t.Helper()
	f, err := logfile.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		raw, pos, err := f.Next()
		if err == io.EOF {
			return offsets
		}
		if err != nil {
			t.Fatal(err)
		}
		if !logfile.IsPrologue(decoder.EventType(raw[4])) {
			offsets = append(offsets, pos.Offset)
		}
	}
}
