package words

import (
	"os/exec"
	"testing"
)

// TestShellArgument: a real shell takes whatever a name holds for one argument, and a plain name stays as it is.
func TestShellArgument(t *testing.T) {
	for _, arg := range []string{"shop", "/var/lib/mysql/bin.000001", "a b", "x;touch CANARY", "`touch CANARY`", "$(id)", "it's", `"\`, "n\n\\! x", "日本", "", "*", "~", "#"} {
		got, err := exec.Command("sh", "-c", "printf %s "+ShellArgument(arg)).Output()
		if err != nil || string(got) != arg {
			t.Errorf("%q arrives as %q (%v)", arg, got, err)
		}
	}
	if got := ShellArgument("bin-log.000001"); got != "bin-log.000001" {
		t.Errorf("got %s", got)
	}
}
