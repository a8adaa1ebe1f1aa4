package replay

// SetLargeText makes rows and statements large from n bytes on, until restore is called.
func SetLargeText(n int) (restore func()) {
	kept := largeText
	largeText = n
	return func() { largeText = kept }
}

// UnequalCascades says what foreign keys may make otherwise than on the source.
var UnequalCascades = unequalCascades
