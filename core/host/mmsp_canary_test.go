//go:build e2e

package host_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core/internal/devstack"
	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// canaryForms are the spellings in which a secret may hide in text.
func canaryForms(secret string) map[string]string {
	forms := map[string]string{
		"plain": secret, "hex": hex.EncodeToString([]byte(secret)), "in a URL": url.QueryEscape(secret),
		"escaped": strings.Trim(strconv.QuoteToASCII(secret), `"`), "escaped twice": strings.Trim(strings.ReplaceAll(strconv.QuoteToASCII(secret), `\`, `\\`), `"`),
	}
	for shift := range 3 { // where the secret may begin within a group of Base64
		whole := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		first := []int{0, 2, 3}[shift]
		forms[fmt.Sprint("Base64 ", shift)] = whole[first : len(whole)-2]
	}
	return forms
}

// findCanary says in which form a long secret stands in a text, or "".
func findCanary(text, secret string) string {
	for form, spelled := range canaryForms(secret) {
		if strings.Contains(strings.ToLower(text), strings.ToLower(spelled)) {
			return form
		}
	}
	return ""
}

// shortCanary finds a number of few digits by itself: not within a longer number, and not a
// fraction of a second.
func shortCanary(secret string) *regexp.Regexp {
	return regexp.MustCompile(`(?:CVN2|EXPDATE|MSG_CODE|cvn2|expiry|code)[^0-9A-Za-z]{1,8}` + secret + `(?:[^0-9]|$)|["'=]` + secret + `["'&]`)
}

// mmspPayerCode is a code that a payer shows.
const mmspPayerCode = "134928475610394857"

// mmspCanaries are the secrets that are long enough to be nothing else, and the short ones.
func mmspCanaries() (long, short []string) {
	card := mmspCard()
	for _, name := range []string{"number", "holder_name", "id_number", "phone"} {
		long = append(long, text(card, name))
	}
	return append(long, mmspPayerCode), []string{text(card, "cvn2"), text(card, "expiry"), mmspCode}
}

// spills lists the secrets that a text has.
func spills(text string) (found []string) {
	long, short := mmspCanaries()
	for _, secret := range long {
		if form := findCanary(text, secret); form != "" {
			found = append(found, secret+" "+form)
		}
	}
	for _, secret := range short {
		if hit := shortCanary(secret).FindString(text); hit != "" {
			found = append(found, secret+" in "+hit)
		}
	}
	return found
}

// TestMMSPCanaryIsFound: the search that is to find nothing finds what is there.
func TestMMSPCanaryIsFound(t *testing.T) {
	t.Parallel()
	long, short := mmspCanaries()
	for _, secret := range long {
		for form, spelled := range canaryForms(secret) {
			if len(spills("some text "+spelled+" more")) == 0 {
				t.Errorf("%s %s is not found", secret, form)
			}
		}
		for shift := range 3 {
			body := strings.Repeat("{", shift) + `"CARDNO":"` + secret + `"}`
			if len(spills(base64.StdEncoding.EncodeToString([]byte(body)))) == 0 {
				t.Errorf("%s is not found in Base64 of %s", secret, body)
			}
		}
	}
	for _, secret := range short {
		for _, body := range []string{`{"CVN2":"%s"}`, `{"cvn2": "%s"}`, `{\"EXPDATE\":\"%s\"}`, `MSG_CODE=%s&`, `"%s"`, `code=%s`} {
			if len(spills(fmt.Sprintf(body, secret))) == 0 {
				t.Errorf("%s is not found in %s", secret, body)
			}
		}
	}
	if found := spills("00:00:00.937114 11410 583927193 id=9371"); len(found) != 0 {
		t.Errorf("found where there is nothing: %v", found)
	}
}

// TestMMSPCanaries: a card is paid with, bound and confirmed, by right and wrong codes and
// through faults; nothing of it is anywhere afterwards but the first 6 and last 4 digits
// (seed 003, quick pay).
func TestMMSPCanaries(t *testing.T) {
	t.Parallel()
	m := newMMSPShop(t, mmsp.Options{Quick: quickOptions(), Opened: []string{mmsp.OpQuickBindSMS, mmsp.OpQuickBind}}, nil)
	p := m.spend()
	o, _ := m.sim.Order(mmspMerchant, text(p, "order_no"))
	card := mmspCard()
	if o.Quick == nil || o.Quick.Card != card["number"] || o.Quick.CVN2 != card["cvn2"] || o.Quick.Expiry != card["expiry"] ||
		o.Quick.ID != card["id_number"] || o.Quick.Name != card["holder_name"] || o.Quick.Phone != card["phone"] {
		t.Fatalf("the platform did not get the card: %+v", o.Quick)
	}
	detail := m.get("/v1/payments/" + text(p, "id"))
	evidence, err := json.Marshal(detail["attempts"])
	m.w.must(err)
	log, err := os.ReadFile(m.w.log)
	m.w.must(err)
	lists, err := json.Marshal([]any{m.list("/v1/cards"), m.list("/v1/callbacks?limit=100"), m.list("/v1/events?limit=100"), detail})
	m.w.must(err)
	for place, is := range map[string]struct{ text, known string }{
		"the database": {m.dump(), text(p, "order_no")},
		"the log":      {string(log), text(p, "id")},
		"the evidence": {string(evidence), "CARDNO"},
		"the replies":  {string(lists), "621771****5761"},
	} {
		if !strings.Contains(is.text, is.known) {
			t.Errorf("%s does not even have %s: %d bytes", place, is.known, len(is.text))
		}
		for _, found := range spills(is.text) {
			t.Errorf("%s has %s", place, found)
		}
	}
}

// spend uses the card in every way.
func (m *mmspShop) spend() map[string]any {
	m.t.Helper()
	p := m.take("card", 899, map[string]any{"card": mmspCard(), "user_ref": "u-1"})
	m.tells("/v1/payments/"+text(p, "id")+"/confirm", map[string]any{"code": "000000"}, "provider_refused")
	m.confirm(p, mmspCode)
	m.payment(text(p, "id"), "succeeded")
	path := "/v1/cards/" + text(m.does("/v1/cards", map[string]any{"user_ref": "u-2", "card": mmspCard()}), "id")
	m.does(path+"/confirm", map[string]any{"code": mmspCode, "card": mmspCard()})
	for _, kind := range []mmsp.FaultKind{mmsp.FaultGarbage, mmsp.FaultFail, mmsp.FaultSystemError, mmsp.FaultLostAfter, mmsp.FaultRefuse} {
		m.fault(mmsp.Fault{Operation: mmsp.OpQuickPay, Kind: kind, Times: 1, Code: "-3005", Message: "卡号 " + text(mmspCard(), "number") + " 不支持"})
		m.take("card", 900, map[string]any{"card": mmspCard(), "user_ref": "u-1"})
	}
	m.take("barcode", 902, map[string]any{"payer_code": mmspPayerCode})
	wrong := mmspCard()
	wrong["phone"] = "1376204819"
	m.refused("mmsp", "card", 901, map[string]any{"card": wrong}, "invalid_request")
	wrong = mmspCard()
	wrong["id_number"] = ""
	m.post("/v1/payments", map[string]any{"method": "card", "amount": 1, "subject": "x", "card": wrong})
	return p
}

// dump is everything that is in the database, as text.
func (m *mmspShop) dump() string {
	m.t.Helper()
	binaries, err := devstack.FindPostgres()
	m.w.must(err)
	out, err := exec.CommandContext(m.t.Context(), filepath.Join(binaries, "pg_dump"), "--role=zhanggui_owner", "--enable-row-security", "--inserts", m.w.database).CombinedOutput()
	if err != nil {
		m.t.Fatalf("pg_dump: %v: %.500s", err, out)
	}
	return string(out)
}
