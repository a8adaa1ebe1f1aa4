package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binmend/emit/repair"
)

// TestLargeStatus: a status of more than the bound is refused, not cut off.
func TestLargeStatus(t *testing.T) {
	name := filepath.Join(t.TempDir(), "status.txt")
	if err := os.WriteFile(name, []byte(strings.Repeat(" \n", maxStatus/2)+"Last_SQL_Errno: 1062\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&session{}).readStatus(name, &repair.Options{}); err == nil || !strings.Contains(err.Error(), "at most 4 MiB") {
		t.Errorf("want the bound, got %v", err)
	}
}
