package parquetfile

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/format"
)

// bounds are the smallest and the largest value of a column of a row group. Numbers of other types than integers have none, and neither
// have columns with values longer than longBound.
type bounds struct {
	of          Type
	known, none bool
	low, high   int64  // of integers; unsigned ones with their highest bit turned
	first, last []byte // of strings
}

const longBound = 64

func (b *bounds) add(data []byte) {
	switch {
	case b.none:
	case b.of.physical == format.ByteArray:
		b.addStrings(data)
	case b.of.physical == format.Int32:
		for ; len(data) >= 4; data = data[4:] {
			n := binary.LittleEndian.Uint32(data)
			if b.of.unsigned {
				b.addNumber(int64(n))
			} else {
				b.addNumber(int64(int32(n)))
			}
		}
	case b.of.physical == format.Int64:
		var turned uint64
		if b.of.unsigned {
			turned = 1 << 63
		}
		for ; len(data) >= 8; data = data[8:] {
			b.addNumber(int64(binary.LittleEndian.Uint64(data) ^ turned))
		}
	default:
		b.none = true
	}
}

func (b *bounds) addNumber(n int64) {
	if !b.known {
		b.known, b.low, b.high = true, n, n
	}
	b.low, b.high = min(b.low, n), max(b.high, n)
}

func (b *bounds) addStrings(data []byte) {
	for len(data) >= 4 {
		n := int(binary.LittleEndian.Uint32(data))
		v := data[4 : 4+n]
		data = data[4+n:]
		switch {
		case n > longBound:
			b.none = true
			return
		case !b.known:
			b.known, b.first, b.last = true, bytes.Clone(v), bytes.Clone(v)
		case bytes.Compare(v, b.first) < 0:
			b.first = append(b.first[:0], v...)
		case bytes.Compare(v, b.last) > 0:
			b.last = append(b.last[:0], v...)
		}
	}
}

func (b *bounds) statistics(nulls int64) format.Statistics {
	s := format.Statistics{NullCount: nulls}
	if b.none || !b.known {
		return s
	}
	switch b.of.physical {
	case format.ByteArray:
		s.MinValue, s.MaxValue = b.first, b.last
	case format.Int32:
		s.MinValue = binary.LittleEndian.AppendUint32(nil, uint32(b.low))
		s.MaxValue = binary.LittleEndian.AppendUint32(nil, uint32(b.high))
	case format.Int64:
		var turned uint64
		if b.of.unsigned {
			turned = 1 << 63
		}
		s.MinValue = binary.LittleEndian.AppendUint64(nil, uint64(b.low)^turned)
		s.MaxValue = binary.LittleEndian.AppendUint64(nil, uint64(b.high)^turned)
	}
	return s
}
