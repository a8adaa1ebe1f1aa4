package serve

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// nativeOfServer is SELECT PASSWORD('secret') of MariaDB 10.11.
const nativeOfServer = "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"

func TestParseAccounts(t *testing.T) {
	sha2, err := AccountLine("repl", CachingSHA2, "secret")
	if err != nil {
		t.Fatal(err)
	}
	a, err := parseAccounts(strings.NewReader("# replicas\n\n "+sha2+"\nold\tmysql_native_password  "+nativeOfServer+"\n"), "users")
	if err != nil {
		t.Fatal(err)
	}
	if one, ok := a.find("repl"); !ok || one.plugin != CachingSHA2 || !one.hasPassword("secret") || one.hasPassword("Secret") || one.hasPassword("") {
		t.Errorf("repl: %+v", one)
	}
	if one, ok := a.find("old"); !ok || one.plugin != NativePassword {
		t.Errorf("old: %+v", one)
	}
	if one, ok := a.find("nobody"); ok || one.user != "decoy" {
		t.Errorf("nobody: %+v, %v", one, ok)
	}
}

func TestParseAccountsRefuses(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"nothing", "# nothing\n", "users: expected at least one account"},
		{"two fields", "repl caching_sha2_password", "users:1: expected USER PLUGIN HASH, found 2 fields"},
		{"a password", "repl mysql_native_password secret", "users:1: hash: expected * and 40 hexadecimal digits"},
		{"a hash without its star", "repl mysql_native_password " + nativeOfServer[1:], "users:1: hash: expected *"},
		{"an unknown plugin", "\nrepl sha256_password 0x24", `users:2: plugin "sha256_password"`},
		{"a short hash", "repl caching_sha2_password 0x244124303035", "users:1: hash: expected 0x and 140 hexadecimal digits"},
		{"another algorithm", "repl caching_sha2_password 0x" + strings.Repeat("24", 70), "users:1: hash: expected $A$ROUNDS$"},
		{"no rounds", "repl caching_sha2_password 0x24412430303024" + strings.Repeat("41", 63), "users:1: hash: expected $A$ROUNDS$"},
		{"a user twice", "a mysql_native_password " + nativeOfServer + "\na mysql_native_password " + nativeOfServer, `users:2: user "a" a second time`},
	} {
		_, err := parseAccounts(strings.NewReader(tc.text), "users")
		if !errors.Is(err, ErrAccounts) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", tc.name, err, tc.want)
		}
	}
}

func TestReadAccountsWantsPrivateFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(name, []byte("old mysql_native_password "+nativeOfServer+"\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAccounts(name); err == nil || !strings.Contains(err.Error(), "found mode 0640") {
		t.Errorf("mode 0640: %v", err)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadAccounts(name); err != nil {
		t.Errorf("mode 0600: %v", err)
	}
}

func TestAccountLineRefuses(t *testing.T) {
	for _, tc := range []struct {
		user, password string
		plugin         Plugin
	}{
		{"", "secret", CachingSHA2}, {"two words", "secret", CachingSHA2}, {"#repl", "secret", CachingSHA2},
		{"repl", "", CachingSHA2}, {"repl", "secret", "sha256_password"}, {strings.Repeat("x", 81), "secret", NativePassword},
	} {
		if line, err := AccountLine(tc.user, tc.plugin, tc.password); err == nil {
			t.Errorf("AccountLine(%q, %q) = %q, want an error", tc.user, tc.plugin, line)
		}
	}
}

// TestUnknownUsers: users that there are not have the plugins of those that there are, each the same one every time.
func TestUnknownUsers(t *testing.T) {
	var lines string
	for i := range 8 {
		line, err := AccountLine(fmt.Sprintf("user%d", i), []Plugin{NativePassword, CachingSHA2}[i%2], "secret")
		if err != nil {
			t.Fatal(err)
		}
		lines += line + "\n"
	}
	read := func() *Accounts {
		a, err := parseAccounts(strings.NewReader(lines), "accounts")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first, second := read(), read()
	count := map[Plugin]int{}
	for i := range 200 {
		name := fmt.Sprintf("nobody%d", i)
		one, exists := first.find(name)
		again, _ := second.find(name)
		if exists || one.plugin != again.plugin {
			t.Errorf("%s has %s and then %s", name, one.plugin, again.plugin)
		}
		count[one.plugin]++
	}
	if count[NativePassword] < 50 || count[CachingSHA2] < 50 {
		t.Errorf("%v", count)
	}
}
