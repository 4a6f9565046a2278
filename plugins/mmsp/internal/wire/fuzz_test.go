package wire

import (
	"bytes"
	"testing"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

func seeds() []string {
	body := `{"AMT":"100","ERRMSG":"\u4e2d\/","MERORDERID":"1","STATUS":1}`
	return []string{
		`{"CommandID":35078,"RetCode":1,"ErrorMsg":"","Body":` + body + `,"Sign":"` + sum(`{"AMT":"100","ERRMSG":"中\/","MERORDERID":"1","STATUS":1}`) + `"}`,
		`{"CommandID":"32768","RetCode":"0","ErrMsg":"[-2002] 没有该订单","Body":"","Sign":""}`,
		`{"CommandID":32768,"RetCode":39999,"ErrorMsg":"支付失败","Body":null,"Sign":null}`,
		`{"CommandID":35078,"RetCode":1,"Body":{"BIZ_CONTENT":[{"STATUS":"1"},{}],"TOTAL_PAGE":"2"},"Sign":"0"}`,
		`{"CommandID":2324,"RetCode":1,"Body":{},"Sign":""}`, `[]`, ``, `null`, "\x00\xff", `{"Body":{"A":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}}`,
	}
}

// FuzzReadReply: no reply panics, none is read without its signature, and a refusal is never
// a final answer about money.
func FuzzReadReply(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		call := keyed(t, map[string]string{"md5_key": testKey})
		reply, err := readReply(call, account(), ScanQuery, raw)
		if err != nil {
			if reply.Body != nil {
				t.Errorf("half a reply beside an error: %+v", reply)
			}
			return
		}
		for _, effect := range []Effect{Asks, Changes, MovesMoney} {
			outcome, taken := reply.Taken(effect)
			if taken != (reply.Body != nil) || outcome == sdk.OutcomeSucceeded || outcome == sdk.OutcomeFailed {
				t.Errorf("%q, %v for %+v", outcome, taken, reply)
			}
		}
		if reply.Body != nil {
			again, err := readBody(reply.Body.signedText())
			if err != nil || !bytes.Equal(again.signedText(), reply.Body.signedText()) {
				t.Errorf("the signed form is not its own: %s", reply.Body.signedText())
			}
		}
		got := reply.Payment(sdk.OutcomeSucceeded, Echo{OrderNo: "1", Amount: sdk.Fen(100)})
		if got.Outcome == sdk.OutcomeSucceeded && reply.Body != nil && (got.OrderNo != "1" || got.Amount != sdk.Fen(100)) {
			t.Errorf("succeeded without order and amount: %+v", got)
		}
		_, _, _ = reply.Text(), reply.KeyRefused(), reply.NoSuchOrder()
	})
}

// FuzzNotification: nobody without the key is believed.
func FuzzNotification(f *testing.F) {
	for _, seed := range seeds() {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		call := keyed(t, map[string]string{"md5_key": "a key that the fuzzer does not know"})
		if r, err := Notification(call, account(), ScanNotifications, raw); err == nil {
			t.Errorf("verified: %+v", r)
		}
	})
}

// FuzzRows: no list panics, and every row of it is an object.
func FuzzRows(f *testing.F) {
	for _, seed := range append(seeds(), `{"BIZ_CONTENT":{"A":"1"}}`, `{"BIZ_CONTENT":[{"A":"1"}]}`, `{"BIZ_CONTENT":[1]}`, `{"BIZ_CONTENT":""}`) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		body, err := readBody(raw)
		if err != nil {
			return
		}
		rows, err := body.Rows("BIZ_CONTENT")
		for _, row := range rows {
			if err == nil && row == nil {
				t.Errorf("a row of nothing in %q", raw)
			}
		}
		for name := range body {
			_, _ = body.JSON(name)
		}
	})
}
