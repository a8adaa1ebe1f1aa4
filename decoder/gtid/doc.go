// Package gtid holds global transaction identifiers of both flavours: one transaction's GTID, MySQL's sets of GTIDs, and
// MariaDB's lists. It reads their text forms and their binary forms (the bodies of Previous_gtids and Gtid_list events)
// and prints them as the servers do. It does not read the GTID events themselves, and asks no server.
package gtid
