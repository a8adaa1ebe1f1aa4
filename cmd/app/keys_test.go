package app

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/decoder/crypt/crypttest"
)

// TestKeysStayHidden: whatever is done with the files that hold keys, right or wrong, no key is printed.
func TestKeysStayHidden(t *testing.T) {
	key, another := crypttest.Key("k", 32), crypttest.Key("another", 32)
	id := crypttest.KeyID(1)
	keyring, keyFile := crypttest.Keyring(id, key), crypttest.KeyFile(key)
	relay := func(line string) []byte {
		log, err := os.ReadFile(filepath.Join("..", "..", "fixtures", line, "mixed", "relay.000002"))
		if err != nil {
			t.Fatal(err)
		}
		return log
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"mysql": crypttest.MySQL(relay("mysql-9.7"), id, key), "mysql.another": crypttest.MySQL(relay("mysql-9.7"), id, another),
		"mariadb": crypttest.MariaDB(relay("mariadb-11.8"), key, crypttest.CBC), "mariadb.another": crypttest.MariaDB(relay("mariadb-11.8"), another, crypttest.CBC),
		"keyring": keyring, "keyring.cut": keyring[:len(keyring)-30], "keyring.bad": bytes.ReplaceAll(keyring, []byte("0"), []byte("g")),
		"keyring.number": bytes.ReplaceAll(keyring, []byte(`"data":"`), []byte(`"data":1,"x":"`)),
		"keys":           keyFile, "keys.cut": keyFile[:len(keyFile)-3], "keys.bad": bytes.ReplaceAll(keyFile, []byte(";"), []byte(" ")),
		"secret": []byte(hex.EncodeToString(key) + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, line := range []string{
		"--keyring keyring mysql", "--keyring keyring mysql.another", "--keyring keyring.cut mysql", "--keyring keyring.bad mysql",
		"--keyring keyring.number mysql", "--keyring keys mysql", "--keyring keyring --keyring keys mysql", "--keyring mysql mysql",
		"--file-key keys mariadb", "--file-key keys mariadb.another", "--file-key keys.cut mariadb", "--file-key keys.bad mariadb",
		"--file-key keyring mariadb", "--file-key keys --file-key-password secret mariadb", "--file-key mariadb mariadb",
		"--file-key-password secret mariadb", "keyring", "keys", "secret", "--keyring keys keyring",
	} {
		for _, command := range []string{"events", "events --transactions", "check", "check --force", "fix --gtid 0-1-8", "fix --start-position 4", "schema"} {
			args := strings.Fields(command + " " + line)
			var out bytes.Buffer
			run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &out})
			for _, form := range []string{hex.EncodeToString(key[:6]), base64.StdEncoding.EncodeToString(key[:6]), string(key[:6])} {
				if strings.Contains(strings.ToLower(out.String()), strings.ToLower(form)) {
					t.Errorf("binmend %s shows the key:\n%s", strings.Join(args, " "), &out)
				}
			}
		}
	}
}
