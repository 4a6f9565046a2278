-- What people do with differences: a correction needs a second person, and a link is of one order only.

-- +goose Up

ALTER TABLE approvals
    DROP CONSTRAINT approvals_kind_check,
    ADD CONSTRAINT approvals_kind_check CHECK (kind IN ('refund', 'payout', 'payout_batch', 'resolution', 'correction'));
ALTER TABLE approval_tiers
    DROP CONSTRAINT approval_tiers_kind_check,
    ADD CONSTRAINT approval_tiers_kind_check CHECK (kind IN ('refund', 'payout', 'payout_batch', 'resolution', 'correction'));

-- Of an order, one surplus at most: its money moved once. The shortage that ends with it has the order's id as well.
CREATE UNIQUE INDEX differences_linked ON differences (tenant_id, linked_id) WHERE state = 'linked' AND kind = 'surplus';
CREATE INDEX differences_linked_to ON differences (tenant_id, linked_id) WHERE linked_id IS NOT NULL;

-- The platform's people open them without naming the merchant.
CREATE INDEX reconciliation_days_id ON reconciliation_days (id);
CREATE INDEX bills_id ON bills (id);
CREATE INDEX differences_id ON differences (id);
