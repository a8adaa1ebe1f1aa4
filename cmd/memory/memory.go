// Package memory keeps what the process takes from the system close to what it uses. It knows no command.
package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usual is what a command may take before unused memory is collected at once. A command that has to remember more may take more.
const usual = 40 << 20

// Limit makes the process give back memory in time: by default Go lets the heap grow to twice what is in use. GOMEMLIMIT in the
// environment takes precedence.
func Limit() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(usual)
	follow(usual)
}

// follow adapts the limit after each garbage collection. Where much is in use it raises it, so that no time is spent looking for
// memory that can't be given back.
func follow(limit int64) {
	mark := new([16]byte)
	runtime.SetFinalizer(mark, func(*[16]byte) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		used := int64(live[0].Value.Uint64())
		wanted := max(usual, used+used/4+16<<20)
		if wanted > limit+limit/8 || wanted < limit-limit/8 {
			limit = wanted
			debug.SetMemoryLimit(limit)
		}
		follow(limit)
	})
}
