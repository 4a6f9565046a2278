package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core/host/cmd/chaos/stand"
)

// faults breaks things as the schedule says and mends them again.
type faults struct {
	stand *stand.Stand
	slow  time.Duration // longer than a call to a provider may take

	nodes    []chan struct{} // held while the node is down
	database chan struct{}
	vault    chan struct{}
	mending  sync.WaitGroup

	mu    sync.Mutex
	done  map[faultKind]int
	armed []armed
	errs  []error
}

// armed is a fault at a simulated provider.
type armed struct{ provider, id string }

func newFaults(s *stand.Stand, slow time.Duration) *faults {
	f := &faults{stand: s, slow: slow, done: map[faultKind]int{}, database: make(chan struct{}, 1), vault: make(chan struct{}, 1)}
	for range s.Nodes {
		f.nodes = append(f.nodes, make(chan struct{}, 1))
	}
	return f
}

// within is how long a node may take to come to a point before it is killed wherever it is.
const within = 3 * time.Second

// inject returns when the fault has begun. What it broke is mended beside the load.
func (f *faults) inject(ctx context.Context, what fault) {
	switch what.Kind {
	case killHost:
		n, free := f.node(what)
		f.note(what.Kind, n.Kill())
		f.mend(free, func() error { return n.Start(ctx) })
	case killHostAt:
		n, free := f.node(what)
		f.mend(free, func() error {
			f.note(what.Kind, n.KillAt(what.Point, within))
			return n.Start(ctx)
		})
	case killPlugin:
		n, free := f.node(what)
		f.note(what.Kind, killOne(ctx, n, what))
		<-free
	case crashDatabase:
		f.database <- struct{}{}
		f.mend(f.database, func() error { f.note(what.Kind, f.stand.Cluster.Crash(ctx)); return nil })
	case sealVault:
		f.vault <- struct{}{}
		f.note(what.Kind, f.stand.Vault.Seal(ctx))
		f.mend(f.vault, func() error { pause(ctx, what.For); return f.stand.Vault.Unseal(ctx) })
	default:
		f.note(what.Kind, f.disturb(ctx, what))
	}
}

// disturb arms what happens to the next connections, callbacks or calls.
func (f *faults) disturb(ctx context.Context, what fault) error {
	switch what.Kind {
	case cutBefore:
		f.stand.Proxy.CutBefore(what.Count)
	case cutAfter:
		f.stand.Proxy.CutAfter(what.Count)
	case loseCallback:
		f.stand.Front.Lose(what.Count)
	case loseAnswer:
		f.stand.Front.Unheard(what.Count)
	case sendTwice:
		f.stand.Front.Duplicate(what.Count)
	case refuseHook:
		f.stand.Hooks.Refuse(what.Count)
	case loseTaken:
		f.stand.Hooks.Unheard(what.Count)
	case timeOut:
		return f.arm(ctx, what, stand.Rule{Kind: "delay", Stage: "after", Delay: f.slow.String(), Times: what.Count})
	case breakReply:
		kinds := []string{"lost-after", "lost-before", "http-500", "truncated", "garbage"}
		return f.arm(ctx, what, stand.Rule{Kind: kinds[int(what.Node)%len(kinds)], Times: what.Count})
	default:
		return fmt.Errorf("nothing is known of faults of the kind %q", what.Kind)
	}
	return nil
}

func (f *faults) arm(ctx context.Context, what fault, rule stand.Rule) error {
	providers := f.stand.Sims.Providers
	provider := providers[int(what.Draw)%len(providers)].Provider
	id, err := f.stand.Sims.Arm(ctx, provider, rule)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = append(f.armed, armed{provider, id})
	return nil
}

// node gives the node of a fault when it is up and nobody else's; free gives it back.
func (f *faults) node(what fault) (n *stand.Node, free chan struct{}) {
	i := int(what.Node) % len(f.stand.Nodes)
	f.nodes[i] <- struct{}{}
	return f.stand.Nodes[i], f.nodes[i]
}

// killOne kills one of the node's plugins, as soon as there is one.
func killOne(ctx context.Context, n *stand.Node, what fault) error {
	for range 100 {
		if found := n.Plugins(); len(found) > 0 {
			return found[int(what.Draw)%len(found)].Kill()
		}
		pause(ctx, 50*time.Millisecond)
	}
	return errors.New("the node has no plugin to kill")
}

// mend runs beside the load and gives what was held free.
func (f *faults) mend(free chan struct{}, do func() error) {
	f.mending.Go(func() {
		err := do()
		<-free
		if err != nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.errs = append(f.errs, err)
		}
	})
}

func (f *faults) note(kind faultKind, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.errs = append(f.errs, fmt.Errorf("%s: %w", kind, err))
		return
	}
	f.done[kind]++
}

// end waits until everything is mended and disarms what is still armed.
func (f *faults) end(ctx context.Context) error {
	f.mending.Wait()
	errs := f.errs
	for _, a := range f.armed {
		errs = append(errs, f.stand.Sims.Disarm(ctx, a.provider, a.id))
	}
	f.stand.Proxy.Heal()
	f.stand.Front.Heal()
	f.stand.Hooks.Heal()
	return errors.Join(errs...)
}

// kills says how many processes were killed.
func (f *faults) kills() int {
	return f.done[killHost] + f.done[killHostAt] + f.done[killPlugin] + f.done[killCalmly]
}
