package terminal_test

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"

	"binmend/cmd/terminal"
)

// TestEndSignals: a broken connection ends a run as Ctrl-C does, but not one that nohup has started.
func TestEndSignals(t *testing.T) {
	signal.Reset(syscall.SIGHUP)
	if !signal.Ignored(syscall.SIGHUP) && !slices.Contains(terminal.EndSignals(), os.Signal(syscall.SIGHUP)) { // the test itself may run under nohup
		t.Error("SIGHUP does not end a run")
	}
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	if slices.Contains(terminal.EndSignals(), os.Signal(syscall.SIGHUP)) {
		t.Error("SIGHUP ends a run under nohup")
	}
}
