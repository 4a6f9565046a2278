package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

func printSchedule(out io.Writer, o options, s schedule) {
	_, _ = fmt.Fprintf(out, "seed %d, schedule %s: %d operations, %d faults (repeat: --seed %d --operations %d --kills %d --outages %d --disturbances %d)\n",
		o.seed, s.hash(), len(s.Operations), len(s.Faults), o.seed, o.operations, o.kills, o.outages, o.disturbances)
}

// print tells what was done, whatever came of it.
func (r *run) print() {
	f, c := r.faults, r.clients
	_, _ = fmt.Fprintf(r.out, "\n%d money operations, %d processes killed, in %s\n", r.load.money, f.kills(), time.Since(r.began).Round(time.Second))
	planned := r.load.schedule.count()
	for _, kind := range slices.Sorted(maps.Keys(planned)) {
		_, _ = fmt.Fprintf(r.out, "  %-40s %4d of %d\n", kind, f.done[kind], planned[kind])
	}
	_, _ = fmt.Fprintf(r.out, "  %-40s %4d\n", killCalmly, f.done[killCalmly])
	_, _ = fmt.Fprintf(r.out, "  %-40s %4d connections, %d callbacks came\n", "in fact", r.stand.Proxy.Cuts(), r.stand.Front.Passed())
	_, _ = fmt.Fprintf(r.out, "clients repeated %d requests; answers in the end:\n", c.repeats)
	for _, said := range slices.Sorted(maps.Keys(c.answers)) {
		_, _ = fmt.Fprintf(r.out, "  %-40s %4d\n", said, c.answers[said])
	}
	_, _ = fmt.Fprintln(r.out)
}
