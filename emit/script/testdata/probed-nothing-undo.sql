-- binmend fix --undo: what takes the repair back
--
-- Repair of:   relay.000002:1042 to 1291, 2026-11-21 03:04:05 UTC (widened to
--              whole transactions)
-- Replica:     MySQL 9.7.4
-- GTID:        135ed1fd-e555-11f1-955a-02fc00000001:4
-- Rows of:     /run/mysqld.sock, read before the repair

-- The repair changes no row: there is nothing to take back.
