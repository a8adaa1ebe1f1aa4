package remote

import "encoding/binary"

// command is a command packet, with room for the header that go-mysql fills in.
type command []byte

const packetHeader = 4

func newCommand(code byte) command { return append(make(command, packetHeader, 64), code) }

func (p *command) uint16(v uint16) { *p = binary.LittleEndian.AppendUint16(*p, v) }
func (p *command) uint32(v uint32) { *p = binary.LittleEndian.AppendUint32(*p, v) }
func (p *command) uint64(v uint64) { *p = binary.LittleEndian.AppendUint64(*p, v) }
func (p *command) bytes(b []byte)  { *p = append(*p, b...) }

// shortString appends a string with a length byte, cut to 60 bytes, the limit for a host name.
func (p *command) shortString(s string) {
	s = s[:min(len(s), 60)]
	*p = append(append(*p, byte(len(s))), s...)
}
