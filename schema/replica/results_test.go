package replica

import (
	"errors"
	"testing"

	"binmend/decoder"
)

func TestFromResults(t *testing.T) {
	status := Result{
		Columns: []string{"Relay_Log_File", "Relay_Log_Pos", "Last_SQL_Errno", "Last_SQL_Error", "Auto_Position", "Channel_Name", "Source_UUID"},
		Rows: [][]string{
			{"relay-a.000002", "548", "0", "", "1", "a", ""},
			{"relay-b.000003", "4", "1062", "Coordinator stopped …\nWorker 1: Relay_Log_File: fake.000009", "1", "B", ""},
		},
	}
	workers := Result{
		Columns: []string{"CHANNEL_NAME", "WORKER_ID", "SERVICE_STATE", "LAST_ERROR_NUMBER", "LAST_ERROR_MESSAGE", "APPLYING_TRANSACTION"},
		Rows:    [][]string{{"b", "1", "OFF", "1062", "Worker 1 failed", "d30ea6ed-e555-11f1-955a-02fc00000001:4"}},
	}
	all, err := FromResults("9.7.0", status, workers)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d channels, %v", len(all), err)
	}
	s, err := Pick(all)
	if err != nil {
		t.Fatal(err)
	}
	if s.Channel != "B" || s.Relay != (Place{"relay-b.000003", 4}) || !s.ReplicaWords || !s.UsesGTID() || s.Version != "9.7.0" || s.Flavor != decoder.MySQL {
		t.Errorf("%+v", s)
	}
	f, err := s.Failure()
	if err != nil || f.GTID.String() != "d30ea6ed-e555-11f1-955a-02fc00000001:4" || f.Message != "Worker 1 failed" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestFromResultsOfNoReplica(t *testing.T) {
	worker := Result{Columns: []string{"WORKER_ID"}, Rows: [][]string{{"0"}}}
	for _, results := range [][]Result{nil, {{Columns: []string{"Relay_Log_File"}}}, {worker}} {
		if _, err := FromResults("5.6.24", results...); !errors.Is(err, ErrNotReplica) {
			t.Errorf("%v: got %v", results, err)
		}
	}
}
