package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"binmend/decoder"
	"binmend/schema/replica"
)

// Identity tells a server from others by its @@server_id and, in MySQL, its @@server_uuid; "" in MariaDB.
func (s *Server) Identity(ctx context.Context) (id uint32, uuid string, err error) {
	if s.Version.Flavor == decoder.MariaDB || !s.Version.AtLeast(5, 6, 0) {
		err = s.db.QueryRowContext(ctx, "SELECT @@GLOBAL.server_id").Scan(&id)
		return id, "", err
	}
	err = s.db.QueryRowContext(ctx, "SELECT @@GLOBAL.server_id, @@GLOBAL.server_uuid").Scan(&id, &uuid)
	return id, uuid, err
}

// ErrNoLog: a server writes no binary log.
var ErrNoLog = errors.New("the server writes no binary log")

// LogEnd is where the server's own binary log ends now. Where the account may not ask, the reason is ErrPrivilege.
func (s *Server) LogEnd(ctx context.Context) (replica.Place, error) {
	query, grant := "SHOW MASTER STATUS", "GRANT REPLICATION CLIENT ON *.*"
	switch v := s.Version; {
	case v.Flavor == decoder.MariaDB && v.AtLeast(10, 5, 2):
		query, grant = "SHOW BINLOG STATUS", "GRANT BINLOG MONITOR ON *.*"
	case v.Flavor == decoder.MySQL && v.AtLeast(8, 2, 0):
		query = "SHOW BINARY LOG STATUS"
	}
	result, err := s.ask(ctx, query)
	switch {
	case denied(err):
		return replica.Place{}, lacks(query, grant, err)
	case err != nil:
		return replica.Place{}, s.rowsError(ctx, err)
	case len(result.Rows) == 0:
		return replica.Place{}, ErrNoLog
	case len(result.Rows[0]) < 2:
		return replica.Place{}, fmt.Errorf("%s: expected a file and a position, found %d columns", query, len(result.Rows[0]))
	}
	pos, err := strconv.ParseUint(result.Rows[0][1], 10, 64)
	return replica.Place{File: result.Rows[0][0], Pos: pos}, err
}
