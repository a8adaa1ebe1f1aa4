package repair

import (
	"testing"

	"binmend/decoder/gtid"
	"binmend/decoder/txn"
	"binmend/schema/replica"
)

// TestAppliesInOrder: without a connection, the workers of a status or the message of one tell that several may have applied.
func TestAppliesInOrder(t *testing.T) {
	const lines = "Master_Host: db1\nRelay_Log_File: relay.000003\nRelay_Log_Pos: 236\nSlave_SQL_Running: No\nLast_SQL_Errno: 1032\nLast_SQL_Error: "
	const cause = "Could not execute Update_rows event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; " +
		"the event's master log bin.000001, end_log_pos 1311\n"
	const worker = "Worker 3 failed executing transaction '' at master log bin.000001, end_log_pos 1311; "
	const row = "\n*************************** 1. row ***************************\nWORKER_ID: 1\nLAST_ERROR_NUMBER: 1032\nLAST_ERROR_MESSAGE: " + worker + cause
	const idle = "*************************** 2. row ***************************\nWORKER_ID: 2\nLAST_ERROR_NUMBER: 0\nLAST_ERROR_MESSAGE: \n"
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"one applier":          {lines + cause, true},
		"a worker of how many": {lines + worker + cause, false},
		"a coordinator": {lines + "Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 1 failed executing " +
			"transaction 'ANONYMOUS' at source log bin.000001, end_log_pos 1311. See error log and/or a table for more details\n", false},
		"one worker":                  {lines + worker + cause + row, true},
		"two workers":                 {lines + worker + cause + row + idle, false},
		"a worker's error in MariaDB": {lines + worker + cause + "Using_Gtid: No\n", true},
	} {
		all, err := replica.Parse("*************************** 1. row ***************************\n" + c.text)
		if err != nil {
			t.Fatal(name, err)
		}
		s := stopped{status: all[0]}
		if s.failure, err = all[0].Failure(); err != nil {
			t.Fatal(name, err)
		}
		if got, err := appliesInOrder(t.Context(), &Options{}, s); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestRangeOfUnknown: a status that was cut does not show what is applied, also where the error has a GTID.
func TestRangeOfUnknown(t *testing.T) {
	const id = "3e11fa47-71ca-11e1-9e33-c80aa9429562"
	const text = "*************************** 1. row ***************************\nSource_Host: db1\nRelay_Log_File: relay.000003\nRelay_Log_Pos: 236\n" +
		"Replica_SQL_Running: No\nLast_SQL_Errno: 1032\nLast_SQL_Error: Coordinator stopped because there were error(s) in the worker(s). The most recent " +
		"failure being: Worker 1 failed executing transaction '" + id + ":7' at source log bin.000001, end_log_pos 1311.\n"
	for executed, want := range map[string]int{"": 0, "Executed_Gtid_Set: " + id + ":1-6\n": 5} {
		all, err := replica.Parse(text + executed)
		if err != nil {
			t.Fatal(err)
		}
		s := stopped{status: all[0]}
		if s.failure, err = all[0].Failure(); err != nil {
			t.Fatal(err)
		}
		p := &Place{Transaction: txn.Transaction{GTID: s.failure.GTID}}
		r, err := rangeOf(t.Context(), &Options{Ahead: 5}, s, p)
		if err != nil || r.Ahead != want || len(r.Notes) == 0 != (want > 0) {
			t.Errorf("%q: %+v, %v", executed, r, err)
		}
	}
}

// TestRangeOfDomains: in MariaDB another domain may be ahead of the failing transaction, which only Gtid_Slave_Pos shows.
func TestRangeOfDomains(t *testing.T) {
	const text = "*************************** 1. row ***************************\nMaster_Host: db1\nRelay_Log_File: relay.000003\nRelay_Log_Pos: 236\n" +
		"Gtid_IO_Pos: 5-1-9,6-1-9\nSlave_SQL_Running: No\nLast_SQL_Errno: 1032\nLast_SQL_Error: Could not execute Update_rows_v1 event on table d.t; " +
		"Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND\n"
	for more, uncertain := range map[string]bool{
		"Using_Gtid: Slave_Pos\n": true,
		"":                        true,
		"Using_Gtid: No\n":        false,
		"Using_Gtid: Current_Pos\nGtid_Slave_Pos: 5-1-6,6-1-9\n": false,
	} {
		all, err := replica.Parse(text + more)
		if err != nil {
			t.Fatal(err)
		}
		s := stopped{status: all[0]}
		if s.failure, err = all[0].Failure(); err != nil {
			t.Fatal(err)
		}
		p := &Place{Transaction: txn.Transaction{GTID: gtid.GTID{Flavor: gtid.MariaDB, Domain: 5, Server: 1, Seq: 7}}}
		r, err := rangeOf(t.Context(), &Options{Ahead: 5}, s, p)
		if err != nil || r.Ahead != 5 {
			t.Fatalf("%q: %+v, %v", more, r, err)
		}
		for domain, want := range map[uint32]bool{5: false, 6: uncertain} {
			if got := r.isUncertain(txn.Transaction{GTID: gtid.GTID{Flavor: gtid.MariaDB, Domain: domain, Seq: 9}}); got != want {
				t.Errorf("%q: domain %d: %v, want %v", more, domain, got, want)
			}
		}
	}
}
