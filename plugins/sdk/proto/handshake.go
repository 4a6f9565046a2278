// Package providerpb is the wire form of the contract between host and plugins:
// provider.proto, what is generated from it, and the values both sides must agree on.
package providerpb

// What both sides must agree on before they speak.
const (
	// ProtocolVersion is negotiated when a plugin starts; a plugin of another version is
	// refused with a sentence instead of being misunderstood.
	ProtocolVersion = 1
	// CookieKey and CookieValue keep a plugin from being started by hand. They are no secret.
	CookieKey   = "ZHANGGUI_PLUGIN"
	CookieValue = "provider-v1"
	// PluginName is the one plugin a process serves.
	PluginName = "provider"

	// MaxMessage bounds every message in both directions, in bytes.
	MaxMessage = 4 << 20
	// Chunk is how much of an HTTP body travels in one message, in bytes.
	Chunk = 64 << 10
)
