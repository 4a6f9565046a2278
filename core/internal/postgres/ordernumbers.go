package postgres

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

// block is the INCREMENT of order_no_seq.
const block = 100

// orderNumbers hands out a block of the sequence without asking the server.
type orderNumbers struct {
	mu    sync.Mutex
	epoch int
	next  int64
	left  int
}

// NextOrderNo implements core.Database. A block lost with the process is a gap.
func (db *DB) NextOrderNo(ctx context.Context, at time.Time) (string, error) {
	o := &db.orders
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left == 0 {
		if err := db.nextBlock(ctx); err != nil {
			return "", err
		}
	}
	no, err := core.OrderNumber(at, o.epoch, o.next)
	if err != nil {
		return "", err //nolint:wrapcheck // core's sentence says it all
	}
	o.next++
	o.left--
	return no, nil
}

// nextBlock also reads the epoch, which a restore renews.
func (db *DB) nextBlock(ctx context.Context) error {
	return db.run(ctx, db.app, core.ID{}, func(s *session) error {
		var got struct {
			Next  int64  `db:"next"`
			Epoch string `db:"epoch"`
		}
		const query = "SELECT nextval('order_no_seq') AS next, value AS epoch FROM settings WHERE name = 'order_number_epoch'"
		if err := s.GetContext(ctx, &got, query); err != nil {
			return translate(ctx, err)
		}
		epoch, err := strconv.Atoi(got.Epoch)
		if err != nil {
			return core.Wrap(err, core.CodeInternal, "The setting order_number_epoch is not four digits.")
		}
		db.orders.next, db.orders.epoch, db.orders.left = got.Next, epoch, block
		return nil
	})
}
