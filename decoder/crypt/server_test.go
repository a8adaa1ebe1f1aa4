package crypt_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
	"binmend/fixtures/servers"
)

// encryption is a way to tell a pair of servers to encrypt its logs.
type encryption struct {
	line *servers.Line
	name string
	args []string
	// opener reads the keys when the logs are written.
	opener func(t *testing.T, s *servers.Server) logfile.Opener
}

// Everything that real servers encrypt is decrypted to what the server itself gives out: binary logs byte by byte, and relay
// logs event by event.
func TestServers(t *testing.T) {
	for _, e := range encryptions(t) {
		t.Run(e.line.Name+" "+e.name, func(t *testing.T) {
			e.line.Install(t)
			needKeys(t, e.line)
			p := servers.StartPair(t, e.line, servers.Options{GTID: true, Args: e.args})
			p.Source.MustExec(t, changes)
			before := e.opener(t, p.Source)
			for _, log := range p.Source.Binlogs(t) {
				compare(t, before, log, fromServer(t, p.Source, log))
			}
			if e.line.Flavor == servers.MySQL {
				rotated(t, p.Source, before)
			}
			p.Sync(t)
			relay := e.opener(t, p.Replica)
			for _, log := range p.Replica.RelayLogs(t) {
				compareListing(t, relay, log, p.Replica)
			}
		})
	}
}

// changes make events of many lengths in several files, one of which is large enough for several reads.
const changes = `CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY AUTO_INCREMENT, v LONGBLOB);
INSERT INTO d.t (v) VALUES (''), ('a'), ('ab'), ('abc'), ('abcd'), (REPEAT('x', 300000));
FLUSH BINARY LOGS;
INSERT INTO d.t (v) SELECT REPEAT('y', id) FROM d.t; UPDATE d.t SET v = REPEAT('z', id * 3); DELETE FROM d.t WHERE id < 3;
FLUSH BINARY LOGS;
BEGIN; INSERT INTO d.t (v) VALUES ('1'); INSERT INTO d.t (v) VALUES ('22'); COMMIT;`

func encryptions(t *testing.T) []encryption {
	mysql := func(t *testing.T, s *servers.Server) logfile.Opener {
		return logfile.Opener{Keyring: keyringOf(t, s.Data("keyring"))}
	}
	all := []encryption{
		{servers.MySQL97, "plain", []string{"--binlog-encryption=ON"}, mysql},
		{servers.MySQL97, "compressed", []string{"--binlog-encryption=ON", "--binlog-transaction-compression=ON"}, mysql},
		{servers.MySQL97, "without checksums", []string{"--binlog-encryption=ON", "--binlog-checksum=NONE", "--max-relay-log-size=4096"}, mysql},
	}
	return append(all,
		mariadb(t, servers.MariaDB1011, "aes_cbc", 24, "NONE"), mariadb(t, servers.MariaDB1011, "aes_ctr", 32, "CRC32"),
		mariadb(t, servers.MariaDB118, "aes_cbc", 16, "CRC32"), mariadb(t, servers.MariaDB118, "aes_ctr", 16, "NONE"))
}

// mariadb encrypts with a key out of a key file that is encrypted itself, where there is an openssl to do that.
func mariadb(t *testing.T, line *servers.Line, algorithm string, keyLength int, checksum string) encryption {
	const password = "a secret"
	dir := t.TempDir()
	file, secret := filepath.Join(dir, "keys"), filepath.Join(dir, "secret")
	plain := crypttest.KeyFile(crypttest.Key("k", keyLength))
	keyFile, err := crypt.ParseKeyFile(plain, nil)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--plugin-load-add=file_key_management", "--file-key-management-filename=" + file,
		"--file-key-management-encryption-algorithm=" + algorithm, "--encrypt-binlog", "--binlog-checksum=" + checksum,
		"--max-relay-log-size=4096"}
	name := algorithm + " " + checksum
	content := plain
	if encrypted := opensslEncrypt(t, plain, password); encrypted != nil {
		name += ", encrypted key file"
		args = append(args, "--file-key-management-filekey=FILE:"+secret)
		content = encrypted
		if keyFile, err = crypt.ParseKeyFile(encrypted, []byte(password)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string][]byte{file: content, secret: []byte(password + "\n")} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return encryption{line, name, args, func(*testing.T, *servers.Server) logfile.Opener { return logfile.Opener{KeyFile: keyFile} }}
}

// opensslEncrypt returns nil where there is no openssl.
func opensslEncrypt(t *testing.T, text []byte, password string) []byte {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		return nil
	}
	cmd := exec.Command("openssl", "enc", "-aes-256-cbc", "-md", "sha1", "-k", password)
	cmd.Stdin = bytes.NewReader(text)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// needKeys skips the test where the cache of servers was filled before they could have keys.
