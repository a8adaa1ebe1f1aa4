// Package cache remembers what can be computed again, such as the layout for a table map, in memory bounded by bytes. In go
// keys and values with the bytes that each holds; what was not used for long is forgotten. It knows nothing of logs, and is
// for one goroutine.
package cache

// Cache remembers values by key. The zero value is ready and uses DefaultBytes.
//
// It keeps two generations: what is used moves to the younger one, and when that is half full, the older one is forgotten. The few
// entries that were found last are found again without a map: nearly always a log goes round among a few tables.
type Cache[K comparable, V any] struct {
	Bytes int // at most, of keys and values; 0: DefaultBytes

	young, old map[K]entry[V]
	used       int // bytes of the younger generation
	recent     [4]found[K, V]
	next       int // of recent, to be replaced
}

// found is an entry of the younger generation.
type found[K comparable, V any] struct {
	key   K
	value V
	isSet bool
}

type entry[V any] struct {
	value V
	bytes int
}

// DefaultBytes is the size of a cache that does not say its own.
const DefaultBytes = 3 << 20

// entryBytes is about what a map takes for an entry, besides what it holds.
const entryBytes = 64

// Get returns the value of a key.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	for i := range c.recent {
		if f := &c.recent[i]; f.isSet && f.key == key {
			return f.value, true
		}
	}
	e, ok := c.young[key]
	if !ok {
		if e, ok = c.old[key]; !ok {
			return e.value, false
		}
		c.put(key, e)
	}
	c.recent[c.next] = found[K, V]{key, e.value, true}
	c.next = (c.next + 1) % len(c.recent)
	return e.value, true
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
	clear(c.recent[:]) // the value is another one, or a generation has ended
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() { *c = Cache[K, V]{Bytes: c.Bytes} }
