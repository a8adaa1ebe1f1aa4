package serve

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binmend/decoder"
	"binmend/decoder/gtid"
)

// TestDumpSendsWhatIsMissing draws logs and what a replica has of them. It is sent all that it lacks, in the logs' order, and
// nothing else.
func TestDumpSendsWhatIsMissing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		logs, all := drawMySQL(rt, t)
		var has []string
		executed := &gtid.Set{}
		for _, id := range all {
			if rapid.Bool().Draw(rt, "has "+id) {
				g, err := gtid.Parse(id)
				if err != nil {
					rt.Fatal(err)
				}
				executed.Add(g)
				has = append(has, id)
			}
		}
		a := ask{executed: executed.String()}
		if executed.IsEmpty() {
			a.executed = "-"
		}
		checkSent(rt, t, logs, a, slices.DeleteFunc(all, func(id string) bool { return slices.Contains(has, id) }))
	})
}

// drawMySQL draws up to four logs with transactions of two sources.
func drawMySQL(rt *rapid.T, t *testing.T) (logs []*builder, all []string) {
	before := &gtid.Set{}
	next := map[string]int{}
	count := rapid.IntRange(1, 4).Draw(rt, "logs")
	for n := 1; n <= count; n++ {
		log := newLog(t, mysqlVersion, decoder.ChecksumCRC32).previous(before.String())
		for range rapid.IntRange(0, 5).Draw(rt, "transactions") {
			uuid := rapid.SampledFrom([]string{uuidA, uuidB}).Draw(rt, "source")
			next[uuid] += rapid.IntRange(1, 2).Draw(rt, "step")
			id := fmt.Sprintf("%s:%d", uuid, next[uuid])
			log.transaction(id)
			all = append(all, id)
			g, err := gtid.Parse(id)
			if err != nil {
				rt.Fatal(err)
			}
			before.Add(g)
		}
		if n < count && rapid.Bool().Draw(rt, "rotates in order") {
			log.rotate(logName(n + 1))
		}
		logs = append(logs, log)
	}
	return logs, all
}

// TestDumpSendsWhatFollows is the same for MariaDB: a replica is somewhere in each domain.
func TestDumpSendsWhatFollows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		logs, all := drawMariaDB(rt, t)
		var state gtid.List
		var missing []string
		at := map[uint32]int{} // the replica's place among the transactions of each domain
		for i, g := range all {
			if rapid.Bool().Draw(rt, "has "+g.String()) {
				at[g.Domain] = i
			}
		}
		for _, domain := range []uint32{0, 5} {
			if i, ok := at[domain]; ok {
				state = append(state, all[i])
			}
		}
		for i, g := range all {
			if last, ok := at[g.Domain]; !ok || i > last {
				missing = append(missing, g.String())
			}
		}
		a := ask{position: 4, state: state.String()}
		if len(state) == 0 {
			a.state = "-"
		}
		checkSent(rt, t, logs, a, missing)
	})
}

// drawMariaDB draws up to four logs with transactions of two domains and two servers. In a domain numbers ascend.
func drawMariaDB(rt *rapid.T, t *testing.T) (logs []*builder, all gtid.List) {
	var state binlogState
	next := map[uint32]uint64{}
	count := rapid.IntRange(1, 4).Draw(rt, "logs")
	for n := 1; n <= count; n++ {
		log := newLog(t, mariaVersion, decoder.ChecksumCRC32).list(state.sorted().String())
		for range rapid.IntRange(0, 5).Draw(rt, "transactions") {
			g := gtid.GTID{Flavor: gtid.MariaDB, Domain: rapid.SampledFrom([]uint32{0, 5}).Draw(rt, "domain"),
				Server: rapid.SampledFrom([]uint32{1, 2}).Draw(rt, "server")}
			next[g.Domain] += uint64(rapid.IntRange(1, 2).Draw(rt, "step"))
			g.Seq = next[g.Domain]
			log.transaction(g.String())
			all = append(all, g)
			state.update(g)
		}
		if n < count && rapid.Bool().Draw(rt, "rotates in order") {
			log.rotate(logName(n + 1))
		}
		logs = append(logs, log)
	}
	return logs, all
}

// checkSent compares the GTID events of a dump with the transactions that it should have.
func checkSent(rt *rapid.T, t *testing.T, logs []*builder, a ask, want []string) {
	r := run(t, Options{Dir: folder(t, logs...)})
	defer r.stop()
	c := r.mustConnect(t)
	defer c.Close()
	a.send(t, c)
	var sent []string
	dump := newStream(c).all()
	for line := range strings.Lines(summary(dump)) {
		for word := range strings.SplitSeq(line, ", ") {
			if word != "" && !strings.HasPrefix(word, "Heartbeat ") {
				sent = append(sent, strings.Replace(word, "-a:", "-0000-0000-0000-00000000000a:", 1))
			}
		}
	}
	for i, id := range sent {
		sent[i] = strings.Replace(id, "-b:", "-0000-0000-0000-00000000000b:", 1)
	}
	if !slices.Equal(sent, want) {
		rt.Fatalf("asked with %+v, sent\n%s\nwant\n%s\n%s", a, strings.Join(sent, "\n"), strings.Join(want, "\n"), dump)
	}
}
