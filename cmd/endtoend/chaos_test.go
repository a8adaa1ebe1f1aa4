package endtoend

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"binmend/fixtures/servers"
)

var (
	chaosSeed  = flag.Uint64("seed", 1, "what TestChaos and its kind draw from; 0 draws anew each time")
	chaosCount = flag.Int("transactions", 36, "how many transactions of TestChaos a line gets")
)

// TestChaos makes the replica drift at random and runs random transactions on the source, on every line. Whenever the
// replica stops, fix's first script must be enough, and every row that the transaction touched must end as on the source.
//
// Drift that no log can show stays, and is not counted: a row that no transaction touches, and a row beside the touched
// ones that no unique value of theirs collides with.
func TestChaos(t *testing.T) {
	seed := drawnSeed()
	for _, line := range servers.AllLines() {
		t.Run(line.String(), func(t *testing.T) {
			t.Parallel()
			t.Logf("repeat with: go test ./cmd/endtoend -run '%s' -seed %d -transactions %d", t.Name(), seed, *chaosCount)
			var sum chaosCounts
			setups := setupsOf(line)
			for i, s := range setups {
				t.Run(s.name, func(t *testing.T) {
					c := startChaos(t, line, s.options, seed+uint64(i))
					c.fix = func(t *testing.T) fixRun { return fix(t, c.pair, receive(t, c.pair), c.schemaFile) }
					c.run(t, *chaosCount/len(setups))
					sum.addCounts(c.chaosCounts)
				})
			}
			t.Log(sum)
		})
	}
}

// drawnSeed is the seed of a test. A run of all tests has the same one each time, so that it fails for what was changed; make soak
// draws new ones.
func drawnSeed() uint64 {
	if *chaosSeed == 0 {
		return uint64(time.Now().UnixNano()) % 1e9
	}
	return *chaosSeed
}

// chaosCounts are what happened.
type chaosCounts struct {
	transactions, errors, compared int
}

func (c *chaosCounts) addCounts(o chaosCounts) {
	c.transactions += o.transactions
	c.errors += o.errors
	c.compared += o.compared
}

func (c chaosCounts) String() string {
	return fmt.Sprintf("%d transactions: %d errors, each mended by its first script; %d rows compared",
		c.transactions, c.errors, c.compared)
}

// chaos is a source, a replica and what is known about them.
type chaos struct {
	pair            *servers.Pair
	source, replica *sql.Conn
	draw            *chaosDraw
	tables          []*chaosTable
	rows            map[*chaosTable][]chaosRow // of the source
	schemaFile      string
	fix             func(t *testing.T) fixRun // how a stopped replica gets its script
	once            bool                      // one script is enough for a round
	isLogged        bool                      // the scripts are written to the replica's binary log
	chaosCounts
}

func startChaos(t *testing.T, line *servers.Line, options servers.Options, seed uint64) *chaos {
	t.Helper()
	tables := chaosTablesOf(line)
	c := &chaos{
		pair: servers.StartPair(t, line, options), draw: newChaosDraw(seed, tables), tables: tables,
		rows: map[*chaosTable][]chaosRow{},
	}
	setup := "CREATE DATABASE chaos;\nUSE chaos;\n"
	for _, table := range tables {
		setup += table.ddl() + ";\n" + c.draw.insert("INSERT IGNORE", table, 20) + ";\n"
	}
	c.pair.Source.MustExec(t, setup)
	c.pair.Sync(t)
	c.schemaFile = writeSchema(t, c.pair, "chaos")
	c.source = connect(t, c.pair.Source)
	c.replica = connect(t, c.pair.Replica, "SET sql_log_bin = 0")
	for _, table := range tables {
		c.rows[table] = readChaos(t, c.source, table)
	}
	return c
}

// connect opens a connection in the database of the test.
func connect(t *testing.T, s *servers.Server, statements ...string) *sql.Conn {
	t.Helper()
	conn, err := s.DB().Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, statement := range append([]string{"USE chaos"}, statements...) {
		execute(t, conn, statement)
	}
	return conn
}

