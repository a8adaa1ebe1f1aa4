package remote

import (
	"encoding/binary"

	"binmend/decoder"
)

// Ack tells a waiting source that everything before pos is safe (MySQL source: ReplSemiSyncSlave::slaveReply). It may be called
// concurrently with Receive.
//
//	bytes  field
//	3      length of the rest after the next byte
//	1      number of the packet: 0
//	1      0xef
//	8      position
//	n      file name
func (c *Conn) Ack(pos decoder.Position) error {
	b := make([]byte, 0, 64)
	n := 1 + 8 + len(pos.File)
	b = append(b, byte(n), byte(n>>8), byte(n>>16), 0, semiSyncMagic)
	b = binary.LittleEndian.AppendUint64(b, uint64(pos.Offset))
	_, err := c.conn.Conn.Conn.Write(append(b, pos.File...))
	if err != nil {
		return c.explain(err)
	}
	return nil
}
