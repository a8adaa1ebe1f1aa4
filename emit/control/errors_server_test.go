package control_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binmend/emit/control"
	"binmend/fixtures/servers"
)

// TestErrorsAreTheServers holds the names of the errors against what the servers' own perror says of their numbers. Those of
// clients, from 2000 to 2999, perror does not know.
func TestErrorsAreTheServers(t *testing.T) {
	mysql, mariadb := servers.MySQL97.Install(t), servers.MariaDB118.Install(t)
	symbol := regexp.MustCompile(`\((?:OBSOLETE_)?([A-Z0-9_]+)\)`)
	known := 0
	for errno := 1000; errno < 14000; errno++ {
		g, ok := control.Explain(errno)
		if !ok || errno >= 2000 && errno < 3000 {
			continue
		}
		known++
		var names []string
		for _, install := range []*servers.Install{mysql, mariadb} {
			cmd := install.Command("perror", fmt.Sprint(errno))
			cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool { // perror has no such options
				return arg == "--no-defaults" || strings.HasPrefix(arg, "--character-sets-dir")
			})
			out, _ := cmd.Output() // it fails for a number that it does not know
			if found := symbol.FindSubmatch(out); found != nil {
				names = append(names, string(found[1]))
			}
		}
		ok = false
		for _, name := range names {
			ok = ok || name == g.Symbol
		}
		if !ok {
			t.Errorf("%d is %s here; the servers call it %q", errno, g.Symbol, names)
		}
		if g.Meaning == "" || g.Safe == "" {
			t.Errorf("%d: nothing is said about it", errno)
		}
	}
	t.Logf("%d errors", known)
}
