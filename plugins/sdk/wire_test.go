package sdk

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	providerpb "github.com/zhanggui-pay/zhanggui/plugins/sdk/proto"
)

// TestEveryFieldTravels fills every field of every struct, walks it over the wire and
// compares. A field that a conversion forgot comes back empty.
func TestEveryFieldTravels(t *testing.T) {
	t.Parallel()
	info := CallInfo{}
	fill(t, reflect.ValueOf(&info).Elem(), 1)
	travels(t, func(c CallInfo) *providerpb.Call { return callToWire(c, []byte("token"), time.Unix(1, 0)) }, callFromWire)
	travels(t, manifestToWire, manifestFromWire)
	travels(t, paymentRequestToWire, paymentRequestFromWire)
	travels(t, paymentResultToWire, paymentResultFromWire)
	travels(t, orderToWire, orderFromWire)
	travels(t, confirmToWire, confirmFromWire)
	travels(t, listRequestToWire, listRequestFromWire)
	travels(t, listResultToWire, listResultFromWire)
	travels(t, refundRequestToWire, refundRequestFromWire)
	travels(t, refundResultToWire, refundResultFromWire)
	travels(t, payoutRequestToWire, payoutRequestFromWire)
	travels(t, payoutRefToWire, payoutRefFromWire)
	travels(t, payoutResultToWire, payoutResultFromWire)
	travels(t, balanceResultToWire, balanceResultFromWire)
	travels(t, billRequestToWire, billRequestFromWire)
	travels(t, billResultToWire, billResultFromWire)
	travels(t, bindCardToWire, bindCardFromWire)
	travels(t, cardRefToWire, cardRefFromWire)
	travels(t, cardResultToWire, cardResultFromWire)
	travels(t, payerRequestToWire, payerRequestFromWire)
	travels(t, payerResultToWire, payerResultFromWire)
	travels(t, checkToWire, checkFromWire)
	travels(t, inboundRequestToWire, inboundRequestFromWire)
	travels(t, inboundResultToWire, inboundResultFromWire)
	travels(t, func(e Error) *providerpb.Failure { return failureToWire(&e) }, func(f *providerpb.Failure) Error { return *failureFromWire(f) })
}

// TestTheWalkSeesAForgottenField is the proof that the test above can fail.
func TestTheWalkSeesAForgottenField(t *testing.T) {
	t.Parallel()
	var in OrderRef
	fill(t, reflect.ValueOf(&in).Elem(), 1)
	wire := orderToWire(in)
	wire.Channel = ""
	if reflect.DeepEqual(in, orderFromWire(wire)) {
		t.Fatal("a lost field went unseen")
	}
}

func travels[S any, W proto.Message](t *testing.T, to func(S) W, from func(W) S) {
	t.Helper()
	var in S
	fill(t, reflect.ValueOf(&in).Elem(), 1)
	packed, err := proto.Marshal(to(in))
	if err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	var w W
	back, ok := reflect.New(reflect.TypeOf(w).Elem()).Interface().(W)
	if !ok {
		t.Fatalf("%T is no message", w)
	}
	if err := proto.Unmarshal(packed, back); err != nil {
		t.Fatalf("%T: %v", in, err)
	}
	if got := from(back); !reflect.DeepEqual(in, got) {
		t.Errorf("%T lost something on the wire:\n sent %s\n  got %s", in, show(in), show(got))
	}
}

func show(v any) string { return fmt.Sprintf("%+v", v) }

// fill gives every field a value of its own. A kind it does not know fails the test.
func fill(t *testing.T, v reflect.Value, n int) {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(int64(1_700_000_000+n), 0).UTC()))
		return
	case Secret:
		v.Set(reflect.ValueOf(SecretString(fmt.Sprintf("secret%d", n))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text%d", n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint8:
		setNumber(v, n)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), n+i)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, n)
		fill(t, value, n+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), n*7+i+1)
		}
	default:
		t.Fatalf("fill does not know %s", v.Kind())
	}
}

func setNumber(v reflect.Value, n int) {
	if v.CanUint() {
		v.SetUint(uint64(n%250 + 1))
		return
	}
	v.SetInt(int64(n%1000 + 1))
}
