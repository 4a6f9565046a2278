package shouqianba

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// Callback sends the payment's result to the order's notify_url: a JSON POST, SHA256withRSA over the raw body,
// Base64 in Authorization, sent again until the answer is the plain text "success".
type Callback struct {
	Key      *rsa.PrivateKey // the provider's key
	Attempts int             // default 5
	Wait     func(attempt int) time.Duration
	Client   *http.Client // default: 10 s per attempt
}

// notify starts the notification of a paid order; the caller holds its lock.
func (s *Simulator) notify(o *order) {
	callback := s.opts.Callback
	if callback == nil || callback.Key == nil || o.NotifyURL == "" || s.ctx.Err() != nil {
		return
	}
	view := full(o)
	view.CTime = millis(o.Created)
	body, err := json.Marshal(view)
	if err != nil {
		return
	}
	target := o.NotifyURL
	s.callbacks.Add(1)
	go func() {
		defer s.callbacks.Done()
		callback.run(s.ctx, target, body)
	}()
}

func (c *Callback) run(ctx context.Context, target string, body []byte) {
	attempts := c.Attempts
	if attempts == 0 {
		attempts = 5
	}
	for attempt := 1; attempt <= attempts; attempt++ {
		if c.send(ctx, target, body) {
			return
		}
		wait := time.Duration(attempt) * time.Second
		if c.Wait != nil {
			wait = c.Wait(attempt)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

func (c *Callback) send(ctx context.Context, target string, body []byte) bool {
	digest := sha256.Sum256(body)
	sign, err := rsa.SignPKCS1v15(rand.Reader, c.Key, crypto.SHA256, digest[:])
	if err != nil {
		return false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", base64.StdEncoding.EncodeToString(sign))
	client := c.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1024))
	return err == nil && resp.StatusCode == http.StatusOK && strings.TrimSpace(string(text)) == "success"
}
