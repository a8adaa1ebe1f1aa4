package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The names of files. A name has fields, parted by characters that no field has:
//
//	INSTANCE.log                                 what was seen
//	INSTANCE.lock                                held while the instance is watched
//	INSTANCE[+CHANNEL].TIME.ERRNO.PLACE.sql      a script; .json in that form
//	INSTANCE[+CHANNEL].TIME.ERRNO.PLACE.undo     what takes it back
//
// TIME is when the error was seen first, in UTC. PLACE is the GTID of the failing transaction, or else a position.

// The longest fields. With them a name stays below the 255 bytes of file systems, also while it is a temporary one.
const (
	maxInstance = 80
	maxChannel  = 40
	maxPlace    = 70
)

const timeLayout = "20060102T150405Z"

// instanceName is an address, HOST:PORT or the path of a socket, as a field: replica7_3306, _run_mysqld_mysqld.sock.
func instanceName(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && !strings.Contains(address, "/") {
		return fileName(host+"\x00"+port, "\x00", maxInstance)
	}
	if path, err := filepath.Abs(address); err == nil {
		address = path
	}
	return fileName(address, "/", maxInstance)
}

// streamName is what the names of a channel's scripts begin with.
func streamName(instance, channel string) string {
	if channel == "" {
		return instance
	}
	return instance + "+" + strings.ReplaceAll(fileName(channel, "", maxChannel), ".", "%2E")
}

// scriptName is the name of a script.
func scriptName(stream string, at time.Time, suffix string) string {
	return fmt.Sprintf("%s.%s.%s", stream, at.UTC().Format(timeLayout), suffix)
}

// undoName is the name of the script that takes another one back.
func undoName(script string) string {
	return strings.TrimSuffix(script, filepath.Ext(script)) + ".undo"
}

var timeField = regexp.MustCompile(`^\.\d{8}T\d{6}Z\.`)

// errorOf is what a script's name says after its time, or "" when the file is no script of the stream.
func errorOf(name, stream, extension string) string {
	rest, ok := strings.CutPrefix(name, stream)
	at := timeField.FindString(rest)
	if !ok || at == "" || !strings.HasSuffix(rest, extension) {
		return ""
	}
	return rest[len(at):]
}

// suffix is the end of a script's name, which tells one error of a channel from another.
func (e failing) suffix(extension string) string {
	return strconv.Itoa(e.errno) + "." + fileName(e.place, ":", maxPlace) + extension
}

// fileName makes one field of a name out of any text. ASCII letters, digits, - and . stay, the separator becomes _, and
// all else %XX, so that two texts never have one name. A longer text is cut, and told apart by a hash of the whole.
func fileName(text, separator string, most int) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '.' && i > 0:
			b.WriteByte(c)
		case separator != "" && c == separator[0]:
			b.WriteByte('_')
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() <= most {
		return b.String()
	}
	sum := sha256.Sum256([]byte(text))
	hash := "~" + hex.EncodeToString(sum[:4])
	return b.String()[:most-len(hash)] + hash
}
