package frame

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// MaxBody is how many bytes of a request are read, in all simulators.
const MaxBody = 64 << 10

// WriteJSON answers HTTP 200 with a JSON value, `<`, `>` and `&` as themselves, no newline at the end.
func WriteJSON(w http.ResponseWriter, status int, value any) {
	body, err := encode(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func encode(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, fmt.Errorf("encode the reply: %w", err)
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}

// Drop closes the connection without sending a byte.
func Drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 and recorders cannot be hijacked; this is net/http's way to break them off.
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}

// Truncate announces the whole reply and closes the connection after half of it.
func Truncate(w http.ResponseWriter, value any) {
	body, err := encode(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // see Drop
	}
	_, _ = fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: %d\r\n\r\n%s",
		len(body), body[:len(body)/2])
	_ = buffered.Flush()
	_ = conn.Close()
}

// Garbage answers HTTP 200 with something that is not JSON although it says so.
func Garbage(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write([]byte("\x1f\x8b\x08\x00<<garbage>>{\"result_code\":\"200\",\"biz_response\":{\"result_code\":\"PAY_SUC"))
}

// ProxyError answers like a proxy in front of the provider that lost its upstream.
func ProxyError(w http.ResponseWriter, status int) {
	if status == 0 {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html><head><title>%d</title></head><body><center><h1>%d</h1></center></body></html>\n", status, status)
}
