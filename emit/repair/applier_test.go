package repair

import (
	"os"
	"slices"
	"strings"
	"testing"

	"binmend/schema/replica"
)

// mixedStatus is the fixture's status with some of its text replaced.
func mixedStatus(t *testing.T, replace ...string) Options {
	t.Helper()
	text, err := os.ReadFile(fixture + "status.txt")
	if err != nil {
		t.Fatal(err)
	}
	o := mixed(t)
	if o.Statuses, err = replica.Parse(strings.NewReplacer(replace...).Replace(string(text))); err != nil {
		t.Fatal(err)
	}
	return o
}

// tablesOf are the tables of a repair's statements.
func tablesOf(r *Repair) (names []string) {
	for _, a := range r.Plan.Absences {
		names = append(names, a.Row.Table.Database+"."+a.Row.Table.Name)
	}
	for _, p := range r.Plan.Presences {
		names = append(names, p.Row.Table.Database+"."+p.Row.Table.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// The script touches what the applier does, under the applier's names, and says what it leaves alone.
func TestRunFollowsFilters(t *testing.T) {
	for _, c := range []struct {
		name    string
		replace []string
		tables  []string // of the repair
		note    string
	}{
		{"no filters", nil, []string{"shop.customers", "shop.orders", "shop.visits"}, ""},
		{"a table is ignored", []string{"Replicate_Wild_Ignore_Table: ", "Replicate_Wild_Ignore_Table: shop.v%"}, []string{"shop.customers", "shop.orders"},
			"not repaired, because the replica does not apply it (Replicate_ filters): shop.visits"},
		{"one table is applied", []string{"Replicate_Do_Table: ", "Replicate_Do_Table: shop.customers"}, []string{"shop.customers"}, "shop.orders, shop.visits"},
		{"another name", []string{"Replicate_Rewrite_DB: ", "Replicate_Rewrite_DB: (shop,store)", "on table shop.", "on table store."},
			[]string{"store.customers", "store.orders", "store.visits"}, "database shop is store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Run(t.Context(), mixedStatus(t, c.replace...))
			if err != nil {
				t.Fatal(err)
			}
			if got := tablesOf(r); !slices.Equal(got, c.tables) {
				t.Errorf("repaired %v, want %v", got, c.tables)
			}
			if notes := strings.Join(r.Facts.Notes, "\n"); !strings.Contains(notes, c.note) {
				t.Errorf("notes %q, want %q in them", notes, c.note)
			}
		})
	}
}
