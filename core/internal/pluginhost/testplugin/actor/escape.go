package main

import (
	"errors"
	"syscall"
)

// surroundings are what lies around the plugin and must be out of its reach.
type surroundings struct {
	Path    string // a path-named socket that everyone may connect to, as PostgreSQL's
	Docker  string // another, as Docker's
	Name    string // an abstract socket, without its @
	Host    string // host:port of a server on this machine
	Pid     string // the host's process id
	Config  string // a file of the host's
	Plugins string // the plugin directory
	Other   string // another plugin's private directory
}

// escape tries every way out that confinement must close, and notes what each came to.
func escape(s surroundings, note func(string, error)) {
	sockets(note)
	connections(s, note)
	files(s, note)
	changes(s, note)
	processes(note)
	host(s, note)
	memory(note)
	kernel(note)
	note("inherited descriptors", inherited())
}

func asError(errno syscall.Errno) error {
	if errno == 0 {
		return nil
	}
	return errors.New(errno.Error())
}
