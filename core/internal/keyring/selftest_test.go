package keyring

import (
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestSelfTest(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	now := time.Now()
	rsaKey := func(key *rsa.PrivateKey) core.Credential {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return credential(core.CredRSAPrivate, "PRIVATE KEY", der)
	}
	certificate := func(key *rsa.PrivateKey, from, until time.Duration) core.Credential {
		return credential(core.CredCertificate, "CERTIFICATE", makeCertificate(key, "x", now.Add(from), now.Add(until)).Raw)
	}
	public := credential(core.CredRSAPublic, "PUBLIC KEY", m.pkix)
	type set = map[string]core.Credential
	cases := map[string]struct {
		values set
		says   string
		param  string
	}{
		"nothing":               {set{}, "", ""},
		"a key and another's":   {set{"own": rsaKey(m.other), "theirs": public}, "", ""},
		"a PKCS#12 pair":        {set{"own": rsaKey(m.key), "own.certificate": certificate(m.key, -time.Hour, time.Hour)}, "", ""},
		"a foreign certificate": {set{"own": rsaKey(m.key), "theirs": certificate(m.other, -time.Hour, time.Hour)}, "", ""},
		"other values":          {set{"n": {Type: core.CredMerchantNumber, Value: core.SecretString(canary)}}, "", ""},
		"own public half":       {set{"own": rsaKey(m.key), "theirs": public}, "public half of your own", "theirs"},
		"pair does not match":   {set{"own": rsaKey(m.key), "own.certificate": certificate(m.other, -time.Hour, time.Hour)}, "another private key", "own.certificate"},
		"ended":                 {set{"theirs": certificate(m.other, -2*time.Hour, -time.Hour)}, "ended on", "theirs"},
		"not yet":               {set{"theirs": certificate(m.other, time.Hour, 2*time.Hour)}, "valid only from", "theirs"},
		"not normal":            {set{"own": {Type: core.CredRSAPrivate, Value: core.SecretString(canary)}}, "normal form", "own"},
		"public not normal":     {set{"theirs": {Type: core.CredRSAPublic, Value: core.SecretString(canary)}}, "normal form", "theirs"},
		"certificate likewise":  {set{"theirs": {Type: core.CredCertificate, Value: core.SecretString(canary)}}, "normal form", "theirs"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := SelfTest(c.values, now)
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			refused, ok := errors.AsType[*core.Error](err)
			if !ok || refused.Code != core.CodeInvalidCredential || refused.Param != c.param || !strings.Contains(refused.Message, c.says) || strings.Contains(err.Error(), canary) {
				t.Errorf("got %v", err)
			}
		})
	}
}
