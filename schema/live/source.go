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

// LogEnd is where the server's own binary log ends now. If the account may not ask, the error's reason is ErrPrivilege.
func (s *Server) LogEnd(ctx context.Context) (replica.Place, error) {
	log, err := s.logStatus(ctx)
	if err != nil {
		return replica.Place{}, err
	}
	pos, err := strconv.ParseUint(log[1], 10, 64)
	return replica.Place{File: log[0], Pos: pos}, err
}

// LoggedDatabases are the lists of binlog_do_db and binlog_ignore_db: only changes in the former, if it is not empty, and none in
// the latter, are in the server's log. The reasons for errors are those of LogEnd.
func (s *Server) LoggedDatabases(ctx context.Context) (only, not string, err error) {
	log, err := s.logStatus(ctx)
	if err != nil {
		return "", "", err
	}
	return log[2], log[3], nil
}

// logStatus is the file of the server's own binary log, its end, and which databases are logged in it and which are not.
func (s *Server) logStatus(ctx context.Context) ([]string, error) {
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
		return nil, lacks(query, grant, err)
	case err != nil:
		return nil, s.rowsError(ctx, err)
	case len(result.Rows) == 0:
		return nil, ErrNoLog
	case len(result.Rows[0]) < 4:
		return nil, fmt.Errorf("%s: expected at least 4 columns, found %d", query, len(result.Rows[0]))
	}
	return result.Rows[0], nil
}
