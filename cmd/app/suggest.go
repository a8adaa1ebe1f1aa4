package app

import "github.com/xrash/smetrics"

// nearest is the candidate that a mistyped word most likely means, or "" when none is close.
func nearest(word string, candidates []string) string {
	best, least := "", len(word)/3+2
	for _, c := range candidates {
		if d := smetrics.WagnerFischer(word, c, 1, 1, 1); d < least {
			best, least = c, d
		}
	}
	return best
}
