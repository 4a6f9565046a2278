package keyring

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/zhanggui-pay/zhanggui/core"
)

// material is made once: key generation is the slow part.
type material struct {
	key, other, weak         *rsa.PrivateKey
	pkcs1, pkcs8, pkix, pub1 []byte
	ec, ed, edPub            []byte
	cert, ca                 *x509.Certificate
	csr                      []byte
}

var testMaterial = sync.OnceValue(func() material { //nolint:gochecknoglobals // made once for all cases
	must1 := func(der []byte, err error) []byte {
		if err != nil {
			panic(err)
		}
		return der
	}
	var m material
	var err error
	for bits, key := range map[int][]**rsa.PrivateKey{2048: {&m.key, &m.other}, 1024: {&m.weak}} {
		for _, k := range key {
			if *k, err = rsa.GenerateKey(rand.Reader, bits); err != nil {
				panic(err)
			}
		}
	}
	m.pkcs1, m.pub1 = x509.MarshalPKCS1PrivateKey(m.key), x509.MarshalPKCS1PublicKey(&m.key.PublicKey)
	m.pkcs8, m.pkix = must1(x509.MarshalPKCS8PrivateKey(m.key)), must1(x509.MarshalPKIXPublicKey(&m.key.PublicKey))
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	public, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	m.ec, m.ed, m.edPub = must1(x509.MarshalECPrivateKey(ec)), must1(x509.MarshalPKCS8PrivateKey(ed)), must1(x509.MarshalPKIXPublicKey(public))
	m.cert, m.ca = makeCertificate(m.key, "Merchant 测试", time.Now().Add(-time.Hour), time.Now().Add(time.Hour)), makeCertificate(m.other, "CA", time.Now(), time.Now())
	m.csr = must1(x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, m.key))
	return m
})

func makeCertificate(key *rsa.PrivateKey, name string, from, until time.Time) *x509.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate
}

func pemText(label string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: label, Bytes: der}))
}

func parse(t *testing.T, wanted core.CredentialType, data, password string) (map[string]core.Credential, []core.CredentialInfo, error) {
	t.Helper()
	return Parser{}.Parse(core.CredentialInput{Name: "field", Type: wanted, Data: core.SecretString(data), Password: core.SecretString(password)})
}

func fullWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r - '!' + '！'
		}
		return r
	}, text)
}

func utf16le(text string) string {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

// shapes are the ways people hand over one and the same key.
func shapes(label string, der []byte) map[string]string {
	text := pemText(label, der)
	bare := base64.StdEncoding.EncodeToString(der)
	return map[string]string{
		"PEM":                    text,
		"PEM with CRLF":          strings.ReplaceAll(text, "\n", "\r\n"),
		"PEM with BOM":           "\ufeff" + text,
		"PEM in UTF-16":          utf16le(text),
		"PEM on one line":        strings.ReplaceAll(text, "\n", " "),
		"PEM with \\n":           strings.ReplaceAll(text, "\n", `\n`),
		"PEM without any break":  strings.ReplaceAll(text, "\n", ""),
		"PEM indented":           "\n\t  " + strings.ReplaceAll(text, "\n", "\n    "),
		"PEM with wide spaces":   "　　" + strings.ReplaceAll(text, "\n", "　\n　"),
		"PEM with long dashes":   strings.ReplaceAll(text, "-----", "–—–—–"),
		"PEM in full-width":      fullWidth(text),
		"PEM with words around":  "你好，这是密钥：\n" + text + "\n谢谢",
		"PEM under a wrong name": strings.ReplaceAll(text, label, "KEY"),
		"bare Base64":            bare,
		"bare Base64 in lines":   strings.Join(chunks(bare, 64), "\r\n"),
		"bare Base64 in spaces":  strings.Join(chunks(bare, 10), " \u200b "),
		"bare Base64 quoted":     `"` + bare + `"`,
		"bare Base64, URL form":  strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(bare), "="),
		"hex":                    hex.EncodeToString(der),
		"DER":                    string(der),
	}
}

func chunks(text string, size int) []string {
	var out []string
	for ; len(text) > size; text = text[size:] {
		out = append(out, text[:size])
	}
	return append(out, text)
}

