package export

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// block is a slab as it comes back from the temporary file. All of it points into the bytes that were read.
type block struct {
	shape           *shape
	columns         []int // the shape's index of each column of the table; -1: the definition did not have it
	rows            int
	runs            []blockRun
	number          []byte
	absent, inexact []byte
	imageRows       [2]int
	leaves          []leafData
	lengths         []int // scratch: of the leaves' values
	stored          []byte
	size            int // bytes of memory
}

// blockRun is what consecutive records have in common. It has no pointers: there are as many runs as row events.
type blockRun struct {
	rows    int
	images  [2]bool           // which the records have: before the change, after it
	texts   [commonTexts]text // in the block's stored bytes
	numbers [commonNumbers]int64
}

// text is where a text is.
type text struct{ from, to uint32 }

// The texts of a run; "" where there is none.
const (
	textChange = iota
	textFile
	textSource
	textGTID
	textTransaction // the key of the transaction
	textStatement
	commonTexts
)

// The numbers of a run.
const (
	numberOffset = iota
	numberTransaction
	numberTime   // in microseconds
	numberCommit // 0 where the log does not say
	numberServer
	numberThread // the same
	commonNumbers
)

func (r *record) texts() [commonTexts]string {
	return [commonTexts]string{r.change, r.file, r.source, r.gtid, r.key, r.statement}
}

func (r *record) numbers() [commonNumbers]int64 {
	return [commonNumbers]int64{r.offset, int64(r.transaction), int64(r.time) * microseconds, r.commit, int64(r.server), int64(r.thread)}
}

// has reports whether the records of a run have an image: 0 is that before the change, 1 the one after it.
func (r *blockRun) has(image int) bool { return r.images[image] }

// imagesOf are the images that a change has.
func imagesOf(change []byte) [2]bool {
	switch string(change) {
	case changeInsert:
		return [2]bool{false, true}
	case changeUpdate:
		return [2]bool{true, true}
	case changeDelete:
		return [2]bool{true, false}
	}
	return [2]bool{}
}

// appendTo appends what a slab has besides the values of its images, which follow leaf by leaf:
//
//	uvarint  rows
//	uvarint  runs
//	for each run:
//	uvarint  rows
//	for each text: uvarint 0 for the text of the run before, else its length and one, and the text
//	for each number: varint
//	rest
//	4        for each row: its number
//	uvarint  length of the absent columns, and these
//	uvarint  length of the inexact values, and these
//	for each leaf:
//	1        state of all its values; 255: each value has one of its own, and these follow
//	uvarint  length of its values
func (s *slab) appendTo(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(s.rows))
	b = binary.AppendUvarint(b, uint64(s.runs.n))
	s.runs.end()
	b = append(b, s.runs.encoded...)
	b = append(b, s.number...)
	for _, list := range [][]byte{s.absent, s.inexact} {
		b = append(binary.AppendUvarint(b, uint64(len(list))), list...)
	}
	for i := range s.leaves {
		l := &s.leaves[i]
		if l.states == nil {
			b = append(b, l.same)
		} else {
			b = append(append(b, statesFollow), l.states...)
		}
		b = binary.AppendUvarint(b, uint64(len(l.data)))
	}
	return b
}

const statesFollow = 255

// appendRun appends a run of records that are all alike. last are the texts of the run before, and then of this one.
func (r *record) appendRun(b []byte, rows int, last *[commonTexts]string) []byte {
	b = binary.AppendUvarint(b, uint64(rows))
	texts := r.texts()
	for i, text := range texts {
		if text == last[i] {
			b = append(b, 0)
			continue
		}
		b = append(binary.AppendUvarint(b, uint64(len(text)+1)), text...)
	}
	*last = texts
	for _, n := range r.numbers() {
		b = binary.AppendVarint(b, n)
	}
	return b
}

// blockReader reads what appendTo wrote.
type blockReader struct{ rest []byte }

func (r *blockReader) uvarint() int {
	n, size := binary.Uvarint(r.rest)
	r.rest = r.rest[size:]
	return int(n)
}

func (r *blockReader) varint() int64 {
	n, size := binary.Varint(r.rest)
	r.rest = r.rest[size:]
	return n
}

func (r *blockReader) bytes(n int) (b []byte) {
	b, r.rest = r.rest[:n:n], r.rest[n:]
	return b
}

// take reads the slab of a shape back that is stored in the block.
func (b *block) take(s *shape) {
	r := blockReader{b.stored}
	b.shape, b.rows, b.imageRows = s, r.uvarint(), [2]int{}
	b.runs = resized(b.runs, r.uvarint())
	var last [commonTexts]text
	for i := range b.runs {
		b.takeRun(&b.runs[i], &r, &last)
		for image := range b.imageRows {
			if b.runs[i].has(image) {
				b.imageRows[image] += b.runs[i].rows
			}
		}
	}
	b.number = r.bytes(4 * b.rows)
	b.absent = r.bytes(r.uvarint())
	b.inexact = r.bytes(r.uvarint())
	b.leaves = resized(b.leaves, 2*len(s.names))
	b.lengths = resized(b.lengths, len(b.leaves))
	for i := range b.leaves {
		l := &b.leaves[i]
		l.states = nil
		if l.same = r.bytes(1)[0]; l.same == statesFollow {
			l.states = r.bytes(b.imageRows[i/len(s.names)])
		}
		b.lengths[i] = r.uvarint()
	}
	for i, n := range b.lengths {
		b.leaves[i].data = r.bytes(n)
	}
	b.size = len(b.stored) + len(b.leaves)*ofLeaf + len(b.runs)*ofBlockRun
}

const ofBlockRun = int(unsafe.Sizeof(blockRun{}))

// capacity is the bytes that a block can be used for again.
func (b *block) capacity() int { return cap(b.stored) + cap(b.leaves)*ofLeaf + cap(b.runs)*ofBlockRun }

// resized is a slice of n elements, with the memory of the given one if that is enough.
func resized[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n)
	}
	return list[:n]
}

// takeRun reads a run. last are the texts of the run before, and then of this one.
func (b *block) takeRun(run *blockRun, r *blockReader, last *[commonTexts]text) {
	run.rows = r.uvarint()
	for i := range last {
		if n := r.uvarint(); n > 0 {
			from := len(b.stored) - len(r.rest)
			last[i] = text{uint32(from), uint32(from + n - 1)}
			r.bytes(n - 1)
		}
	}
	run.texts = *last
	run.images = imagesOf(b.text(run.texts[textChange]))
	for i := range run.numbers {
		run.numbers[i] = r.varint()
	}
}

func (b *block) text(t text) []byte { return b.stored[t.from:t.to:t.to] }

// appendLevels appends the levels of a column of an image for all rows: absent for those that do not have the image.
func (b *block) appendLevels(dst []byte, image, column int) []byte {
	var l leafData
	l.same = stateNull
	if column >= 0 {
		l = b.leaves[image*len(b.shape.names)+column]
	}
	at := 0
	for i := range b.runs {
		n := b.runs[i].rows
		switch {
		case !b.runs[i].has(image):
			dst = appendRepeated(dst, 0, n)
		case l.states != nil:
			dst = append(dst, l.states[at:at+n]...)
			at += n
		default:
			dst = appendRepeated(dst, l.same, n)
		}
	}
	return dst
}

// appendRepeated appends n times the same.
func appendRepeated[T any](dst []T, v T, n int) []T {
	if n == 1 { // as nearly always
		return append(dst, v)
	}
	begin := len(dst)
	dst = slices.Grow(dst, n)[:begin+n]
	for i := begin; i < len(dst); i++ {
		dst[i] = v
	}
	return dst
}
