package live

import (
	"context"
	"database/sql"

	"binmend/decoder"
	"binmend/schema/replica"
)

// question is a SELECT or SHOW that a status is made of, and the privilege that it needs.
type question struct{ sql, grant string }

// questions are the server's own words for its status.
func (s *Server) questions() []question {
	v := s.Version
	switch {
	case v.Flavor == decoder.MariaDB && v.AtLeast(10, 5, 0):
		return []question{{"SHOW ALL SLAVES STATUS", "GRANT SLAVE MONITOR ON *.*"}}
	case v.Flavor == decoder.MariaDB:
		return []question{{"SHOW ALL SLAVES STATUS", "GRANT REPLICATION CLIENT ON *.*"}}
	}
	q := []question{{"SHOW SLAVE STATUS", "GRANT REPLICATION CLIENT ON *.*"}}
	if v.AtLeast(8, 0, 22) {
		q[0].sql = "SHOW REPLICA STATUS"
	}
	if v.AtLeast(5, 7, 0) {
		q = append(q, ofPerformanceSchema("coordinator"), ofPerformanceSchema("worker"))
	}
	return q
}

func ofPerformanceSchema(what string) question {
	table := "performance_schema.replication_applier_status_by_" + what
	return question{"SELECT * FROM " + table, "GRANT SELECT ON " + table}
}

// Status reads the status of every channel or connection. The error is replica.ErrNotReplica if there is none.
func (s *Server) Status(ctx context.Context) ([]*replica.Status, error) {
	var results []replica.Result
	for _, q := range append(s.questions(), question{sql: "SELECT @@lower_case_table_names"}) { // filters compare names
		result, err := s.ask(ctx, q.sql)
		if denied(err) {
			return nil, lacks(q.sql, q.grant, err)
		}
		if err != nil {
			return nil, err
		}
		results = append(results, result)
	}
	return replica.FromResults(s.facts.version, results...)
}

// ask reads a whole result, every value as text.
func (s *Server) ask(ctx context.Context, query string) (replica.Result, error) {
	var result replica.Result
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return result, err
	}
	defer rows.Close()
	if result.Columns, err = rows.Columns(); err != nil {
		return result, err
	}
	for rows.Next() {
		values := make([]sql.NullString, len(result.Columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return result, err
		}
		row := make([]string, len(values))
		for i := range values {
			row[i] = values[i].String
		}
		result.Rows = append(result.Rows, row)
	}
	return result, rows.Err()
}