func TestParseKeysInEveryShape(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	sum := sha256.Sum256(m.pkix)
	cases := []struct {
		wanted core.CredentialType
		label  string
		der    []byte
		normal string
		print  string
	}{
		{core.CredRSAPrivate, "PRIVATE KEY", m.pkcs8, pemText("PRIVATE KEY", m.pkcs8), hex.EncodeToString(sum[:])},
		{core.CredRSAPrivate, "RSA PRIVATE KEY", m.pkcs1, pemText("PRIVATE KEY", m.pkcs8), hex.EncodeToString(sum[:])},
		{core.CredRSAPublic, "PUBLIC KEY", m.pkix, pemText("PUBLIC KEY", m.pkix), hex.EncodeToString(sum[:])},
		{core.CredRSAPublic, "RSA PUBLIC KEY", m.pub1, pemText("PUBLIC KEY", m.pkix), hex.EncodeToString(sum[:])},
		{core.CredCertificate, "CERTIFICATE", m.cert.Raw, pemText("CERTIFICATE", m.cert.Raw), ""},
	}
	for _, c := range cases {
		for shape, text := range shapes(c.label, c.der) {
			t.Run(c.label+"/"+shape, func(t *testing.T) {
				t.Parallel()
				values, info, err := parse(t, c.wanted, text, "")
				if err != nil {
					t.Fatal(err)
				}
				if got := string(values["field"].Value.Reveal()); len(values) != 1 || got != c.normal || values["field"].Type != c.wanted {
					t.Error("not the normal form")
				}
				if len(info) != 1 || info[0].Name != "field" || info[0].Display == "" || c.print != "" && info[0].Fingerprint != c.print {
					t.Errorf("info %+v", info)
				}
			})
		}
	}
}

