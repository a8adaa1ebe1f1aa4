package replica_test

import (
	"fmt"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/fixtures/servers"
	"binmend/schema/replica"
)

// filterRules are settings of a replica's filters as each family takes them.
var filterRules = []struct {
	name           string
	mysql, mariadb string
}{
	{"databases", "REPLICATE_DO_DB=(d,d2)", "SET GLOBAL replicate_do_db='d,d2'"},
	{"ignored database", "REPLICATE_IGNORE_DB=(e)", "SET GLOBAL replicate_ignore_db='e'"},
	{"tables", "REPLICATE_DO_TABLE=(d.t, e.T1)", "SET GLOBAL replicate_do_table='d.t,e.T1'"},
	{"ignored table", "REPLICATE_IGNORE_TABLE=(d.t1), REPLICATE_DO_TABLE=(d.t1,d.t)", "SET GLOBAL replicate_ignore_table='d.t1'; SET GLOBAL replicate_do_table='d.t1,d.t'"},
	{"patterns", `REPLICATE_WILD_DO_TABLE=('d%.t_'), REPLICATE_WILD_IGNORE_TABLE=('d.%')`, `SET GLOBAL replicate_wild_do_table='d%.t_'; SET GLOBAL replicate_wild_ignore_table='d.%'`},
	{"a pattern in other case", "REPLICATE_WILD_IGNORE_TABLE=('D.IGN%')", "SET GLOBAL replicate_wild_ignore_table='D.IGN%'"},
	{"a table in other case", "REPLICATE_IGNORE_TABLE=(d.T)", "SET GLOBAL replicate_ignore_table='d.T'"},
	{"a database in other case", "REPLICATE_IGNORE_DB=(D)", "SET GLOBAL replicate_ignore_db='D'"},
	{"ignored pattern", `REPLICATE_WILD_IGNORE_TABLE=('d.ign%', 'e\\_%.t')`, `SET GLOBAL replicate_wild_ignore_table='d.ign%,e\\_%.t'`},
}

const clearMySQL = "REPLICATE_DO_DB=(), REPLICATE_IGNORE_DB=(), REPLICATE_DO_TABLE=(), REPLICATE_IGNORE_TABLE=(), " +
	"REPLICATE_WILD_DO_TABLE=(), REPLICATE_WILD_IGNORE_TABLE=(), REPLICATE_REWRITE_DB=()"

var clearMariaDB = func() string {
	var b strings.Builder
	for _, name := range []string{"do_db", "ignore_db", "do_table", "ignore_table", "wild_do_table", "wild_ignore_table"} {
		fmt.Fprintf(&b, "SET GLOBAL replicate_%s='';", name)
	}
	return b.String()
}()

// TestFiltersOnServers writes a row into each of several tables of a source whose replica has filters. What the replica's status
// says must be what its applier did.
func TestFiltersOnServers(t *testing.T) {
	tables := []string{"d.t", "d.t1", "d.ign1", "d2.t", "e.t", "e.t1", "e_x.t"}
	for _, line := range []*servers.Line{servers.MySQL97, servers.MariaDB1011} {
		t.Run(line.String(), func(t *testing.T) {
			pair := servers.SharedPair(t, line, servers.Options{})
			pair.Reset(t)
			var create strings.Builder
			for _, table := range tables {
				database, _, _ := strings.Cut(table, ".")
				fmt.Fprintf(&create, "CREATE DATABASE IF NOT EXISTS %s; CREATE TABLE %s (id INT PRIMARY KEY);\n", database, table)
			}
			pair.Source.MustExec(t, create.String())
			pair.Sync(t)
			isMaria := line == servers.MariaDB1011
			set := func(rules string) {
				pair.StopReplica(t)
				if isMaria {
					pair.Replica.MustExec(t, clearMariaDB+rules+";")
				} else {
					pair.Replica.MustExec(t, "CHANGE REPLICATION FILTER "+clearMySQL+"; CHANGE REPLICATION FILTER "+rules+";")
				}
				pair.StartReplica(t)
			}
			t.Cleanup(func() {
				pair.StopReplica(t)
				if isMaria {
					pair.Replica.MustExec(t, clearMariaDB)
				} else {
					pair.Replica.MustExec(t, "CHANGE REPLICATION FILTER "+clearMySQL+";")
				}
				pair.StartReplica(t)
			})
			for n, c := range filterRules {
				rules := c.mysql
				if isMaria {
					rules = c.mariadb
				}
				t.Run(c.name, func(t *testing.T) {
					set(rules)
					for _, table := range tables {
						pair.Source.MustExec(t, fmt.Sprintf("INSERT INTO %s VALUES (%d);", table, n))
					}
					pair.Sync(t)
					all, err := replica.Parse(pair.Status(t))
					if err != nil {
						t.Fatal(err)
					}
					if isMaria != (all[0].Flavor == decoder.MariaDB) {
						t.Errorf("flavour %v", all[0].Flavor)
					}
					for _, table := range tables {
						database, name, _ := strings.Cut(table, ".")
						answer := pair.Replica.MustExec(t, fmt.Sprintf("SELECT CONCAT('rows=', COUNT(*)) FROM %s WHERE id=%d;", table, n))
						if applied := strings.Contains(answer, "rows=1"); applied != all[0].Filters.Applies(database, name) {
							t.Errorf("%s: the replica applied it: %v; its status has %+v", table, applied, all[0].Filters)
						}
					}
				})
			}
		})
	}
}
