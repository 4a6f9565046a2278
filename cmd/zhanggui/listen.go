package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/zhanggui-pay/zhanggui/core"
)

const (
	listenEvery = time.Second
	listenPage  = 100
	// A transaction that began earlier may commit later: so far back events are looked at again.
	listenOverlap = time.Minute
	// listenRemembered bounds what is remembered of events sent.
	listenRemembered = 10 * time.Minute
)

// listener polls the events of a merchant and forwards the new ones, signed.
type listener struct {
	api     *url.URL
	key     core.Secret
	forward string
	secret  core.Secret
	types   []string
	client  *http.Client
	out     io.Writer
	now     func() time.Time

	since time.Time
	done  map[string]time.Time // ids of events forwarded, and when they happened
}

func listenCommand() *cobra.Command {
	var (
		server, key string
		l           = &listener{now: time.Now, done: map[string]time.Time{}, secret: core.NewWebhookSecret()}
	)
	cmd := &cobra.Command{
		Use: "listen", Short: "Forward a merchant's events to a program on this machine, for development", Args: cobra.NoArgs,
		Long: "listen asks the API for new events and posts each to --forward-to as a webhook does, signed with the secret that it prints.\n" +
			"It needs no address that the server can reach. It goes on when the server restarts.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if key == "" {
				key = os.Getenv("ZHANGGUI_API_KEY")
			}
			if key == "" {
				return core.Errorf(core.CodeInvalidRequest, "Give an API key with --api-key or ZHANGGUI_API_KEY.")
			}
			var err error
			if l.api, err = httpURL(server, "--url"); err != nil {
				return err
			}
			if _, err = httpURL(l.forward, "--forward-to"); err != nil {
				return err
			}
			l.key, l.out, l.since = core.SecretString(key), cmd.OutOrStdout(), l.now()
			l.client = &http.Client{Timeout: 15 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			return l.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&l.forward, "forward-to", "", "where events are posted, for instance http://localhost:3000/webhooks")
	cmd.Flags().StringVar(&server, "url", "http://localhost:8080", "the server's address")
	cmd.Flags().StringVar(&key, "api-key", "", "an API key of the merchant; ZHANGGUI_API_KEY keeps it out of the list of processes")
	cmd.Flags().StringSliceVar(&l.types, "types", nil, "only these types of events, for instance payment.succeeded,refund.succeeded")
	_ = cmd.MarkFlagRequired("forward-to")
	return cmd
}

func httpURL(raw, flag string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, core.Errorf(core.CodeInvalidRequest, "%s must be an address such as http://localhost:3000/webhooks.", flag)
	}
	return u, nil
}

// run polls until ctx ends. A server that does not answer is asked again.
func (l *listener) run(ctx context.Context) error {
	_, _ = fmt.Fprintf(l.out, "Events of %s go to %s.\nWebhook secret of this session: %s\n", l.api, l.forward, l.secret.Reveal())
	tick := time.NewTicker(listenEvery)
	defer tick.Stop()
	away := false
	for {
		err := l.poll(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case core.CodeOf(err) == core.CodeUnauthenticated || core.CodeOf(err) == core.CodeForbidden:
			return err
		case err != nil && !away:
			_, _ = fmt.Fprintf(l.out, "The server does not answer; it is asked again: %v\n", err)
		case err == nil && away:
			_, _ = fmt.Fprintln(l.out, "The server answers again.")
		}
		away = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// heard is an event as the API shows it.
type heard struct {
	ID        string          `json:"id"`
	Type      string          `json:"type"`
	ObjectID  string          `json:"object_id"`
	Sequence  int64           `json:"sequence"`
	Data      json.RawMessage `json:"data"`
	CreatedAt time.Time       `json:"created_at"`
}

// poll forwards what is new, in the order of the events. Nothing is noted as forwarded
// before all pages have been read, so a failure in between loses none.
func (l *listener) poll(ctx context.Context) error {
	var fresh []heard
	oldest := l.since.Add(-listenOverlap)
	for cursor := ""; ; {
		page, next, err := l.page(ctx, cursor)
		if err != nil {
			return err
		}
		for _, e := range page {
			if _, known := l.done[e.ID]; !known && !e.CreatedAt.Before(oldest) {
				fresh = append(fresh, e)
			}
		}
		if next == "" || len(page) == 0 || page[len(page)-1].CreatedAt.Before(oldest) {
			break
		}
		cursor = next
	}
	slices.SortFunc(fresh, func(a, b heard) int { return int(a.Sequence - b.Sequence) })
	for _, e := range fresh {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.pass(ctx, e)
		l.done[e.ID] = e.CreatedAt
		if e.CreatedAt.After(l.since) {
			l.since = e.CreatedAt
		}
	}
	for id, at := range l.done {
		if l.since.Sub(at) > listenRemembered {
			delete(l.done, id)
		}
	}
	return nil
}

func (l *listener) page(ctx context.Context, cursor string) ([]heard, string, error) {
	u := l.api.JoinPath("v1", "events")
	query := url.Values{"limit": {fmt.Sprint(listenPage)}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	for _, t := range l.types {
		query.Add("type", t)
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", fmt.Errorf("zhanggui: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+string(l.key.Reveal()))
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Items      []heard `json:"items"`
		NextCursor string  `json:"next_cursor"`
		Code       string  `json:"code"`
		Detail     string  `json:"detail"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
		return nil, "", fmt.Errorf("the server answered %s", resp.Status)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", core.Errorf(core.Code(body.Code), "%s", body.Detail)
	}
	return body.Items, body.NextCursor, nil
}

// pass posts one event. What the program answers is shown; it is not tried again.
func (l *listener) pass(ctx context.Context, e heard) {
	body, err := json.Marshal(map[string]any{
		"id": e.ID, "type": e.Type, "timestamp": e.CreatedAt, "object_id": e.ObjectID, "sequence": e.Sequence, "data": e.Data,
	})
	if err == nil {
		var status string
		if status, err = l.post(ctx, e.ID, body); err == nil {
			_, _ = fmt.Fprintf(l.out, "%s  %s  %s  → %s\n", e.CreatedAt.In(core.Beijing()).Format("15:04:05"), e.ID, e.Type, status)
			return
		}
	}
	if errors.Is(err, context.Canceled) {
		return
	}
	_, _ = fmt.Fprintf(l.out, "%s  %s  %s  → %s\n", e.CreatedAt.In(core.Beijing()).Format("15:04:05"), e.ID, e.Type, strings.TrimSpace(err.Error()))
}

func (l *listener) post(ctx context.Context, id string, body []byte) (string, error) {
	headers, err := core.WebhookHeaders([]core.Secret{l.secret}, id, l.now(), body)
	if err != nil {
		return "", err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.forward, bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("zhanggui: %w", err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	return resp.Status, nil
}
