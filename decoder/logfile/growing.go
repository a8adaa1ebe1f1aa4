package logfile

import (
	"errors"
	"path/filepath"

	"binmend/decoder"
)

// growing reports whether a log that ends inside an event is still being written: it is the last of the given logs, and the
// last one in the index file beside it.
func (fs *Files) growing(err error) bool {
	return errors.Is(err, decoder.ErrTruncated) && len(fs.names) == 0 && fs.opener.Growing != nil && isLastListed(fs.cur.name)
}

// isLastListed reports whether the log is the last one in an index file of its folder.
func isLastListed(log string) bool {
	indexes, err := filepath.Glob(filepath.Join(escapeGlob(filepath.Dir(log)), "*"+indexSuffix))
	if err != nil {
		return false
	}
	for _, index := range indexes {
		listed, err := readIndex(index)
		if err == nil && len(listed) > 0 && filepath.Base(listed[len(listed)-1]) == filepath.Base(log) {
			return true
		}
	}
	return false
}
