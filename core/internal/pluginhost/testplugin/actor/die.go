package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// ending is a body whose next part is the end of the process.
type ending struct{}

func (ending) Read([]byte) (int, error) {
	os.Exit(7) //nolint:forbidigo // dying in a call is what is tested
	return 0, io.EOF
}

// die ends in the middle of an exchange, or with words that must not be kept.
func die(ctx context.Context, call *sdk.Call, act string, payment sdk.PaymentRequest) {
	var body io.Reader = strings.NewReader("{}")
	switch act {
	case "die-talking": // not over go-plugin's own pipe, which a sudden end leaves unread
		_, _ = fmt.Fprintf(os.NewFile(2, "stderr"), "\x1b[2Jthe code %s was shown, the card 4111111111111111\n", payment.PayerCode.Text())
		_, _ = ending{}.Read(nil)
	case "die-sending": // more than travels in one message, so that the exchange has begun
		body = io.MultiReader(strings.NewReader(strings.Repeat(" ", 300<<10)), ending{})
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+"/pay", body)
	if err != nil {
		return
	}
	resp, err := call.HTTP().Do(req)
	if err != nil {
		return
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.ReadFull(resp.Body, make([]byte, 1))
	_, _ = ending{}.Read(nil)
}
