// Package cache remembers what can be computed again, such as the layout for a table map, in memory bounded by bytes. In go
// keys and values with the bytes that each holds; what was not used for long is forgotten. It knows nothing of logs, and is
// for one goroutine.
package cache

// Cache remembers values by key. The zero value is ready and uses DefaultBytes.
//
// It keeps two generations: what is used moves to the younger one, and when that is half full, the older one is forgotten.
type Cache[K comparable, V any] struct {
	Bytes int // at most, of keys and values; 0: DefaultBytes

	young, old map[K]entry[V]
	used       int // bytes of the younger generation
}

type entry[V any] struct {
	value V
	bytes int
}

// DefaultBytes is the size of a cache that does not say its own.
const DefaultBytes = 4 << 20

// entryBytes is about what a map takes for an entry, besides what it holds.
const entryBytes = 64

// Get returns the value of a key.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	if e, ok := c.young[key]; ok {
		return e.value, true
	}
	e, ok := c.old[key]
	if ok {
		c.put(key, e)
	}
	return e.value, ok
}

// Put remembers a value. bytes is the size of what key and value point to, without their own headers.
func (c *Cache[K, V]) Put(key K, value V, bytes int) {
	c.put(key, entry[V]{value, bytes + entryBytes})
}

func (c *Cache[K, V]) put(key K, e entry[V]) {
	most := c.Bytes
	if most == 0 {
		most = DefaultBytes
	}
	if before, ok := c.young[key]; ok {
		c.used -= before.bytes
	}
	if c.used+e.bytes > most/2 && len(c.young) > 0 {
		c.old, c.young, c.used = c.young, nil, 0
	}
	if e.bytes > most/2 {
		c.old = nil // a single value may fill the cache
	}
	if c.young == nil {
		c.young = map[K]entry[V]{}
	}
	c.young[key] = e
	c.used += e.bytes
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() { c.young, c.old, c.used = nil, nil, 0 }
