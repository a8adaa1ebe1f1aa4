package logfile_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/fault"
	"binmend/decoder/logfile"
)

// sealed is a log in plain and as a server keeps it when it encrypts.
type sealed struct {
	name             string
	plain, encrypted []byte
	key              []byte
	right, wrong     logfile.Opener
	from, shift      int64 // events from this offset on stand so much further on
}

// sealedLogs encrypts relay logs of real servers.
func sealedLogs(t testing.TB) []sealed {
	t.Helper()
	id, key := crypttest.KeyID(1), crypttest.Key("k", 32)
	mysql := sealed{name: "MySQL", key: key, plain: fixture(t, "mysql-9.7")}
	mysql.encrypted = crypttest.MySQL(mysql.plain, id, key)
	mysql.right.Keyring = keyring(t, id, key)
	mysql.wrong.Keyring = keyring(t, id, crypttest.Key("another", 32))
	logs := []sealed{mysql}
	for name, cipher := range map[string]crypttest.Cipher{"MariaDB aes_cbc": crypttest.CBC, "MariaDB aes_ctr": crypttest.CTR} {
		s := sealed{name: name, key: key, plain: fixture(t, "mariadb-11.8"), shift: crypttest.StartLength}
		s.from = 4 + int64(s.plain[4+9]) + int64(s.plain[4+10])<<8
		s.encrypted = crypttest.MariaDB(s.plain, key, cipher)
		s.right.KeyFile = keyFile(t, key)
		s.wrong.KeyFile = keyFile(t, crypttest.Key("another", 32))
		logs = append(logs, s)
	}
	return logs
}

func fixture(t testing.TB, line string) []byte {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000002"))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func keyring(t testing.TB, id string, key []byte) *crypt.Keyring {
	t.Helper()
	k := &crypt.Keyring{}
	if err := k.AddFile(crypttest.Keyring(id, key)); err != nil {
		t.Fatal(err)
	}
	return k
}

func keyFile(t testing.TB, key []byte) *crypt.KeyFile {
	t.Helper()
	k, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// save writes the encrypted log into a file.
func (s *sealed) save(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(name, s.encrypted, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// at is where the event of the plain log stands in the encrypted one.
func (s *sealed) at(offset int64) int64 {
	if offset >= s.from {
		offset += s.shift
	}
	return offset
}

// rawEvent is an event as a source gives it.
type rawEvent struct {
	offset int64
	raw    string
}

func (e rawEvent) String() string { return fmt.Sprintf("%d:%x", e.offset, e.raw) }

// read returns the events of a source up to the first error, without the Start_encryption event. Checksums are verified.
func read(src decoder.Source) (events []rawEvent, err error) {
	tee := &tee{Source: src}
	for e, err := range decoder.NewReader(tee).All() {
		if err != nil {
			return events, err
		}
		if e.Inner == 0 && e.Type != decoder.EventMariaStartEncryption {
			events = append(events, rawEvent{e.Pos.Offset, tee.last})
		}
	}
	return events, nil
}

// tee keeps what a reader read last.
type tee struct {
	decoder.Source
	last string
}

func (t *tee) Next() ([]byte, decoder.Position, error) {
	raw, pos, err := t.Source.Next()
	t.last = string(raw)
	return raw, pos, err
}

func readBytes(opener logfile.Opener, log []byte) ([]rawEvent, error) {
	f, err := opener.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return nil, err
	}
	return read(f)
}

// want are the events of the plain log at their places in the encrypted one.
func (s *sealed) want(t *testing.T) []rawEvent {
	t.Helper()
	events, err := readBytes(logfile.Opener{}, s.plain)
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].offset = s.at(events[i].offset)
	}
	return events
}

func equal(t *testing.T, got, want []rawEvent) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("event %d:\n got  %v\n want %v", i+1, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d events, want %d", len(got), len(want))
	}
}

// An encrypted log gives the events of the plain one: as a file, as a stream, and from any event on.
func TestEncrypted(t *testing.T) {
	for _, s := range sealedLogs(t) {
		t.Run(s.name, func(t *testing.T) {
			want := s.want(t)
			got, err := readBytes(s.right, s.encrypted)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, got, want)
			name := s.save(t)
			prologue := 0
			for prologue < len(want) && logfile.IsPrologue(decoder.EventType(want[prologue].raw[4])) {
				prologue++
			}
			for i := prologue; i < len(want); i++ {
				files := s.right.OpenFilesAt(want[i].offset, name)
				got, err := read(files)
				files.Close()
				if err != nil {
					t.Fatalf("from %d: %v", want[i].offset, err)
				}
				equal(t, got[len(got)-len(want)+i:], want[i:])
			}
		})
	}
}

