package endtoend

import (
	"slices"
	"testing"

	"binmend/fixtures/servers"
)

// TestChaosLive is TestChaos with nothing but a connection: once with the whole scripts, once with what is left of them
// after the replica and its source were asked, and, half as long, with one script for all that the replica has received.
func TestChaosLive(t *testing.T) {
	seed := drawnSeed()
	live := []setup{setups[0], setups[3]}
	for _, mode := range []struct {
		name   string
		flags  []string
		source bool // is asked
		once   bool // one script is enough
		count  int
	}{
		{"plain", []string{"--no-probe"}, false, false, *chaosCount},
		{"probe", []string{"--probe"}, true, false, *chaosCount},
		{"ahead", []string{"--probe", "--ahead", "all"}, false, true, *chaosCount / 2},
	} {
		t.Run(mode.name, func(t *testing.T) {
			servers.On(t, servers.Lines(), func(t *testing.T, line *servers.Line) {
				t.Logf("repeat with: go test ./cmd/endtoend -run '%s' -seed %d -transactions %d", t.Name(), seed, *chaosCount)
				var sum chaosCounts
				for i, s := range live {
					t.Run(s.name, func(t *testing.T) {
						c := startChaos(t, line, s.options, seed+uint64(i))
						flags := mode.flags
						if mode.source {
							flags = slices.Concat(flags, []string{"--source-socket", c.pair.Source.Socket, "--source-user", "root"})
						}
						c.fix = func(t *testing.T) fixRun { return fixLive(t, c.pair, flags...) }
						c.once = mode.once
						c.run(t, mode.count/len(live))
						sum.addCounts(c.chaosCounts)
					})
				}
				t.Log(sum)
			})
		})
	}
}
