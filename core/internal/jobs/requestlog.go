package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	requestQueue = 8192
	requestBatch = 500
	requestEvery = time.Second
	// requestEnd is how long an end waits for what is in the queue.
	requestEnd = 5 * time.Second
)

// RequestLogOptions configure a RequestLog. All but Dropped are required.
type RequestLogOptions struct {
	Keeper core.RequestKeeper
	Logger *slog.Logger
	// Dropped is told how many entries were lost; nil: nobody is.
	Dropped func(entries int)
}

// RequestLog writes entries of the request log away from the requests: they are queued in memory
// and written many at a time. What does not fit the queue, or cannot be written, is lost and counted.
type RequestLog struct {
	RequestLogOptions

	queue chan core.RequestEntry
}

var _ core.RequestRecorder = (*RequestLog)(nil)

// NewRequestLog checks that nothing is missing.
func NewRequestLog(o RequestLogOptions) (*RequestLog, error) {
	if o.Keeper == nil || o.Logger == nil {
		return nil, errors.New("jobs: an option of the request log is missing")
	}
	if o.Dropped == nil {
		o.Dropped = func(int) {}
	}
	return &RequestLog{RequestLogOptions: o, queue: make(chan core.RequestEntry, requestQueue)}, nil
}

// Record implements core.RequestRecorder.
func (l *RequestLog) Record(e core.RequestEntry) {
	select {
	case l.queue <- e:
	default:
		l.Dropped(1)
	}
}

// Run writes until ctx ends, and then what is left.
func (l *RequestLog) Run(ctx context.Context) {
	tick := time.NewTicker(requestEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			l.finish(ctx)
			return
		case <-tick.C:
			for len(l.queue) > 0 && ctx.Err() == nil {
				l.write(ctx)
			}
		}
	}
}

// finish writes what is queued when the work has ended.
func (l *RequestLog) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestEnd)
	defer cancel()
	for len(l.queue) > 0 {
		l.write(ctx)
	}
}

// write writes one batch of what is queued.
func (l *RequestLog) write(ctx context.Context) {
	batch := make([]core.RequestEntry, 0, min(len(l.queue), requestBatch))
	for len(batch) < cap(batch) {
		batch = append(batch, <-l.queue)
	}
	kept, err := l.Keeper.KeepRequests(ctx, batch)
	if lost := len(batch) - kept; lost > 0 {
		l.Dropped(lost)
	}
	if err != nil {
		l.Logger.WarnContext(ctx, "entries of the request log could not be written and are lost", "entries", len(batch)-kept, "error", err)
	}
}