// ReadAt gives the bytes of a log that MySQL encrypted, and does not move the reader.
func TestReadEncryptedAt(t *testing.T) {
	for _, s := range sealedLogs(t) {
		t.Run(s.name, func(t *testing.T) {
			f, err := s.right.Open(s.save(t))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got, want := f.Size(), int64(len(s.plain))+s.shift; got != want {
				t.Errorf("size %d, want %d", got, want)
			}
			want := s.want(t)
			for range 4 {
				if _, _, err := f.Next(); err != nil {
					t.Fatal(err)
				}
			}
			if f.SealsEvents() != (s.right.KeyFile != nil) {
				t.Errorf("SealsEvents is %v", f.SealsEvents())
			}
			if _, err := f.ReadAt(make([]byte, 100), 4); err != nil {
				t.Error(err)
			}
			if _, pos, err := f.Next(); err != nil || pos.Offset != want[3].offset && pos.Offset != want[4].offset {
				t.Errorf("the reader has moved to %d: %v", pos.Offset, err)
			}
			if _, err := f.ReadAt(make([]byte, 19), f.Size()); err != io.EOF {
				t.Errorf("after the end: error %v, want %v", err, io.EOF)
			}
			if f.SealsEvents() {
				return
			}
			got := make([]byte, len(s.plain)-7)
			if _, err := f.ReadAt(got, 7); err != nil || !bytes.Equal(got, s.plain[7:]) {
				t.Errorf("ReadAt: other bytes than those of the plain log, error %v", err)
			}
		})
	}
}

// Without the right key there is an error that says what is lacking, and no event that was encrypted.
func TestWithoutTheKey(t *testing.T) {
	for _, s := range sealedLogs(t) {
		for name, opener := range map[string]logfile.Opener{"no key": {}, "another key": s.wrong} {
			t.Run(s.name+", "+name, func(t *testing.T) {
				events, err := readBytes(opener, s.encrypted)
				var e *fault.Error
				if !errors.As(err, &e) || !errors.Is(err, decoder.ErrEncrypted) || e.Reason == decoder.ErrEncrypted {
					t.Fatalf("error %v, want %v and what it lacks", err, decoder.ErrEncrypted)
				}
				if len(events) > 0 && events[len(events)-1].offset >= s.from {
					t.Errorf("there are events: %v", events)
				}
				said := strings.ToLower(fmt.Sprintf("%+v", *e))
				if strings.Contains(said, hex.EncodeToString(s.key[:4])) {
					t.Errorf("the key is to be seen: %s", said)
				}
			})
		}
	}
}

// A log that is cut anywhere but between events is called truncated.
func TestEncryptedCutAtEveryByte(t *testing.T) {
	for _, s := range sealedLogs(t) {
		t.Run(s.name, func(t *testing.T) {
			want := s.want(t)
			for cut := range s.encrypted {
				got, err := readBytes(s.right, s.encrypted[:cut])
				switch {
				case err == nil:
					if len(got) > len(want) {
						t.Fatalf("cut at %d: %d events, want at most %d", cut, len(got), len(want))
					}
					equal(t, got, want[:len(got)])
				case cut < len(logfile.Magic):
					if !errors.Is(err, decoder.ErrNotALog) {
						t.Fatalf("cut at %d: error %v, want %v", cut, err, decoder.ErrNotALog)
					}
				case !errors.Is(err, decoder.ErrTruncated) && !errors.Is(err, decoder.ErrNotALog):
					t.Fatalf("cut at %d: error %v, want %v", cut, err, decoder.ErrTruncated)
				}
			}
		})
	}
}

// closed clears the in-use flags of Format_desc events, which no checksum covers.
func closed(events []rawEvent) []rawEvent {
	for i, e := range events {
		if raw := []byte(e.raw); decoder.EventType(raw[4]) == decoder.EventFormatDescription {
			raw[17] &^= decoder.FlagInUse
			events[i].raw = string(raw)
		}
	}
	return events
}

// A flipped bit is an error, or it is where a server does not look either: then all events are as they were.
func TestEncryptedFlippedBits(t *testing.T) {
	for _, s := range sealedLogs(t) {
		t.Run(s.name, func(t *testing.T) {
			want := closed(s.want(t))
			log := bytes.Clone(s.encrypted)
			for i := range log {
				log[i] ^= 1 << (i % 8)
				got, err := readBytes(s.right, log)
				log[i] = s.encrypted[i]
				if err == nil {
					equal(t, closed(got), want)
				}
				var e *fault.Error
				if err != nil && (!errors.As(err, &e) || e.What == "") {
					t.Fatalf("byte %d: the error does not say what is wrong: %v", i, err)
				}
			}
		})
	}
}

// FuzzEncrypted: whatever follows the encryption header or the Start_encryption event, reading ends, and an error names the
// file.
func FuzzEncrypted(f *testing.F) {
	var all logfile.Opener
	for _, s := range sealedLogs(f) {
		f.Add(s.encrypted)
		if s.right.Keyring != nil {
			all.Keyring = s.right.Keyring
		} else {
			all.KeyFile = s.right.KeyFile
		}
	}
	f.Fuzz(func(t *testing.T, log []byte) {
		if _, err := readBytes(all, log); err != nil && !strings.Contains(err.Error(), "log") {
			t.Errorf("the error does not name the file: %v", err)
		}
	})
}
