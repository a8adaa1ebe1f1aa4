package live

import (
	"context"

	"binmend/decoder"
	"binmend/schema"
)

// Check is a CHECK constraint.
type Check struct{ Name, Clause string }

const selectChecks = "SELECT c.CONSTRAINT_NAME, c.CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS c JOIN information_schema.TABLE_CONSTRAINTS t " +
	"ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME " +
	"WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ? AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES' ORDER BY 1"

// Checks are the constraints of a table that the server's applier checks. MariaDB's does not check rows, and MySQL has them since 8.0.16.
func (s *Server) Checks(ctx context.Context, t *schema.Table) (all []Check, err error) {
	if s.Version.Flavor != decoder.MySQL || !s.Version.AtLeast(8, 0, 16) {
		return nil, nil
	}
	rows, err := s.db.QueryContext(ctx, selectChecks, t.Database, t.Name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Check
		if err := rows.Scan(&c.Name, &c.Clause); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
