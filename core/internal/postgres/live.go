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

// The channels of NOTIFY. Merchants' ids and topics travel on the first; the second only says
// that role bindings changed, by a trigger.
const (
	channelChanges = "zhanggui_changes"
	channelPolicy  = "zhanggui_policy"
)

const (
	announceEvery = 300 * time.Millisecond
	announceBatch = 100 // 60 bytes each at most, under NOTIFY's 8,000
)

// announcer sends NOTIFY after the commits, many changes at a time. Inside the transactions it
// would serialise them: a commit with NOTIFY holds a lock of the whole cluster while it waits
// for the disk. What a dying process does not announce, live views learn by asking.
type announcer struct {
	db     *DB
	queue  chan core.Change
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func newAnnouncer(db *DB) *announcer {
	ctx, cancel := context.WithCancel(context.Background())
	a := &announcer{db: db, queue: make(chan core.Change, 4096), cancel: cancel}
	a.done.Go(func() { a.run(ctx) })
	return a
}

// tell never waits: when the queue is full, the announcement is dropped.
func (a *announcer) tell(changed []core.Change) {
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
func (a *announcer) collect(ctx context.Context, first core.Change) []core.Change {
	seen := map[core.Change]bool{first: true}
	all := []core.Change{first}
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

func (a *announcer) send(ctx context.Context, all []core.Change) {
	lines := make([]string, len(all))
	for i, c := range all {
		lines[i] = c.TenantID.String() + " " + string(c.Topic)
	}
	err := a.db.run(ctx, a.db.app, core.ID{}, func(s *session) error {
		_, err := s.ExecContext(ctx, "SELECT pg_notify($1, $2)", channelChanges, strings.Join(lines, "\n"))
		return err
	})
	if err != nil && ctx.Err() == nil {
		a.db.log.WarnContext(ctx, "live updates were not announced", "error", err)
	}
}

// ListenChanges calls fn for every change on any node, until ctx ends. After a lost connection
// it calls fn with the zero change: anything may have changed.
func (db *DB) ListenChanges(ctx context.Context, fn func(core.Change)) error {
	return db.listen(ctx, []string{channelChanges, channelPolicy}, func(n *pq.Notification) {
		switch {
		case n == nil:
			fn(core.Change{})
		case n.Channel == channelPolicy:
			fn(core.Change{Topic: core.TopicSession})
		default:
			for line := range strings.SplitSeq(n.Extra, "\n") {
				tenant, topic, _ := strings.Cut(line, " ")
				if id, err := core.ParseID(tenant); err == nil && topic != "" {
					fn(core.Change{TenantID: id, Topic: core.Topic(topic)})
				}
			}
		}
	})
}

// listen calls fn for every notification on the channels, and with nil after a lost connection.
func (db *DB) listen(ctx context.Context, channels []string, fn func(*pq.Notification)) error {
	dsn, err := sessionURL(db.url, roleApp, "")
	if err != nil {
		return err
	}
	listener := pq.NewListener(dsn, 200*time.Millisecond, 30*time.Second, nil)
	defer func() { _ = listener.Close() }()
	// Listen waits for a server that is away, and knows of no context.
	defer context.AfterFunc(ctx, func() { _ = listener.Close() })()
	for _, channel := range channels {
		if err := listener.Listen(channel); err != nil {
			return fmt.Errorf("postgres: listen: %w", err)
		}
	}
	ping := time.NewTicker(30 * time.Second)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case n := <-listener.Notify:
			fn(n)
		case <-ping.C:
			_ = listener.Ping() // makes a dead connection notice; the listener reconnects itself
		}
	}
}
