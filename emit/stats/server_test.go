package stats_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"binmend/emit/stats"
	"binmend/fixtures/servers"
)

// TestServers: the counts of a random load are those that the server gave for its statements: rows by table and session,
// transactions, DDL; and the keys are those of the tables.
func TestServers(t *testing.T) {
	for _, line := range servers.Lines() {
		t.Run(line.Name, func(t *testing.T) {
			s := servers.Shared(t, line, servers.Options{GTID: true})
			s.MustExec(t, `CREATE DATABASE load1; USE load1;
				CREATE TABLE plain (id INT PRIMARY KEY AUTO_INCREMENT, v INT, note VARCHAR(200));
				CREATE TABLE uniq (id INT NOT NULL, v INT, note VARCHAR(200), UNIQUE (id));
				CREATE TABLE keyless (id INT, v INT, note VARCHAR(200));
				CREATE TABLE nullable (id INT, v INT, note VARCHAR(200), UNIQUE (id));`)
			l := &load{random: rand.New(rand.NewPCG(7, 7)), tables: map[string]*stats.Rows{}}
			for range 3 {
				l.session(t, s.DB(), 40)
			}
			report, err := collect(t, stats.Options{Top: 100}, s.Binlogs(t)...)
			if err != nil {
				t.Fatal(err)
			}
			l.compare(t, s, report)
			l.compareSessions(t, line, report)
		})
	}
}

// load is what was done to a server, as its answers tell.
type load struct {
	random       *rand.Rand
	next         int
	tables       map[string]*stats.Rows
	sessions     map[uint32]uint64 // rows by thread
	transactions uint64
}

var keys = map[string]stats.Key{"plain": stats.KeyPrimary, "uniq": stats.KeyUnique, "keyless": stats.KeyNone, "nullable": stats.KeyNone}

// session runs transactions in a session of its own.
func (l *load) session(t *testing.T, db *sql.DB, transactions int) {
	t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Raw(func(any) error { return sql.ErrConnDone }) // the next session gets another thread
		c.Close()
	}()
	var thread uint32
	if err := c.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&thread); err != nil {
		t.Fatal(err)
	}
	run := func(query string) uint64 {
		result, err := c.ExecContext(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		n, err := result.RowsAffected()
		if err != nil {
			t.Fatal(err)
		}
		return uint64(n)
	}
	for range transactions {
		run("BEGIN")
		var rows uint64
		for range 1 + l.random.IntN(4) {
			rows += l.statement(run)
		}
		run("COMMIT")
		if rows > 0 {
			l.transactions++
		}
		if l.sessions == nil {
			l.sessions = map[uint32]uint64{}
		}
		l.sessions[thread] += rows
	}
}

// statement changes a random table and returns how many rows.
func (l *load) statement(run func(string) uint64) uint64 {
	names := []string{"plain", "uniq", "keyless", "nullable"}
	name := names[l.random.IntN(len(names))]
	r := l.tables[name]
	if r == nil {
		r = &stats.Rows{}
		l.tables[name] = r
	}
	low := l.random.IntN(l.next + 1)
	switch l.random.IntN(4) {
	case 0:
		n := run(fmt.Sprintf("UPDATE load1.%s SET v = v + 1 WHERE id BETWEEN %d AND %d", name, low, low+20))
		r.Updates += n
		return n
	case 1:
		n := run(fmt.Sprintf("DELETE FROM load1.%s WHERE id BETWEEN %d AND %d", name, low, low+3))
		r.Deletes += n
		return n
	}
	var values []string
	for range 1 + l.random.IntN(200) {
		l.next++
		values = append(values, fmt.Sprintf("(%d,1,'%s')", l.next, strings.Repeat("x", l.random.IntN(200))))
	}
	n := run(fmt.Sprintf("INSERT INTO load1.%s (id, v, note) VALUES %s", name, strings.Join(values, ",")))
	r.Inserts += n
	return n
}

func (l *load) compare(t *testing.T, s *servers.Server, r *stats.Report) {
	t.Helper()
	transactionsOfTables := uint64(0)
	seen := 0
	for _, table := range r.Tables {
		if table.Database != "load1" {
			continue
		}
		seen++
		transactionsOfTables += table.Transactions
		if want := l.tables[table.Table]; table.Rows != *want {
			t.Errorf("%s: rows %+v, the server changed %+v", table.Table, table.Rows, *want)
		}
		if table.Key != keys[table.Table] {
			t.Errorf("%s: key %s, want %s", table.Table, table.Key, keys[table.Table])
		}
		var left uint64
		if err := s.DB().QueryRow("SELECT COUNT(*) FROM load1." + table.Table).Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left != table.Inserts-table.Deletes {
			t.Errorf("%s: %d inserts and %d deletes, %d rows are left", table.Table, table.Inserts, table.Deletes, left)
		}
	}
	if seen != len(keys) {
		t.Errorf("%d tables, want %d", seen, len(keys))
	}
	withRows := uint64(0)
	for _, b := range r.Buckets {
		withRows += b.Transactions
	}
	if want := l.transactions + r.Totals.DDL; r.Totals.Transactions != want || withRows != want || r.Totals.DDL != 5 {
		t.Errorf("%d transactions, %d in buckets, want %d with rows and %d of DDL", r.Totals.Transactions, withRows, l.transactions, 5)
	}
	if transactionsOfTables < l.transactions {
		t.Errorf("%d transactions of tables, less than the %d in all", transactionsOfTables, l.transactions)
	}
	if r.Logs.Unreadable > 0 || r.Totals.Open > 0 {
		t.Errorf("%d unreadable events, %d open transactions", r.Logs.Unreadable, r.Totals.Open)
	}
}

// compareSessions compares rows by thread. MariaDB before 11.5 does not log who wrote rows.
func (l *load) compareSessions(t *testing.T, line *servers.Line, r *stats.Report) {
	t.Helper()
	if line == servers.MariaDB1011 {
		return
	}
	found := map[uint32]uint64{}
	for _, s := range r.Threads {
		if s.Rows.Total() > 0 {
			found[s.ThreadID] = s.Rows.Total()
		}
	}
	for thread, rows := range l.sessions {
		if found[thread] != rows {
			t.Errorf("thread %d: %d rows, the server changed %d; found %v", thread, found[thread], rows, found)
		}
	}
}
