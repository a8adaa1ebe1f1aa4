package serve

import (
	"errors"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/crypt"
	"binmend/decoder/crypt/crypttest"
	"binmend/decoder/logfile"
)

// TestEncrypted serves logs as servers keep them encrypted: with the key as if they were plain, without it not at all.
func TestEncrypted(t *testing.T) {
	key := crypttest.Key("logs", 32)
	keyring := &crypt.Keyring{}
	if err := keyring.AddFile(crypttest.Keyring(crypttest.KeyID(1), key)); err != nil {
		t.Fatal(err)
	}
	keyFile, err := crypt.ParseKeyFile(crypttest.KeyFile(key), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		log    []byte
		opener logfile.Opener
		ask    ask
		want   string
	}{
		{"MySQL", crypttest.MySQL(twoLogs(t)[0].log.Bytes(), crypttest.KeyID(1), key), logfile.Opener{Keyring: keyring},
			ask{position: 254}, "Format created 0, to 0\naaaaaaaa-a:2\nXid to 350\nRotate bin.000002:4\n"},
		{"MariaDB", crypttest.MariaDB(mariaLogs(t)[0].log.Bytes(), key, crypttest.CBC), logfile.Opener{KeyFile: keyFile},
			ask{position: 300 + crypttest.StartLength, set: "SET @mariadb_slave_capability=4"},
			"Format created 0, to 0\nStart_encryption to 0\n0-2-2\nXid to 373\nRotate bin.000002:4\n"},
		{"MariaDB from the beginning", crypttest.MariaDB(mariaLogs(t)[0].log.Bytes(), key, crypttest.CBC), logfile.Opener{KeyFile: keyFile},
			ask{position: 4, state: "0-1-1,5-1-1"}, "Format created 0, to 127\nStart_encryption to 167\nGtid_list  to 154\nGtid_list 0-1-1 to 267\nGtid_list 0-1-1,5-1-1 to 340\n" +
				"0-2-2\nXid to 373\nRotate bin.000002:4\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, 1, tc.log)
			if _, err := New(Options{Dir: dir}); !errors.Is(err, decoder.ErrEncrypted) && !strings.Contains(err.Error(), "encrypted") {
				t.Errorf("without the key: %v", err)
			}
			c := run(t, Options{Dir: dir, Opener: tc.opener}).mustConnect(t)
			tc.ask.send(t, c)
			_, got, _ := strings.Cut(newStream(c).all(), "\n")
			if got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
		})
	}
}
