package live

import (
	"context"

	"binmend/decoder"
)

// AppliesInOrder reports whether the replica commits no transaction before another one that comes first in the relay log. In
// MariaDB only those of different GTID domains may overtake each other.
func (s *Server) AppliesInOrder(ctx context.Context) (bool, error) {
	v := s.Version
	query := "SELECT @@GLOBAL.replica_parallel_workers < 2 OR @@GLOBAL.replica_preserve_commit_order"
	switch {
	case v.Flavor == decoder.MariaDB || !v.AtLeast(5, 6, 3):
		return true, nil
	case !v.AtLeast(5, 7, 5):
		query = "SELECT @@GLOBAL.slave_parallel_workers < 2"
	case !v.AtLeast(8, 0, 26):
		query = "SELECT @@GLOBAL.slave_parallel_workers < 2 OR @@GLOBAL.slave_preserve_commit_order"
	}
	var inOrder bool
	err := s.db.QueryRowContext(ctx, query).Scan(&inOrder)
	return inOrder, err
}
