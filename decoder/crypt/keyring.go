package crypt

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Keyring holds the replication keys from one or more keyring files of MySQL. A rotation writes a new key and may remove the
// old one; a copy of the file from before the rotation still has it.
type Keyring struct{ keys map[string]secret }

const (
	replicationKeyPrefix = "MySQLReplicationKey_" // MySQL source: Rpl_encryption_header_v1::KEY_ID_PREFIX
	replicationKeyLength = 32
	keyringVersion       = "1.0"
	keyringPluginMagic   = "Keyring file version:" // the file of the keyring_file plugin, which MySQL 8.4 no longer has
)

// keyringFile is what component_keyring_file writes.
type keyringFile struct {
	Version  string
	Elements []struct {
		ID   string `json:"data_id"`
		Type string `json:"data_type"`
		Data string // hexadecimal
	}
}

// AddFile takes the keys of one more file of component_keyring_file.
func (k *Keyring) AddFile(file []byte) error {
	var parsed keyringFile
	if bytes.HasPrefix(file, []byte(keyringPluginMagic)) {
		return errors.New("expected the JSON file of component_keyring_file, found the file of the keyring_file plugin; " +
			"mysql_migrate_keyring makes the one from the other")
	}
	if err := json.Unmarshal(file, &parsed); err != nil {
		return notKeyring(err)
	}
	if parsed.Version != keyringVersion {
		return fmt.Errorf("expected a keyring of version %s, found version %.20q", keyringVersion, parsed.Version)
	}
	added := 0
	for i, e := range parsed.Elements {
		key, err := hex.DecodeString(e.Data)
		if err != nil {
			return fmt.Errorf("expected hexadecimal data in element %d of the keyring, found something else", i+1)
		}
		if !strings.HasPrefix(e.ID, replicationKeyPrefix) || len(key) != replicationKeyLength {
			continue
		}
		if err := k.addKey(e.ID, key); err != nil {
			return err
		}
		added++
	}
	if added == 0 {
		return fmt.Errorf("the keyring has no key for logs: none of its %d elements is a %s… of %d bytes",
			len(parsed.Elements), replicationKeyPrefix, replicationKeyLength)
	}
	return nil
}

// notKeyring says where the JSON is not as expected. It does not repeat the parser's message, which may quote keys.
func notKeyring(err error) error {
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	where := ""
	switch {
	case errors.As(err, &syntax):
		where = fmt.Sprintf(" at byte %d", syntax.Offset)
	case errors.As(err, &wrong):
		where = fmt.Sprintf(" at byte %d", wrong.Offset)
	}
	return errors.New("expected the JSON file of component_keyring_file, found something else" + where)
}

func (k *Keyring) addKey(id string, key []byte) error {
	if have, ok := k.keys[id]; ok && !bytes.Equal(have(), key) {
		return fmt.Errorf("the key %.100q has another value than in the keyring before", id)
	}
	if k.keys == nil {
		k.keys = make(map[string]secret)
	}
	k.keys[id] = keep(key)
	return nil
}

// MissingKeyError: no given keyring has the key that a log names.
type MissingKeyError struct{ ID string }

func (e *MissingKeyError) Error() string { return fmt.Sprintf("the keyring has no key %.100q", e.ID) }
