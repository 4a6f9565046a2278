package rbac

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// Channel is where the database announces that a role binding changed.
const Channel = "zhanggui_policy"

const (
	pingEvery = 5 * time.Second
	// deafAfter is how long the listener may be silent before its silence proves nothing: a
	// dead connection that nobody closed looks like an idle one.
	deafAfter = 20 * time.Second
)

// watcher listens for announcements. It calls changed for each, and once after every
// reconnection, because an announcement may have been missed meanwhile.
type watcher struct {
	listener  *pq.Listener
	connected atomic.Bool
	heard     atomic.Int64 // Unix nanoseconds of the last sign of life
	cancel    context.CancelFunc
	done      sync.WaitGroup
}

func watch(ctx context.Context, url string, changed func(context.Context)) (*watcher, error) {
	w := &watcher{}
	w.listener = pq.NewListener(url, 100*time.Millisecond, 5*time.Second, w.event)
	if err := w.listen(ctx); err != nil {
		_ = w.listener.Close()
		return nil, err
	}
	// The loop outlives the start: it ends with close.
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.cancel = cancel
	w.done.Go(func() { w.run(running, changed) })
	w.done.Go(func() { w.ping(running) })
	return w, nil
}

// listen waits for the first connection, but not longer than ctx.
func (w *watcher) listen(ctx context.Context) error {
	result := make(chan error, 1)
	go func() { result <- w.listener.Listen(Channel) }()
	select {
	case err := <-result:
		if err != nil {
			return fmt.Errorf("rbac: listen for changed roles: %w", err)
		}
		w.alive()
		return nil
	case <-ctx.Done():
		return fmt.Errorf("rbac: listen for changed roles: %w", ctx.Err())
	}
}

func (w *watcher) event(kind pq.ListenerEventType, _ error) {
	switch kind {
	case pq.ListenerEventConnected:
		w.connected.Store(true)
	case pq.ListenerEventDisconnected, pq.ListenerEventConnectionAttemptFailed:
		w.connected.Store(false)
	case pq.ListenerEventReconnected:
		// Sound only after the loop has read anew: see run.
	}
}

func (w *watcher) run(ctx context.Context, changed func(context.Context)) {
	for {
		select {
		case <-ctx.Done():
			return
		case n, open := <-w.listener.NotificationChannel():
			if !open {
				return
			}
			changed(ctx)
			w.alive()
			if n == nil { // reconnected
				w.connected.Store(true)
			}
		}
	}
}

func (w *watcher) ping(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if w.listener.Ping() == nil {
				w.alive()
			}
		}
	}
}

func (w *watcher) alive() { w.heard.Store(time.Now().UnixNano()) }

// sound says whether silence means that nothing changed.
func (w *watcher) sound(now time.Time) bool {
	return w.connected.Load() && now.UnixNano()-w.heard.Load() < int64(deafAfter)
}

func (w *watcher) close() {
	w.cancel()
	_ = w.listener.Close()
	w.done.Wait()
}
