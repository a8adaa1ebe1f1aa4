package arguments

import (
	"errors"
	"fmt"
	"os"

	"binmend/decoder"
	"binmend/decoder/logfile"
)

// Output reads the name of a file to write; an existing one is to be replaced. A log is refused, such as the one after a flag whose own value
// was forgotten, and so is a device or a link, such as /dev/stdout: the file would take its place.
func Output(name string) (string, error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("expected a file to write, found %q, which is not a regular file", name)
	}
	log, err := logfile.Opener{}.Open(name)
	if err == nil {
		log.Close()
	}
	if err == nil || errors.Is(err, decoder.ErrEncrypted) {
		return "", fmt.Errorf("expected a file to write, found %q, which is a log", name)
	}
	return name, nil
}
