package gtid_test

import (
	"cmp"
	"os"
	"slices"
	"testing"

	"binmend/decoder/gtid"
	"binmend/fixtures/servers"
)

// What a new log says of the transactions before it prints as the server that wrote it prints them.
func TestAgainstServers(t *testing.T) {
	const statements = `
		CREATE DATABASE d; CREATE TABLE d.t (id INT);
		INSERT INTO d.t VALUES (1), (2); DROP TABLE d.t;`
	for _, tc := range []struct {
		line      *servers.Line
		script    string
		state     string // what the server says it has logged
		eventType byte
		read      func([]byte) (string, error)
	}{
		{servers.MySQL97, statements, "@@GLOBAL.gtid_executed", previousGtids, readSet},
		{servers.MySQL97, statements + `
			SET gtid_next = 'AUTOMATIC:zz'; CREATE TABLE d.t2 (id INT); INSERT INTO d.t2 VALUES (1);
			SET gtid_next = 'AUTOMATIC:a_1'; INSERT INTO d.t2 VALUES (2);
			SET gtid_next = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:Tag:7'; INSERT INTO d.t2 VALUES (3);
			SET gtid_next = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee:9'; INSERT INTO d.t2 VALUES (4);
			SET gtid_next = 'AUTOMATIC';`, "@@GLOBAL.gtid_executed", previousGtids, readSet},
		{servers.MySQL56, statements, "@@GLOBAL.gtid_executed", previousGtids, readSet},
		{servers.MariaDB118, statements + `
			CREATE TABLE d.t2 (id INT); SET gtid_domain_id = 7, server_id = 9; INSERT INTO d.t2 VALUES (1);`,
			"@@gtid_binlog_state", gtidList, readList},
	} {
		t.Run(tc.line.String(), func(t *testing.T) {
			s := servers.Shared(t, tc.line, servers.Options{GTID: true})
			s.MustExec(t, tc.script)
			s.MustExec(t, "FLUSH BINARY LOGS")
			var want string
			if err := s.DB().QueryRow("SELECT " + tc.state).Scan(&want); err != nil {
				t.Fatal(err)
			}
			logs := s.Binlogs(t)
			log, err := os.ReadFile(logs[len(logs)-1])
			if err != nil {
				t.Fatal(err)
			}
			events := 0
			eachEvent(log, func(event []byte) {
				if event[4] != tc.eventType {
					return
				}
				events++
				if got, err := tc.read(event[19:]); err != nil || got != want {
					t.Errorf("got %q, %v; the server says %q", got, err, want)
				}
			})
			if events != 1 {
				t.Errorf("found %d events of type %d, want 1", events, tc.eventType)
			}
		})
	}
}

func readSet(body []byte) (string, error) {
	s, err := gtid.DecodeSet(body)
	if err != nil {
		return "", err
	}
	return s.String(), nil
}

// readList sorts, as the variable does; the event is in the order of a hash table.
func readList(body []byte) (string, error) {
	list, err := gtid.DecodeList(body)
	slices.SortFunc(list, func(a, b gtid.GTID) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Server, b.Server))
	})
	return list.String(), err
}
