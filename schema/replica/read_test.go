package replica

import (
	"strings"
	"testing"
)

// TestLargeStatus: a status of more than the bound is refused, not cut off.
func TestLargeStatus(t *testing.T) {
	text := strings.Repeat(" \n", maxStatus/2) + "Last_SQL_Errno: 1062\n"
	if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), "at most 4 MiB") {
		t.Errorf("want the bound, got %v", err)
	}
}
