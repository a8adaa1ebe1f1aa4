package replica

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

const uuid = "135ed1fd-e555-11f1-955a-02fc00000001"

var gtid7, _ = gtid.Parse(uuid + ":7")

// status57 is what a person pastes from a terminal: prompts, a second statement, Windows line ends.
const status57 = "mysql> show slave status\\G\r\n" +
	"*************************** 1. row ***************************\r\n" +
	"               Slave_IO_State: Waiting for master to send event\r\n" +
	"                  Master_Host: 10.0.0.1\r\n" +
	"                  Master_Port: 3306\r\n" +
	"              Master_Log_File: bin.000009\r\n" +
	"          Read_Master_Log_Pos: 9000\r\n" +
	"               Relay_Log_File: relay.000004\r\n" +
	"                Relay_Log_Pos: 320\r\n" +
	"        Relay_Master_Log_File: bin.000009\r\n" +
	"             Slave_IO_Running: Yes\r\n" +
	"            Slave_SQL_Running: No\r\n" +
	"                   Last_Errno: 1062\r\n" +
	"                   Last_Error: Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 2 failed executing transaction '" + uuid + ":7' at master log bin.000009, end_log_pos 777. See error log and/or performance_schema.replication_applier_status_by_worker table for more details about this failure or others, if any.\r\n" +
	"          Exec_Master_Log_Pos: 154\r\n" +
	"                Last_IO_Errno: 0\r\n" +
	"                Last_IO_Error: \r\n" +
	"               Last_SQL_Errno: 1062\r\n" +
	"               Last_SQL_Error: Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 2 failed executing transaction '" + uuid + ":7' at master log bin.000009, end_log_pos 777. See error log and/or performance_schema.replication_applier_status_by_worker table for more details about this failure or others, if any.\r\n" +
	"                  Master_UUID: " + uuid + "\r\n" +
	"           Retrieved_Gtid_Set: " + uuid + ":1-9\r\n" +
	"            Executed_Gtid_Set: " + uuid + ":1-5,\r\n" +
	"153909b3-e555-11f1-a6da-02fc00000001:1-19\r\n" +
	"                Auto_Position: 1\r\n" +
	"                 Channel_Name: \r\n" +
	"1 row in set (0.00 sec)\r\n" +
	"\r\n" +
	"mysql> select * from performance_schema.replication_applier_status_by_worker\\G\r\n" +
	"*************************** 1. row ***************************\r\n" +
	"         CHANNEL_NAME: \r\n" +
	"            WORKER_ID: 1\r\n" +
	"            THREAD_ID: NULL\r\n" +
	"        SERVICE_STATE: OFF\r\n" +
	"LAST_SEEN_TRANSACTION: " + uuid + ":6\r\n" +
	"    LAST_ERROR_NUMBER: 1062\r\n" +
	"   LAST_ERROR_MESSAGE: Worker 1 failed executing transaction '" + uuid + ":6' at master log bin.000009, end_log_pos 500; Could not execute Write_rows event on table d.other; Duplicate entry '1' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log bin.000009, end_log_pos 500\r\n" +
	" LAST_ERROR_TIMESTAMP: 2026-11-21 02:42:22\r\n" +
	"*************************** 2. row ***************************\r\n" +
	"         CHANNEL_NAME: \r\n" +
	"            WORKER_ID: 2\r\n" +
	"            THREAD_ID: NULL\r\n" +
	"        SERVICE_STATE: OFF\r\n" +
	"LAST_SEEN_TRANSACTION: " + uuid + ":7\r\n" +
	"    LAST_ERROR_NUMBER: 1062\r\n" +
	"   LAST_ERROR_MESSAGE: Worker 2 failed executing transaction '" + uuid + ":7' at master log bin.000009, end_log_pos 777; Could not execute Update_rows event on table d.t; Duplicate entry 'x' for key 'uk', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log bin.000009, end_log_pos 777\r\n" +
	" LAST_ERROR_TIMESTAMP: 2026-11-21 02:42:22\r\n" +
	"2 rows in set (0.00 sec)\r\n"