func TestParseChainsAndMixedFiles(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	both := pemText("CERTIFICATE", m.cert.Raw) + pemText("CERTIFICATE", m.ca.Raw)
	for name, input := range map[string]string{"PEM": both, "DER": string(m.cert.Raw) + string(m.ca.Raw), "key beside": pemText("PRIVATE KEY", m.pkcs8) + both} {
		values, info, err := parse(t, core.CredCertificate, input, "")
		if err != nil || string(values["field"].Value.Reveal()) != both || !strings.Contains(info[0].Display, "Merchant 测试") || !strings.Contains(info[0].Display, "+1") {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	values, _, err := parse(t, core.CredRSAPrivate, both+pemText("RSA PRIVATE KEY", m.pkcs1), "")
	if err != nil || string(values["field"].Value.Reveal()) != pemText("PRIVATE KEY", m.pkcs8) {
		t.Errorf("a key after its certificates: %v", err)
	}
}

// refusal checks code, field, and that the sentence says what it must.
func refusal(t *testing.T, err error, says string) {
	t.Helper()
	refused, ok := errors.AsType[*core.Error](err)
	if !ok || refused.Code != core.CodeInvalidCredential || refused.Param != "field" || refused.Args["wanted"] == "" || refused.Args["found"] == "" {
		t.Errorf("got %#v, want a refusal of the field", err)
		return
	}
	if !strings.Contains(refused.Message, says) || !strings.HasSuffix(refused.Message, ".") && !strings.HasSuffix(refused.Message, ")") {
		t.Errorf("the sentence is %q, want %q in it", refused.Message, says)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), canary) {
		t.Errorf("the input is in the refusal")
	}
}

func TestParseRefusesInWords(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	private, public := pemText("PRIVATE KEY", m.pkcs8), pemText("PUBLIC KEY", m.pkix)
	certificate := pemText("CERTIFICATE", m.cert.Raw)
	encrypted, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}}, []byte(canary)})
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern.Encode(m.key, m.cert, nil, "x")
	if err != nil {
		t.Fatal(err)
	}
	damagedPublic := *new(big.Int).Add(m.key.N, big.NewInt(1))
	even, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: &damagedPublic, E: m.key.E})
	if err != nil {
		t.Fatal(err)
	}
	halves := bytes.Clone(m.pkcs1)
	halves[40] ^= 1 // within the modulus
	small := pemText("RSA PRIVATE KEY", smallKey(t))
	cases := map[string]struct {
		wanted core.CredentialType
		data   string
		says   string
	}{
		"EC for RSA":                 {core.CredRSAPrivate, pemText("EC PRIVATE KEY", m.ec), "This is an EC private key; an RSA private key is wanted."},
		"Ed25519 for RSA":            {core.CredRSAPrivate, pemText("PRIVATE KEY", m.ed), "an Ed25519 private key"},
		"public for private":         {core.CredRSAPrivate, public, "This is an RSA public key; an RSA private key is wanted."},
		"certificate for private":    {core.CredRSAPrivate, certificate, "This is a certificate"},
		"request for private":        {core.CredRSAPrivate, pemText("CERTIFICATE REQUEST", m.csr), "certificate signing request"},
		"encrypted PKCS#8":           {core.CredRSAPrivate, pemText("ENCRYPTED PRIVATE KEY", encrypted), "encrypted with a password"},
		"encrypted PKCS#1":           {core.CredRSAPrivate, "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" + canary + "\n-----END RSA PRIVATE KEY-----", "encrypted with a password"},
		"OpenSSH":                    {core.CredRSAPrivate, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----", "ssh-keygen"},
		"ssh-rsa":                    {core.CredRSAPublic, "ssh-rsa AAAA" + canary, "OpenSSH public key"},
		"cut off":                    {core.CredRSAPrivate, private[:len(private)/2], "cut off"},
		"cut in the middle":          {core.CredRSAPrivate, private[:200] + private[300:], "cut off"},
		"bare, cut off":              {core.CredRSAPrivate, base64.StdEncoding.EncodeToString(m.pkcs8[:300]), "cut off"},
		"not Base64":                 {core.CredRSAPrivate, "-----BEGIN PRIVATE KEY-----\n" + canary + "!*\n-----END PRIVATE KEY-----", "cut off"},
		"two keys":                   {core.CredRSAPrivate, private + pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(m.other)), "2 keys"},
		"damaged private":            {core.CredRSAPrivate, pemText("RSA PRIVATE KEY", halves), "do not fit together"},
		"damaged public":             {core.CredRSAPublic, pemText("PUBLIC KEY", even), "do not fit together"},
		"512 bits":                   {core.CredRSAPrivate, small, "512 bits"},
		"private for public":         {core.CredRSAPublic, private, "a private key is given to nobody"},
		"certificate for public":     {core.CredRSAPublic, certificate, "This is a certificate; an RSA public key is wanted."},
		"key for certificate":        {core.CredCertificate, private, "This is an RSA private key; a certificate is wanted."},
		"PKCS#12 for public":         {core.CredRSAPublic, string(pfx), "PKCS#12"},
		"PEM for PKCS#12":            {core.CredPKCS12, certificate, "This is a certificate; a PKCS#12 file"},
		"Java key store":             {core.CredPKCS12, "\xfe\xed\xfe\xed\x00\x00\x00\x02", "keytool"},
		"picture":                    {core.CredCertificate, "\x89PNG\r\n\x1a\n\x00", "binary file"},
		"XML":                        {core.CredRSAPublic, "<RSAKeyValue><Modulus>" + canary, "XML"},
		"prose":                      {core.CredRSAPrivate, canary, "a text that is no key"},
		"nothing":                    {core.CredRSAPrivate, " \r\n\t　", "Nothing was given"},
		"huge":                       {core.CredRSAPrivate, strings.Repeat(canary, 10000), "64 KiB"},
		"key for number":             {core.CredMerchantNumber, private, "This is an RSA private key; a merchant number is wanted."},
		"prose for number":           {core.CredMerchantNumber, "merchant no. " + canary + "/", "letters, digits"},
		"long number":                {core.CredMerchantNumber, strings.Repeat("1", 65), "at most 64"},
		"nothing for number":         {core.CredMerchantNumber, "", "Nothing was given"},
		"key for MD5 key":            {core.CredMD5Key, base64.StdEncoding.EncodeToString(m.pkix), "This is an RSA public key; an MD5 signing key is wanted."},
		"certificate for MD5 key":    {core.CredMD5Key, string(m.cert.Raw), "This is a certificate"},
		"two words for MD5 key":      {core.CredMD5Key, canary + " " + canary, "in the middle"},
		"two lines for MD5 key":      {core.CredMD5Key, canary + "\n" + canary, "in the middle"},
		"Chinese for MD5 key":        {core.CredMD5Key, canary + "密钥", "ASCII"},
		"short MD5 key":              {core.CredMD5Key, "1234567", "was it cut off"},
		"control character":          {core.CredSecret, canary + "\x07", "binary"},
		"AES key of 15":              {core.CredAESKey, "123456789012345", "16, 24, 32 bytes"},
		"AES key said to be hex":     {core.CredAESKey, "hex:1234567890123456", "16, 24, 32 bytes"},
		"RSA key for AES key":        {core.CredAESKey, private, "This is an RSA private key; an AES key is wanted."},
		"IV of 8":                    {core.CredIV, "12345678", "12, 16 bytes"},
		"IV of 32":                   {core.CredIV, "0123456789abcdefghijklmnopqrstuv", "12, 16 bytes"},
		"AES key with 2 Chinese":     {core.CredAESKey, "密钥密钥密", "16, 24, 32 bytes"},
		"certificate request for it": {core.CredCertificate, string(m.csr), "certificate signing request"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values, info, err := parse(t, c.wanted, c.data, "")
			if values != nil || info != nil {
				t.Error("a refusal yields values")
			}
			refusal(t, err, c.says)
		})
	}
	if _, _, err := parse(t, "unheard_of", "x", ""); core.CodeOf(err) != core.CodeInternal {
		t.Errorf("an unknown type: %v", err)
	}
}

