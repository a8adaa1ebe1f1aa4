package serve

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/go-mysql-org/go-mysql/mysql"
)

// What a client sends is read before anybody has proved who he is: none of it may bring the server down, and what is read
// is no longer than what was sent.

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte("\x85\xa6\xff\x19\x00\x00\x00\x01\xff" + strings.Repeat("\x00", 23) + "repl\x00\x14" + strings.Repeat("p", 20) + "mysql_native_password\x00"))
	f.Add([]byte("\x8d\xa6\x2f\x00\x00\x00\x00\x01\xff" + strings.Repeat("\x00", 23) + "repl\x00\xfc\x02\x00ppdb\x00caching_sha2_password\x00"))
	f.Add([]byte("\x85\xae\xff\x19\x00\x00\x00\x01\xff" + strings.Repeat("\x00", 23)))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseResponse(data)
		if err == nil && len(r.user)+len(r.proof)+len(r.plugin) > len(data)+len(NativePassword) {
			t.Errorf("read more than was sent: %+v", r)
		}
	})
}

func FuzzParseDump(f *testing.F) {
	f.Add([]byte("\x04\x00\x00\x00\x01\x00\x4d\x00\x00\x00bin.000001"))
	f.Add(ask{executed: uuidA + ":1-3:7," + uuidB + ":1"}.command(f, dumpNonBlock)[1:])
	f.Add([]byte("\x02\x00\x00\x00\x04repl\x00\x00\xea\x0c\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := parseDump(data); err == nil && len(r.file) > len(data) {
			t.Errorf("read more than was sent: %+v", r)
		}
		if r, err := parseDumpGTID(data); err == nil && r.executed == nil {
			t.Error("no error and no set")
		}
		if r, err := parseRegister(data); err == nil && len(r.host) > len(data) {
			t.Errorf("read more than was sent: %+v", r)
		}
	})
}

// FuzzStatement has one more rule: what is not answered is an error that the client can be told.
func FuzzStatement(f *testing.F) {
	for _, s := range []string{
		"SELECT UNIX_TIMESTAMP()", "SET @master_binlog_checksum= @@global.binlog_checksum", "SELECT @@GLOBAL.SERVER_UUID AS u, 'x''\\'', @y LIMIT 1",
		"SET @slave_connect_state='0-1-3', @x := NULL", "SHOW VARIABLES LIKE 'SERVER_ID';", "SHOW BINARY LOGS", "SELECT binlog_gtid_pos('bin.000001',4)",
		"/* c */ -- d\nSHOW MASTER STATUS # e", "SET NAMES utf8mb4", "select $$", "SET @x :=", "SET SESSION", "SELECT", "SHOW",
	} {
		f.Add(s)
	}
	server, err := New(Options{Dir: folder(f, mariaLogs(f)...)})
	if err != nil {
		f.Fatal(err)
	}
	client, end := net.Pipe()
	defer end.Close()
	one := &session{server: server, ctx: f.Context(), net: client, user: "repl"}
	f.Fuzz(func(t *testing.T, statement string) {
		_, err := one.query(statement)
		var told *mysql.MyError
		if err != nil && !errors.As(err, &told) {
			t.Fatalf("%q: %v", statement, err)
		}
	})
}

func FuzzParseAccounts(f *testing.F) {
	f.Add("old mysql_native_password " + nativeOfServer + "\n# repl\n")
	f.Add("repl caching_sha2_password 0x" + strings.Repeat("24", sha2Size))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAccounts(strings.NewReader(text), "users")
		if err != nil {
			return
		}
		for _, one := range a.byUser {
			if one.plugin == CachingSHA2 && one.hasPassword("wrong") {
				t.Errorf("%q: any password is right", text)
			}
		}
	})
}