func TestParseTerminalSession(t *testing.T) {
	all, err := Parse(status57)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d channels, want 1", len(all))
	}
	s := *all[0]
	if len(s.Workers) != 2 || s.Workers[1].LastSeen != uuid+":7" || s.Workers[1].Running {
		t.Errorf("workers: %+v", s.Workers)
	}
	s.Workers, s.SQLError.Message, s.shown = nil, "", false
	want := Status{
		Line: 2, Channels: 1, Flavor: decoder.MySQL, FlavorKnown: true,
		SourceHost: "10.0.0.1", SourcePort: 3306, SourceUUID: uuid,
		IORunning: "Yes", SQLRunning: "No",
		Read: Place{"bin.000009", 9000}, Exec: Place{"bin.000009", 154}, Relay: Place{"relay.000004", 320},
		SQLError: ThreadError{Number: 1062}, AutoPosition: true,
		RetrievedGTID: uuid + ":1-9",
		ExecutedGTID:  uuid + ":1-5,153909b3-e555-11f1-a6da-02fc00000001:1-19",
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got  %+v\nwant %+v", s, want)
	}
}

// The worker that the status names is the one whose details count, not the first with an error; the rows may come in
// any order.
func TestFailureJoinsStatusAndWorker(t *testing.T) {
	status, workers, _ := strings.Cut(status57, "1 row in set")
	for name, text := range map[string]string{
		"status first":  status57,
		"workers first": workers + "\n" + status,
		"quoted mail":   "> " + strings.ReplaceAll(status57, "\n", "\n> "),
	} {
		t.Run(name, func(t *testing.T) {
			f := mustFail(t, text)
			want := Failure{
				Number: 1062, Message: f.Message, GTID: gtid7, ByWorker: true,
				Event: Place{"bin.000009", 777}, Exec: Place{"bin.000009", 154}, Relay: Place{"relay.000004", 320},
				Cause: Message{Transaction: uuid + ":7", Worker: true, Event: Place{"bin.000009", 777},
					Change: Update, Table: "d.t", Key: "uk", Value: "x", Code: 1062, Handler: "HA_ERR_FOUND_DUPP_KEY"},
			}
			if !reflect.DeepEqual(*f, want) {
				t.Errorf("got  %+v\nwant %+v", *f, want)
			}
			if !strings.HasPrefix(f.Message, "Worker 2 failed") {
				t.Errorf("message is not the worker's: %q", f.Message)
			}
		})
	}
}