// execute runs a statement that may find a key taken, which is reported, and may fail in no other way.
func execute(t *testing.T, conn *sql.Conn, statement string) (taken bool) {
	t.Helper()
	_, err := conn.ExecContext(context.Background(), statement)
	var refused *mysql.MySQLError
	if errors.As(err, &refused) && refused.Number == 1062 {
		return true
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
	return false
}

func readChaos(t *testing.T, conn *sql.Conn, table *chaosTable) []chaosRow {
	t.Helper()
	rows, err := conn.QueryContext(context.Background(), table.query())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []chaosRow
	values := make([]sql.NullString, len(table.columns)+1)
	targets := make([]any, len(values))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := make(chaosRow, len(values))
		for i, v := range values {
			row[i] = chaosValue{text: v.String, null: !v.Valid}
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// maxRound is how many transactions the source runs while the replica may be stopped.
const maxRound = 3

// run runs transactions, in rounds, until a round fails the test.
func (c *chaos) run(t *testing.T, transactions int) {
	for n := 1; c.transactions < transactions; n++ {
		if !t.Run(fmt.Sprint("round ", n), c.round) {
			return
		}
	}
}

// round makes the replica drift, runs some transactions, mends the replica as often as it stops, and compares.
func (c *chaos) round(t *testing.T) {
	var round [][]chaosStatement
	for range 1 + c.draw.IntN(maxRound) {
		round = append(round, c.draw.transaction())
	}
	c.transactions += len(round)
	c.drift(t, slices.Concat(round...))
	touched := map[*chaosTable]images{}
	for _, statements := range round {
		c.apply(t, statements, touched)
	}
	c.mend(t)
	for _, table := range c.tables {
		c.compare(t, table, touched[table])
	}
	if !c.isLogged {
		checkLogs(t, c.pair)
	}
}

// mend mends the replica until it has applied all. No transaction may need two scripts.
func (c *chaos) mend(t *testing.T) {
	mended := map[string]bool{}
	for stop := c.pair.Settle(t); stop.Errno != 0; {
		c.errors++
		again, place := mendBy(t, c.pair, stop, c.fix)
		if c.once && again.Errno != 0 {
			t.Fatalf("one script was not enough: %v", again)
		}
		if mended[place] {
			t.Fatalf("the first script was not enough at %s:\n%v", place, stop)
		}
		mended[place] = true
		stop = again
	}
}

// drift changes the replica's tables that the statements are about to change.
func (c *chaos) drift(t *testing.T, statements []chaosStatement) {
	done := map[*chaosTable]bool{}
	for _, s := range statements {
		if done[s.table] {
			continue
		}
		done[s.table] = true
		for _, statement := range c.draw.drifts(s.table, readChaos(t, c.replica, s.table)) {
			t.Log("replica:", statement)
			execute(t, c.replica, statement)
		}
	}
}

// images are the rows that a transaction touched in a table, each as it was at some time, by their text.
type images map[string]chaosRow

// apply runs the statements on the source as a transaction, and adds the rows that they touch.
func (c *chaos) apply(t *testing.T, statements []chaosStatement, touched map[*chaosTable]images) {
	t.Helper()
	t.Log("source: BEGIN")
	execute(t, c.source, "BEGIN")
	for _, s := range statements {
		if execute(t, c.source, s.sql) {
			t.Log("source, refused:", s.sql)
			continue
		}
		t.Log("source:", s.sql)
		before, after := c.rows[s.table], readChaos(t, c.source, s.table)
		c.rows[s.table] = after
		if touched[s.table] == nil {
			touched[s.table] = images{}
		}
		touched[s.table].addDifference(before, after)
	}
	execute(t, c.source, "COMMIT")
}

// addDifference adds the rows that are not in both.
func (im images) addDifference(a, b []chaosRow) {
	counts := map[string]int{}
	for _, row := range a {
		counts[row.String()]++
	}
	for _, row := range b {
		counts[row.String()]--
	}
	for _, row := range slices.Concat(a, b) {
		if text := row.String(); counts[text] != 0 {
			im[text] = row
		}
	}
}

// compare makes sure that the replica has each touched row as often as the source, which may be not at all, and no other
// row with its primary key.
func (c *chaos) compare(t *testing.T, table *chaosTable, touched images) {
	t.Helper()
	if len(touched) == 0 {
		return
	}
	c.compared += len(touched)
	source, replica := c.rows[table], readChaos(t, c.replica, table)
	for _, text := range slices.Sorted(maps.Keys(touched)) {
		key := table.key(touched[text])
		same := func(row chaosRow) bool { return row.String() == text || key != "" && table.key(row) == key }
		if want, got := filter(source, same), filter(replica, same); !slices.Equal(want, got) {
			t.Errorf("%s differs in the row %s:\nsource  %q\nreplica %q", table.name, text, want, got)
		}
	}
}

func filter(rows []chaosRow, keep func(chaosRow) bool) (out []string) {
	for _, row := range rows {
		if keep(row) {
			out = append(out, row.String())
		}
	}
	return out
}
