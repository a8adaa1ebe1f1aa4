package gtid

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Sizes of the fixed parts of an encoded set.
const (
	countSize    = 8
	intervalSize = 2 * 8
)

// DecodeSet reads the body of a Previous_gtids event (the post-header is empty; the checksum is cut off): a set of MySQL
// GTIDs in either encoding.
//
//	8 bytes      number of sources, and the format in byte 7:
//	             0 untagged: bytes 0–6 are the number
//	             1 tagged:   bytes 1–6 are the number, byte 0 repeats the format
//	per source:
//	  16         UUID
//	  1 + n      tagged only: the tag's length times 2, and the tag
//	  8          number of intervals
//	  per interval:
//	    8        first number
//	    8        last number + 1
//
// Integers are little-endian. A server that holds one tagged GTID writes the whole set in the tagged format. Intervals of
// a source ascend and do not touch (MySQL source: Gtid_set::add_gtid_encoding, decode_nsids_format;
// mysql/gtid/tag.cpp).
func DecodeSet(body []byte) (*Set, error) {
	checked := setDecoder{rest: body}
	if err := checked.whole(len(body)); err != nil {
		return nil, err
	}
	found := collector{read: Set{sources: make([]source, 0, checked.sources), intervals: make([]Interval, 0, checked.intervals)}}
	d := setDecoder{rest: body, found: found.addInterval}
	if err := d.whole(len(body)); err != nil {
		return nil, err
	}
	return found.set(), nil
}

// CheckSet is the error of DecodeSet, without the memory for the set.
func CheckSet(body []byte) error {
	d := setDecoder{rest: body}
	return d.whole(len(body))
}

// EachOfSet calls yield with each interval of a set, in the order of the log; also with those before an error.
func EachOfSet(body []byte, yield func(TSID, Interval)) error {
	d := setDecoder{rest: body, found: yield}
	return d.whole(len(body))
}

type setDecoder struct {
	rest      []byte
	tagged    bool
	found     func(TSID, Interval) // nil: the set is only checked
	sources   int                  // so far, and their intervals
	intervals int
}

func (d *setDecoder) whole(size int) error {
	if err := d.decode(); err != nil {
		return fmt.Errorf("body of Previous_gtids, byte %d: %w", size-len(d.rest), err)
	}
	return nil
}

func (d *setDecoder) decode() error {
	sources, err := d.header()
	if err != nil {
		return err
	}
	for range sources {
		if err := d.source(); err != nil {
			return err
		}
	}
	if len(d.rest) > 0 {
		return fmt.Errorf("%d bytes after the last of %d sources", len(d.rest), sources)
	}
	return nil
}

// header returns the number of sources, which is not more than the bytes present can hold.
func (d *setDecoder) header() (uint64, error) {
	if len(d.rest) < countSize {
		return 0, fmt.Errorf("expected %d bytes with the number of sources, found %d", countSize, len(d.rest))
	}
	header := binary.LittleEndian.Uint64(d.rest)
	sources := header & (1<<56 - 1)
	switch format := header >> 56; format {
	case 0:
	case 1:
		d.tagged = true
		sources >>= 8
	default:
		return 0, fmt.Errorf("GTID set format %d; known are 0 (untagged) and 1 (tagged)", format)
	}
	if smallest := uint64(len(UUID{}) + countSize); sources > uint64(len(d.rest)-countSize)/smallest {
		return 0, fmt.Errorf("%d sources do not fit in %d bytes", sources, len(d.rest)-countSize)
	}
	d.rest = d.rest[countSize:]
	return sources, nil
}

func (d *setDecoder) source() error {
	tsid, err := d.tsid()
	if err != nil {
		return err
	}
	if len(d.rest) < countSize {
		return fmt.Errorf("expected %d bytes with the number of intervals of %s, found %d", countSize, tsid, len(d.rest))
	}
	intervals := binary.LittleEndian.Uint64(d.rest)
	if intervals > uint64(len(d.rest)-countSize)/intervalSize {
		return fmt.Errorf("%d intervals of %s do not fit in %d bytes", intervals, tsid, len(d.rest)-countSize)
	}
	d.rest = d.rest[countSize:]
	d.sources, d.intervals = d.sources+1, d.intervals+int(intervals)
	end := uint64(0)
	for range intervals {
		start := binary.LittleEndian.Uint64(d.rest)
		if start <= end {
			return fmt.Errorf("an interval of %s starts at %d, expected more than %d", tsid, start, end)
		}
		end = binary.LittleEndian.Uint64(d.rest[8:])
		if end <= start || end > math.MaxInt64 {
			return fmt.Errorf("an interval of %s runs from %d to before %d", tsid, start, end)
		}
		if d.found != nil {
			d.found(tsid, Interval{First: start, Last: end - 1})
		}
		d.rest = d.rest[intervalSize:]
	}
	return nil
}

func (d *setDecoder) tsid() (TSID, error) {
	var tsid TSID
	if len(d.rest) < len(tsid.UUID) {
		return tsid, fmt.Errorf("expected a UUID of %d bytes, found %d", len(tsid.UUID), len(d.rest))
	}
	d.rest = d.rest[copy(tsid.UUID[:], d.rest):]
	if !d.tagged {
		return tsid, nil
	}
	tag, size, err := decodeTag(d.rest)
	if err != nil {
		return tsid, err
	}
	tsid.Tag = tag
	d.rest = d.rest[size:]
	return tsid, nil
}

// decodeTag reads a tag as MySQL's serialization library stores a short string, at the start of data: the length times
// 2 in one byte, then the characters. It returns the bytes used. A length of 0 is no tag.
func decodeTag(data []byte) (Tag, int, error) {
	if len(data) == 0 {
		return Tag{}, 0, errors.New("expected the length of a tag, found the end")
	}
	if data[0]&1 != 0 || data[0]/2 > MaxTagLength {
		return Tag{}, 0, fmt.Errorf("tag length 0x%02x: expected twice a number up to %d", data[0], MaxTagLength)
	}
	size := 1 + int(data[0]/2)
	if size > len(data) {
		return Tag{}, 0, fmt.Errorf("expected a tag of %d characters, found %d bytes", size-1, len(data)-1)
	}
	if size == 1 {
		return Tag{}, size, nil
	}
	tag, err := ParseTag(data[1:size])
	return tag, size, err
}

// AppendBinary appends the set in the encoding that DecodeSet reads, tagged only when a GTID of it is.
func (s *Set) AppendBinary(dst []byte) []byte {
	tagged := s.HasTags()
	at := len(dst)
	dst = append(dst, make([]byte, countSize)...)
	sources := uint64(0)
	s.Intervals(func(t TSID, intervals []Interval) bool {
		sources++
		dst = append(dst, t.UUID[:]...)
		if tagged {
			tag := t.Tag.AppendText(nil)
			dst = append(append(dst, byte(2*len(tag))), tag...)
		}
		dst = binary.LittleEndian.AppendUint64(dst, uint64(len(intervals)))
		for _, i := range intervals {
			dst = binary.LittleEndian.AppendUint64(dst, i.First)
			dst = binary.LittleEndian.AppendUint64(dst, i.Last+1)
		}
		return true
	})
	if tagged {
		sources = sources<<8 | 1<<56 | 1
	}
	binary.LittleEndian.PutUint64(dst[at:], sources)
	return dst
}
