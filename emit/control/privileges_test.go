package control

import (
	"fmt"
	"slices"
	"testing"

	"binmend/decoder"
	"binmend/emit/sqltext"
	"binmend/schema"
)

// grants are privileges that an account has everywhere.
type grants []string

func (g grants) Has(_, _ string, privileges ...string) bool {
	return slices.ContainsFunc(privileges, func(p string) bool { return slices.Contains(g, p) })
}

// An account is told what it lacks, by the least privileges: one that is proposed is not asked for again under another name.
func TestLacking(t *testing.T) {
	all := Uses{LogBin: true, Stops: true, ReadOnly: true, SuperReadOnly: true}
	for _, c := range []struct {
		version string
		uses    Uses
		has     grants
		want    string
	}{
		{"8.4.3", all, nil, "[GRANT SYSTEM_VARIABLES_ADMIN ON *.* GRANT REPLICATION_SLAVE_ADMIN ON *.* GRANT CONNECTION_ADMIN ON *.*]"},
		{"8.4.3", Uses{LogBin: true}, nil, "[GRANT SESSION_VARIABLES_ADMIN ON *.*]"},
		{"8.4.3", all, grants{"SUPER"}, "[]"},
		{"10.11.6-MariaDB", Uses{LogBin: true, Stops: true}, grants{"BINLOG ADMIN"}, "[GRANT REPLICATION SLAVE ADMIN ON *.*]"},
		{"5.7.44", all, nil, "[GRANT SUPER ON *.*]"},
	} {
		version, ok := decoder.ParseVersion(c.version)
		if !ok {
			t.Fatal(c.version)
		}
		commands, err := For(Input{Version: version})
		if err != nil {
			t.Fatal(err)
		}
		lacks := []string{}
		for _, l := range commands.Lacking(c.has, c.uses) {
			lacks = append(lacks, l.Grant)
		}
		if got := fmt.Sprint(lacks); got != c.want {
			t.Errorf("%s, %+v, an account with %v:\ngot  %s\nwant %s", c.version, c.uses, c.has, got, c.want)
		}
	}
	table := &schema.Table{Database: "shop", Name: "customers"}
	lack, ok := LackingOn(sqltext.Dialect{}, grants{"SELECT"}, table, "SELECT", "INSERT", "DELETE")
	if want := (Lack{"GRANT INSERT, DELETE ON `shop`.`customers`", "the rows of shop.customers"}); !ok || lack != want {
		t.Errorf("got %v, want %v", lack, want)
	}
	if lack, ok := LackingOn(sqltext.Dialect{}, grants{"SELECT"}, table, "SELECT"); ok {
		t.Errorf("an account that has all lacks %v", lack)
	}
}
