package dump

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"binmend/decoder/fault"
	"binmend/fixtures/octets"
)

const createT = "CREATE DATABASE d; USE d;\nCREATE TABLE `t` (`a` int, `größe` int);\n"

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "schema.sql")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A schema file may be compressed, or be in UTF-16.
func TestLoadEncodedFiles(t *testing.T) {
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(createT))
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(createT))
	unmarked, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(createT))
	for name, content := range map[string][]byte{"plain": []byte(createT), "with a byte order mark": []byte("\xef\xbb\xbf" + createT),
		"gzip": octets.Gzip([]byte(createT)), "zstd": octets.Zstd([]byte(createT)), "UTF-16": little, "UTF-16, big-endian": big, "UTF-16 without its mark": unmarked} {
		t.Run(name, func(t *testing.T) {
			s, err := LoadFiles(writeFile(t, content))
			if err != nil {
				t.Fatal(err)
			}
			tables := s.Tables()
			if len(tables) != 1 || len(tables[0].Columns) != 2 || tables[0].Columns[1].Name != "größe" {
				t.Errorf("tables %+v, problems %v", tables, s.Problems)
			}
		})
	}
}

// What holds no text is an error, and is not skipped.
func TestLoadFilesWithoutText(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		want    *fault.Reason
	}{
		"empty": {nil, ErrEmpty}, "blank": {[]byte(" \n\n"), ErrEmpty}, "gzip of nothing": {octets.Gzip(nil), ErrEmpty},
		"a log": {[]byte("\xfebin\x00\x01"), ErrIsLog}, "binary": {[]byte("abc\x00def"), ErrNoText}, "xz": {[]byte("\xfd7zXZ\x00\x01"), ErrNoText},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := LoadFiles(writeFile(t, c.content)); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}
