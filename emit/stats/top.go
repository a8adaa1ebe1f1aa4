package stats

import "slices"

// top keeps the largest values of many, the first of equal ones.
type top[T any] struct {
	most   int
	values []T
	rank   func(*T) uint64
}

// admits reports whether a value of this rank is among the largest so far.
func (t *top[T]) admits(rank uint64) bool {
	n := len(t.values)
	return rank > 0 && (n < t.most || n > 0 && rank > t.rank(&t.values[n-1]))
}

// addCandidate puts a value in its place, which admits must have found for it.
func (t *top[T]) addCandidate(v T) {
	rank := t.rank(&v)
	at, _ := slices.BinarySearchFunc(t.values, rank, func(have T, rank uint64) int {
		if t.rank(&have) >= rank {
			return -1
		}
		return 1
	})
	t.values = slices.Insert(t.values, at, v)
	t.values = t.values[:min(len(t.values), t.most)]
}

// list gives the values, the largest first; never nil.
func (t *top[T]) list() []T { return append([]T{}, t.values...) }
