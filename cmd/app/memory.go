package app

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// usualMemory is what a command may take before memory that is no longer used is looked for at once. What a command has to
// remember may be more.
const usualMemory = 40 << 20

// limitMemory makes the program give back memory in time: of its own accord Go would let twice as much grow as is in use. The
// environment's GOMEMLIMIT is left as it is.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetMemoryLimit(usualMemory)
	followMemory(usualMemory)
}

// followMemory is called after each garbage collection. Where much is in use it raises the limit, so that no time is spent
// in looking for memory that can't be given back.
func followMemory(limit int64) {
	mark := new([16]byte)
	runtime.SetFinalizer(mark, func(*[16]byte) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		used := int64(live[0].Value.Uint64())
		wanted := max(usualMemory, used+used/2+16<<20)
		if wanted > limit+limit/8 || wanted < limit-limit/8 {
			limit = wanted
			debug.SetMemoryLimit(limit)
		}
		followMemory(limit)
	})
}
