package keyring

import (
	"fmt"
	"math/big"

	"github.com/zhanggui-pay/zhanggui/core"
)

// wantedName is a credential's type in a sentence.
func wantedName(wanted core.CredentialType) string {
	names := map[core.CredentialType]string{
		core.CredMerchantNumber: "a merchant number", core.CredRSAPrivate: "an RSA private key",
		core.CredRSAPublic: "an RSA public key", core.CredCertificate: "a certificate",
		core.CredPKCS12: "a PKCS#12 file (.p12, .pfx)", core.CredMD5Key: "an MD5 signing key",
		core.CredAESKey: "an AES key", core.CredIV: "an initialisation vector", core.CredSecret: "a secret",
	}
	return names[wanted]
}

// advice is what to do about a kind that is often confused with what is wanted.
func advice(found kind, wanted core.CredentialType) string {
	switch {
	case found == kindEncryptedKey:
		return " Remove its password first (openssl pkey -in key.pem -out plain.pem), or give the PKCS#12 file."
	case found == kindBrokenPEM:
		return " Copy it again, from the first dash of BEGIN to the last dash of END."
	case found == kindDamagedKey:
		return " It was changed in copying: export it again."
	case found == kindRSAPrivate && wanted == core.CredRSAPublic:
		return " The provider's public key belongs here; a private key is given to nobody."
	case found == kindRSAPublic && wanted == core.CredRSAPrivate:
		return " The private key is in the other file made together with this one."
	case found == kindCertificate && wanted == core.CredRSAPublic:
		return " Take the public key out of it (openssl x509 -in file -noout -pubkey)."
	case found == kindJavaStore:
		return " Convert it first (keytool -importkeystore -deststoretype PKCS12)."
	case found == kindOpenSSH:
		return " Convert it first (ssh-keygen -p -m PKCS8)."
	}
	return ""
}

// mismatch says what was found instead of what was wanted.
func mismatch(in core.CredentialInput, found kind) error {
	if found == kindEmpty {
		return core.Errorf(core.CodeInvalidCredential, "Nothing was given; %s is wanted.", wantedName(in.Type)).
			At(in.Name).With("found", string(found)).With("wanted", string(in.Type))
	}
	return core.Errorf(core.CodeInvalidCredential, "This is %s; %s is wanted.%s", found.article(), wantedName(in.Type), advice(found, in.Type)).
		At(in.Name).With("found", string(found)).With("wanted", string(in.Type))
}

// invalid completes the sentence "This cannot be used as …: why."
func invalid(in core.CredentialInput, format string, args ...any) *core.Error {
	return core.Errorf(core.CodeInvalidCredential, "This cannot be used as %s: %s.", wantedName(in.Type), fmt.Sprintf(format, args...)).
		At(in.Name).With("found", "unusable").With("wanted", string(in.Type))
}

// hasSmallFactor divides by the primes below 65536. A real modulus has none; one with a
// changed digit has one nine times in ten.
func hasSmallFactor(n *big.Int) bool {
	const limit = 1 << 16
	composite := make([]bool, limit)
	rest, prime := new(big.Int), new(big.Int)
	for p := 2; p < limit; p++ {
		if composite[p] {
			continue
		}
		if rest.Mod(n, prime.SetInt64(int64(p))).Sign() == 0 {
			return true
		}
		for q := p * p; q < limit; q += p {
			composite[q] = true
		}
	}
	return false
}
