package replay_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"binmend/emit/replay"
	"binmend/emit/sqltext"
	"binmend/fixtures/servers"
)

// TestNamesThatClientsAlter: rows of a table with a name that a client would not pass on as it is are refused, in both
// directions, and no statement of the table is written.
func TestNamesThatClientsAlter(t *testing.T) {
	server := servers.Shared(t, servers.MySQL97, servers.Options{Args: []string{"--binlog-row-metadata=FULL"}})
	db := server.DB()
	for _, name := range []string{"a\r\nb", "a\\\nb", "a\\"} {
		for _, sql := range []string{"CREATE DATABASE d", string(sqltext.Dialect{}.AppendIdent([]byte("CREATE TABLE d.t (id INT PRIMARY KEY, "), name)) + " INT)",
			"FLUSH BINARY LOGS", "INSERT INTO d.t VALUES (1, 2)", "DROP DATABASE d"} {
			if _, err := db.Exec(sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
		logs := server.Binlogs(t)
		for _, write := range []writer{forward, backward} {
			var out bytes.Buffer
			_, err := write(context.Background(), &out, stream(t, rowsOnly, "", logs[len(logs)-1]), replay.Options{})
			if !errors.Is(err, replay.ErrClient) || bytes.Contains(out.Bytes(), []byte("INSERT INTO")) || bytes.Contains(out.Bytes(), []byte("DELETE FROM")) {
				t.Errorf("%q: the error %v, and\n%s", name, err, out.Bytes())
			}
		}
	}
}
