package monitor

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Service tells systemd that the program is ready and alive, if it was started by a unit that asks for it.
type Service struct{ alive atomic.Int64 }

// Start reports that the program is ready, and answers the watchdog from then on, see guard. Without systemd it does nothing.
func (s *Service) Start(ctx context.Context, patience time.Duration) {
	s.Alive()
	daemon.SdNotify(false, daemon.SdNotifyReady)
	go s.guard(ctx, patience)
}

// Alive notes progress.
func (s *Service) Alive() { s.alive.Store(time.Now().UnixNano()) }

// guard answers systemd's watchdog until the context ends, as long as Alive was called within patience. If patience is zero, it is
// enough that the process runs.
func (s *Service) guard(ctx context.Context, patience time.Duration) {
	every, err := daemon.SdWatchdogEnabled(false)
	if err != nil || every <= 0 {
		return
	}
	for tick := time.Tick(every / 2); ; {
		if patience == 0 || time.Since(time.Unix(0, s.alive.Load())) < patience {
			daemon.SdNotify(false, daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			daemon.SdNotify(false, daemon.SdNotifyStopping)
			return
		case <-tick:
		}
	}
}
