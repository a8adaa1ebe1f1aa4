package sqltext

import "fmt"

// smallPacket is the smallest default of max_allowed_packet (MySQL 5.1 to 5.5: 1 MiB).
const smallPacket = 1<<20 - 1024

// PacketNote is the comment above a statement that a server or client with the smallest default of max_allowed_packet does not take; ""
// for others.
func PacketNote(statement []byte) string {
	if len(statement) <= smallPacket {
		return ""
	}
	return fmt.Sprintf("-- CHECK: the next statement is %d bytes long; max_allowed_packet of the server and the client have to be larger.\n", len(statement))
}
