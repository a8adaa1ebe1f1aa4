package repair

import (
	"strings"
	"testing"
	"time"

	"binmend/decoder/txn"
	"binmend/emit/control"
)

// TestRetention: how long the source's logs are needed goes by the transaction's age, rounded up, and a day.
func TestRetention(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, c := range []struct {
		platform control.Platform
		log      string
		age      time.Duration
		want     string
	}{
		{control.RDS, "mysql-bin-changelog.000123", 90 * time.Minute, "at most 2 hours old; with a day for the repair: CALL mysql.rds_set_configuration('binlog retention hours', 26) (as documented)"},
		{control.Azure, "mysql-bin-changelog.000123", 150 * time.Hour, "150 hours old; with a day for the repair: CALL mysql.rds_set_configuration('binlog retention hours', 174), of which RDS takes 168 at most and Aurora 2160 (as documented)"},
		{control.Aurora, "bin.000123", time.Second, "at most 1 hour old; with a day for the repair: on RDS and Aurora CALL mysql.rds_set_configuration('binlog retention hours', 25); elsewhere binlog_expire_logs_seconds of 90000 or more, or what its service has instead (as documented)"},
		{control.CloudSQL, "bin.000123", -time.Hour, "0 hours old; with a day for the repair: binlog_expire_logs_seconds of 86400 or more, or what its service has instead (as documented)"},
	} {
		r := &Repair{Replica: control.Input{Platform: c.platform, Failing: control.Coordinates{File: c.log}}}
		p := &Place{Transaction: txn.Transaction{Time: uint32(now.Add(-c.age).Unix())}}
		if got := r.retention(p, now); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s, %s, %s:\ngot  %s\nwant …%s", c.platform, c.log, c.age, got, c.want)
		}
	}
}
