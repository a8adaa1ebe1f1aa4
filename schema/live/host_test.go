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
		{"GRANT SELECT ON `log%`.* TO `doctor`@`localhost`"},
		{"GRANT UPDATE, EVENT ON *.* TO `doctor`@`localhost`"},
		{"REVOKE UPDATE ON `mysql`.* FROM `doctor`@`localhost`"},
		{"GRANT DELETE ON `a_b`.`t` TO `doctor`@`localhost`"},
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
		{"logs", "any", "SELECT", true},
		{"log_2024", "any", "SELECT", true},
		{"shop", "u", "UPDATE", true},
		{"mysql", "user", "UPDATE", false},
		{"mysql", "user", "EVENT", true},
		{"a_b", "t", "DELETE", true},
		{"axb", "t", "DELETE", false}, // wildcards are for whole databases only
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

// TestClosestGrant: of several grants on whole databases one counts.
func TestClosestGrant(t *testing.T) {
	var g Grants
	g.read([][]string{
		{"GRANT INSERT, DELETE ON `sh%`.* TO `doctor`@`localhost`"},
		{"GRANT SELECT, TRIGGER ON `shop`.* TO `doctor`@`localhost`"},
		{"GRANT UPDATE ON `s%`.* TO `doctor`@`localhost`"},
	})
	if g.Has("shop", "t", "INSERT") || !g.Has("shop", "t", "SELECT") || !g.Has("ship", "t", "INSERT") || g.Has("ship", "t", "UPDATE") || !g.Has("sop", "t", "UPDATE") {
		t.Errorf("%+v", g)
	}
}
