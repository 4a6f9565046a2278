package mmsp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/plugins/sim/mmsp"
)

// quick sends to the quick product.
func (w *world) quick(command int, body fields, want string) answer {
	w.t.Helper()
	return w.want(mmsp.PathQuick, command, body, want)
}

func confirmBody(list string) fields { return fields{"LIST_ID": list, "MSG_CODE": "123456"} }

func TestQuickFlowA(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.quick(cmdQuickPay, cardBody("A1"), "1 0")
	w.has(a, fields{
		"MERORDERID": "A1", "AMT": "1000", "PAY_DATE": "", "NOTIFY_DATE": "", "BANK_NAME": "招商银行", "CARDNO": "6225880113756648",
	})
	if _, there := a.Body["BIND_ID"]; there || a.Body["ERRCODE"] != nil {
		t.Errorf("without USER_ID the reply is %v", a.Body)
	}
	w.books("A1", 0, 0)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "A1"}, "1 0 AA")
	list := a.text("LIST_ID")
	wrong := w.quick(cmdQuickConfirm, confirmBody(list).with("MSG_CODE", "654321"), "1 2 Q1")
	if wrong.Body["LIST_ID"] != nil {
		t.Errorf("a failed confirmation shows LIST_ID: %v", wrong.Body)
	}
	w.books("A1", 0, 0)
	confirmed := w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	if confirmed.Body["STATUS"] != json.Number("1") || confirmed.text("LIST_ID") != list {
		t.Errorf("the sample's STATUS is a bare 1, here %#v", confirmed.Body)
	}
	w.books("A1", 1, 1000)
	w.has(w.quick(cmdQuickQuery, fields{"MERORDERID": "A1"}, "1 1"), fields{
		"LIST_ID": list, "MERORDERID": "A1", "AMT": "1000", "PAY_DATE": "20261123100000", "NOTIFY_DATE": "20261123100000",
		"CARDNO": "6225880113756648", "CARDTYPE": "1",
	})
	w.quick(cmdQuickConfirm, confirmBody(list), "1 2 Q3")
	w.quick(cmdQuickResend, fields{"LIST_ID": list}, "1 2 Q3")
	w.books("A1", 1, 1000)
	w.quick(cmdQuickQuery, fields{"MERORDERID": "404"}, "refused 0 -2002")
	w.quick(cmdQuickConfirm, confirmBody("404"), "refused 0 -2002")
	w.quick(cmdQuickResend, fields{"LIST_ID": "404"}, "refused 0 -2002")
	w.clean()
}

func TestQuickRepeatedNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.quick(cmdQuickPay, cardBody("R1"), "1 0")
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 1")
	w.quick(cmdQuickPay, cardBody("R1"), "refused 0 -2003")
	w.quick(cmdQuickUnionPay, unionPayBody("R1"), "refused 0 -2003")
	w.books("R1", 1, 1000)
	w.clean()
}

func TestQuickAnotherMerchantsOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.quick(cmdQuickPay, cardBody("M1"), "1 0")
	for command, body := range map[int]fields{
		cmdQuickConfirm: confirmBody(a.text("LIST_ID")), cmdQuickResend: {"LIST_ID": a.text("LIST_ID")}, cmdQuickQuery: {"MERORDERID": "M1"},
	} {
		reply, err := w.post(mmsp.PathQuick, compact(t, w.agentMessage(mmsp.PathQuick, command, body)))
		if err != nil || reply.String() != "refused 0 -2002" {
			t.Errorf("%d of another merchant answered %q %v", command, reply, err)
		}
	}
	w.quick(cmdQuickConfirm, confirmBody(a.text("LIST_ID")), "1 1")
}

func TestResendOncePerMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := w.quick(cmdQuickPay, cardBody("S1"), "1 0").text("LIST_ID")
	resend := fields{"LIST_ID": list, "RANDSTR": "r"}
	w.clock.Sleep(59 * time.Second)
	if a := w.quick(cmdQuickResend, resend, "1 2 Q2"); a.text("LIST_ID") != list {
		t.Errorf("too soon answered %v", a.Body)
	}
	w.clock.Sleep(time.Second)
	w.quick(cmdQuickResend, resend, "1 1")
	w.quick(cmdQuickResend, resend, "1 2 Q2")
	w.clock.Sleep(time.Minute)
	w.fault(mmsp.Fault{Operation: mmsp.OpQuickResend, Kind: mmsp.FaultFail, Code: "S9", Times: 1})
	w.quick(cmdQuickResend, resend, "1 2 S9")
	w.quick(cmdQuickResend, resend, "1 1") // what was not sent does not count
	if o, _ := w.sim.Order(merNo, "S1"); o.Quick.SMSCount != 3 {
		t.Errorf("%d SMS were sent, want 3", o.Quick.SMSCount)
	}
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	w.clean()
}

func TestQuickAmountBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, opened, func(o *mmsp.Options) { o.Quick.MinAmount, o.Quick.MaxAmount = 500, 2000 })
	for _, amount := range []string{"499", "2001"} {
		for command, body := range map[int]fields{
			cmdQuickPay: cardBody("X"), cmdQuickUnionPay: unionPayBody("X"), cmdQuickBoundSMS: boundSMSBody("X", "1"), cmdQuickBoundPay: boundPayBody("X", "1"),
		} {
			a := w.quick(command, body.with("AMT", amount), "refused 0 -3005")
			if !strings.Contains(a.ErrorMsg, "500") || !strings.Contains(a.ErrorMsg, "2000") {
				t.Errorf("the bounds are not named: %q", a.ErrorMsg)
			}
		}
	}
	w.quick(cmdQuickPay, cardBody("X").with("AMT", "500"), "1 0")
	w.quick(cmdQuickPay, cardBody("Y").with("AMT", "2000"), "1 0")
	w.clean()
}

func TestSMSCodeOfOptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *mmsp.Options) { o.Quick.SMSCode = "777777" })
	list := w.quick(cmdQuickPay, cardBody("X"), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(list), "1 2 Q1")
	w.quick(cmdQuickConfirm, confirmBody(list).with("MSG_CODE", "777777"), "1 1")
}

func TestRefundOutside(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	list := w.quick(cmdQuickPay, cardBody("R1"), "1 0").text("LIST_ID")
	if err := w.sim.RefundOutside(merNo, "R1"); !errors.Is(err, mmsp.ErrNotPaid) {
		t.Errorf("an unpaid order was refunded: %v", err)
	}
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	if err := w.sim.RefundOutside(merNo, "R1"); err != nil {
		t.Fatal(err)
	}
	if a := w.quick(cmdQuickQuery, fields{"MERORDERID": "R1"}, "1 3 00"); a.text("ERRMSG") != "已退款" || a.text("PAY_DATE") == "" {
		t.Errorf("a refunded order answered %v", a.Body)
	}
	w.books("R1", 1, 0)
	if err := w.sim.RefundOutside(merNo, "R1"); !errors.Is(err, mmsp.ErrNotPaid) {
		t.Errorf("an order was refunded twice: %v", err)
	}
	if err := w.sim.RefundOutside(merNo, "404"); !errors.Is(err, mmsp.ErrNoOrder) {
		t.Errorf("an unknown order was refunded: %v", err)
	}
	list = w.quick(cmdQuickPay, cardBody("R2"), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(list), "1 1")
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, mmsp.ControlPrefix+"/orders/R2/refund", nil)
	w.sim.Control().ServeHTTP(answer, request)
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), `"refunded"`) {
		t.Fatalf("refund by control: %d %s", answer.Code, answer.Body)
	}
	w.quick(cmdQuickQuery, fields{"MERORDERID": "R2"}, "1 3 00")
}

func TestQuickSurvivesARestart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	open := func(o *mmsp.Options) {
		j, err := mmsp.OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		o.Journal = j
		opened(o)
	}
	w := newWorld(t, open)
	bind := w.bindModeB("B1")
	first := w.quick(cmdQuickPay, cardBody("J1"), "1 0").text("LIST_ID")
	second := w.quick(cmdQuickPay, cardBody("J2"), "1 0").text("LIST_ID")
	w.quick(cmdQuickConfirm, confirmBody(first), "1 1")
	w.end()
	again := newWorld(t, open)
	again.books("J1", 1, 1000)
	again.quick(cmdQuickQuery, fields{"MERORDERID": "J1"}, "1 1")
	again.quick(cmdQuickResend, fields{"LIST_ID": second}, "1 2 Q2")
	again.quick(cmdQuickConfirm, confirmBody(second), "1 1")
	again.books("J2", 1, 1000)
	again.quick(cmdQuickBindQuery, fields{"BIND_ID": bind}, "1 1")
	again.quick(cmdQuickPay, cardBody("J1"), "refused 0 -2003")
}
