package changes

import "sync"

// Handover passes a result for a chunk, besides its Out, from the work function of Stream.Run to the done function. The zero value is
// ready.
type Handover[T any] struct {
	mu      sync.Mutex
	byChunk map[int]T
}

// Give hands over the result for a chunk.
func (h *Handover[T]) Give(c *Chunk, made T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.byChunk == nil {
		h.byChunk = map[int]T{}
	}
	h.byChunk[c.Number] = made
}

// Take returns the result for a chunk, and forgets it.
func (h *Handover[T]) Take(c *Chunk) T {
	h.mu.Lock()
	defer h.mu.Unlock()
	made := h.byChunk[c.Number]
	delete(h.byChunk, c.Number)
	return made
}
