package main

import (
	"crypto"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// text is what people and programs put into free fields: Chinese, slashes, markup, quotes,
// the separators of the signed text, emoji, controls, and bytes that are no UTF-8.
func text() *rapid.Generator[string] {
	pieces := []string{
		"", "咖啡", "中文，。", "/", `\`, "<b>&amp;</b>", `"'`, "a=b&sign=x", "☕", "👨‍👩‍👧", "\u2028", "\t\n", "\x00", "\xff", "%20+", "null", "{\"a\":1}", " ",
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6).Draw(t, "pieces"), "") + rapid.String().Draw(t, "any")
	})
}

// TestAnyTextIsSigned: any request verifies as the platform verifies it, after it was read
// from the wire, and carries what was given.
func TestAnyTextIsSigned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		req := qrRequest()
		req.Subject, req.Description, req.Operator = text().Draw(r, "subject"), text().Draw(r, "description"), text().Draw(r, "operator")
		req.Channel, req.PayerID = channelWeChat, "u"+text().Draw(r, "payer")
		req.Extra = map[string]string{extraRemark: text().Draw(r, "remark")}
		req.Amount = sdk.Fen(rapid.Int64Range(1, 1<<63-1).Draw(r, "amount"))
		back := refundRequest()
		back.Reason, back.Amount = text().Draw(r, "reason"), req.Amount
		settings := rapid.SampledFrom([]string{`{}`, `{"empty_fields":"send"}`}).Draw(r, "settings")
		for _, e := range []exchange{create(req), refund(back)} {
			h := answering(t, 200, "")
			if _, err := e.on(t, h, settings); err != nil {
				r.Fatal(err)
			}
			sent := sentFields(t, h.last(t))
			if sent["sign"] != signature(t, h.private, crypto.SHA256, textOf(sent)) {
				r.Fatalf("does not verify: %s", h.last(t).body)
			}
			given := map[string]string{"remark": req.Extra[extraRemark], "userCode": req.PayerID, "subject": req.Subject, "goodsInfo": req.Description}
			if e.capability == sdk.CapCreateRefund {
				given = map[string]string{"refundCause": back.Reason}
			}
			for name, value := range given {
				arrives(r, sent, name, strings.ToValidUTF8(value, ""))
			}
			amount := sent["tradeAmt"]
			if e.capability == sdk.CapCreateRefund {
				amount = sent["refundAmt"]
			}
			if jsonOf(amount) != jsonOf(req.Amount.Minor) {
				r.Fatalf("amount %v, want %d", amount, req.Amount.Minor)
			}
		}
	})
}

// arrives: a text arrives as it was given; an empty required one has a stand-in.
func arrives(r *rapid.T, sent fields, name, want string) {
	got, _ := sent[name].(string)
	if want != "" && got != want {
		r.Fatalf("%s is %q, want %q", name, got, want)
	}
	if want == "" && (name == "subject" || name == "goodsInfo") && got == "" {
		r.Fatalf("%s is empty", name)
	}
}

// TestAnyReplyIsVerified: whatever stands in a genuine message, it verifies; with one byte
// of its text changed, it does not.
func TestAnyReplyIsVerified(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		valid := text().Filter(utf8.ValidString)
		amount := rapid.Int64Range(1, 1<<63-1).Draw(r, "amount")
		req := barcodeRequest()
		req.Amount = sdk.Fen(amount)
		result := merged(codeOrderResult("SUCCESS"), fields{
			"tradeAmt": amount, "bankRequestNo": valid.Draw(r, "number"), "x-" + valid.Draw(r, "name"): valid.Draw(r, "value"),
			"nested": []any{valid.Draw(r, "item"), nil, true, amount, fields{"b": valid.Draw(r, "b"), "a": nil}},
		})
		message := fields{"success": true, "errorCode": nil, "errorMsg": valid.Draw(r, "message"), "result": result}
		if rapid.Bool().Draw(r, "as a string") {
			message["result"] = jsonOf(result)
		}
		h := answering(t, 200, signed(t, message))
		got, err := create(req).on(t, h, "{}")
		if err != nil || got.outcome != succeeded || got.payment.Amount != req.Amount {
			r.Fatalf("%+v, %v", got.payment, err)
		}
		forged := jsonOf(merged(message, fields{"sign": signatureOf(t, message), "errorMsg": message["errorMsg"].(string) + "!"})) //nolint:errcheck,forcetypeassert // it is a string above
		if got, err = create(req).on(t, answering(t, 200, forged), "{}"); err != nil || got.outcome != unknown {
			r.Fatalf("forged: %s, %v", got.outcome, err)
		}
		notice := merged(paymentNotice("SUCCESS"), fields{"goodsInfo": valid.Draw(r, "goods"), "tradeAmt": amount, "resultMsg": valid.Draw(r, "said")})
		in := notify(t, "{}", kindPayment, signed(t, notice))
		if !in.Verified || len(in.Events) != 1 || in.Events[0].Payment.Amount != req.Amount {
			r.Fatalf("callback: %+v", in)
		}
	})
}
