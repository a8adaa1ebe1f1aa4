package digits

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestAppend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, width := rapid.Uint64().Draw(t, "number"), rapid.IntRange(1, maxDigits).Draw(t, "width")
		v >>= rapid.IntRange(0, 63).Draw(t, "shift")
		if got, want := string(Append([]byte("x"), v, width)), fmt.Sprintf("x%0*d", width, v); got != want {
			t.Errorf("%d in %d digits: got %s, want %s", v, width, got, want)
		}
	})
}
