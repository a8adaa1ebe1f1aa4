package pull_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
)

// TestEncryptedSource copies the logs of sources that encrypt them: the folder has the events in the clear, at the same
// positions.
func TestEncryptedSource(t *testing.T) {
	keys := crypttest.KeyFile(crypttest.Key("k", 16))
	file := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(file, keys, 0o644); err != nil {
		t.Fatal(err)
	}
	keyFile, err := crypt.ParseKeyFile(keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	mariadb := []string{"--plugin-load-add=file_key_management", "--file-key-management-filename=" + file, "--encrypt-binlog"}
	for _, c := range []struct {
		line *servers.Line
		args []string
		keys func(*testing.T, *servers.Server) logfile.Opener
	}{
		{servers.MySQL97, []string{"--binlog-encryption=ON"}, keyringOf},
		{servers.MariaDB1011, mariadb, func(*testing.T, *servers.Server) logfile.Opener { return logfile.Opener{KeyFile: keyFile} }},
		{servers.MariaDB118, mariadb, func(*testing.T, *servers.Server) logfile.Opener { return logfile.Opener{KeyFile: keyFile} }},
	} {
		t.Run(c.line.String(), func(t *testing.T) {
			s := servers.Start(t, c.line, servers.Options{GTID: true, Args: c.args})
			dir := t.TempDir()
			s.MustExec(t, schema)
			for range 2 {
				s.MustExec(t, "INSERT INTO d.t (v) VALUES (REPEAT('x', 3000)); FLUSH BINARY LOGS; INSERT INTO d.t (v) VALUES ('y')")
				copyAll(t, s, dir)
				s.MustExec(t, "INSERT INTO d.t (v) VALUES ('z')")
				copyAll(t, s, dir)
			}
			for _, name := range s.Binlogs(t) {
				want := eventsOf(t, c.keys(t, s), name)
				got := eventsOf(t, logfile.Opener{}, filepath.Join(dir, filepath.Base(name)))
				// a MariaDB adds Binlog_checkpoint events when it likes to
				if more, begins := strings.CutPrefix(want, got); !begins || strings.Count(more, "\n") > strings.Count(more, " Binlog_checkpoint ") {
					t.Errorf("%s: found\n%s\nwant\n%s", filepath.Base(name), got, want)
				}
			}
		})
	}
}

func keyringOf(t *testing.T, s *servers.Server) logfile.Opener {
	t.Helper()
	text, err := os.ReadFile(s.Data("keyring"))
	if err != nil {
		t.Fatal(err)
	}
	keyring := &crypt.Keyring{}
	if err := keyring.AddFile(text); err != nil {
		t.Fatal(err)
	}
	return logfile.Opener{Keyring: keyring}
}

// eventsOf lists the events of a log with all of their bytes. Of what a source changes on the way it has the place only.
func eventsOf(t *testing.T, opener logfile.Opener, name string) string {
	t.Helper()
	src := opener.OpenFiles(name)
	defer src.Close()
	r := decoder.NewReader(src)
	var list bytes.Buffer
	for {
		e, err := r.Next()
		if err == io.EOF {
			return list.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&list, "%d %s", e.Pos.Offset, e.Type)
		if e.Type != decoder.EventMariaStartEncryption && e.Type != decoder.EventFormatDescription {
			fmt.Fprintf(&list, " %+v %x", e.Header, e.Body)
		}
		list.WriteByte('\n')
	}
}
