package terminal

import (
	"os"
	"os/signal"
	"syscall"
)

// EndSignals are those at which a run ends, and takes its temporary files along: Ctrl-C, SIGTERM, and SIGHUP, as when a connection of ssh breaks; but what nohup
// has made deaf to that stays so.
func EndSignals() []os.Signal {
	all := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		all = append(all, syscall.SIGHUP)
	}
	return all
}
