package cache

import "testing"

// Whatever is put into it, a cache holds at most its size, and has the entry that was put in or used last.
func TestBounded(t *testing.T) {
	c := Cache[int, int]{Bytes: 100 * (entryBytes + 10)}
	for i := range 10_000 {
		c.Put(i, -i, 10)
		if v, ok := c.Get(i); !ok || v != -i {
			t.Fatalf("%d is %d, %v, right after it was put in", i, v, ok)
		}
		if _, ok := c.Get(0); !ok {
			t.Fatalf("0, which is used all the time, is forgotten at %d", i)
		}
		if n := len(c.young) + len(c.old); n > 100 {
			t.Fatalf("%d entries, want at most 100", n)
		}
	}
	if _, ok := c.Get(5); ok {
		t.Error("5, which was not used for long, is still there")
	}
}

// A value that is larger than the cache is all that it has.
func TestLargeValue(t *testing.T) {
	var c Cache[string, int]
	for i, key := range []string{"a", "b", "c"} {
		c.Put(key, i, 2*DefaultBytes)
		if v, ok := c.Get(key); !ok || v != i || len(c.young)+len(c.old) != 1 {
			t.Errorf("%s is %d, %v; %d entries", key, v, ok, len(c.young)+len(c.old))
		}
	}
	c.Clear()
	if _, ok := c.Get("c"); ok {
		t.Error("it is there after Clear")
	}
}

// Putting the same key again changes its size, and does not count it twice.
func TestSameKey(t *testing.T) {
	c := Cache[string, int]{Bytes: 1000}
	for i := range 1000 {
		c.Put("a", i, 100)
	}
	if c.used != 100+entryBytes || len(c.young) != 1 {
		t.Errorf("%d bytes in %d entries", c.used, len(c.young))
	}
}

func TestGetDoesNotAllocate(t *testing.T) {
	var c Cache[int, int]
	c.Put(1, 1, 1)
	if n := testing.AllocsPerRun(100, func() { c.Get(1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What was found last follows what is put in, and is forgotten with the rest.
func TestFoundLast(t *testing.T) {
	c := Cache[string, int]{Bytes: 1000}
	for i := range 3 {
		c.Put("a", i, 0)
		for range 2 {
			if v, ok := c.Get("a"); !ok || v != i {
				t.Errorf("a is %d, %v, want %d", v, ok, i)
			}
		}
	}
	c.Put("b", 1, 1000)
	c.Put("c", 2, 1000)
	if v, ok := c.Get("a"); ok {
		t.Errorf("a is %d: two generations have ended since", v)
	}
	c.Get("c")
	c.Clear()
	if _, ok := c.Get("c"); ok {
		t.Error("c is there after Clear")
	}
}
