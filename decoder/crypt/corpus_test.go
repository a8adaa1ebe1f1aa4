package crypt_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
)

// The logs of real servers that were kept with their keys, and what the server itself made of them where that was kept.
var corpusLogs = []struct{ log, keyring, keyFile, text string }{
	{log: "mysql-9.7-encrypted/encrypted-key1.binlog", keyring: "mysql-9.7-encrypted/component_keyring_file.keyring.before-rotation.json",
		text: "mysql-9.7-encrypted/encrypted-key1.decoded-by-server.txt"},
	{log: "mysql-9.7-encrypted/encrypted-key2-compressed.binlog", keyring: "mysql-9.7-encrypted/component_keyring_file.keyring.after-rotation.json",
		text: "mysql-9.7-encrypted/encrypted-key2-compressed.decoded-by-server.txt"},
	{log: "mariadb-10.5/written/encrypted.binlog", keyFile: "mariadb-10.5/written/encrypted.file_key_management.keys.txt",
		text: "mariadb-10.5/written/encrypted.decoded-by-server.txt"},
	{log: "mariadb-10.11/written/encrypted.binlog", keyFile: "mariadb-10.11/written/encrypted.file_key_management.keys.txt",
		text: "mariadb-10.11/written/encrypted.decoded-by-server.txt"},
	{log: "mariadb-11.8/written/encrypted.binlog", keyFile: "mariadb-11.8/written/encrypted.file_key_management.keys.txt"},
}

// Each event of the corpus's encrypted logs has the place and the checksum, and the rows are as many, as in the text that the
// server made. An equal checksum is as good as equal bytes.
func TestCorpus(t *testing.T) {
	dir := corpus(t)
	for _, tt := range corpusLogs {
		t.Run(tt.log, func(t *testing.T) {
			var opener logfile.Opener
			if tt.keyring != "" {
				opener.Keyring = keyringOf(t, filepath.Join(dir, tt.keyring))
			}
			if tt.keyFile != "" {
				opener.KeyFile = keyFileOf(t, filepath.Join(dir, tt.keyFile))
			}
			log := filepath.Join(dir, tt.log)
			rows := rowsOf(t, opener, log)
			if tt.text == "" {
				return
			}
			text, err := os.ReadFile(filepath.Join(dir, tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got, want := eventsOf(t, opener, log), eventsIn(string(text))
			for i := range min(len(got), len(want)) {
				if got[i] != want[i] {
					t.Fatalf("event %d: got %+v, the server has %+v", i+1, got[i], want[i])
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d events, the server has %d", len(got), len(want))
			}
			if want := rowsIn(string(text)); !maps.Equal(rows, want) {
				t.Errorf("rows:\n got  %v\n want %v", rows, want)
			}
		})
	}
}

// corpus returns the folder with logs of real servers, or skips the test.
func corpus(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no corpus of real logs beside the project")
	}
	return dir
}

// A log of MariaDB's own tests, which name its key and what is in it (MariaDB source: std_data/keys.txt,
// binlog_mdev_20574_old_binlog.test).
func TestLogOfMariaDB102(t *testing.T) {
	keyFile, err := crypt.ParseKeyFile([]byte("1;"+aKey), nil)
	if err != nil {
		t.Fatal(err)
	}
	rows := rowsOf(t, logfile.Opener{KeyFile: keyFile}, filepath.Join(corpus(t), "mariadb-10.2", "binlog_before_20574.bin"))
	if want := map[string]int{"INSERT INTO `test`.`t1`": 4}; !maps.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
}

// A log of MySQL's own tests, whose key was not kept: the error says which key it is.
func TestLogWithoutItsKey(t *testing.T) {
	name := filepath.Join(corpus(t), "encrypted", "rpl_nogtid_encryption_master-bin.000002")
	keyring := &crypt.Keyring{}
	if err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), crypttest.Key("k", 32))); err != nil {
		t.Fatal(err)
	}
	for _, opener := range []logfile.Opener{{}, {Keyring: keyring}} {
		_, err := opener.Open(name)
		const id = "MySQLReplicationKey_00508583-b5ce-11e8-a6a5-0010e0734796_1"
		if !errors.Is(err, decoder.ErrEncrypted) || !strings.Contains(err.Error(), id) {
			t.Errorf("error %v, want %v and the key's id", err, decoder.ErrEncrypted)
		}
	}
}

func keyringOf(t *testing.T, names ...string) *crypt.Keyring {
	t.Helper()
	keyring := &crypt.Keyring{}
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := keyring.AddFile(file); err != nil {
			t.Fatal(err)
		}
	}
	return keyring
}

func keyFileOf(t *testing.T, name string) *crypt.KeyFile {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	keyFile, err := crypt.ParseKeyFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return keyFile
}

// event is what mysqlbinlog prints for each event.
type event struct{ end, checksum uint32 }

// eventsOf reads the events of a file, not those inside a Transaction_payload. A Start_encryption event is given out by the
// server with another flag, and so with another checksum.
func eventsOf(t *testing.T, opener logfile.Opener, name string) []event {
	t.Helper()
	f, err := opener.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []event
	for {
		raw, _, err := f.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		e := event{binary.LittleEndian.Uint32(raw[13:]), binary.LittleEndian.Uint32(raw[len(raw)-4:])}
		if decoder.EventType(raw[4]) == decoder.EventMariaStartEncryption {
			e.checksum = 0
		}
		all = append(all, e)
	}
}

var eventLine = regexp.MustCompile(`(?m)^#.* end_log_pos (\d+) CRC32 0x([0-9a-f]+) \t(.*)$`)

// eventsIn reads the events out of mysqlbinlog's text. Those inside a Transaction_payload stand after it, with its
// end_log_pos.
func eventsIn(text string) []event {
	var all []event
	for _, m := range eventLine.FindAllStringSubmatch(text, -1) {
		end, _ := strconv.ParseUint(m[1], 10, 32)
		checksum, _ := strconv.ParseUint(m[2], 16, 32)
		e := event{uint32(end), uint32(checksum)}
		if len(all) > 0 && all[len(all)-1].end == e.end {
			continue
		}
		if m[3] == "Ignorable" {
			e.checksum = 0
		}
		all = append(all, e)
	}
	return all
}

// rowsOf counts the rows of a log by statement and table: "INSERT INTO `fx`.`t_gen`".
func rowsOf(t *testing.T, opener logfile.Opener, name string) map[string]int {
	t.Helper()
	words := map[decoder.RowsKind]string{decoder.Insert: "INSERT INTO", decoder.Update: "UPDATE", decoder.Delete: "DELETE FROM"}
	files := opener.OpenFiles(name)
	defer files.Close()
	rows := make(map[string]int)
	for e, err := range decoder.NewReader(files).All() {
		if err != nil {
			t.Fatal(err)
		}
		if !e.IsRows() {
			continue
		}
		re, err := e.Rows()
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range re.All() {
			if err != nil {
				t.Fatal(err)
			}
			rows[fmt.Sprintf("%s %s.%s", words[re.Kind], quoted(re.Map.Database), quoted(re.Map.Table))]++
		}
	}
	return rows
}

func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

var rowLine = regexp.MustCompile("(?m)^### ((?:INSERT INTO|UPDATE|DELETE FROM) `.*`)$")

// rowsIn counts the rows in mysqlbinlog's text.
func rowsIn(text string) map[string]int {
	rows := make(map[string]int)
	for _, m := range rowLine.FindAllStringSubmatch(text, -1) {
		rows[m[1]]++
	}
	return rows
}
