package pluginhost

import (
	"bytes"
	"sync"
)

// The lines kept of a plugin's output: few and short, whatever it writes.
const (
	keptLines = 20
	lineLimit = 512
)

// lines keeps the last lines written to it, cut and redacted. It never blocks a writer.
type lines struct {
	redact func(string) string

	mu      sync.Mutex
	partial []byte
	skip    bool // the rest of an over-long line
	kept    []string
}

// Write takes everything.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
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
		if len(l.kept) == keptLines {
			l.kept = append(l.kept[:0], l.kept[1:]...)
		}
		l.kept = append(l.kept, string(l.partial))
	}
	l.partial, l.skip = l.partial[:0], false
}

// last gives the lines kept, redacted, with an unfinished one at the end.
func (l *lines) last() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := append([]string(nil), l.kept...)
	if len(l.partial) > 0 {
		out = append(out, string(l.partial))
	}
	for i, line := range out {
		out[i] = l.redact(line)
	}
	return out
}
