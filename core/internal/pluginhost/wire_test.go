package pluginhost

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/zhanggui-pay/zhanggui/core"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// TestEveryFieldOfARequestIsSent fills every field of core's structs and expects no field of
// the message to be empty, except those core does not have.
func TestEveryFieldOfARequestIsSent(t *testing.T) {
	t.Parallel()
	allSent(t, paymentRequestToWire)
	allSent(t, confirmToWire)
	allSent(t, listRequestToWire)
	allSent(t, orderToWire)
	allSent(t, refundRequestToWire)
	allSent(t, payoutRequestToWire)
	allSent(t, payoutRefToWire)
	allSent(t, cardToWire)
	allSent(t, cardRefToWire)
	allSent(t, payerRequestToWire)
	allSent(t, inboundRequestToWire)
}

// TestEveryFieldOfAReplyIsRead fills every field of a message and expects none of core's to
// be empty, except what the host fills itself.
func TestEveryFieldOfAReplyIsRead(t *testing.T) {
	t.Parallel()
	allRead(t, manifestFromWire)
	allRead(t, func(r *providerpb.PaymentResult) core.PaymentResult {
		r.Outcome = "succeeded"
		return paymentResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.RefundResult) core.RefundResult {
		r.Outcome = "succeeded"
		return refundResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.ListResult) core.ListResult {
		r.Outcome = "succeeded"
		return listResultFromWire(r)
	}, "Exchange", "Payments") // a row has no exchange of its own
	allRead(t, inboundResultFromWire, "Exchange", "Events")
	allRead(t, inboundEventFromWire, "Payment", "Refund", "Payout")
	allRead(t, func(r *providerpb.PayoutResult) core.PayoutResult {
		r.Outcome = "succeeded"
		return payoutResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.BalanceResult) core.BalanceResult {
		r.Outcome = "succeeded"
		return balanceResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.BillResult) core.BillResult {
		r.Outcome = "succeeded"
		return billResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.CardResult) core.CardResult {
		r.Outcome = "succeeded"
		return cardResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.PayerResult) core.PayerResult {
		r.Outcome = "succeeded"
		return payerResultFromWire(r)
	}, "Exchange")
	allRead(t, func(r *providerpb.CheckResult) core.CheckResult {
		r.Outcome = "succeeded"
		return checkFromWire(r)
	}, "Exchange")
}

func allSent[S any, W proto.Message](t *testing.T, to func(S) W, except ...string) {
	t.Helper()
	var in S
	fill(t, reflect.ValueOf(&in).Elem(), 1)
	message := to(in).ProtoReflect()
	fields := message.Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); !message.Has(f) && !contains(except, string(f.Name())) {
			t.Errorf("%T: %s is not sent", in, f.Name())
		}
	}
}

func allRead[W proto.Message, S any](t *testing.T, from func(W) S, except ...string) {
	t.Helper()
	var w W
	message, ok := reflect.New(reflect.TypeOf(w).Elem()).Interface().(W)
	if !ok {
		t.Fatalf("%T is no message", w)
	}
	fill(t, reflect.ValueOf(message).Elem(), 1)
	empty(t, fmt.Sprintf("%T", *new(S)), reflect.ValueOf(from(message)), except)
}

// empty reports every zero field, at any depth.
func empty(t *testing.T, path string, v reflect.Value, except []string) {
	t.Helper()
	if v.IsZero() {
		t.Errorf("%s is not read", path)
		return
	}
	switch v.Kind() { //nolint:exhaustive // the rest has no fields
	case reflect.Pointer:
		empty(t, path, v.Elem(), nil)
	case reflect.Slice:
		empty(t, path+"[0]", v.Index(0), nil)
	case reflect.Map:
		for _, key := range v.MapKeys() {
			empty(t, path+"[]", v.MapIndex(key), nil)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; !contains(except, name) {
				empty(t, path+"."+name, v.Field(i), nil)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func fill(t *testing.T, v reflect.Value, n int) {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(int64(1_700_000_000+n), 0).UTC()))
		return
	case core.Secret:
		v.Set(reflect.ValueOf(core.SecretString(fmt.Sprint("secret", n))))
		return
	case *timestamppb.Timestamp:
		v.Set(reflect.ValueOf(timestamppb.New(time.Unix(int64(n), 0))))
		return
	case *durationpb.Duration:
		v.Set(reflect.ValueOf(durationpb.New(time.Duration(n) * time.Second)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprint("text", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(int64(n + 1))
	case reflect.Uint8:
		v.SetUint(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), n)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, n)
		fill(t, value, n+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(t, v.Field(i), n+i+1)
			}
		}
	default:
		t.Fatalf("fill does not know %s", v.Kind())
	}
}
