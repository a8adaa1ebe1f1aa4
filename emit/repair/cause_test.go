package repair

import (
	"errors"
	"testing"

	"binmend/decoder/filter"
	"binmend/schema/replica"
)

// TestCause: what the message says has to be in the transaction that the place leads to. The transaction at 2662 inserts the
// customers 5 (eve@example.org) and 3, changes a customer and an order, and deletes a customer and a visit.
func TestCause(t *testing.T) {
	for _, test := range []struct {
		name    string
		message replica.Message
		differs string
	}{
		{"the message of the status", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "5"}, ""},
		{"of a server before 8.0.19", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "PRIMARY", Value: "5"}, ""},
		{"broken into lines", replica.Message{Change: replica.Write, Table: "shop.cust\n  omers", Key: "customers.em\nail", Value: "eve@exam\n ple.org"}, ""},
		{"another row of the event's table", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "PRIMARY", Value: "3"}, ""},
		{"a missing row", replica.Message{Change: replica.Update, Table: "shop.orders"}, ""},
		{"a statement", replica.Message{Database: "shop", Query: "INSERT INTO customers VALUES (5)"}, "the error is about the statement " +
			"INSERT INTO customers VALUES (5); the transaction at " + fixture + "relay.000002:2662 has INSERT in shop.customers, " +
			"UPDATE in shop.customers, UPDATE in shop.orders, DELETE in shop.customers, DELETE in shop.visits"},
		{"cut before its value", replica.Message{Change: replica.Write, Table: "shop.customers", Cut: true}, ""},
		{"another table", replica.Message{Change: replica.Write, Table: "mysql.gtid_slave_pos", Key: "PRIMARY", Value: "0-123"},
			"the error is about Write_rows on mysql.gtid_slave_pos; the transaction at " + fixture + "relay.000002:2662 has INSERT in shop.customers, " +
				"UPDATE in shop.customers, UPDATE in shop.orders, DELETE in shop.customers, DELETE in shop.visits"},
		{"another change of the table", replica.Message{Change: replica.Delete, Table: "shop.orders"}, "the error is about Delete_rows on shop.orders; the transaction at " +
			fixture + "relay.000002:2662 has INSERT in shop.customers, UPDATE in shop.customers, UPDATE in shop.orders, DELETE in shop.customers, DELETE in shop.visits"},
		{"a key that only the replica has", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.name", Value: "Eve"},
			"the error is about Write_rows on shop.customers, key customers.name; the transaction at " + fixture +
				"relay.000002:2662 is in a table whose definition has the unique keys PRIMARY, email"},
		{"another value", replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "55"},
			"the error is about Write_rows on shop.customers, value 55 of key customers.PRIMARY; the transaction at " + fixture +
				"relay.000002:2662 has the values 5, 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, s := mixed(t), stoppedAt(t, 8, "1-7")
			s.failure.Cause = test.message
			p, r := placed(t, &o, s)
			_, err := (&subject{options: &o, stopped: s, place: p}).gather(t.Context(), r)
			switch {
			case test.differs == "" && err != nil:
				t.Errorf("error %v", err)
			case test.differs != "" && (!errors.Is(err, ErrOtherTransaction) || err.Error() != test.differs):
				t.Errorf("got  %v\nwant %s", err, test.differs)
			}
		})
	}
}

// Filters that leave out the very table of the message were read wrong, or are of another replica.
func TestCauseIsFiltered(t *testing.T) {
	o, s := mixed(t), stoppedAt(t, 8, "1-7")
	s.failure.Cause = replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "5"}
	s.status.Filters.WildDoTable = []string{"=20"}
	p, r := placed(t, &o, s)
	const want = "the error is about Write_rows on shop.customers, which the replica does not apply by the filters of the same status"
	if _, err := (&subject{options: &o, stopped: s, place: p}).gather(t.Context(), r); !errors.Is(err, ErrOtherTransaction) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Rows that are left out on demand are not compared, but their table is.
func TestCauseIsNotLookedFor(t *testing.T) {
	o, s := mixed(t), stoppedAt(t, 8, "1-7")
	o.Tables = &filter.Filter{ExcludeTables: patterns(t, "shop.customers")}
	s.failure.Cause = replica.Message{Change: replica.Write, Table: "shop.customers", Key: "customers.PRIMARY", Value: "55"}
	gathered(t, &o, s)
	o = mixed(t)
	o.GTID = s.failure.GTID
	s.failure.Cause.Table = "mysql.gtid_slave_pos"
	gathered(t, &o, s) // whoever names the transaction means it
}

// The database of the message is the one that Replicate_Rewrite_DB leads to.
func TestCauseIsRenamed(t *testing.T) {
	o, s := mixed(t), stoppedAt(t, 8, "1-7")
	s.failure.Cause = replica.Message{Change: replica.Update, Table: "store.orders"}
	s.status.Filters.Rewrite = []replica.Rewrite{{From: "shop", To: "store"}}
	c := causeOf(&o, s)
	gathered(t, &o, s)
	if c == nil || c.filters.Renamed("shop") != "store" {
		t.Error("the rule is not followed")
	}
}

func TestIsQuoted(t *testing.T) {
	const sql = "INSERT INTO t VALUES (1, 'é'),\n  (2, 'b')"
	for quote, want := range map[string]bool{
		sql:                        true,
		"INSERT INTO t VALUES (1,": true, // cut
		"INSERT INTO t VALU\nES (1, 'Ã©'), (2, 'b')": true, // wrapped, and in another character set
		"INSERT INTO t VALUES (1...":                 true,
		"INSERT INTO t VALUES (2":                    false,
		"UPDATE t SET a = 1":                         false,
	} {
		if got := isQuoted(quote, sql); got != want {
			t.Errorf("%q: got %v", quote, got)
		}
	}
	if isQuoted("INSERT INTO t VALUES (1), (2)", "INSERT INTO t VALUES (1)") {
		t.Error("a statement quotes a shorter one")
	}
}
