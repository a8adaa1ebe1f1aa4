package live

import "testing"

// TestGrants reads what servers answer to SHOW GRANTS.
func TestGrants(t *testing.T) {
	var g Grants
	hasRoles := g.read([][]string{
		{"GRANT REPLICATION CLIENT ON *.* TO `doctor`@`localhost`"},
		{"GRANT CONNECTION_ADMIN,SESSION_VARIABLES_ADMIN ON *.* TO `doctor`@`localhost`"},
		{"GRANT SELECT, INSERT (`id`, `v`), DELETE ON `shop`.`t` TO `doctor`@`localhost` WITH GRANT OPTION"},
		{"GRANT ALL PRIVILEGES ON `log\\_%`.* TO `doctor`@`localhost`"},
		{"GRANT PROXY ON ``@`` TO `doctor`@`localhost`"},
	})
	for _, test := range []struct {
		database, table, privilege string
		want                       bool
	}{
		{"", "", "REPLICATION CLIENT", true},
		{"", "", "SESSION_VARIABLES_ADMIN", true},
		{"", "", "SUPER", false},
		{"", "", "SELECT", false},
		{"shop", "t", "SELECT", true},
		{"shop", "t", "delete", true},
		{"shop", "t", "INSERT", false}, // on columns only
		{"shop", "u", "SELECT", false},
		{"log_2024", "any", "INSERT", true},
		{"logs", "any", "INSERT", false},
	} {
		if got := g.Has(test.database, test.table, test.privilege); got != test.want {
			t.Errorf("%s on %q.%q: got %v", test.privilege, test.database, test.table, got)
		}
	}
	if hasRoles {
		t.Error("there is no role among them")
	}
	if !g.read([][]string{{"GRANT `reader`@`%` TO `doctor`@`localhost`"}}) {
		t.Error("a role is not seen")
	}
}