// smallKey makes a 512-bit key, which Go's library no longer does.
func smallKey(t *testing.T) []byte {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, err := rand.Prime(rand.Reader, 256)
		if err != nil {
			t.Fatal(err)
		}
		q, err := rand.Prime(rand.Reader, 256)
		if err != nil {
			t.Fatal(err)
		}
		n := new(big.Int).Mul(p, q)
		p1, q1 := new(big.Int).Sub(p, one), new(big.Int).Sub(q, one)
		d := new(big.Int).ModInverse(e, new(big.Int).Mul(p1, q1))
		if d == nil || n.BitLen() != 512 {
			continue
		}
		der, err := asn1.Marshal(struct {
			Version                      int
			N                            *big.Int
			E                            int
			D, P, Q, Dp, Dq, Coefficient *big.Int
		}{0, n, 65537, d, p, q, new(big.Int).Mod(d, p1), new(big.Int).Mod(d, q1), new(big.Int).ModInverse(q, p)})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
}

func TestParseValuesThatAreNoKeyFiles(t *testing.T) {
	t.Parallel()
	sixteen, thirtytwo := "0123456789abcdef", "0123456789abcdef0123456789abcdef"
	raw := bytes.Repeat([]byte{0, 0xfe, 0x81, 7}, 8)
	cases := map[string]struct {
		wanted      core.CredentialType
		data        string
		value, show string
	}{
		"number":           {core.CredMerchantNumber, "  8800 0012\t3456\r\n", "880000123456", "•••• 3456"},
		"full-width":       {core.CredMerchantNumber, "１２３４５６７８", "12345678", "•••• 5678"},
		"short number":     {core.CredMerchantNumber, "12345", "12345", "•••• 45"},
		"one digit":        {core.CredMerchantNumber, "7", "7", "•••• "},
		"e-mail":           {core.CredMerchantNumber, "pay@example.com", "pay@example.com", "•••• .com"},
		"md5 key":          {core.CredMD5Key, "\ufeff " + thirtytwo + " \r\n", thirtytwo, "•••• (32 characters)"},
		"secret":           {core.CredSecret, "a+/=&", "a+/=&", "•••• (5 characters)"},
		"JSON-like secret": {core.CredSecret, "{abc}", "{abc}", "•••• (5 characters)"},
		"AES 16":           {core.CredAESKey, sixteen, sixteen, "•••• (16 bytes, text)"},
		"AES 32":           {core.CredAESKey, thirtytwo, thirtytwo, "•••• (32 bytes, text)"},
		"AES 32 as hex":    {core.CredAESKey, hex.EncodeToString(raw), string(raw), "•••• (32 bytes, hex)"},
		"AES 32 as Base64": {core.CredAESKey, base64.StdEncoding.EncodeToString(raw), string(raw), "•••• (32 bytes, Base64)"},
		"AES 16 as Base64": {core.CredAESKey, base64.StdEncoding.EncodeToString(raw[:16]), string(raw[:16]), "•••• (16 bytes, Base64)"},
		"AES 24 binary":    {core.CredAESKey, string(raw[:24]), string(raw[:24]), "•••• (24 bytes, binary)"},
		"AES 16 said hex":  {core.CredAESKey, "hex:" + thirtytwo, "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", "•••• (16 bytes, hex)"},
		"AES said Base64":  {core.CredAESKey, "base64:" + thirtytwo, mustBase64(thirtytwo), "•••• (24 bytes, Base64)"},
		"IV 16":            {core.CredIV, sixteen, sixteen, "•••• (16 bytes, text)"},
		"IV as hex":        {core.CredIV, hex.EncodeToString(raw[:12]), string(raw[:12]), "•••• (12 bytes, hex)"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values, info, err := parse(t, c.wanted, c.data, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := values["field"]; got.Type != c.wanted || string(got.Value.Reveal()) != c.value {
				t.Errorf("value %q", got.Value.Reveal())
			}
			if info[0].Display != c.show || info[0].Fingerprint != "" {
				t.Errorf("shown as %q %q, want %q", info[0].Display, info[0].Fingerprint, c.show)
			}
		})
	}
}

