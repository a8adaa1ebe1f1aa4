// Package dial connects to MySQL and MariaDB servers that are not trusted, for the client libraries that this project uses:
// in go an address and how to encrypt; out comes a net.Conn on which the library logs in as if there were no TLS. It does
// what the libraries don't: it bounds the bytes and the time of the login and of each answer, refuses an impossible number of
// columns, cuts error texts, and lets no server ask for the password in clear text unless the caller allowed it and the
// connection is private. It runs no statement.
//
// It begins TLS itself, so that it sees what the server sends: the libraries count their packets from a greeting that
// offers none, and the numbers are shifted by one while the login lasts (MySQL source: sql-common/client.cc,
// cli_establish_ssl; the packets are described under "Connection Phase" in the documentation of MySQL's sources).
package dial
