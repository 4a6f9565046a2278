package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// processors says how much processor time each part has used. Unlike payments a second it
// hardly depends on what else the machine does.
type processors struct {
	node, plugin, simulator, database, clients time.Duration
}

// clockTick is the unit of /proc/*/stat: 100 a second on every Linux.
const clockTick = 10 * time.Millisecond

// process is a line of /proc/*/stat.
type process struct {
	parent int
	used   time.Duration
}

// use reads the processor time used so far. Where there is no /proc, all is zero.
func (w *world) use(n *node, postmaster int) processors {
	all := map[int]process{}
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		if p, ok := readProcess(file); ok {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			all[pid] = p
		}
	}
	p := processors{node: all[n.cmd.Process.Pid].used, simulator: all[w.sim.cmd.Process.Pid].used, clients: all[os.Getpid()].used}
	for _, child := range all {
		switch child.parent {
		case postmaster:
			p.database += child.used
		case n.cmd.Process.Pid:
			p.plugin += child.used
		}
	}
	return p
}

// readProcess reads "pid (name) state ppid …" with user and system time in fields 14 and 15.
func readProcess(file string) (process, bool) {
	raw, err := os.ReadFile(file) //nolint:gosec // a file of /proc
	if err != nil {
		return process{}, false // it has ended
	}
	_, rest, ok := bytes.Cut(raw[bytes.LastIndexByte(raw, ')')+1:], []byte(" "))
	fields := strings.Fields(string(rest))
	if !ok || len(fields) < 13 {
		return process{}, false
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(fields[i])
		return n
	}
	return process{parent: number(1), used: time.Duration(number(11)+number(12)) * clockTick}, true
}

func (p processors) since(before processors) processors {
	return processors{
		p.node - before.node, p.plugin - before.plugin, p.simulator - before.simulator, p.database - before.database, p.clients - before.clients,
	}
}

func (p processors) plus(o processors) processors {
	return processors{p.node + o.node, p.plugin + o.plugin, p.simulator + o.simulator, p.database + o.database, p.clients + o.clients}
}

// each prints the parts for one payment.
func (p processors) each(payments int) string {
	one := func(d time.Duration) string {
		return fmt.Sprintf("%.2fms", float64(d.Microseconds())/1000/float64(max(1, payments)))
	}
	return fmt.Sprintf("node %s, plugin %s, PostgreSQL %s, simulator %s, clients %s",
		one(p.node), one(p.plugin), one(p.database), one(p.simulator), one(p.clients))
}

// postmaster is the process id of the cluster's server, from the file it keeps.
func (c *cluster) postmaster() int {
	raw, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	pid, _ := strconv.Atoi(first)
	return pid
}
