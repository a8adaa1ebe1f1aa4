package replay

import (
	"fmt"
	"slices"
	"strings"

	"binmend/emit/display"
	"binmend/schema"
)

// Risks lists what a reviewer can't see in the statements: what the server does by itself when they run and, for a rollback, what it
// did by itself when the changes were made. touched are the tables whose rows are written.
func Risks(touched []*schema.Table, backward bool) []string {
	var risks []string
	add := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(risks, text) {
			risks = append(risks, text)
		}
	}
	for _, t := range touched {
		name := t.Database + "." + t.Name
		if hidden := display.Hidden(t.Names()...); len(hidden) > 0 {
			add("names hold characters that can't be seen (%s); a terminal shows them as code points, a pipe gets them as they are", strings.Join(hidden, ", "))
		}
		if !backward {
			continue
		}
		if t.IsSequence() {
			add("%s is a sequence, and keeps the value that it has: the log does not hold which one it had before, and values may be missing in it anyway", name)
		}
		for i := range t.ReferredBy {
			r := &t.ReferredBy[i]
			if action := r.Cascades(); action != "" {
				add("%s.%s refers to %s with %s: servers before MySQL 9.6 and MariaDB don't log what that changed, so it is not taken back", r.Database, r.Table, name, action)
			}
		}
	}
	return risks
}
