// Package memory keeps the memory that the process takes from the system close to what it uses. Nothing goes in; it sets the
// garbage collector's limit and adapts it. It knows no command, and bounds nothing by itself.
package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usual is how much a command may take before the garbage collector works harder. A command that needs more still gets it.
const usual = 34 << 20

// promised is how much it may take of the 64 MiB that are promised: the rest is the program itself, as the system counts it. As long as
// no more than that is in use the garbage collector has to do with less to spare, but not with less than scarce.
const (
	promised = 35 << 20
	scarce   = 7 << 20
)

// Limit makes the process return memory early: by default Go lets the heap grow to twice what is in use. GOMEMLIMIT in the
// environment takes precedence.
func Limit() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(usual)
	follow(usual)
}

// follow adapts the limit after each garbage collection. When much is in use it raises the limit, so that no time is wasted
// collecting memory that can't be freed.
func follow(limit int64) {
	mark := new([16]byte)
	runtime.SetFinalizer(mark, func(*[16]byte) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		used := int64(live[0].Value.Uint64())
		wanted := max(usual, used+used/8+11<<20)
		if used <= promised {
			wanted = min(wanted, max(promised, used+scarce))
		}
		if wanted > limit+limit/8 || wanted < limit-limit/8 {
			limit = wanted
			debug.SetMemoryLimit(limit)
		}
		follow(limit)
	})
}
