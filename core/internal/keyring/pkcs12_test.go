package keyring

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/zhanggui-pay/zhanggui/core"
)

func TestParsePKCS12(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	for name, encoder := range map[string]*pkcs12.Encoder{"modern": pkcs12.Modern, "legacy": pkcs12.LegacyDES, "RC2": pkcs12.LegacyRC2} {
		file, err := encoder.Encode(m.key, m.cert, []*x509.Certificate{m.ca}, "密码 1")
		if err != nil {
			t.Fatal(err)
		}
		for shape, input := range map[string]string{"file": string(file), "Base64": base64.StdEncoding.EncodeToString(file)} {
			values, info, err := parse(t, core.CredPKCS12, input, "密码 1")
			if err != nil || len(values) != 2 || len(info) != 2 {
				t.Fatalf("%s %s: %v", name, shape, err)
			}
			if values["field"].Type != core.CredRSAPrivate || string(values["field"].Value.Reveal()) != pemText("PRIVATE KEY", m.pkcs8) {
				t.Errorf("%s: the key is not the one inside", name)
			}
			chain := pemText("CERTIFICATE", m.cert.Raw) + pemText("CERTIFICATE", m.ca.Raw)
			if second := values["field"+core.CertificateSuffix]; second.Type != core.CredCertificate || string(second.Value.Reveal()) != chain {
				t.Errorf("%s: the certificates are not those inside", name)
			}
			if err := SelfTest(values, time.Now()); err != nil {
				t.Error(err)
			}
			if one, _, err := parse(t, core.CredRSAPrivate, input, "密码 1"); err != nil || len(one) != 1 || one["field"].Type != core.CredRSAPrivate {
				t.Errorf("%s where a private key is wanted: %v", name, err)
			}
			if one, _, err := parse(t, core.CredCertificate, input, "密码 1"); err != nil || len(one) != 1 || one["field"].Type != core.CredCertificate {
				t.Errorf("%s where a certificate is wanted: %v", name, err)
			}
		}
		for _, password := range []string{"", canary} {
			_, _, err := parse(t, core.CredPKCS12, string(file), password)
			refusal(t, err, map[bool]string{true: "enter it beside the file", false: "does not open"}[password == ""])
		}
		_, _, err = parse(t, core.CredPKCS12, string(file[:len(file)/2]), "密码 1")
		refusal(t, err, "PKCS#12")
	}
	foreign, err := pkcs12.Modern.Encode(m.other, m.cert, nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = parse(t, core.CredPKCS12, string(foreign), "x")
	refusal(t, err, "belongs to another key")
}

// A file may ask for so many rounds that opening it would take minutes, also deep inside.
func TestParseRefusesCostlyPKCS12(t *testing.T) {
	t.Parallel()
	type rounds struct {
		Salt  []byte
		Count int
	}
	type content struct {
		Type asn1.ObjectIdentifier
		Data []byte
	}
	type file struct {
		Version int
		Content content
		Mac     rounds
	}
	data := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	for name, c := range map[string]struct {
		mac, inside int
		says        string
	}{
		"mac":    {1 << 31, 1, "rounds"},
		"inside": {1, roundLimit + 1, "rounds"},
		"fine":   {roundLimit, roundLimit, "cannot be read"},
	} {
		inner, err := asn1.Marshal(rounds{[]byte("salt"), c.inside})
		if err != nil {
			t.Fatal(err)
		}
		der, err := asn1.Marshal(file{3, content{data, inner}, rounds{[]byte("salt"), c.mac}})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = parse(t, core.CredPKCS12, string(der), canary)
		t.Log(name)
		refusal(t, err, c.says)
	}
}
