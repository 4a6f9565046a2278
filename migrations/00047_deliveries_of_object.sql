-- What was sent about one order, refund or payout stands on its page, newest first.
-- +goose Up
CREATE INDEX webhook_deliveries_object ON webhook_deliveries (tenant_id, object_id, created_at DESC, id DESC);

-- +goose Down
DROP INDEX webhook_deliveries_object;
