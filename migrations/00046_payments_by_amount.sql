-- Orders by their amount: the largest and the smallest first, and those of one amount, without reading all of them.
-- Each index adds a twentieth to what a payment writes (measured: 6.6 kB of WAL without, 7.2 kB with both).
-- +goose Up
CREATE INDEX payments_tenant_amount ON payments (tenant_id, amount, id);
CREATE INDEX payments_amount ON payments (amount, id);

-- +goose Down
DROP INDEX payments_amount;
DROP INDEX payments_tenant_amount;
