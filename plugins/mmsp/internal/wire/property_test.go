package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// phpEncode writes a text as PHP's json_encode does, in the tests' own words: with Chinese
// literal, or as \uXXXX with pairs of surrogates.
func phpEncode(text string, literal bool) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range text {
		switch {
		case strings.ContainsRune(`"\/`, r):
			out.WriteString(`\` + string(r))
		case strings.ContainsRune("\b\f\n\r\t", r):
			out.WriteString(map[rune]string{'\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}[r])
		case r < 0x20 || r == 0x2028 || r == 0x2029 || !literal && r > 0x7f:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&out, `\u%04x`, unit)
			}
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func phpObject(body map[string]string, literal bool) string {
	parts := make([]string, 0, len(body))
	for _, name := range slices.Sorted(maps.Keys(body)) {
		parts = append(parts, phpEncode(name, literal)+":"+body[name])
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// texts are what people write: Chinese, slashes, markup, quotes, emoji, nothing.
func texts() *rapid.Generator[string] {
	runes := []rune("中文掌柜/\\<>&\"'😀🀄\u2028\u2029\u00a0 \t\n\r\x01\x7faZ09=+?_-{}[]:,")
	return rapid.OneOf(rapid.StringOf(rapid.SampledFrom(runes)), rapid.String(), rapid.Just(""))
}

func names() *rapid.Generator[string] { return rapid.StringMatching(`[A-Z][A-Z_]{0,9}`) }

// TestAnyRequestIsSignedAsPHPWould: the provider, which is written in PHP, finds the same
// signature over whatever is sent, and reads the values that were meant.
func TestAnyRequestIsSignedAsPHPWould(t *testing.T) {
	t.Parallel()
	call := keyed(t, map[string]string{"md5_key": testKey})
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOf(names(), texts()).Draw(t, "fields")
		fields["AMT"] = fmt.Sprint(rapid.Int64Range(0, 1<<62).Draw(t, "amount"))
		sent, err := Sign(call, account(), ScanRefund, fields)
		if err != nil {
			t.Fatal(err)
		}
		var message struct {
			Body map[string]string
			Sign string
		}
		if err := json.Unmarshal(sent, &message); err != nil {
			t.Fatal(err)
		}
		encoded := map[string]string{}
		for name, value := range fields {
			if value == "" {
				if _, has := message.Body[name]; has {
					t.Fatalf("%s is empty and was sent", name)
				}
				continue
			}
			if message.Body[name] != value {
				t.Fatalf("%s: sent %q, meant %q", name, message.Body[name], value)
			}
			encoded[name] = phpEncode(value, true)
		}
		if want := sum(phpObject(encoded, true)); message.Sign != want {
			t.Fatalf("signed %s, the provider finds %s", message.Sign, want)
		}
	})
}

// TestAnyReplyVerifies: whatever the provider sends and signs is read as it was meant,
// whether its Chinese comes literal or escaped, in whatever order and spacing.
func TestAnyReplyVerifies(t *testing.T) {
	t.Parallel()
	call := keyed(t, map[string]string{"md5_key": testKey})
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.MapOf(names(), texts()).Draw(t, "values")
		amount := rapid.Int64Range(0, 1<<62).Draw(t, "amount")
		literal := rapid.Bool().Draw(t, "literal")
		signed, sent := map[string]string{}, []string{}
		for name, value := range values {
			signed[name] = phpEncode(value, true)
			sent = append(sent, phpEncode(name, literal)+" : "+phpEncode(value, literal))
		}
		bare := rapid.Bool().Draw(t, "bare amount")
		if _, taken := values["AMT"]; !taken {
			text := fmt.Sprint(amount)
			if !bare {
				text = `"` + text + `"`
			}
			signed["AMT"] = text
			sent = append(sent, `"AMT":`+text)
		}
		raw := fmt.Sprintf(`{"CommandID":%d,"RetCode":1,"Body":{%s},"Sign":%q}`, ScanQuery.id+replyOffset, strings.Join(sent, " ,\n"), sum(phpObject(signed, true)))
		reply, err := readReply(call, account(), ScanQuery, []byte(raw))
		if err != nil {
			t.Fatalf("%v: %s", err, raw)
		}
		for name, value := range values {
			if got := reply.Body.Text(name); got != value {
				t.Fatalf("%s: read %q, meant %q", name, got, value)
			}
		}
		if _, taken := values["AMT"]; !taken {
			if m, ok := reply.Amount(); !ok || m != sdk.Fen(amount) {
				t.Fatalf("amount %v, %v; meant %d", m, ok, amount)
			}
		}
	})
}
