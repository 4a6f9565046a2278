package main

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// files opens what it must not read: only an opened file counts, its name may be looked at.
func files(s surroundings, note func(string, error)) {
	self := strconv.Itoa(os.Getpid())
	paths := make([]string, 0, 128)
	paths = append(paths,
		s.Config, s.Plugins, s.Other, filepath.Join(s.Plugins, "actor"), filepath.Dir(s.Other), ".", "..", "/", os.Getenv("HOME")+"/.bashrc", "/root", "/home",
		"/etc/passwd", "/etc/shadow", "/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/ssl/certs", "/usr/share/zoneinfo/Asia/Shanghai",
		"/dev/null", "/dev/mem", "/dev/kmsg", "/dev/urandom", "/dev/tty", "/dev/shm", "/sys/kernel/mm", "/sys/class/net", "/sys/fs/cgroup",
		"/proc", "/proc/net/unix", "/proc/kcore", "/proc/kallsyms", "/proc/sys/kernel/hostname", "/proc/sysrq-trigger", "/run", "/var/run/docker.sock",
	)
	for _, pid := range []string{"self", "thread-self", self, "1", s.Pid} {
		for _, name := range []string{"environ", "mem", "maps", "cmdline", "fd", "task", "root/etc/passwd", "cwd/x", "auxv", "stack"} {
			paths = append(paths, "/proc/"+pid+"/"+name)
		}
	}
	for _, name := range []string{"exe", "fd/0", "fd/1", "fd/3"} { // its own it has already
		paths = append(paths, "/proc/"+s.Pid+"/"+name)
	}
	for _, path := range paths {
		f, err := os.Open(path) //nolint:gosec // it must be refused
		if err == nil {
			_ = f.Close()
		}
		note("open "+path, err)
	}
	for _, name := range []string{"exe", "cwd", "root", "fd/0"} {
		_, err := os.Readlink("/proc/" + s.Pid + "/" + name)
		note("read the host's link "+name, err)
	}
	fd, err := unix.Open(s.Config, unix.O_RDWR|unix.O_TRUNC, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	note("open the host's file to write", err)
}

// changes tries to change what lies outside, and to leave more than a socket inside.
func changes(s surroundings, note func(string, error)) {
	note("write in /tmp", os.WriteFile("/tmp/zhanggui-escape", []byte("x"), 0o600)) //nolint:gosec // it must be refused
	note("write in the plugin directory", os.WriteFile(filepath.Join(s.Plugins, "planted"), []byte("x"), 0o600))
	note("remove the host's file", os.Remove(s.Config))
	note("rename the host's file", os.Rename(s.Config, s.Config+"-moved"))
	note("rename a plugin", os.Rename(filepath.Join(s.Plugins, "actor"), filepath.Join(s.Plugins, "gone")))
	note("cut the host's file", os.Truncate(s.Config, 0))
	note("change the mode of the host's file", os.Chmod(s.Config, 0o600))
	note("change the mode of the plugin directory", os.Chmod(s.Plugins, 0o755)) //nolint:gosec // it must be refused
	note("change the owner of the host's file", os.Chown(s.Config, os.Getuid(), os.Getgid()))
	note("change the times of the host's file", os.Chtimes(s.Config, time.Now(), time.Now()))
	note("set an attribute of the host's file", unix.Setxattr(s.Config, "user.zhanggui", []byte("x"), 0))
	note("remove an attribute of the host's file", unix.Removexattr(s.Config, "user.zhanggui"))
	_, err := unix.InotifyInit1(0)
	note("watch files", err)
	note("link the host's file", os.Link(s.Config, "linked"))
	note("make a directory", os.Mkdir("sub", 0o700))
	note("make a symbolic link", os.Symlink("/etc/passwd", "link"))
	note("make a pipe with a name", unix.Mkfifo("pipe", 0o600))
	note("make a device", unix.Mknod("device", unix.S_IFCHR|0o600, 1<<8|3))
	note("fill a file", fill())
}

// fill writes into the private directory, where a file may be made but nothing written.
func fill() error {
	f, err := os.Create("file")
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = f.WriteString("x")
	return err
}
