package replay

import (
	"fmt"
	"slices"
	"strings"

	"binmend/decoder/words"
	"binmend/emit/display"
	"binmend/schema"
)

// Risks lists what a reviewer can't see in the statements: what the server does by itself when they run, what may stop them and, for
// a rollback, what the server did by itself when the changes were made.
func (s *Summary) Risks() []string {
	list := slices.Clip(s.ofTables)
	if s.Largest >= largePacket {
		list = append(list, fmt.Sprintf("a statement has %s: max_allowed_packet of the server and of the client has to be greater", words.Count(s.Largest, "byte")))
	}
	if s.undone {
		list = append(list, "rows between SAVEPOINT and ROLLBACK TO were rolled back on the source and are left out; those of a table whose engine has no transactions have stayed there")
	}
	if s.events {
		list = append(list, "events are created or altered: a server whose event_scheduler is ON runs them as well, besides what they did on the source, which is in the log; turn it OFF first")
	}
	if s.fixedDefaults {
		list = append(list, "TIMESTAMP columns of CREATE and ALTER TABLE depend on explicit_defaults_for_timestamp, which no session of the server can set: it has to be what the source had")
	}
	if s.otherCollations {
		list = append(list, "a table or database for which a statement names no collation has the default of its character set there, and had that of character_set_collations on the source: "+
			"MariaDB before 11.2.1 and MySQL do not have that variable")
	}
	if s.unequal != "" {
		list = append(list, s.unequal)
	}
	return list
}

// tableRisks lists what each of the given kinds says of the tables whose rows are written, each text once.
func tableRisks(touched []*schema.Table, kinds ...func(*schema.Table) []string) (risks []string) {
	for _, t := range touched {
		for _, kind := range kinds {
			for _, risk := range kind(t) {
				if !slices.Contains(risks, risk) {
					risks = append(risks, risk)
				}
			}
		}
	}
	return risks
}

func hiddenNames(t *schema.Table) []string {
	hidden := display.Hidden(t.Names()...)
	if len(hidden) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("names hold characters that can't be seen (%s); a terminal shows them as code points, a pipe gets them as they are", strings.Join(hidden, ", "))}
}

// notTakenBack is what a rollback leaves as the changes made it.
func notTakenBack(t *schema.Table) (risks []string) {
	name := t.FullName()
	if t.IsSequence() {
		risks = append(risks, name+" is a sequence, and keeps the value that it has: the log does not hold which one it had before, and values may be missing in it anyway")
	}
	for i := range t.ReferredBy {
		r := &t.ReferredBy[i]
		if action := r.Cascades(); action != "" {
			risks = append(risks, fmt.Sprintf("%s.%s refers to %s with %s: servers before MySQL 9.6 and MariaDB don't log what that changed, so it is not taken back",
				r.Database, r.Table, name, action))
		}
	}
	return risks
}
