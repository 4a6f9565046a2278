package core

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// webhookSecretPrefix begins a secret as the Standard Webhooks specification writes it.
const webhookSecretPrefix = "whsec_"

// webhookSecretBytes is within the specification's 24 to 64.
const webhookSecretBytes = 32

// NewWebhookSecret makes a secret: whsec_ and base64.
func NewWebhookSecret() Secret {
	var key [webhookSecretBytes]byte
	_, _ = rand.Read(key[:]) // does not fail on the platforms we run on
	return SecretString(webhookSecretPrefix + base64.StdEncoding.EncodeToString(key[:]))
}

// WebhookHeaders signs a message with every secret (Standard Webhooks 1.0.0, "Webhook
// headers"): receivers take it when one signature fits, so secrets can be rotated. Errors:
// CodeInvalidCredential for what is no such secret.
func WebhookHeaders(secrets []Secret, id string, at time.Time, body []byte) (map[string]string, error) {
	timestamp := strconv.FormatInt(at.Unix(), 10)
	signatures := make([]string, 0, len(secrets))
	for _, s := range secrets {
		key, err := webhookKey(s)
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, key)
		_, _ = mac.Write([]byte(id + "." + timestamp + "."))
		_, _ = mac.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return map[string]string{
		"Content-Type": "application/json", "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": strings.Join(signatures, " "),
	}, nil
}

func webhookKey(s Secret) ([]byte, error) {
	text, ok := strings.CutPrefix(string(s.Reveal()), webhookSecretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, Errorf(CodeInvalidCredential, "A webhook secret is whsec_ and 24 to 64 bytes in base64.")
	}
	return key, nil
}
