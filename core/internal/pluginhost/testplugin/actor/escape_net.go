package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// lastFamily is above every address family there is.
const lastFamily = 47

// sockets tries every family with every type; a Unix stream socket is all there may be.
func sockets(note func(string, error)) {
	for family := range lastFamily {
		for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_RAW, unix.SOCK_RDM, unix.SOCK_SEQPACKET, unix.SOCK_DCCP, unix.SOCK_PACKET} {
			if family == unix.AF_UNIX && kind == unix.SOCK_STREAM {
				continue
			}
			name := fmt.Sprintf("socket family %d type %d", family, kind)
			note(name, trySocket(unix.SYS_SOCKET, uintptr(family), uintptr(kind)))
			note(name+" with flags", trySocket(unix.SYS_SOCKET, uintptr(family), uintptr(kind)|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK))
		}
	}
	note("socket with the upper half set", trySocket(unix.SYS_SOCKET, unix.AF_INET|1<<32, unix.SOCK_STREAM))
	note("socket of the x32 ABI", trySocket(unix.SYS_SOCKET|0x40000000, unix.AF_INET, unix.SOCK_STREAM))
	_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	note("socketpair datagram", err)
}

func trySocket(call, family, kind uintptr) error {
	fd, _, errno := unix.RawSyscall(call, family, kind, 0)
	if errno == 0 {
		_ = unix.Close(int(fd))
	}
	return asError(errno)
}

func connections(s surroundings, note func(string, error)) {
	dial := func(name, network, address string) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			_ = conn.Close()
		}
		note(name, err)
	}
	dial("connect to PostgreSQL's socket", "unix", s.Path)
	dial("connect to Docker's socket", "unix", s.Docker)
	dial("connect to an abstract socket", "unix", "@"+s.Name)
	dial("datagram to a path", "unixgram", s.Path)
	dial("connect over TCP", "tcp", s.Host)
	dial("connect to loopback", "tcp", "127.0.0.1:22")
	dial("connect to loopback over IPv6", "tcp", "[::1]:22")
	dial("connect to the metadata address", "tcp", "169.254.169.254:80")
	dial("ask a name server", "udp", "127.0.0.53:53")
	dial("a public address", "udp", "8.8.8.8:53")
	_, err := (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), "api.example.com")
	note("resolve a name", err)
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err == nil {
		_ = listener.Close()
	}
	note("listen on TCP", err)
	note("listen at a path outside", listenAt(s.Path+"-other"))
	note("send to a path without connecting", sendTo(s.Path))
}

func listenAt(path string) error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "unix", path)
	if err == nil {
		_ = listener.Close()
	}
	return err
}

func sendTo(path string) error {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	return unix.Sendto(fd, []byte("x"), unix.MSG_FASTOPEN, &unix.SockaddrUnix{Name: path})
}
