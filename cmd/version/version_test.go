package version

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Cleanup(func() { version, commit, date = "", "", "" })
	if i := Read(); i.Release == "" || !strings.Contains(i.String(), "binmend "+i.Release) {
		t.Errorf("without a release: %+v", i)
	}
	version, commit, date = "v1.2.3", "0123456789abcdef", "2026-11-21T04:47:48Z"
	i := Read()
	if want := "binmend v1.2.3, commit 0123456789abcdef of 2026-11-21T04:47:48Z, go"; !strings.HasPrefix(i.String(), want) {
		t.Errorf("got %s, want %s…", i, want)
	}
}