func TestReadMessage(t *testing.T) {
	const tail = "; handler error HA_ERR_FOUND_DUPP_KEY; the event's master log bin.000001, end_log_pos 42"
	at := Place{"bin.000001", 42}
	for _, c := range []struct {
		name, message string
		want          Message
	}{
		{"5.1 to 5.7, one applier", "Could not execute Write_rows event on table d.t; Duplicate entry '1' for key 'PRIMARY', Error_code: 1062" + tail,
			Message{Event: at, Change: Write, Table: "d.t", Value: "1", Key: "PRIMARY"}},
		{"missing row", "Could not execute Delete_rows event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_END_OF_FILE; the event's master log bin.000001, end_log_pos 42",
			Message{Event: at, Change: Delete, Table: "d.t"}},
		{"8.0 words and code", "Could not execute Update_rows event on table d.t; Can't find record in 't', Error_code: MY-001032; handler error HA_ERR_KEY_NOT_FOUND; the event's source log bin.000001, end_log_pos 42",
			Message{Event: at, Change: Update, Table: "d.t"}},
		{"warnings of columns that only the replica has", "Could not execute Write_rows event on table d.t; Field 'x' doesn't have a default value, Error_code: 1364; Field 'y' doesn't have a default value, Error_code: 1364; Duplicate entry '5' for key 't.v', Error_code: 1062" + tail,
			Message{Event: at, Change: Write, Table: "d.t", Value: "5", Key: "t.v"}},
		{"MariaDB names the GTID", "Could not execute Write_rows_v1 event on table d.t; Duplicate entry '1' for key 'PRIMARY', Error_code: 1062" + tail + ", Gtid 0-1-5, Internal MariaDB error code: 1062",
			Message{Event: at, Change: Write, Table: "d.t", Value: "1", Key: "PRIMARY", Transaction: "0-1-5"}},
		{"MariaDB compressed event", "Could not execute Update_rows_compressed_v1 event on table d.t; Can't find record in 't', Error_code: 1032" + tail,
			Message{Event: at, Change: Update, Table: "d.t"}},
		{"coordinator", "Coordinator stopped because there were error(s) in the worker(s). The most recent failure being: Worker 1 failed executing transaction 'ANONYMOUS' at source log bin.000001, end_log_pos 42. See error log",
			Message{Event: at, Worker: true, Transaction: "ANONYMOUS"}},
		{"group replication has no file", "Worker 1 failed executing transaction '" + uuid + ":9' at source log , end_log_pos 42; Could not execute Write_rows event on table d.t; Duplicate entry '1' for key 't.PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the event's source log FIRST, end_log_pos 42",
			Message{Event: Place{"", 42}, Worker: true, Transaction: uuid + ":9", Change: Write, Table: "d.t", Value: "1", Key: "t.PRIMARY"}},
		{"a worker that has just started has no file", "Worker 2 failed executing transaction 'ANONYMOUS' at source log , end_log_pos 42; Could not execute Delete_rows event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's source log bin.000001, end_log_pos 42",
			Message{Event: at, Worker: true, Transaction: "ANONYMOUS", Change: Delete, Table: "d.t"}},
		{"tagged GTID", "Worker 1 failed executing transaction '" + uuid + ":blue:9' at source log bin.000001, end_log_pos 42",
			Message{Event: at, Worker: true, Transaction: uuid + ":blue:9"}},
		{"statement", "Error 'Table 't' already exists' on query. Default database: 'd'. Query: 'create table t (a int)'",
			Message{Query: "create table t (a int)"}},
		{"statement of a worker", "Worker 3 failed executing transaction '' at master log bin.000001, end_log_pos 42; Error 'Unknown table 'd.t'' on query. Default database: 'd'. Query: 'DROP TABLE `t` /* it''s\ngone */'",
			Message{Event: at, Worker: true, Query: "DROP TABLE `t` /* it''s\ngone */"}},
		{"German server", "Could not execute Write_rows event on table d.t; Doppelter Eintrag 'it's' für Schlüssel 'uk', Error_code: 1062" + tail,
			Message{Event: at, Change: Write, Table: "d.t", Value: "it's", Key: "uk"}},
		{"value that imitates the tail", "Could not execute Write_rows event on table d.t; Duplicate entry 'x' for key 'y', Error_code: 1062; handler error H; the event's master log evil.000009, end_log_pos 1' for key 'PRIMARY', Error_code: 1062" + tail,
			Message{Event: at, Change: Write, Table: "d.t", Key: "PRIMARY",
				Value: "x' for key 'y', Error_code: 1062; handler error H; the event's master log evil.000009, end_log_pos 1"}},
		{"value that imitates the tail, which the server cut off", "Could not execute Write_rows event on table d.t; Duplicate entry 'x; the event's master log evil.000009, end_log_pos 1 and so on",
			Message{Change: Write, Table: "d.t"}},
		{"the worker's own place is before all that quotes", "Worker 1 failed executing transaction '' at master log bin.000001, end_log_pos 42; Could not execute Write_rows event on table d.t; Duplicate entry 'x; the event's master log evil.000009, end_log_pos 1",
			Message{Event: at, Worker: true, Change: Write, Table: "d.t"}},
		{"a row that was tried twice", "Could not execute Update_rows event on table d.t; Duplicate entry 'bo-2' for key 't.name', Error_code: 1062; Duplicate entry 'bo-2' for key 't.name', Error_code: 1062" + tail,
			Message{Event: at, Change: Update, Table: "d.t", Value: "bo-2", Key: "t.name"}},
		{"two rows, three tries, and a value that imitates a second try", "Could not execute Update_rows event on table d.t; Duplicate entry 'a' for key 't.name', Error_code: MY-001062; Duplicate entry 'a' for key 't.name', Error_code: MY-001062; Duplicate entry 'b' for key 'x', Error_code: 1062; Duplicate entry 'c' for key 't.name', Error_code: MY-001062" + tail,
			Message{Event: at, Change: Update, Table: "d.t", Value: "b' for key 'x', Error_code: 1062; Duplicate entry 'c", Key: "t.name"}},
		{"value with line breaks", "Could not execute Write_rows event on table d.t; Duplicate entry 'a\nb' for key 'PRIMARY', Error_code: 1062" + tail,
			Message{Event: at, Change: Write, Table: "d.t", Value: "a\nb", Key: "PRIMARY"}},
		{"table with a semicolon", "Could not execute Delete_rows event on table d.a; b; Can't find record in 'a; b', Error_code: 1032" + tail,
			Message{Event: at, Change: Delete, Table: "d.a; b"}},
		{"wrapped by a terminal in the middle of words", "Could not execute Delete_rows event on tab\nle d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_END_OF_FILE; the event's master log bin.0\n00001, end_log_pos 42",
			Message{Event: at, Change: Delete, Table: "d.t"}},
		{"wrapped by a mail program between words", "Could not execute Delete_rows event on table d.t;\n   Can't find record in 't', Error_code: 1032; handler error HA_ERR_END_OF_FILE; the event's\n   master log bin.000001, end_log_pos 42",
			Message{Event: at, Change: Delete, Table: "d.t"}},
		{"cut off by the server after 1024 bytes", "Could not execute Write_rows event on table d.t; Duplicate entry 'aaaaaaaa",
			Message{Change: Write, Table: "d.t"}},
		{"several engine messages", "Could not execute Write_rows_v1 event on table d.t; Cannot add or update a child row: a foreign key constraint fails (`d`.`t`, CONSTRAINT `f`), Error_code: 1452; Duplicate entry, Error_code: 9" + tail,
			Message{Event: at, Change: Write, Table: "d.t"}},
		{"no message", "", Message{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := readMessage(c.message)
			got.Code, got.Handler, got.Database, got.Cut = 0, "", "", false // TestMessageEnds has them
			if got != c.want {
				t.Errorf("message %q\ngot  %+v\nwant %+v", c.message, got, c.want)
			}
		})
	}
}

