package main

import (
	"encoding/json"
	"net/http"
	"net/url"
)

// enrollPath is where a merchant's callback address is entered on the control listener.
func enrollPath(provider, merchant string) string {
	return "/_demo/" + provider + "/" + merchant + "/callbacks"
}

// enrollment does what a person arranges with a provider whose requests do not say where to call back: it takes
// {"callback_url":"https://…/in/…"}, the address without the letter of the kind.
func enrollment(p provider) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			CallbackURL string `json:"callback_url"`
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<12))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&body); err != nil {
			refuse(w, "send {\"callback_url\":\"…\"}")
			return
		}
		target, err := url.Parse(body.CallbackURL)
		if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
			refuse(w, "callback_url must be an http or https address")
			return
		}
		if err := p.enroll(r.PathValue("merchant"), body.CallbackURL); err != nil {
			refuse(w, err.Error())
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func refuse(w http.ResponseWriter, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why})
}
