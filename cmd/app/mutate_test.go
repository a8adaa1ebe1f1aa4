package app

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"binmend/decoder"
	"binmend/decoder/logfile"
	"binmend/fixtures/damage"
)

var (
	mutations = flag.Int("mutations", 300, "how many damaged logs TestMutatedLogs gives to check and another command")
	seed      = flag.Uint64("mutation-seed", 1, "of the damages")
)

// A soundLog is one that a server wrote, and the tables of its rows where a file has them.
type soundLog struct {
	name, schema string
	log          []byte
}

// soundLogs are the small logs of the project and of the corpus in which check finds nothing.
func soundLogs(t *testing.T) (list []soundLog) {
	for _, root := range []string{filepath.Join("..", "..", "fixtures"), filepath.Join("..", "..", "..", "shared", "corpus")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err != nil || info.Size() > 8<<10 {
				return err
			}
			log, err := os.ReadFile(path)
			if err != nil || !bytes.HasPrefix(log, logfile.Magic) || runQuietly("check", path) != exitDone {
				return err
			}
			s := soundLog{name: path, log: log}
			if schema := filepath.Join(filepath.Dir(path), "schema.sql"); isFile(schema) {
				s.schema = schema
			}
			list = append(list, s)
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	return list
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func runQuietly(args ...string) int {
	return run(context.Background(), args, Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }})
}

// mutatedCommands are those of which one, beside check, is given each damaged log; LOG is its name, DIR a folder that is not there.
var mutatedCommands = []string{"events LOG", "events --transactions LOG", "events --json LOG", "sql LOG", "sql --rollback LOG",
	"sql --as-binlog LOG", "stats LOG", "export LOG", "export --format parquet --output-dir DIR LOG", "schema LOG", "find --table shop.orders --key id=1 LOG"}

// TestMutatedLogs damages logs of real servers at random, half of them with checksums that are right again. No command may panic,
// go on for ever, or end as if nothing were wrong with a log whose checksums tell of the damage; sql says that its output is
// whole exactly when it ends well.
func TestMutatedLogs(t *testing.T) {
	logs := soundLogs(t)
	random := rand.New(rand.NewPCG(*seed, 2))
	dir := t.TempDir()
	name := filepath.Join(dir, "binlog.000001") // after a panic, the log that caused it is here
	well := map[string]int{}
	for n := range *mutations {
		original, other := logs[random.IntN(len(logs))], logs[random.IntN(len(logs))]
		if random.IntN(4) == 0 {
			for original.schema == "" {
				original = logs[random.IntN(len(logs))]
			}
		}
		log := damage.Mutate(random, original.log, other.log)
		mended := random.IntN(2) == 0
		if mended {
			damage.Mend(log)
		}
		if err := os.WriteFile(name, log, 0o600); err != nil {
			t.Fatal(err)
		}
		damaged := !mended && !isPart(log, original.log)
		for _, command := range []string{"check LOG", mutatedCommands[random.IntN(len(mutatedCommands))]} {
			code, problem := runMutated(command, name, filepath.Join(dir, "out"), original.schema)
			if code == exitDone {
				well[command]++
			}
			if problem == "" && code == exitDone && damaged && (foundByPosition(command, log) || !hasWholeEvents(log, original.log, other.log)) {
				problem = "a damaged log, and exit code 0"
			}
			if problem != "" {
				kept := filepath.Join(os.TempDir(), fmt.Sprintf("binmend-mutated-%d-%d", *seed, n))
				t.Errorf("%s of %s, damaged: %s; see %s", command, original.name, problem, kept)
				if err := os.WriteFile(kept, log, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n%10_000 == 9_999 {
			fmt.Fprintf(os.Stderr, "%d damaged logs, peak memory %d KiB, exit code 0: %v\n", n+1, peakMemory(), well)
		}
	}
	t.Logf("%d damaged logs, peak memory %d KiB, exit code 0: %v", *mutations, peakMemory(), well)
}

// mutationPatience is far more than any command needs for a log of a few KiB.
const mutationPatience = 30 * time.Second

// runMutated runs a command, and says what is wrong with how it ended.
func runMutated(command, log, out, schema string) (code int, problem string) {
	args := strings.Fields(strings.NewReplacer("LOG", log, "DIR", out).Replace(command))
	if schema != "" && args[0] != "check" && args[0] != "events" && args[0] != "stats" {
		args = append([]string{args[0], "--schema", schema}, args[1:]...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), mutationPatience)
	defer cancel()
	var text, messages bytes.Buffer
	code = run(ctx, args, Streams{In: strings.NewReader(""), Out: &text, Err: &messages, Getenv: func(string) string { return "" }})
	defer os.RemoveAll(out)
	switch {
	case ctx.Err() != nil:
		return code, "it goes on and on"
	case code != exitDone && code != exitFindings && code != exitFailed:
		return code, fmt.Sprintf("exit code %d, %s", code, &messages)
	case args[0] == "sql" && code != exitFindings && bytes.Contains(text.Bytes(), []byte("\n-- whole: ")) == (code == exitFailed):
		return code, fmt.Sprintf("exit code %d, %s, and the output\n%s", code, &messages, &text)
	}
	return code, ""
}

// isPart reports whether a log is the first events of another, but for the flag that a server sets while it writes a log, which no
// checksum covers. A log without checksums is taken for part of any.
func isPart(log, original []byte) bool {
	if !checksummed(original) || !checksummed(log) {
		return true
	}
	const flags = 4 + 17
	log, original = bytes.Clone(log), bytes.Clone(original)
	log[flags] &^= 1
	original[flags] &^= 1
	return bytes.HasPrefix(original, log)
}

// checksummed reports whether all events of a log that can be read have checksums.
func checksummed(log []byte) bool {
	f, err := logfile.NewReader(bytes.NewReader(log), "log")
	if err != nil {
		return true
	}
	for e, err := range decoder.NewReader(f).All() {
		if err != nil {
			break
		}
		if e.Format.Checksum != decoder.ChecksumCRC32 {
			return false
		}
	}
	return true
}

// foundByPosition reports whether a command has to find whole events too many or missing: check does, where all events of a binary log
// have a position. In a relay log it can't tell what the source's positions leave out.
func foundByPosition(command string, log []byte) bool {
	const position, flags, relayLog = 13, 17, 0x40
	bounds := damage.Bounds(log)
	for _, at := range bounds[:len(bounds)-1] {
		if binary.LittleEndian.Uint32(log[at+position:]) == 0 || log[at+flags]&relayLog != 0 {
			return false
		}
	}
	return command == "check LOG"
}

// hasWholeEvents reports whether a log has only whole events of the originals: that some are missing or twice there is for check to
// find.
func hasWholeEvents(log []byte, originals ...[]byte) bool {
	known := map[string]bool{}
	for _, original := range originals {
		bounds := damage.Bounds(original)
		for i := range len(bounds) - 1 {
			known[string(original[bounds[i]+19:bounds[i+1]-4])] = true
		}
	}
	bounds := damage.Bounds(log)
	if bounds[len(bounds)-1] != len(log) {
		return false
	}
	for i := range len(bounds) - 1 {
		if !known[string(log[bounds[i]+19:bounds[i+1]-4])] {
			return false
		}
	}
	return true
}

var peakLine = regexp.MustCompile(`VmHWM:\s*(\d+) kB`)

// peakMemory is this process's, 0 where the system does not say.
func peakMemory() (kib int) {
	status, _ := os.ReadFile("/proc/self/status")
	if m := peakLine.FindSubmatch(status); m != nil {
		fmt.Sscan(string(m[1]), &kib)
	}
	return kib
}