func mustBase64(text string) string {
	out, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func TestParseMarksWeakKeys(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	for bits, key := range map[int]*rsa.PrivateKey{1024: m.weak, 2048: m.key} {
		_, info, err := parse(t, core.CredRSAPrivate, pemText("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), "")
		if err != nil || strings.HasSuffix(info[0].Display, "weak") != (bits == 1024) || !strings.HasPrefix(info[0].Display, fmt.Sprintf("RSA %d ", bits)) {
			t.Errorf("%d bits: %v %v", bits, info, err)
		}
	}
}

// A key damaged by text extraction parses, more often than not, into a wrong key. Of one
// hundred moduli with one changed byte nearly all are noticed, and no good one is refused.
func TestParseNoticesDamagedPublicKeys(t *testing.T) {
	t.Parallel()
	m := testMaterial()
	noticed := 0
	for i := range 100 {
		der := bytes.Clone(m.pkix)
		der[60+i] ^= 0x55
		if _, _, err := parse(t, core.CredRSAPublic, string(der), ""); err != nil {
			noticed++
		}
	}
	if noticed < 75 {
		t.Errorf("only %d of 100 damaged keys were noticed", noticed)
	}
}

// FuzzParse: no panic, no part of the input in a refusal, and what is accepted is usable.
func FuzzParse(f *testing.F) {
	m := testMaterial()
	types := []core.CredentialType{
		core.CredMerchantNumber, core.CredRSAPrivate, core.CredRSAPublic, core.CredCertificate,
		core.CredPKCS12, core.CredMD5Key, core.CredAESKey, core.CredIV, core.CredSecret,
	}
	for i, seed := range [][]byte{
		m.pkcs1, m.pkcs8, m.pkix, m.pub1, m.ec, m.ed, m.edPub, m.cert.Raw, m.csr, []byte(pemText("PRIVATE KEY", m.pkcs8)),
		[]byte(canary), []byte("0123456789abcdef"), []byte("-----BEGIN A-----\n-----END A-----"),
		{0x30, 0x80, 2, 1, 3},
		{0xff, 0xfe, 0x30},
	} {
		f.Add(uint8(i), seed)
	}
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		wanted := types[int(which)%len(types)]
		in := core.CredentialInput{Name: "field", Type: wanted, Data: core.NewSecret(data)}
		values, info, err := Parser{}.Parse(in)
		if err != nil {
			if core.CodeOf(err) != core.CodeInvalidCredential || values != nil {
				t.Fatalf("%v", err)
			}
			if len(data) >= 12 && strings.Contains(err.Error(), string(data)) {
				t.Fatal("the input is in the refusal")
			}
			return
		}
		if len(values) != len(info) || values["field"].Value.Empty() {
			t.Fatal("accepted and empty")
		}
		if key := values["field"]; key.Type == core.CredRSAPrivate {
			block, _ := pem.Decode(key.Value.Reveal())
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			private, _ := parsed.(*rsa.PrivateKey)
			if _, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, make([]byte, 32)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
