package replica

import "testing"

// TestIsFillingGaps: the applier itself failed, and there are workers, or transactions after the failing one that they have applied.
func TestIsFillingGaps(t *testing.T) {
	const (
		uuid     = "135ed1fd-e555-11f1-955a-02fc00000001"
		byItself = "Could not execute Update_rows event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log bin.000001, end_log_pos 9097"
		byWorker = "Worker 3 failed executing transaction '" + uuid + ":4' at master log bin.000001, end_log_pos 9097; " + byItself
	)
	worker := func(n, errno, message string) string {
		return "\nWORKER_ID: " + n + "\nLAST_ERROR_NUMBER: " + errno + "\nLAST_ERROR_MESSAGE: " + message + "\n"
	}
	none := "*************************** 1. row ***************************" + worker("1", "0", "") + "*************************** 2. row ***************************" + worker("2", "0", "")
	for name, test := range map[string]struct {
		message, executed, workers string
		want                       bool
	}{
		"one applier":    {byItself, uuid + ":1-3", "", false},
		"one of several": {byWorker, uuid + ":1-3:5-9", "", false},
		"one of several, as the coordinator says": {"Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 1 failed executing transaction '" + uuid +
			":4' at master log bin.000001, end_log_pos 9097. See error log and/or performance_schema.replication_applier_status_by_worker table for more details", uuid + ":1-3:5-9", "", false},
		"workers that have not failed":   {byItself, "", none, true},
		"the first worker of the status": {byWorker, "", none, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := "*************************** 1. row ***************************\nSlave_IO_Running: Yes\nSlave_SQL_Running: No\nLast_SQL_Errno: 1032\nLast_SQL_Error: " + test.message +
				"\nMaster_UUID: " + uuid + "\nExecuted_Gtid_Set: " + test.executed + "\nAuto_Position: 1\n" + test.workers
			s := mustPick(t, text)
			f, err := s.Failure()
			if err != nil {
				t.Fatal(err)
			}
			if got := s.IsFillingGaps(f); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

// TestHasGaps: a worker failed, or the applier that fills gaps, and one of the transactions that have arrived is not applied although a later one is.
func TestHasGaps(t *testing.T) {
	const (
		uuid     = "135ed1fd-e555-11f1-955a-02fc00000001"
		other    = "2f2c3b9e-e555-11f1-955a-02fc00000002"
		byItself = "Could not execute Update_rows event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log bin.000001, end_log_pos 9097"
		byWorker = "Worker 3 failed executing transaction '" + uuid + ":4' at master log bin.000001, end_log_pos 9097; " + byItself
	)
	for name, test := range map[string]struct {
		message, retrieved, executed string
		want                         bool
	}{
		"the first one that is not applied":      {byWorker, uuid + ":1-9", uuid + ":1-3", false},
		"later ones are applied":                 {byWorker, uuid + ":1-9", uuid + ":1-3:6", true},
		"of an earlier one":                      {byWorker, uuid + ":1-9", uuid + ":1:3", true},
		"one before that never arrives":          {byWorker, uuid + ":3-9", uuid + ":2-3", false},
		"the relay logs are not known":           {byWorker, "", uuid + ":1-3:5", true},
		"the applier itself fills them":          {byItself, uuid + ":1-9", uuid + ":1-3:5", true},
		"the relay logs have two servers' own":   {byWorker, uuid + ":1-9," + other + ":1-5", uuid + ":1-3," + other + ":1-5", true},
		"another server's are long applied":      {byWorker, uuid + ":1-9", uuid + ":1-3," + other + ":1-5", false},
		"a transaction of the replica's own too": {byWorker, uuid + ":1-9", uuid + ":1-3," + other + ":1-5:9", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := mustPick(t, "*************************** 1. row ***************************\nSlave_IO_Running: Yes\nSlave_SQL_Running: No\nLast_SQL_Errno: 1032\nLast_SQL_Error: "+
				test.message+"\nMaster_UUID: "+uuid+"\nRetrieved_Gtid_Set: "+test.retrieved+"\nExecuted_Gtid_Set: "+test.executed+"\nAuto_Position: 1\n")
			f, err := s.Failure()
			if err != nil {
				t.Fatal(err)
			}
			if got := s.HasGaps(f); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
