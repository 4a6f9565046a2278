package service

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// How many may listen, and how often those who hear nothing are looked after. The console
// listens while it is in front only, so that a person needs few.
const (
	followersMost   = 2000 // of a node
	followersOfUser = 20
	followBeat      = 15 * time.Second
)

// follower hears what changed at its merchant.
type follower struct {
	service *Service
	id      core.Identity
	beat    time.Duration
	wake    chan struct{} // holds one

	mu      sync.Mutex
	pending map[core.Topic]bool
	doubt   bool // roles changed somewhere: who this is must be asked anew
	closed  bool
}

// followers are those of this node.
type followers struct {
	mu    sync.Mutex
	all   map[*follower]bool
	ended bool
}

var _ core.Following = (*follower)(nil)

// Follow implements core.Live.
func (s *Service) Follow(ctx context.Context) (core.Following, error) {
	id, err := sessionIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if id.TenantID.IsZero() && !id.Platform {
		return nil, core.Errorf(core.CodeTenantRequired, "Name the merchant with the Zhanggui-Tenant header.").At("Zhanggui-Tenant")
	}
	f := &follower{service: s, id: id, beat: followBeat, wake: make(chan struct{}, 1), pending: map[core.Topic]bool{}}
	if err := s.followers.add(f); err != nil {
		return nil, err
	}
	return f, nil
}

func (l *followers) add(f *follower) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return shuttingDown()
	}
	own := 0
	for other := range l.all {
		if other.id.UserID == f.id.UserID {
			own++
		}
	}
	if own >= followersOfUser || len(l.all) >= followersMost {
		return core.Errorf(core.CodeRateLimited, "Too many open pages listen for changes: close some. Those that do not listen ask by the clock.")
	}
	if l.all == nil {
		l.all = map[*follower]bool{}
	}
	l.all[f] = true
	return nil
}

func shuttingDown() error {
	return core.Errorf(core.CodeShuttingDown, "This node is going away: connect again.")
}

// Heard passes on what changed on any node. A zero change says that something may have been
// missed: everybody is told of everything.
func (s *Service) Heard(ctx context.Context, c core.Change) {
	if c.Topic == core.TopicSession {
		// This node's own listener may be later than this one.
		if err := s.Authorizer.Reload(ctx); err != nil {
			s.Logger.WarnContext(ctx, "roles could not be read anew", "error", err)
		}
	}
	for _, f := range s.followers.listening() {
		f.hear(c)
	}
}

// EndFollowing ends every listener of this node, for a shutdown.
func (s *Service) EndFollowing() {
	s.followers.mu.Lock()
	s.followers.ended = true
	s.followers.mu.Unlock()
	for _, f := range s.followers.listening() {
		f.Close()
	}
}

func (l *followers) listening() []*follower {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]*follower, 0, len(l.all))
	for f := range l.all {
		all = append(all, f)
	}
	return all
}

func (l *followers) remove(f *follower) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.all, f)
}

// hear keeps what concerns the follower until it asks.
func (f *follower) hear(c core.Change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case c.Topic == "":
		for topic := range topicReaders() {
			f.pending[topic] = true
		}
		f.doubt = true
	case c.Topic == core.TopicSession:
		f.pending[c.Topic], f.doubt = true, true
	case f.concerns(c):
		f.pending[c.Topic] = true
	default:
		return
	}
	f.rouse()
}

// concerns says whether the change is at the follower's merchant. What the platform owns is
// the platform's, but for what every merchant sees of it.
func (f *follower) concerns(c core.Change) bool {
	if f.id.TenantID.IsZero() || c.TenantID == f.id.TenantID {
		return true
	}
	return c.TenantID.IsZero() && slices.Contains([]core.Topic{core.TopicPlugins, core.TopicUsers, core.TopicTenants, core.TopicCalendar}, c.Topic)
}

func (f *follower) rouse() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Close implements core.Following.
func (f *follower) Close() {
	f.service.followers.remove(f)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.rouse()
}

