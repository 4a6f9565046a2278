package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/zhanggui-pay/zhanggui/plugins/sdk"
)

// misbehave harms the plugin itself, which must be all it can harm.
func (a *actor) misbehave(ctx context.Context, call *sdk.Call, o orders, out sdk.CheckResult) (sdk.CheckResult, error) {
	switch o.Act {
	case "go-deaf":
		a.deaf.Store(true)
	case "close-output":
		for fd := range 3 {
			_ = unix.Close(fd)
		}
	case "flood-without-end":
		floodBytes()
	case "flood-log":
		for n := range 6000 {
			call.Log().Info("\x1b[2Jnoise", "n", n, "card", "4111111111111111")
		}
	case "flood-refusals":
		for range 2000 {
			_, err := call.Digest("other_key", sdk.MD5, sdk.Key())
			if err == nil {
				return out, errors.New("it went through")
			}
		}
	case "threads":
		threads()
	case "huge-result":
		out.Provider.Message = strings.Repeat("x", 64<<20)
	case "long-result":
		out.Provider.Message = strings.Repeat("x", 3<<20)
	case "redirect", "huge-reply":
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, call.BaseURL+"/checkin", nil)
		if err != nil {
			return out, err
		}
		resp, err := call.HTTP().Do(req)
		if err != nil {
			return out, err
		}
		defer func() { _ = resp.Body.Close() }()
		n, err := io.Copy(io.Discard, resp.Body)
		out.Values["status"], out.Values["bytes"] = fmt.Sprint(resp.StatusCode), fmt.Sprint(n)
		return out, err
	}
	return out, nil
}

// floodBytes writes 48 MiB without a line's end, and what a terminal would obey.
func floodBytes() {
	chunk := []byte(strings.Repeat("\x1b]0;owned\x07\x00\xff", 64<<10))
	for _, f := range []*os.File{os.NewFile(1, "stdout"), os.NewFile(2, "stderr")} {
		for range 32 {
			_, _ = f.Write(chunk)
		}
		_, _ = f.WriteString("\nafter the flood \x1b[31m\u202e\n")
	}
}

// threads has as many as can be, each waiting in the kernel.
func threads() {
	for range 1500 {
		go func() {
			_ = unix.Nanosleep(&unix.Timespec{Sec: 3600}, nil)
		}()
	}
	time.Sleep(time.Hour)
}

// greetWrongly says something else than where the plugin listens, and stays.
func greetWrongly(traits map[string]bool) {
	var line string
	dir := os.Getenv("PLUGIN_UNIX_SOCKET_DIR")
	switch {
	case traits["garbled"]:
		line = "\x1b[2J\x00\xff card 4111111111111111 | | \u202e\n"
	case traits["endless"]:
		line = strings.Repeat("\x1b[2Jx", 1<<20)
	case traits["foreign-socket"]:
		line = "1|1|unix|/var/run/docker.sock|grpc||true\n"
	case traits["upwards"]:
		line = "1|1|unix|" + dir + "/../../docker.sock|grpc||true\n"
	case traits["no-socket"]:
		_ = os.WriteFile("plain", nil, 0o600)
		line = "1|1|unix|" + dir + "/plain|grpc||true\n"
	case traits["tcp"]:
		line = "1|1|tcp|127.0.0.1:5432|grpc||true\n"
	case traits["netrpc"]:
		line = "1|1|unix|" + dir + "/x|netrpc||true\n"
	case traits["old-core"]:
		line = "9|1|unix|" + dir + "/x|grpc||true\n"
	default:
		return
	}
	_, _ = os.Stdout.WriteString(line)
	time.Sleep(time.Hour)
}
