// Package crypt decrypts binary and relay logs that a server keeps encrypted.
//
// MySQL (binlog_encryption) puts 512 bytes before an otherwise ordinary log and encrypts the log as one stream:
//
//	keyring file ──▶ Keyring ─┐
//	first 512 bytes ▶ Header ─┴▶ Stream: any bytes of the log, by their offset
//
// MariaDB (encrypt_binlog) encrypts each event by itself, from the one after START_ENCRYPTION on:
//
//	key file ─────────────────▶ KeyFile ─┐
//	START_ENCRYPTION event ───▶ Start ───┴▶ Events: any event of the log, by its offset
//
// In go bytes, out come bytes: the package opens no log, and knows only those parts of an event that encryption leaves in
// place. It reads the keys of MySQL's component_keyring_file and of MariaDB's file_key_management. It does not ask keyrings
// that are servers (Vault, KMIP, AWS).
//
// A key is never part of an error's text, and printing a Keyring or a KeyFile does not show one.
package crypt
