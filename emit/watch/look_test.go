package watch_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"

	"binmend/emit/watch"
)

// TestLooked: each look is told of as it was.
func TestLooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(running("a"), stopped("b", 1062, 4))
		var looks []watch.Look
		w := start(t, t.TempDir(), func(c *watch.Config) { c.Looked = func(l watch.Look) { looks = append(looks, l) } }, s.at("db1:3306"))
		after(1)
		s.fall(errors.New("gone"))
		after(10)
		s.show(running("a"))
		after(30)
		w.stop()
		first, down, last := looks[0], looks[1], looks[len(looks)-1]
		b := first.Channels[1]
		if !first.Reached || first.Err != nil || len(first.Channels) != 2 || first.Channels[0].Errno != 0 || first.Scripts != 1 || first.LastScript.IsZero() {
			t.Errorf("the first look: %+v", first)
		}
		if b.Name != "b" || b.Errno != 1062 || b.Thread != "applier" || b.Applier != "No" || filepath.Base(b.Script) != w.scripts[0] {
			t.Errorf("the stopped channel: %+v", b)
		}
		if down.Reached || down.Err == nil || len(down.Channels) != 0 || down.Scripts != 1 {
			t.Errorf("while it was down: %+v", down)
		}
		if !last.Reached || len(last.Channels) != 1 || last.Channels[0].Errno != 0 || last.LastScript != first.LastScript {
			t.Errorf("the last look: %+v", last)
		}
	})
}
