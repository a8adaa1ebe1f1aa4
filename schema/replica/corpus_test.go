package replica

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

const corpus = "../../../shared/corpus/broken-replicas"

// Facts that the case's own files state: its name, the errno that broke it (verify.txt), and the lines that grep took
// out of the status (error.txt).
func TestCorpus(t *testing.T) {
	cases, _ := filepath.Glob(filepath.Join(corpus, "*"))
	if len(cases) == 0 {
		t.Skip("no corpus at " + corpus)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) { checkCase(t, dir) })
	}
}

func checkCase(t *testing.T, dir string) {
	name := filepath.Base(dir)
	status := read(t, dir, "show-replica-status.txt")
	workers := read(t, dir, "ps.replication_applier_status_by_worker.txt")
	version := read(t, dir, "replica-version.txt")
	rest := read(t, dir, "ps.replication_applier_status_by_coordinator.txt") +
		read(t, dir, "ps.replication_connection_status.txt") + read(t, dir, "ps.replication_applier_status.txt")

	f := mustFail(t, status+workers+rest+version)
	if other := mustFail(t, version+workers+rest+status); !reflect.DeepEqual(other, f) {
		t.Errorf("the order of the rows matters:\n%+v\n%+v", f, other)
	}
	all, _ := Parse(status + version)
	s := all[0]

	mysql97 := strings.HasPrefix(name, "my97") || strings.HasSuffix(name, "source-my97-replica")
	maria := strings.HasPrefix(name, "m1") || strings.HasSuffix(name, "source-m1011-replica")
	if (s.Flavor == decoder.MariaDB) != maria || !s.FlavorKnown || s.ReplicaWords != mysql97 {
		t.Errorf("flavour %v (known %v), REPLICA words %v", s.Flavor, s.FlavorKnown, s.ReplicaWords)
	}
	if !strings.Contains(version, s.Version) || (version != "" && s.Version == "") {
		t.Errorf("version %q", s.Version)
	}
	if gtid := strings.Contains(name, "gtidon"); s.UsesGTID() != gtid {
		t.Errorf("uses GTID: %v", s.UsesGTID())
	}
	if hasGTID := strings.HasPrefix(name, "my97-gtidon") || strings.HasPrefix(name, "my56-gtidon-mts"); !f.GTID.IsZero() != hasGTID {
		t.Errorf("GTID %v", f.GTID)
	}
	if anonymous := mysql97 && !strings.Contains(name, "gtidon"); f.Anonymous != anonymous {
		t.Errorf("anonymous: %v", f.Anonymous)
	}
	if !f.GTID.IsZero() && f.GTID.Flavor == gtid.MySQL && !strings.Contains(status, "'"+f.GTID.String()+"'") {
		t.Errorf("GTID %v is not the one of the status", f.GTID)
	}
	checkGrepped(t, f, read(t, dir, "error.txt"))
	checkChange(t, f, name)
	if strings.HasPrefix(name, "m118") != (f.Event.Pos == 0) {
		t.Errorf("event %+v", f.Event)
	}
	if _, broke, ok := strings.Cut(read(t, dir, "verify.txt"), "errno at break: "); ok && strconv.Itoa(f.Number) != strings.Fields(broke)[0] {
		t.Errorf("errno %d, verify.txt says %q", f.Number, broke)
	}
}

// checkGrepped compares with the lines of error.txt: "Column: value".
func checkGrepped(t *testing.T, f *Failure, grepped string) {
	got := map[string]string{
		"Relay_Log_File":        f.Relay.File,
		"Relay_Log_Pos":         strconv.FormatUint(f.Relay.Pos, 10),
		"Relay_Master_Log_File": f.Exec.File,
		"Relay_Source_Log_File": f.Exec.File,
		"Exec_Master_Log_Pos":   strconv.FormatUint(f.Exec.Pos, 10),
		"Exec_Source_Log_Pos":   strconv.FormatUint(f.Exec.Pos, 10),
		"Last_SQL_Errno":        strconv.Itoa(f.Number),
	}
	for line := range strings.Lines(grepped) {
		column, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if column == "Last_SQL_Error" {
			place := " log " + f.Event.File + ", end_log_pos " + strconv.FormatUint(f.Event.Pos, 10)
			if f.Event.File == "" || !strings.Contains(value, place) {
				t.Errorf("event %+v is not in %q", f.Event, value)
			}
			continue
		}
		if got[column] != value {
			t.Errorf("%s: got %q, error.txt has %q", column, got[column], value)
		}
	}
}

// checkChange compares with what the case's name says was done to the source.
func checkChange(t *testing.T, f *Failure, name string) {
	want := UnknownChange
	switch {
	case strings.Contains(name, "-ins-"), strings.Contains(name, "comppk"), strings.Contains(name, "mixed-multi"), strings.Contains(name, "big-txn"):
		want = Write
	case strings.Contains(name, "-upd-"), strings.Contains(name, "ddl-between"), strings.HasPrefix(name, "cross-"):
		want = Update
	case strings.Contains(name, "-del-"), strings.Contains(name, "replace-missing"):
		want = Delete
	}
	if f.Cause.Change != want {
		t.Errorf("change %v, want %v", f.Cause.Change, want)
	}
	if !strings.HasPrefix(f.Cause.Table, "shop") || strings.ContainsAny(f.Cause.Table, " ;") {
		t.Errorf("table %q", f.Cause.Table)
	}
	if (f.Number == 1062) != (f.Cause.Key != "" && f.Cause.Value != "") {
		t.Errorf("key %q, value %q for error %d", f.Cause.Key, f.Cause.Value, f.Number)
	}
}

// read is the file's text, "" when the case has no such file.
func read(t *testing.T, dir, name string) string {
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(b)
}
