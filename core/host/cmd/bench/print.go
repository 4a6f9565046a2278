package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

func printf(out io.Writer, format string, args ...any) { _, _ = fmt.Fprintf(out, format, args...) }

func printMachine(out io.Writer) {
	printf(out, "%s, %s/%s, %d processors, %s\n", now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}

func printHeader(out io.Writer, o options) {
	printf(out, "Payments: %d callers, %s a measurement after %s of warm-up, in turn with pgbench\n\n", o.callers, o.time, o.warmUp)
	printf(out, "merchants  round   payments/s    p50      p95   failed   reference/s   ratio\n")
}

func printRound(out io.Writer, tenants, round int, s sample, tps float64) {
	printLine(out, tenants, fmt.Sprintf("%5d", round), s, tps)
}

// printResult prints the medians over the rounds.
func printResult(out io.Writer, tenants int, ours []sample, theirs []float64) {
	s := sample{perSecond: medianOf(ours, func(s sample) float64 { return s.perSecond })}
	s.p50 = medianOf(ours, func(s sample) time.Duration { return s.p50 })
	s.p95 = medianOf(ours, func(s sample) time.Duration { return s.p95 })
	for _, one := range ours {
		s.failed += one.failed
		s.payments += one.payments
		s.used = s.used.plus(one.used)
	}
	printLine(out, tenants, "median", s, medianOf(theirs, func(f float64) float64 { return f }))
	printf(out, "          processor time a payment: %s\n\n", s.used.each(s.payments))
}

func printLine(out io.Writer, tenants int, round string, s sample, tps float64) {
	printf(out, "%9d %6s %12.1f %6s %8s %8d %13.1f %7.3f\n", tenants, round, s.perSecond, millis(s.p50), millis(s.p95), s.failed, tps, s.perSecond/tps)
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1fms", float64(d.Microseconds())/1000) }

func medianOf[S any, T cmp.Ordered](samples []S, value func(S) T) T {
	values := make([]T, 0, len(samples))
	for _, s := range samples {
		values = append(values, value(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}