func needKeys(t *testing.T, line *servers.Line) {
	t.Helper()
	needed := "root/usr/lib/mysql/plugin/file_key_management.so"
	if line.Flavor == servers.MySQL {
		needed = "root/usr/sbin/mysqld.my"
	}
	in := line.Install(t)
	_, err := os.Stat(filepath.Join(in.Dir, needed))
	switch {
	case err == nil:
	case servers.Required():
		t.Fatalf("%v: remove %s, so that it is fetched anew", err, in.Dir)
	default:
		t.Skipf("%v: remove %s, so that it is fetched anew", err, in.Dir)
	}
}

// fromServer gets a log as the server gives it out: decrypted.
func fromServer(t *testing.T, s *servers.Server, log string) string {
	t.Helper()
	dir := t.TempDir() + string(filepath.Separator)
	cmd := s.Tool(s.Install.Line.LogReader, "--read-from-remote-server", "--raw", "--result-file="+dir, filepath.Base(log))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir + filepath.Base(log)
}

// compare reads an encrypted log and the same one in plain, event by event. A MariaDB appends Binlog_checkpoint events to its
// last log at moments of its own: the encrypted log is read last and may have more of them.
func compare(t *testing.T, opener logfile.Opener, log, plain string) {
	t.Helper()
	got, want := rawEvents(t, opener, log), rawEvents(t, logfile.Opener{}, plain)
	for i := range min(len(got), len(want)) {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("%s: event %d:\n got\n%s the server gives\n%s", log, i+1, hex.Dump(got[i]), hex.Dump(want[i]))
		}
	}
	for len(got) > len(want) && decoder.ParseHeader(got[len(got)-1]).Type == decoder.EventMariaBinlogCheckpoint {
		got = got[:len(got)-1]
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d events, the server gives %d", log, len(got), len(want))
	}
	if err := readAll(logfile.Opener{}, log); !errors.Is(err, decoder.ErrEncrypted) {
		t.Errorf("%s without a key: error %v, want %v", log, err, decoder.ErrEncrypted)
	}
}

func readAll(opener logfile.Opener, name string) error {
	files := opener.OpenFiles(name)
	defer files.Close()
	for _, err := range decoder.NewReader(files).All() {
		if err != nil {
			return err
		}
	}
	return nil
}

// rawEvents reads events as they are, but without what a server changes of them when it gives them out: the in-use flag of
// a Format_desc event and the ignorable flag of a Start_encryption event, and the checksums of both.
func rawEvents(t *testing.T, opener logfile.Opener, name string) [][]byte {
	t.Helper()
	f, err := opener.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all [][]byte
	for {
		raw, _, err := f.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.Clone(raw)
		switch decoder.EventType(raw[4]) {
		case decoder.EventFormatDescription, decoder.EventMariaStartEncryption:
			raw = raw[:len(raw)-4]
			raw[17] = 0
		}
		all = append(all, raw)
	}
}

// rotated gives the source a new key. A log that was copied before then needs the keyring that was copied before, and the
// log as it is after the new one.
func rotated(t *testing.T, s *servers.Server, before logfile.Opener) {
	t.Helper()
	first := s.Binlogs(t)[0]
	old, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.WriteFile(kept, old, 0o644); err != nil {
		t.Fatal(err)
	}
	s.MustExec(t, "ALTER INSTANCE ROTATE BINLOG MASTER KEY; INSERT INTO d.t (v) VALUES ('new key')")
	after := logfile.Opener{Keyring: keyringOf(t, s.Data("keyring"))}
	plain := fromServer(t, s, first)
	compare(t, before, kept, plain)
	compare(t, after, first, plain)
	for name, opener := range map[string]logfile.Opener{first: before, kept: after} {
		if _, err := opener.Open(name); err == nil || !strings.Contains(err.Error(), "has no key") {
			t.Errorf("%s with the other keyring: error %v", name, err)
		}
	}
	last := s.Binlogs(t)
	compare(t, after, last[len(last)-1], fromServer(t, s, last[len(last)-1]))
}

// compareListing reads an encrypted relay log and lists it as SHOW RELAYLOG EVENTS does: position, type and end_log_pos of
// each event. The server lists the events inside a Transaction_payload at its end.
func compareListing(t *testing.T, opener logfile.Opener, log string, s *servers.Server) {
	t.Helper()
	files := opener.OpenFiles(log)
	defer files.Close()
	var got [][]string
	var payload decoder.Event
	for e, err := range decoder.NewReader(files).All() {
		if err != nil {
			t.Fatal(err)
		}
		offset, end := e.Pos.Offset, e.EndLogPos
		switch {
		case e.Inner > 0:
			offset, end = payload.End(), payload.EndLogPos
		case e.Type == decoder.EventTransactionPayload:
			payload = *e
		}
		got = append(got, []string{fmt.Sprint(offset), e.Type.String(), fmt.Sprint(end)})
	}
	var want [][]string
	for line := range strings.Lines(s.MustExec(t, "SHOW RELAYLOG EVENTS IN '"+filepath.Base(log)+"'")) {
		if f := strings.Split(line, "\t"); len(f) >= 5 && f[0] != "Log_name" {
			want = append(want, []string{f[1], f[2], f[4]})
		}
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%s:\n got  %v\n want %v", log, got, want)
	}
}
