package sdk

import "strings"

// valid makes text that protobuf accepts of whatever a provider sent: a reply in GBK must
// not lose the whole result.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func validMap(in map[string]string) map[string]string {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string]string, len(in))
	for k, v := range in {
		out[valid(k)] = valid(v)
	}
	return out
}
