package pluginhost

import (
	"context"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// noticeSettle is how long a directory is left alone after a change: files come in several.
const noticeSettle = 50 * time.Millisecond

// noticeChanges tells, through the kernel, that a directory's entries have changed. Where the
// kernel does not tell, nothing ever comes and the regular look has to do.
func noticeChanges(ctx context.Context, dir string, log *slog.Logger) <-chan struct{} {
	out := make(chan struct{}, 1)
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		log.Warn("the plugin directory is looked at now and then only", "error", err)
		return out
	}
	events := os.NewFile(uintptr(fd), "inotify")
	const what = unix.IN_CLOSE_WRITE | unix.IN_MOVED_TO | unix.IN_MOVED_FROM | unix.IN_DELETE | unix.IN_ATTRIB
	if _, err := unix.InotifyAddWatch(fd, dir, what); err != nil {
		_ = events.Close()
		log.Warn("the plugin directory is looked at now and then only", "error", err)
		return out
	}
	stop := context.AfterFunc(ctx, func() { _ = events.Close() }) // ends the read
	go func() {
		defer stop()
		buffer := make([]byte, 16<<10)
		for {
			if _, err := events.Read(buffer); err != nil {
				return
			}
			time.Sleep(noticeSettle)
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out
}