// Next implements core.Following. How long it waits is wall time, not the domain's clock.
func (f *follower) Next(ctx context.Context) ([]core.Topic, error) {
	timer := time.NewTimer(f.beat)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err() //nolint:wrapcheck // the caller's own
		case <-timer.C:
			return nil, f.recognize(ctx)
		case <-f.wake:
		}
		topics, doubt, closed := f.take()
		if closed {
			return nil, shuttingDown()
		}
		if doubt {
			if err := f.recognize(ctx); err != nil {
				return nil, err
			}
		}
		readable, err := f.readable(ctx, topics)
		if err != nil || len(readable) > 0 {
			return readable, err
		}
	}
}

func (f *follower) take() (topics []core.Topic, doubt, closed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for topic := range f.pending {
		topics = append(topics, topic)
	}
	doubt, closed = f.doubt, f.closed
	f.doubt = false
	clear(f.pending)
	slices.Sort(topics)
	return topics, doubt, closed
}

// recognize looks whether the session may still be used, without using it, and who its user
// is now.
func (f *follower) recognize(ctx context.Context) error {
	s, now := f.service, f.service.Clock()
	var (
		session core.Session
		user    core.User
	)
	err := s.Database.InDirectory(ctx, func(tx core.DirectoryTx) (err error) {
		sessions, err := tx.Sessions(ctx, f.id.UserID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(sessions, func(one core.Session) bool { return one.ID == f.id.SessionID })
		if at < 0 {
			return signIn()
		}
		session = sessions[at]
		user, err = tx.User(ctx, f.id.UserID)
		return err
	})
	if err != nil {
		return err
	}
	if user.Disabled || !now.Before(session.ExpiresAt) || now.Sub(session.SeenAt) >= sessionIdle {
		return signIn()
	}
	id, err := enteredTenant(user, session, f.id.TenantID)
	if err != nil {
		return err
	}
	if id.TenantID != f.id.TenantID || f.id.TenantID.IsZero() && !id.Platform {
		return core.NotFound("merchant")
	}
	f.id = id
	return nil
}

// readable keeps the topics that the caller may read now.
func (f *follower) readable(ctx context.Context, topics []core.Topic) ([]core.Topic, error) {
	readers := topicReaders()
	var out []core.Topic
	for _, topic := range topics {
		permission, guarded := readers[topic]
		if guarded {
			err := f.service.Authorizer.Authorize(ctx, f.id, permission)
			if core.CodeOf(err) == core.CodeForbidden {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		if guarded || topic == core.TopicSession {
			out = append(out, topic)
		}
	}
	return out, nil
}

// topicReaders says who may hear of a topic: those who may read its subject.
func topicReaders() map[core.Topic]core.Permission {
	read := func(object string) core.Permission { return core.Permission{Object: object, Action: "read"} }
	return map[core.Topic]core.Permission{
		core.TopicPayments: read("payments"), core.TopicRefunds: read("refunds"), core.TopicPayouts: read("payouts"), core.TopicPayoutBatches: read("payouts"),
		core.TopicCases: read("cases"), core.TopicApprovals: read("approvals"), core.TopicApprovalTiers: read("approvals"),
		core.TopicAlerts: read("alerts"), core.TopicAlertChannels: read("alert_channels"), core.TopicCallbacks: read("callbacks"), core.TopicExports: read("exports"),
		core.TopicDays: read("reconciliation"), core.TopicDifferences: read("reconciliation"), core.TopicBillImports: read("bills"), core.TopicBillMappings: read("bills"),
		core.TopicBalances: read("balances"), core.TopicSettlement: read("settlement"), core.TopicWebhooks: read("webhooks"), core.TopicWebhookDeliveries: read("deliveries"),
		core.TopicTenants: read("tenants"), core.TopicStores: read("stores"), core.TopicTerminals: read("stores"), core.TopicAccounts: read("accounts"),
		core.TopicCards: read("cards"), core.TopicMembers: read("members"), core.TopicUsers: read("users"), core.TopicAPIKeys: read("apikeys"),
		core.TopicLimits: read("limits"), core.TopicFreezes: read("freezes"), core.TopicFeeRates: read("fees"), core.TopicCalendar: read("calendar"),
		core.TopicPlugins: read("plugins"), core.TopicPluginUploads: {Object: "plugins", Action: "inspect"},
	}
}
