package service

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"

	"github.com/zhanggui-pay/zhanggui/core"
)

// paymentKey names the caller's operation. The hash leaves the payer's code out: card
// and payment codes are not kept, not even hashed.
func (s *Service) paymentKey(id core.Identity, in core.CreatePaymentInput) core.IdempotencyKey {
	in.PayerCode, in.Card, in.Wait, in.ClientIP = core.Secret{}, nil, 0, ""
	return s.idempotencyKey(id, operationCreatePayment, in.IdempotencyKey, in)
}

func (s *Service) refundKey(id core.Identity, in core.CreateRefundInput) core.IdempotencyKey {
	in.Wait = 0
	return s.idempotencyKey(id, operationCreateRefund, in.IdempotencyKey, in)
}

// idempotencyKey hashes body under the installation's key. body's JSON is stable: struct
// fields in order, map keys sorted.
func (s *Service) idempotencyKey(id core.Identity, operation, key string, body any) core.IdempotencyKey {
	mac := hmac.New(sha256.New, s.HashKey.Reveal())
	_ = json.NewEncoder(mac).Encode(body) // plain structs of text and numbers cannot fail
	object := core.NewID(s.Clock())
	if key == "" {
		// Callers over HTTP must send one; internal callers are their own guard.
		key = object.String()
	}
	return core.IdempotencyKey{Caller: id.Actor, Operation: operation, Key: key, BodyHash: mac.Sum(nil), ObjectID: object}
}

// errNotReplayed rolls back the look at a key that was not used before.
var errNotReplayed = errors.New("service: the key is new")

// replayOr gives the object saved under key, or refusal when the key is new.
func (s *Service) replayOr(ctx context.Context, tenant core.ID, key core.IdempotencyKey, refusal error) (core.ID, error) {
	var saved *core.SavedReply
	err := s.Database.InTenant(ctx, tenant, func(tx core.TenantTx) (err error) {
		if saved, err = tx.BeginIdempotent(ctx, key, s.Clock()); err == nil && saved == nil {
			return errNotReplayed
		}
		return err
	})
	switch {
	case errors.Is(err, errNotReplayed):
		return core.ID{}, refusal
	case err != nil:
		return core.ID{}, err
	}
	return saved.ObjectID, nil
}
