package core

import "log/slog"

const redacted = "[redacted]"

// Secret holds a value that must not reach a log, a table, an error or a reply. It
// prints as [redacted] with every verb, in JSON and in slog. Reveal is the one way out.
type Secret struct{ value []byte }

// NewSecret takes a copy of value.
func NewSecret(value []byte) Secret { return Secret{value: append([]byte(nil), value...)} }

// SecretString is NewSecret for text.
func SecretString(value string) Secret { return Secret{value: []byte(value)} }

// Reveal gives the value itself. Callers keep it for one operation and do not store it.
func (s Secret) Reveal() []byte { return s.value }

// Empty says whether there is no value.
func (s Secret) Empty() bool { return len(s.value) == 0 }

// Wipe overwrites the value in memory.
func (s Secret) Wipe() { clear(s.value) }

func (s Secret) String() string { return redacted }

// GoString keeps %#v from printing the bytes.
func (s Secret) GoString() string { return redacted }

// MarshalJSON keeps encoding/json from printing the bytes.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText keeps text encoders from printing the bytes.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue keeps slog from printing the bytes.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
