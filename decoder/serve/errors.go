package serve

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/go-mysql-org/go-mysql/mysql"

	"binmend/decoder"
	"binmend/decoder/fault"
)

// errSecureTransport is MySQL's ER_SECURE_TRANSPORT_REQUIRED, which go-mysql has no name for.
const errSecureTransport = 3159

// ErrRelayLog: the folder has relay logs, where a source's binary logs are wanted.
var ErrRelayLog = decoder.ErrUnsupported.Kind("a relay log")

// refusal is why a dump can't begin or go on. The replica stops with error 1236 and the text, and does not retry.
type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// refuseLog refuses a dump because a log can't be read. Clients see the log's name, not its folder.
func refuseLog(err error) error {
	var bad *fault.Error
	if !errors.As(err, &bad) || bad.Pos.File == "" {
		return err
	}
	named := *bad
	named.Pos.File = filepath.Base(bad.Pos.File)
	return refuse("%v", &named)
}

// asError turns an error into the one that a client sees after it asked for a dump.
func asError(err error) *mysql.MyError {
	var r *refusal
	if errors.As(err, &r) {
		return mysql.NewError(mysql.ER_MASTER_FATAL_ERROR_READING_BINLOG, r.text)
	}
	return mysql.NewError(mysql.ER_MASTER_FATAL_ERROR_READING_BINLOG, "the logs can't be read: see binmend's messages")
}
