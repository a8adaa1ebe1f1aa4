// Package serve is a source for replicas that is made of nothing but log files: it listens as a MySQL or MariaDB server
// does, lets replicas log in, and sends them the events of the logs in a folder, from a position or from what their GTIDs
// say that they lack. It follows the last log while somebody (binmend pull) is still writing it.
//
// What goes in is a folder of binary logs with or without an index file, a file of accounts, and what clients send. What
// comes out are raw events, each checksum verified, as the files hold them: rows are never interpreted, and a log that
// can't be served rightly (damaged, encrypted without its key, with a gap before the next) ends in error 1236 with the
// reason, never in silence. It writes nothing to the folder and executes no statement; the few that replicas and clients
// ask before a dump have fixed answers.
//
// # What is go-mysql's and what is not
//
// Packets, their splitting, error codes and result sets are those of github.com/go-mysql-org/go-mysql (packages packet and
// mysql). Its server package is not used, for these reasons, all of them in v1.13.0:
//
//   - it compares passwords with their clear text (CredentialProvider), so an account file could not hold hashes;
//   - it has one authentication plugin per server, not per account, and its salt comes from the clock;
//   - it reads a handshake with unchecked indexes, and an event of any size or a password as large as the client says;
//   - a dump ends by closing the connection: there is no way to send error 1236;
//   - it drops the flags of a dump and reads no tagged GTIDs;
//   - events pass through a queue of parsed events, each copied three times. Even its packets are written from a copy of the
//     event, so events have a writer of their own.
package serve