func TestFlavor(t *testing.T) {
	for _, c := range []struct {
		name, text string
		flavor     decoder.Flavor
		known      bool
		replica    bool
	}{
		{"5.5 of either", "Slave_SQL_Running: No\nLast_SQL_Errno: 1062\n", decoder.MySQL, false, false},
		{"5.5 with its version", "Slave_SQL_Running: No\nLast_SQL_Errno: 1062\n*** 1. row ***\n@@version: 5.5.68-MariaDB-log\n", decoder.MariaDB, true, false},
		{"MySQL 5.6", "Slave_SQL_Running: No\nLast_SQL_Errno: 1062\nAuto_Position: 0\n", decoder.MySQL, true, false},
		{"MySQL 8.4", "Replica_SQL_Running: No\nLast_SQL_Errno: 1062\nAuto_Position: 0\n", decoder.MySQL, true, true},
		{"MariaDB 10.0", "Slave_SQL_Running: No\nLast_SQL_Errno: 1062\nUsing_Gtid: No\n", decoder.MariaDB, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			s := all[0]
			if s.Flavor != c.flavor || s.FlavorKnown != c.known || s.ReplicaWords != c.replica {
				t.Errorf("got %v known=%v replica words=%v, want %v %v %v", s.Flavor, s.FlavorKnown, s.ReplicaWords, c.flavor, c.known, c.replica)
			}
		})
	}
}

const allSlaves = `
*************************** 1. row ***************************
              Connection_name: eu
              Slave_SQL_State: 
               Slave_IO_State: Waiting for master to send event
               Relay_Log_File: relay-eu.000002
                Relay_Log_Pos: 555
        Relay_Master_Log_File: bin.000001
            Slave_SQL_Running: Yes
          Exec_Master_Log_Pos: 900
               Last_SQL_Errno: 0
               Last_SQL_Error: 
                   Using_Gtid: Current_Pos
                  Gtid_IO_Pos: 0-1-20,1-2-30
                Parallel_Mode: conservative
                Gtid_Slave_Pos: 0-1-19,1-2-30
*************************** 2. row ***************************
              Connection_name: us
               Relay_Log_File: relay-us.000007
                Relay_Log_Pos: 556
            Slave_SQL_Running: No
               Last_SQL_Errno: 1032
               Last_SQL_Error: Could not execute Update_rows_v1 event on table d.t; Can't find record in 't', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND; the event's master log bin.000003, end_log_pos 0
                   Using_Gtid: Current_Pos
2 rows in set (0.000 sec)
`

