package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	// alertsGather is how long the first of several alerts waits for the others.
	alertsGather = 5 * time.Second
	// alertsApart is between two messages to a channel: robots take 20 a minute, people fewer.
	alertsApart = time.Minute
	// alertsBackOff is the longest pause after a failure, alertsGiveUp when an alert is no news any more.
	alertsBackOff = time.Hour
	alertsGiveUp  = 24 * time.Hour
	// alertsInMessage is how many one message counts; the text names fewer.
	alertsInMessage = 1000
	// channelKept is how long a channel's secrets may be used while keys cannot be read.
	channelKept = 5 * time.Minute
)

// spreadAlert has the channels be told what is new of an alert.
func (s *Service) spreadAlert(ctx context.Context, due core.Due) error {
	now := s.Clock()
	return s.inAlerts(ctx, due.TenantID, nil, func(tx core.AlertTx) error {
		return tx.SpreadAlert(ctx, due.ID, now, now.Add(alertsGather), alertsApart)
	})
}

// sendAlerts tells a channel everything that waits for it in one message. When the host dies
// between the message and its record, it is sent again: told twice is better than not told.
func (s *Service) sendAlerts(ctx context.Context, due core.Due) error {
	var (
		c        core.AlertChannel
		notices  []core.AlertNotice
		failures int
		merchant string
	)
	err := s.inAlerts(ctx, due.TenantID, nil, func(tx core.AlertTx) (err error) {
		if c, err = tx.AlertChannel(ctx, due.ID); err != nil || c.Disabled {
			return err
		}
		if of, ok := tx.(core.TenantReader); ok {
			t, err := of.Tenant(ctx)
			if err != nil {
				return err
			}
			merchant = t.Name
		}
		notices, failures, err = tx.AlertNotices(ctx, due.ID, alertsInMessage)
		return err
	})
	if err != nil {
		return err
	}
	m := core.AlertMessage{Notices: notices}
	if len(notices) > 0 {
		m.Failure = s.failureOf(s.postAlerts(ctx, c, alertLetterOf(c, merchant, s.PublicURL, notices, s.Clock())))
	}
	m.At = s.Clock()
	m.NextAt, m.GiveUpBefore = m.At.Add(alertsApart), m.At.Add(-alertsGiveUp)
	if m.Failure != "" {
		m.NextAt = m.At.Add(min(alertsApart<<min(failures, 10), alertsBackOff))
		s.Logger.WarnContext(ctx, "alerts could not be told; it is tried again", "channel", c.ID.Prefixed(core.PrefixChannel), "type", c.Type, "failures", failures+1, "reason", m.Failure)
	}
	return s.inAlerts(ctx, due.TenantID, nil, func(tx core.AlertTx) error { return tx.FinishAlertMessage(ctx, due.ID, m) })
}

// failureOf is the sentence that is kept of an error: one that was written for people.
func (s *Service) failureOf(err error) string {
	if err == nil {
		return ""
	}
	if known, ok := errors.AsType[*core.Error](err); ok {
		return known.Message
	}
	s.Logger.Error("a message to a channel failed for a reason of our own", "error", err)
	return "The message could not be sent; the log says why."
}

// postAlerts sends one message. Errors are for people and name neither the address nor a secret.
func (s *Service) postAlerts(ctx context.Context, c core.AlertChannel, letter alertLetter) error {
	if c.Type == core.ChannelMail {
		return s.Outbound.Mail(ctx, core.MailServer{}, core.Mail{To: c.Recipients, Subject: letter.subject, Text: letter.text(mailText)})
	}
	secrets, err := s.openChannel(ctx, c)
	if err != nil {
		return err
	}
	req, err := alertRequest(c, secrets, letter)
	if err != nil {
		return err
	}
	reply, err := s.Outbound.Post(ctx, req)
	if err == nil {
		err = alertVerdict(c.Type, reply)
	}
	if known, ok := errors.AsType[*core.Error](err); ok {
		clean := core.Wrap(errors.Unwrap(known), known.Code, "%s", secrets.hide(known.Message))
		return clean
	}
	return err
}

// hide takes the address and the secret out of a text that came from outside.
func (c channelSecrets) hide(text string) string {
	for _, secret := range []string{c.URL, c.Secret, c.key()} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

// key is the end of a robot's address, which is a secret by itself.
func (c channelSecrets) key() string {
	key := c.URL[strings.LastIndexAny(c.URL, "/=")+1:]
	if len(key) < 2*shownOfAddress {
		return ""
	}
	return key
}

// channelKeeper keeps the opened secrets of the platform's own channels for a few minutes, so
// that they can still be told that keys cannot be read.
type channelKeeper struct {
	mu   sync.Mutex
	kept map[core.ID]keptChannel
}

type keptChannel struct {
	sealed  []byte
	secrets channelSecrets
	at      time.Time
}

func (k *channelKeeper) keep(c core.AlertChannel, secrets channelSecrets, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[core.ID]keptChannel{}
	}
	for id, old := range k.kept {
		if now.Sub(old.at) >= channelKept {
			delete(k.kept, id)
		}
	}
	k.kept[c.ID] = keptChannel{sealed: c.Sealed, secrets: secrets, at: now}
}

func (k *channelKeeper) get(c core.AlertChannel, now time.Time) (channelSecrets, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept, ok := k.kept[c.ID]
	return kept.secrets, ok && bytes.Equal(kept.sealed, c.Sealed) && now.Sub(kept.at) < channelKept
}

// openChannel gives a channel's address and secret.
func (s *Service) openChannel(ctx context.Context, c core.AlertChannel) (secrets channelSecrets, err error) {
	plain, err := s.Sealer.Open(ctx, c.TenantID, core.AlertChannelPurpose(c.ID), c.Sealed)
	if core.CodeOf(err) == core.CodeKeysUnavailable {
		if kept, ok := s.channels.get(c, s.Clock()); ok {
			return kept, nil
		}
	}
	if err != nil {
		return secrets, err
	}
	if err := json.Unmarshal(plain, &secrets); err != nil {
		return secrets, err
	}
	if c.TenantID.IsZero() {
		s.channels.keep(c, secrets, s.Clock())
	}
	return secrets, nil
}

// warmChannels opens the platform's own channels while keys can be read.
func (s *Service) warmChannels(ctx context.Context) error {
	var own []core.AlertChannel
	err := s.inAlerts(ctx, core.ID{}, nil, func(tx core.AlertTx) (err error) {
		own, err = tx.AlertChannels(ctx)
		return err
	})
	for _, c := range own {
		if len(c.Sealed) > 0 && !c.Disabled {
			if _, openErr := s.openChannel(ctx, c); openErr != nil {
				err = errors.Join(err, openErr)
			}
		}
	}
	return err
}
