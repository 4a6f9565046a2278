package metro_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/metro"
)

// TestOpenSettingsOfTheSignature runs all forms of signatures, inwards and outwards.
func TestOpenSettingsOfTheSignature(t *testing.T) {
	t.Parallel()
	forms := map[metro.SignForm]func(mch, nonce, at string) string{
		"":                  named,
		metro.SignNameValue: named,
		metro.SignValues:    func(mch, nonce, at string) string { return mch + "&" + nonce + "&" + at },
	}
	encodings := map[metro.SignEncoding]func([]byte) string{
		"":                   base64.StdEncoding.EncodeToString,
		metro.EncodingBase64: base64.StdEncoding.EncodeToString,
		metro.EncodingHex:    hex.EncodeToString,
	}
	for form, text := range forms {
		for encoding, written := range encodings {
			t.Run(string(form)+" "+string(encoding), func(t *testing.T) {
				t.Parallel()
				var got http.Header
				merchant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					got = r.Header
					_, _ = io.WriteString(w, "{}")
				}))
				t.Cleanup(merchant.Close)
				w, _ := openShop(t, func(o *metro.Options) {
					o.SignForm, o.SignEncoding = form, encoding
					o.Merchants[0].PhoneURL = merchant.URL
				})
				body := encode(t, payBody("S"))
				for otherForm, otherText := range forms {
					for otherEncoding, otherWritten := range encodings {
						head := w.signed()
						head["Authorization"] = otherWritten(signText(merchantKey(), otherText(mchID, head["nonce_str"], head["timestamp"])))
						a, err := w.sendRaw("orderquery", head, encode(t, byNumber("none")))
						right := (form == metro.SignValues) == (otherForm == metro.SignValues) &&
							(encoding == metro.EncodingHex) == (otherEncoding == metro.EncodingHex)
						if err != nil || (a.Code == "400102") != right {
							t.Errorf("%q %q answered %q %v", otherForm, otherEncoding, a, err)
						}
					}
				}
				head := w.signed()
				head["Authorization"] = written(signText(merchantKey(), text(mchID, head["nonce_str"], head["timestamp"])))
				if a, err := w.sendRaw("applypay", head, body); err != nil || a.String() != "0 PS_SUCCESS" {
					t.Errorf("answered %q %v", a, err)
				}
				if _, err := w.sim.NotifyOnce(t.Context(), metro.Message{MchID: mchID, Call: metro.CallPhone, UID: uid, Phone: phone}); err != nil {
					t.Fatal(err)
				}
				signed := text(got.Get("mch_id"), got.Get("nonce_str"), got.Get("timestamp"))
				if want := written(signText(providerKey(), signed)); got.Get("Authorization") != want {
					t.Errorf("the provider signed %q", got)
				}
			})
		}
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		envelope         metro.Envelope
		code             string // of success
		success, refused string
	}{
		"default":       {metro.Envelope{}, "0", `{"code":0,"data":{"uid":"` + uid + `"},"msg":""}`, `{"code":400103,"msg":"消费码无效或已过期"}`},
		"other names":   {metro.Envelope{Code: "status", Message: "message", Data: "result"}, "0", `{"message":"","result":{"uid":"` + uid + `"},"status":0}`, `{"message":"消费码无效或已过期","status":400103}`},
		"another value": {metro.Envelope{Success: json.RawMessage("200")}, "200", `{"code":200,"data":{"uid":"` + uid + `"},"msg":""}`, `{"code":400103,"msg":"消费码无效或已过期"}`},
		"text":          {metro.Envelope{Success: json.RawMessage(`"SUCCESS"`)}, "SUCCESS", `{"code":"SUCCESS","data":{"uid":"` + uid + `"},"msg":""}`, `{"code":"400103","msg":"消费码无效或已过期"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *metro.Options) { o.Envelope = c.envelope })
			for _, want := range []string{c.success, c.refused} {
				header := http.Header{}
				for name, value := range w.signed() {
					header[name] = []string{value}
				}
				_, text, err := w.raw(http.MethodPost, path("queryuid"), encode(t, fields{"qrcode": wechatCode}), header)
				if err != nil || string(text) != want {
					t.Errorf("answered %s %v, want %s", text, err, want)
				}
				w.fault(metro.Fault{Operation: "queryuid", Kind: metro.FaultNotExist})
			}
			if _, err := w.sim.AddFault(metro.Fault{Kind: metro.FaultRefuse, Code: c.code}); err == nil {
				t.Error("a refusal may carry the code of success")
			}
			w.fault(metro.Fault{Operation: "bill", Kind: metro.FaultRefuse, Code: "BUSY"})
			if code := w.textCode("bill", fields{"date": "20261123"}, c.envelope.Code); code != "BUSY" {
				t.Errorf("a code that is no number: %v", code)
			}
		})
	}
}

// textCode sends and returns the code of a reply in any envelope.
func (w *world) textCode(op string, body fields, name string) any {
	w.t.Helper()
	header := http.Header{}
	for name, value := range w.signed() {
		header[name] = []string{value}
	}
	_, text, err := w.raw(http.MethodPost, path(op), encode(w.t, body), header)
	if err != nil {
		w.t.Fatal(err)
	}
	var reply map[string]any
	if err := json.Unmarshal(text, &reply); err != nil {
		w.t.Fatal(err)
	}
	if name == "" {
		name = "code"
	}
	return reply[name]
}

func TestEmptyFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *metro.Options) { o.SendEmptyFields = true })
	w.fault(metro.Fault{Operation: "applypay", Kind: metro.FaultPending, Times: 1, Queries: 0})
	w.fault(metro.Fault{Operation: "refund", Kind: metro.FaultPending, Times: 1})
	w.fault(metro.Fault{Operation: "reverse", Kind: metro.FaultPending, Times: 1})
	empty := func(a answer, want bool, names ...string) {
		t.Helper()
		for _, name := range names {
			if value, ok := a.Data[name].(string); !ok || (value == "") != want {
				t.Errorf("%s = %v", name, a.Data[name])
			}
		}
	}
	payment := []string{"pay_date", "pay_time", "pay_type", "pay_type_trade_no"}
	a := w.want("applypay", payBody("E1"), "0 PS_PAYING")
	empty(a, true, payment...)
	if _, there := a.Data["pay_err_desc"]; there {
		t.Error("pay_err_desc is there without PS_FAILED")
	}
	empty(w.want("orderquery", byNumber("E1"), "0 PS_SUCCESS"), false, payment...)
	empty(w.want("reverse", byNumber("E1"), "0 Y"), true, "reverse_date", "reverse_time")
	empty(w.want("reverse", byNumber("E1"), "0 N"), false, "reverse_date", "reverse_time")
	w.want("applypay", payBody("E2"), "0 PS_SUCCESS")
	empty(w.want("refund", refundBody("E2", "R1", 1), "0 RS_PROCESSING"), true, "refund_date", "refund_time")
	empty(w.want("refund", refundBody("E2", "R2", 1), "0 RS_SUCCESS"), false, "refund_date", "refund_time")
}

func TestIdempotentRefunds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *metro.Options) { o.IdempotentRefunds = true })
	w.want("applypay", payBody("I1"), "0 PS_SUCCESS")
	w.want("applypay", payBody("I2"), "0 PS_SUCCESS")
	w.fault(metro.Fault{Operation: "refund", Kind: metro.FaultPending, Times: 1})
	w.want("refund", refundBody("I1", "R1", 100), "0 RS_PROCESSING")
	w.want("refund", refundBody("I1", "R1", 100), "0 RS_PROCESSING")
	w.want("orderquery", byNumber("I1"), "0 PS_SUCCESS")
	w.want("refund", refundBody("I1", "R1", 100), "0 RS_SUCCESS")
	w.want("refund", refundBody("I1", "R1", 101), "400105") // another amount
	w.want("refund", refundBody("I2", "R1", 100), "400105") // another order
	w.books("I1", 1, 900)
	w.books("I2", 1, 1000)
	w.clean()
}

func TestOtherWindowAndSchedule(t *testing.T) {
	t.Parallel()
	w, s := openShop(t, func(o *metro.Options) {
		o.TimestampWindow = metro.Delay(time.Minute)
		o.Resends = []metro.Delay{metro.Delay(time.Second), metro.Delay(2 * time.Second)}
	})
	at := w.timestamp()
	w.clock.Sleep(61 * time.Second)
	w.refusedAs("orderquery", signedAs(merchantKey(), mchID, w.nonce(), at), encode(t, byNumber("x")), "400004", "timestamp", "timestamp-window")
	s.script("500", "500", "500")
	id, err := w.sim.OpenMember(mchID, uid, phone)
	if err != nil {
		t.Fatal(err)
	}
	w.settled(id, 2)
	if slept := w.clock.Slept(); len(slept) != 3 || slept[1] != time.Second || slept[2] != 2*time.Second {
		t.Errorf("waited %v", slept)
	}
}