func TestPick(t *testing.T) {
	all, err := Parse(allSlaves)
	if err != nil {
		t.Fatal(err)
	}
	if got := []string{all[0].Channel, all[1].Channel}; !reflect.DeepEqual(got, []string{"eu", "us"}) {
		t.Fatalf("channels %q", got)
	}
	if all[0].GTIDSlavePos != "0-1-19,1-2-30" || all[0].ParallelMode != "conservative" || !all[0].UsesGTID() {
		t.Errorf("eu: %+v", all[0])
	}
	twoFailed := append(all, &Status{Channel: "asia", SQLError: ThreadError{Number: 1062}})
	healthy := []*Status{all[0], {Channel: "asia"}}
	named := func(channel string) func([]*Status) (*Status, error) {
		return func(all []*Status) (*Status, error) { return Named(all, channel) }
	}
	withDefault := []*Status{{Channel: "eu"}, {Channel: ""}}
	for _, c := range []struct {
		name string
		all  []*Status
		pick func([]*Status) (*Status, error)
		want string
		err  string
	}{
		{"the only one", all[:1], Pick, "eu", ""},
		{"the only one with an error", all, Pick, "us", ""},
		{"named, in any case", all, named("EU"), "eu", ""},
		{"the default one", withDefault, named(""), "", ""},
		{"unknown", all, named("asia"), "", "the status has no channel 'asia', only 'eu', 'us'"},
		{"no default one", all, named(""), "", "the status has no channel '' (the default channel), only 'eu', 'us'"},
		{"two with errors", twoFailed, Pick, "", "several channels have an error: 'us', 'asia'"},
		{"an applier's error before receivers'", append(append([]*Status{}, all...), &Status{Channel: "asia", IOError: ThreadError{Number: 2003}, IORunning: "Connecting", SQLRunning: "Yes"}), Pick, "us", ""},
		{"two receivers", []*Status{{Channel: "eu", IOError: ThreadError{Number: 2003}}, {Channel: "asia", IOError: ThreadError{Number: 2003}}}, Pick, "", "several channels have an error: 'eu', 'asia'"},
		{"none with an error", healthy, Pick, "", "none of the channels has an error: 'eu', 'asia'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := c.pick(c.all)
			if c.err != "" {
				if !errors.Is(err, ErrWhichChannel) && !errors.Is(err, ErrHealthy) || err.Error() != c.err {
					t.Fatalf("error %v, want %q", err, c.err)
				}
				return
			}
			if err != nil || s.Channel != c.want {
				t.Fatalf("got %v, %v; want channel %q", s, err, c.want)
			}
		})
	}
}

func TestReceiverError(t *testing.T) {
	f := mustFail(t, `
*************************** 1. row ***************************
             Replica_IO_State: 
               Relay_Log_File: relay.000002
                Relay_Log_Pos: 4
           Replica_IO_Running: No
          Replica_SQL_Running: Yes
                Last_IO_Errno: 13114
                Last_IO_Error: Got fatal error 1236 from source when reading data from binary log: 'Could not find first log file name in binary log index file'
               Last_SQL_Errno: 0
               Last_SQL_Error: 
`)
	if f.Thread != Receiver || f.Number != 13114 || !strings.Contains(f.Message, "1236") || f.Relay.File != "relay.000002" {
		t.Errorf("%+v", f)
	}
}

func TestOldStatusHasOnlyLastError(t *testing.T) {
	f := mustFail(t, "Relay_Log_File: r.1\nRelay_Log_Pos: 98\nLast_Errno: 1062\nLast_Error: Error 'Duplicate entry '1' for key 1' on query. Default database: 'd'. Query: 'insert into t values (1)'\nSkip_Counter: 0\n")
	if f.Number != 1062 || f.Cause.Query != "insert into t values (1)" || f.Relay != (Place{"r.1", 98}) {
		t.Errorf("%+v", f)
	}
}

func TestWorkersWithoutStatus(t *testing.T) {
	_, workers, _ := strings.Cut(status57, "1 row in set")
	workers = strings.Replace(workers, "LAST_ERROR_NUMBER: 1062", "LAST_ERROR_NUMBER: 0", 1)
	f := mustFail(t, workers)
	if f.GTID != gtid7 || f.Cause.Table != "d.t" || f.Relay.File != "" {
		t.Errorf("%+v", f)
	}
}

