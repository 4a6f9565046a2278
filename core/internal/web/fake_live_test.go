package web

import (
	"context"
	"sync"

	"github.com/zhanggui-pay/zhanggui/core"
)

// Follow gives what the test holds, or one that tells of payments and ends.
func (f *fake) Follow(ctx context.Context) (core.Following, error) {
	if err := f.called(ctx, "Follow"); err != nil {
		return nil, err
	}
	if f.following != nil {
		return f.following, nil
	}
	told := newFollowing()
	told.news <- []core.Topic{core.TopicPayments}
	close(told.news)
	return told, nil
}

// followed is a following whose news a test gives; it ends with them.
type followed struct {
	news   chan []core.Topic
	closed chan struct{}
	once   sync.Once
}

func newFollowing() *followed {
	return &followed{news: make(chan []core.Topic, 8), closed: make(chan struct{})}
}

func (f *followed) Next(ctx context.Context) ([]core.Topic, error) {
	select {
	case topics, more := <-f.news:
		if !more {
			return nil, core.Errorf(core.CodeUnauthenticated, "Sign in.")
		}
		return topics, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *followed) Close() { f.once.Do(func() { close(f.closed) }) }
