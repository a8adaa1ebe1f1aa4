package gtid_test

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/gtid"
)

const corpus = "../../../shared/corpus"

// Types of events.
const (
	formatDescription = 15
	previousGtids     = 35
	gtidList          = 163
)

// What some logs of the corpus hold, read off their bytes by hand.
var corpusWant = map[string]string{
	"mysql-5.7/bin-log.000001":                          "87cee3a4-6b31-11e7-bdfd-0d98d6698870:1-14916",
	"mysql-9.6/binlog_transaction_with_GTID_TAG.000001": "55778904-0299-11f1-b1b8-4ef0c4956feb:1-13:mytag:1-2",
	"mysql-9.7/gtid-tagged.binlog": "62499053-e553-11f1-937e-02fc00000001:1-217,\n" +
		"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:7",
	"mariadb-10.5/written/gtid-domains2.binlog": "5-77-71,0-23413-850",
	"mariadb-11.8/written/xa.binlog":            "5-77-71,0-23415-1066,7-23415-1000000",
	"mariadb-10.3/mdev29078-mysql-bin.000001":   "",
}

// Every Previous_gtids and Gtid_list event of every log of the corpus decodes, and prints what reads back the same.
func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("no corpus of real logs beside the repository")
	}
	events := 0
	seen := map[string]string{}
	check := func(name string, event []byte) {
		var text, again string
		switch event[4] {
		case previousGtids:
			s, err := gtid.DecodeSet(event[19:])
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			text, again = s.String(), mustSet(t, s.String()).String()
		case gtidList:
			list, err := gtid.DecodeList(event[19:])
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			reread, err := gtid.ParseList(list.String())
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			text, again = list.String(), reread.String()
		default:
			return
		}
		if again != text {
			t.Errorf("%s: %q reads back as %q", name, text, again)
		}
		seen[name] = text
		events++
	}
	err := filepath.WalkDir(corpus, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.Contains(path, "corrupt/") || strings.Contains(path, "encrypt") {
			return err
		}
		log, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(corpus, path)
		eachEvent(log, func(event []byte) { check(name, event) })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range corpusWant {
		if got, found := seen[name]; !found || got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	t.Logf("%d events", events)
}

// addCorpus adds the bodies of all events of a type in the corpus to the seeds of a fuzzer.
func addCorpus(f *testing.F, kind byte) {
	f.Helper()
	err := filepath.WalkDir(corpus, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || strings.Contains(path, "encrypt") {
			return err
		}
		log, err := os.ReadFile(path)
		eachEvent(log, func(event []byte) {
			if event[4] == kind {
				f.Add(event[19:])
			}
		})
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		f.Fatal(err)
	}
}

// eachEvent calls visit with every event of a binary log, header included and checksum cut off. It stops at what is no
// event.
func eachEvent(log []byte, visit func(event []byte)) {
	const (
		headerSize    = 19
		serverVersion = headerSize + 2
		checksumSize  = 4
	)
	if !bytes.HasPrefix(log, []byte("\xfebin")) {
		return
	}
	checksummed := false
	for log = log[4:]; len(log) >= headerSize; {
		length := binary.LittleEndian.Uint32(log[9:])
		if length < headerSize+checksumSize || int64(length) > int64(len(log)) {
			return
		}
		event := log[:length]
		log = log[length:]
		if event[4] == formatDescription {
			version, _, _ := strings.Cut(string(event[serverVersion:serverVersion+50]), "\x00")
			// The algorithm is the byte before the checksum. Servers before 5.6.1 and MariaDB 5.3 have neither.
			checksummed = !strings.HasPrefix(version, "5.0") && !strings.HasPrefix(version, "5.1") &&
				!strings.HasPrefix(version, "5.5") && event[len(event)-checksumSize-1] == 1
		}
		if checksummed {
			event = event[:len(event)-checksumSize]
		}
		visit(event)
	}
}
