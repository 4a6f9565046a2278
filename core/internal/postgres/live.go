package postgres

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"

	"github.com/zhanggui-pay/zhanggui/core"
)

// The channels of NOTIFY. Only ids travel on them.
const (
	channelEvents = "zhanggui_events"
	// ChannelPolicy tells that casbin_rules changed.
	ChannelPolicy = "zhanggui_policy"
)

const (
	announceEvery = 50 * time.Millisecond
	announceBatch = 100 // 74 bytes each, under NOTIFY's 8,000
)

type announcement struct{ tenant, object core.ID }

// announcer sends NOTIFY after the commits, many objects at a time. Inside the transactions it
// would serialise them: a commit with NOTIFY holds a lock of the whole cluster while it waits
// for the disk. What a dying process does not announce, live views learn by asking.
type announcer struct {
	db     *DB
	queue  chan announcement
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newAnnouncer(db *DB) *announcer {
	ctx, cancel := context.WithCancel(context.Background())
	a := &announcer{db: db, queue: make(chan announcement, 4096), cancel: cancel}
	a.done.Go(func() { a.run(ctx) })
	return a
}

// tell never waits: when the queue is full, the announcement is dropped.
func (a *announcer) tell(changed []announcement) {
	if a == nil {
		return
	}
	for _, c := range changed {
		select {
		case a.queue <- c:
		default:
		}
	}
}

func (a *announcer) stop() {
	if a == nil {
		return
	}
	a.cancel()
	a.done.Wait()
}

func (a *announcer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case first := <-a.queue:
			a.send(ctx, a.collect(ctx, first))
		}
	}
}

// collect waits a moment for more and drops repetitions.
func (a *announcer) collect(ctx context.Context, first announcement) []announcement {
	seen := map[announcement]bool{first: true}
	all := []announcement{first}
	timer := time.NewTimer(announceEvery)
	defer timer.Stop()
	for len(all) < announceBatch {
		select {
		case <-ctx.Done():
			return all
		case <-timer.C:
			return all
		case c := <-a.queue:
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	return all
}

func (a *announcer) send(ctx context.Context, all []announcement) {
	lines := make([]string, len(all))
	for i, c := range all {
		lines[i] = c.tenant.String() + " " + c.object.String()
	}
	err := a.db.run(ctx, a.db.app, core.ID{}, func(s *session) error {
		_, err := s.ExecContext(ctx, "SELECT pg_notify($1, $2)", channelEvents, strings.Join(lines, "\n"))
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.db.log.WarnContext(ctx, "live updates were not announced", "error", err)
	}
}

// ListenEvents calls fn for every object that changed on any node, until ctx ends. After a
// lost connection it calls fn with two zero ids: anything may have changed.
func (db *DB) ListenEvents(ctx context.Context, fn func(tenant, object core.ID)) error {
	return db.listen(ctx, channelEvents, func(payload string, missed bool) {
		if missed {
			fn(core.ID{}, core.ID{})
			return
		}
		for line := range strings.SplitSeq(payload, "\n") {
			tenant, object, _ := strings.Cut(line, " ")
			t, errT := core.ParseID(tenant)
			o, errO := core.ParseID(object)
			if errT == nil && errO == nil {
				fn(t, o)
			}
		}
	})
}

func (db *DB) listen(ctx context.Context, channel string, fn func(payload string, missed bool)) error {
	dsn, err := sessionURL(db.url, roleApp, "")
	if err != nil {
		return err
	}
	listener := pq.NewListener(dsn, 200*time.Millisecond, 30*time.Second, nil)
	defer func() { _ = listener.Close() }()
	if err := listener.Listen(channel); err != nil {
		return fmt.Errorf("postgres: listen: %w", err)
	}
	ping := time.NewTicker(30 * time.Second)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-listener.Notify:
			if n == nil {
				fn("", true)
				continue
			}
			fn(n.Extra, false)
		case <-ping.C:
			_ = listener.Ping() // makes a dead connection notice; the listener reconnects itself
		}
	}
}
