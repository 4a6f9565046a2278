package pluginhost

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// The lines kept of a plugin's output: few and short, whatever it writes.
const (
	keptLines  = 20
	lineLimit  = 512
	causeLines = 6 // kept of them from where the program says why it dies
)

// causes begin the lines with which a Go program says why it dies. What follows them, the
// stacks of all its goroutines, would push them out.
func causes() []string { return []string{"panic: ", "fatal error: ", "SIG", "runtime: "} }

// lines keeps the last lines written to it, cut and redacted. It never blocks a writer.
type lines struct {
	redact func(string) string

	mu      sync.Mutex
	partial []byte
	skip    bool // the rest of an over-long line
	kept    []string
	cause   []string // the first lines of the last death told
	since   int      // lines after the first of cause
	total   int64    // bytes written
}

// count says how many bytes were written.
func (l *lines) count() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// Write takes everything.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	l.total += int64(n)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		piece := p
		if end >= 0 {
			piece, p = p[:end], p[end+1:]
		} else {
			p = nil
		}
		l.add(piece)
		if end >= 0 {
			l.finish()
		}
	}
	return n, nil
}

func (l *lines) add(piece []byte) {
	if l.skip {
		return
	}
	room := lineLimit - len(l.partial)
	if len(piece) > room {
		piece, l.skip = piece[:room], true
	}
	l.partial = append(l.partial, piece...)
}

func (l *lines) finish() {
	if len(l.partial) > 0 {
		l.keep(string(l.partial))
	}
	l.partial, l.skip = l.partial[:0], false
}

func (l *lines) keep(line string) {
	l.since++
	switch dies := slices.ContainsFunc(causes(), func(c string) bool { return strings.HasPrefix(line, c) }); {
	case dies && (l.cause == nil || l.since > causeLines):
		l.cause, l.since = []string{line}, 0
	case l.cause != nil && len(l.cause) < causeLines:
		l.cause = append(l.cause, line)
	}
	if len(l.kept) == keptLines {
		l.kept = append(l.kept[:0], l.kept[1:]...)
	}
	l.kept = append(l.kept, line)
}

// last gives the lines kept, redacted, with an unfinished one at the end. Where they are a
// dying program's stacks, the lines with its cause come first.
func (l *lines) last() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	if l.cause != nil && l.since >= keptLines {
		out = append(append(out, l.cause...), "…")
	}
	out = append(out, l.kept[min(len(out), len(l.kept)):]...)
	if len(l.partial) > 0 {
		out = append(out, string(l.partial))
	}
	for i, line := range out {
		out[i] = l.redact(printable(line))
	}
	return out
}

// printable makes text of a plugin's harmless to a terminal: control sequences and what
// reverses the direction of writing do not reach whoever reads a log.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n':
			return ' '
		case unicode.IsGraphic(r):
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
