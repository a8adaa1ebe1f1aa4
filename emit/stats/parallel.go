package stats

import (
	"binmend/decoder"
)

// Parallel is how many transactions a replica can apply at once. It counts transactions, not their cost: a bound from
// above for what more workers can gain.
type Parallel struct {
	// Source is what the log says: SourceLastCommitted (MySQL 5.7 and later), SourceCommitID (MariaDB), or SourceNone.
	Source string `json:"source"`
	// Transactions is how many tell it; Groups how many groups they form: a group can be applied at once, and the next one
	// begins with the first transaction that has to wait for one of it.
	Transactions uint64  `json:"transactions"`
	Groups       uint64  `json:"groups"`
	MeanGroup    float64 `json:"mean_group"`
	LargestGroup uint64  `json:"largest_group"`
	// Sizes is how many groups, and transactions in them, there are of each size.
	Sizes []GroupSize `json:"group_sizes"`
	// Speedup is, for numbers of workers, how many times as fast as by one worker the log can be applied when all
	// transactions cost the same. Workers is the least number that gives nine tenths of what any number gives.
	Speedup []Speedup `json:"speedup"`
	Workers int       `json:"workers"`

	// MariaDB: transactions that the modes optimistic and aggressive may start before those ahead of them have ended; and
	// of them, how many waited for a lock on the source and so may conflict.
	Optimistic uint64 `json:"optimistic"`
	Waited     uint64 `json:"waited"`
	Domains    int    `json:"domains"`
	// Databases is how many databases have changed rows: what MySQL 5.6, and slave_parallel_type=DATABASE, can apply at
	// once.
	Databases int `json:"databases"`
}

// GroupSize counts groups of From to To transactions.
type GroupSize struct {
	From         uint64 `json:"from"`
	To           uint64 `json:"to"` // 0: no bound
	Groups       uint64 `json:"groups"`
	Transactions uint64 `json:"transactions"`
}

// Speedup is the gain by a number of workers.
type Speedup struct {
	Workers int     `json:"workers"`
	Times   float64 `json:"times"`
}

// What a log tells of it.
const (
	SourceNone          = "none"
	SourceLastCommitted = "last_committed"
	SourceCommitID      = "commit_id"
)

// workerCounts are the numbers of workers that are tried; 0 stands for as many as there are transactions.
var workerCounts = [...]int{0, 2, 4, 8, 16, 32, 64, 128}

// groupSizes are the classes of sizes.
var groupSizes = [...]struct{ from, to uint64 }{{1, 1}, {2, 2}, {3, 4}, {5, 8}, {9, 16}, {17, 32}, {33, 64}, {65, 0}}

// parallel follows the counters of a log.
type parallel struct {
	source       string
	transactions uint64
	optimistic   uint64
	waited       uint64
	domains      map[uint32]bool
	sequence     int64
	plans        [len(workerCounts)]plan
	sizes        [len(groupSizes)]GroupSize
	largest      uint64
}

// plan is the work of a replica with a number of workers, in rounds of one transaction for each worker. A transaction
// that waits for one of the current round begins the next round, and so does one that finds no worker free: the
// coordinator hands out transactions in the order of the log.
type plan struct {
	rounds uint64
	size   uint64 // of the current round
	first  int64  // MySQL: sequence number of the round's first transaction
	id     uint64 // MariaDB: commit id of the round
	domain uint32
}

// maxDomains bounds the domains that are counted one by one.
const maxDomains = 1 << 12

func (p *parallel) addGtid(g *decoder.Gtid, maria bool) {
	switch {
	case maria:
		p.addMaria(g)
	case g.SequenceNumber > 0:
		p.addMySQL(g)
	}
}

// addMySQL takes a transaction of MySQL: it may start when the one whose number is LastCommitted, and all before that one,
// have ended. The numbers begin again in every log.
func (p *parallel) addMySQL(g *decoder.Gtid) {
	p.source = SourceLastCommitted
	p.transactions++
	again := g.SequenceNumber <= p.sequence
	p.sequence = g.SequenceNumber
	for i := range p.plans {
		round := &p.plans[i]
		p.step(i, again || round.size == 0 || g.LastCommitted >= round.first)
		if round.size == 1 {
			round.first = g.SequenceNumber
		}
	}
}

// addMaria takes a transaction of MariaDB: those that were committed together on the source have one commit id.
func (p *parallel) addMaria(g *decoder.Gtid) {
	p.source = SourceCommitID
	p.transactions++
	if g.Flags&decoder.MariaGtidTransactional != 0 && g.Flags&decoder.MariaGtidAllowParallel != 0 && g.Flags&decoder.MariaGtidDDL == 0 {
		p.optimistic++
		if g.Flags&decoder.MariaGtidWaited != 0 {
			p.waited++
		}
	}
	if p.domains == nil {
		p.domains = map[uint32]bool{}
	}
	if len(p.domains) < maxDomains {
		p.domains[g.ID.Domain] = true
	}
	for i := range p.plans {
		round := &p.plans[i]
		p.step(i, round.size == 0 || g.CommitID == 0 || g.CommitID != round.id || g.ID.Domain != round.domain)
		round.id, round.domain = g.CommitID, g.ID.Domain
	}
}

// step gives the next transaction to a plan.
func (p *parallel) step(i int, waits bool) {
	round := &p.plans[i]
	if !waits && (workerCounts[i] == 0 || round.size < uint64(workerCounts[i])) {
		round.size++
		return
	}
	if i == 0 {
		p.endGroup()
	}
	round.rounds++
	round.size = 1
}

// endGroup counts the current group. Groups are the rounds of a replica with workers without end.
func (p *parallel) endGroup() {
	n := p.plans[0].size
	if n == 0 {
		return
	}
	p.largest = max(p.largest, n)
	for i, class := range groupSizes {
		if n >= class.from && (class.to == 0 || n <= class.to) {
			p.sizes[i].Groups++
			p.sizes[i].Transactions += n
		}
	}
}

// report ends the counting.
func (p *parallel) report() Parallel {
	p.endGroup()
	r := Parallel{Source: SourceNone, Transactions: p.transactions, Groups: p.plans[0].rounds, LargestGroup: p.largest,
		Optimistic: p.optimistic, Waited: p.waited, Domains: len(p.domains), Sizes: []GroupSize{}, Speedup: []Speedup{}}
	if p.transactions == 0 {
		return r
	}
	r.Source = p.source
	times := func(i int) float64 { return float64(p.transactions) / float64(p.plans[i].rounds) }
	r.MeanGroup = times(0)
	for i, class := range groupSizes {
		size := p.sizes[i]
		size.From, size.To = class.from, class.to
		r.Sizes = append(r.Sizes, size)
	}
	r.Workers = 1
	for i, workers := range workerCounts {
		if i == 0 {
			continue
		}
		r.Speedup = append(r.Speedup, Speedup{workers, times(i)})
		if r.Workers == 1 && times(i) >= 0.9*times(0) && times(0) >= 1.1 {
			r.Workers = workers
		}
	}
	if r.Workers == 1 && times(0) >= 1.1 {
		r.Workers = workerCounts[len(workerCounts)-1]
	}
	return r
}