// With replica_preserve_commit_order the last error can be that of a worker that waited for another: the other's counts.
func TestWorkerBehindAnother(t *testing.T) {
	text := strings.Replace(status57, "Last_SQL_Errno: 1062", "Last_SQL_Errno: 3030", 1) +
		"*************************** 3. row ***************************\r\n" +
		"            WORKER_ID: 3\r\n" +
		"    LAST_ERROR_NUMBER: 3030\r\n" +
		"   LAST_ERROR_MESSAGE: Worker 3 failed executing transaction '" + uuid + ":9' at master log bin.000009, end_log_pos 999\r\n"
	if f := mustFail(t, text); f.Number != 1062 || f.GTID.String() != uuid+":6" || f.Cause.Table != "d.other" {
		t.Errorf("%+v", f)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		name, text, message string
		reason              error
	}{
		{"empty", " \n", "found nothing", ErrNotStatus},
		{"no replica", "mysql> SHOW REPLICA STATUS\\G\nEmpty set (0.00 sec)\n", "found an empty set", ErrEmptySet},
		{"refused", "ERROR 1227 (42000): Access denied; you need SUPER\n", "found an error of the server: ERROR 1227 (42000): Access denied", ErrNotStatus},
		{"side by side, without its rows", "+----+\n| Slave_IO_State | Master_Host |\n+----+\n", "names of columns without values", ErrNotStatus},
		{"side by side, in pieces", "Replica_IO_State\tSource_Host\nWaiting for source\n", "line 2: expected a row", ErrNotStatus},
		{"the engine's message alone", "ERROR: Duplicate entry '5' for key 'PRIMARY'", "a message of error 1062 that names neither a transaction nor a place", ErrNotStatus},
		{"a binlog", "\xfebin\x00\x00", "found a binary log", ErrIsLog},
		{"binary", "abc\x00", "found binary data", ErrNotStatus},
		{"a dump", "-- MySQL dump\nCREATE TABLE `t` (\n", "found a schema dump", ErrIsDump},
		{"anything, which may be a file with keys", "1;secret\nworld", "found 14 bytes of other text", ErrNotStatus},
		{"column twice", "Relay_Log_Pos: 4\nLast_SQL_Error: a\nRelay_Log_Pos: 5\n", "column relay_log_pos appears twice, in lines 1 and 3", ErrTwoColumns},
		{"status twice", status57 + status57, "the status of channel '' (the default channel) appears twice, in lines 2 and 49", ErrTwoRows},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.text)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Fatalf("error %v, want one with %q", err, c.message)
			}
			if !errors.Is(err, c.reason) {
				t.Errorf("%v is not: %v", err, c.reason)
			}
		})
	}
}

// A message may quote a value that looks like columns of the status. It must not win over the real ones.
func TestMessageThatImitatesColumns(t *testing.T) {
	text := strings.Replace(status57, "Duplicate entry 'x'", "Duplicate entry 'x\n  LAST_SEEN_TRANSACTION: "+uuid+":1\n'", 1)
	if _, err := Parse(text); !errors.Is(err, ErrTwoColumns) {
		t.Errorf("error %v, want %v", err, ErrTwoColumns)
	}
}

func TestNoError(t *testing.T) {
	for _, c := range []struct {
		name, text, message string
		reason              error
	}{
		{"running", "Slave_IO_Running: Yes\nSlave_SQL_Running: Yes\nLast_SQL_Errno: 0\n", "reports no error (receiver running: Yes, applier running: Yes)", ErrNoError},
		{"stopped", "Slave_SQL_Running: No\nLast_SQL_Errno: 0\nChannel_Name: c1\n", "reports no error for channel 'c1' (receiver running: unknown, applier running: No)", ErrStopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			_, err = all[0].Failure()
			if !errors.Is(err, c.reason) || !strings.Contains(err.Error(), c.message) {
				t.Errorf("error %v, want %q", err, c.message)
			}
		})
	}
}

func TestPowerShellText(t *testing.T) {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, c := range []byte(status57) {
		b.Write([]byte{c, 0})
	}
	if f := mustFail(t, b.String()); f.GTID != gtid7 {
		t.Errorf("%+v", f)
	}
}

func mustPick(t *testing.T, text string) *Status {
	t.Helper()
	all, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Pick(all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustFail(t *testing.T, text string) *Failure {
	t.Helper()
	f, err := mustPick(t, text).Failure()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func FuzzParse(f *testing.F) {
	f.Add(status57)
	f.Add(allSlaves)
	f.Add("\xff\xfeL\x00")
	seeds, _ := filepath.Glob(filepath.Join(corpus, "*", "show-replica-status.txt"))
	for _, seed := range seeds {
		text, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := Parse(text)
		if err != nil {
			_ = err.Error()
			return
		}
		s, err := Pick(all)
		if err != nil {
			_ = err.Error()
			return
		}
		fail, err := s.Failure()
		if err != nil {
			_ = err.Error()
			return
		}
		if fail.Number == 0 {
			t.Errorf("a failure without a number: %+v", fail)
		}
	})
}
