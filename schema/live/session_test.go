package live

import (
	"context"
	"testing"

	"binmend/fixtures/servers"
)

// The server itself refuses what a session of this package might write.
func TestSessionIsReadOnly(t *testing.T) {
	const readOnlyTransaction = 1792 // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
	ctx := context.Background()
	for _, line := range servers.Lines() {
		t.Run(line.String(), func(t *testing.T) {
			server := servers.Shared(t, line, servers.Options{})
			server.MustExec(t, "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)")
			s, err := Connect(ctx, Options{Socket: server.Socket, User: "root"})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for _, sql := range []string{"INSERT INTO shop.t VALUES (1)", "DROP TABLE shop.t", "CREATE DATABASE other"} {
				if _, err := s.db.ExecContext(ctx, sql); serverErrno(err) != readOnlyTransaction {
					t.Errorf("%s: got %v", sql, err)
				}
			}
		})
	}
}
