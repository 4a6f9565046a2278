package wechatpay

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// platform holds the provider's own keys: its certificates, of which one signs, and the public key that replaces them.
type platform struct {
	mu           sync.Mutex
	now          func() time.Time
	firstKey     *rsa.PrivateKey
	publicKey    *rsa.PrivateKey
	publicKeyID  string
	certificates []certificate // oldest first
	signing      int           // of certificates
	mixed        bool          // the one before signs every other message
	turn         int
	notices      map[string]int // by merchant, for its share
	forger       *rsa.PrivateKey
}

// certificate is a platform certificate. A retired one is in no list any more.
type certificate struct {
	key     *rsa.PrivateKey
	pem     string
	serial  string
	from    time.Time
	to      time.Time
	retired bool
}

// signer is a key with the name that Wechatpay-Serial carries.
type signer struct {
	key    *rsa.PrivateKey
	serial string
}

func newPlatform(opts Options) *platform {
	return &platform{
		now: opts.Now, firstKey: opts.CertificateKey, publicKey: opts.PublicKeyKey, publicKeyID: opts.PublicKeyID,
		notices: make(map[string]int),
	}
}

// ready makes what is missing: the first certificate and the public key. It reports whether anything was made.
func (p *platform) ready() (made bool, err error) {
	if p.publicKey == nil {
		if p.publicKey, err = keyOr(nil); err != nil {
			return false, err
		}
		made = true
	}
	if len(p.certificates) > 0 {
		return made, nil
	}
	return true, p.issue(p.firstKey)
}

func (p *platform) issue(key *rsa.PrivateKey) error {
	key, err := keyOr(key)
	if err != nil {
		return err
	}
	c := certificate{key: key, from: p.now().Truncate(time.Second)}
	c.to = c.from.AddDate(5, 0, 0)
	if c.pem, c.serial, err = Certificate(key, "Tenpay.com sign", c.from); err != nil {
		return err
	}
	p.certificates = append(p.certificates, c)
	return nil
}

// current is the certificate that signs now.
func (p *platform) current() signer {
	at := p.signing
	if p.mixed {
		p.turn++
		at -= p.turn % 2
	}
	return signer{key: p.certificates[at].key, serial: p.certificates[at].serial}
}

// CertificateStep is a step of changing the platform certificate.
type CertificateStep string

// The steps, in their order.
const (
	// StepIssue adds a new certificate to the list; the old one still signs.
	StepIssue CertificateStep = "issue"
	// StepMix signs with both, in turn.
	StepMix CertificateStep = "mix"
	// StepSwitch signs with the new one; the old one is still listed.
	StepSwitch CertificateStep = "switch"
	// StepRetire takes all but the one that signs off the list.
	StepRetire CertificateStep = "retire"
)

// ErrNoStep says that a step cannot be taken now.
var ErrNoStep = errors.New("the change of the platform certificate goes issue, mix (optional), switch, retire")

// ChangeCertificate takes a step of changing the platform certificate. The journal keeps it.
func (s *Simulator) ChangeCertificate(step CertificateStep) error {
	p := s.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := p.ready(); err != nil {
		return err
	}
	if err := p.change(step); err != nil {
		return err
	}
	s.savePlatform()
	return nil
}

func (p *platform) change(step CertificateStep) error {
	last := len(p.certificates) - 1
	switch {
	case step == StepIssue && p.signing == last:
		return p.issue(nil)
	case step == StepMix && p.signing == last-1 && !p.certificates[p.signing].retired:
		p.signing, p.mixed = last, true
	case step == StepSwitch && (p.signing == last-1 || p.mixed):
		p.signing, p.mixed = last, false
	case step == StepRetire && p.signing == last && !p.mixed && last > 0 && !p.certificates[last-1].retired:
		for i := range p.certificates[:last] {
			if c := &p.certificates[i]; !c.retired {
				c.retired, c.to = true, p.now().Truncate(time.Second)
			}
		}
	default:
		return fmt.Errorf("%w: %q", ErrNoStep, step)
	}
	return nil
}

// locked runs with the keys there; what had to be made is journaled.
func (s *Simulator) locked(do func(*platform) error) error {
	p := s.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	made, err := p.ready()
	if err != nil {
		return err
	}
	if made {
		s.savePlatform()
	}
	return do(p)
}

// replySigner chooses the key for a reply to a request that asked for a serial, "" for none.
func (s *Simulator) replySigner(m Merchant, asked string) (out signer, err error) {
	err = s.locked(func(p *platform) error {
		if m.mode() == ModePublicKey || (m.mode() == ModeSwitching && asked == p.publicKeyID) {
			out = signer{key: p.publicKey, serial: p.publicKeyID}
			return nil
		}
		out = p.current()
		return nil
	})
	return out, err
}

// noticeSigner chooses the key for a notification. While a merchant is switching, its share is kept exactly: of every
// hundred in a row as many as the share says.
func (s *Simulator) noticeSigner(m Merchant) (out signer, err error) {
	err = s.locked(func(p *platform) error {
		n := p.notices[m.MchID]
		p.notices[m.MchID]++
		share := (n+1)*m.Share/100 > n*m.Share/100
		if m.mode() == ModePublicKey || (m.mode() == ModeSwitching && share) {
			out = signer{key: p.publicKey, serial: p.publicKeyID}
			return nil
		}
		out = p.current()
		return nil
	})
	return out, err
}

// ErrNothingRetired says that no certificate was retired whose key could sign.
var ErrNothingRetired = errors.New("no platform certificate was retired yet")

// retiredSigner is the last certificate that was retired.
func (s *Simulator) retiredSigner() (out signer, err error) {
	err = s.locked(func(p *platform) error {
		for _, c := range slices.Backward(p.certificates) {
			if c.retired {
				out = signer{key: c.key, serial: c.serial}
				return nil
			}
		}
		return ErrNothingRetired
	})
	return out, err
}

// forgersKey is a key that is nobody's.
func (s *Simulator) forgersKey() (key *rsa.PrivateKey, err error) {
	err = s.locked(func(p *platform) error {
		if p.forger, err = keyOr(p.forger); err != nil {
			return err
		}
		key = p.forger
		return nil
	})
	return key, err
}

// knows reports whether a request may name this serial: a listed certificate's or the public key's.
func (s *Simulator) knows(serial string) (known bool, err error) {
	err = s.locked(func(p *platform) error {
		known = serial == p.publicKeyID || slices.ContainsFunc(p.certificates, func(c certificate) bool {
			return c.serial == serial && !c.retired
		})
		return nil
	})
	return known, err
}

// listed are the certificates that can be downloaded.
func (s *Simulator) listed() (list []certificate, err error) {
	err = s.locked(func(p *platform) error {
		for _, c := range p.certificates {
			if !c.retired {
				list = append(list, c)
			}
		}
		return nil
	})
	return list, err
}

// PlatformKeys is what the provider tells of its own keys.
type PlatformKeys struct {
	PublicKeyID  string                `json:"public_key_id"`
	PublicKey    string                `json:"public_key"` // PEM, as a merchant downloads it
	Certificates []PlatformCertificate `json:"certificates"`
}

// PlatformCertificate is a platform certificate, oldest first.
type PlatformCertificate struct {
	Serial  string    `json:"serial_no"`
	PEM     string    `json:"certificate"`
	From    time.Time `json:"effective_time"`
	To      time.Time `json:"expire_time"`
	Signs   bool      `json:"signs"`
	Retired bool      `json:"retired,omitempty"`
}

// PlatformKeys tells the platform's public halves.
func (s *Simulator) PlatformKeys() (keys PlatformKeys, err error) {
	err = s.locked(func(p *platform) error {
		keys.PublicKeyID = p.publicKeyID
		if keys.PublicKey, err = formatPublicKey(&p.publicKey.PublicKey); err != nil {
			return err
		}
		for i, c := range p.certificates {
			keys.Certificates = append(keys.Certificates, PlatformCertificate{
				Serial: c.serial, PEM: c.pem, From: c.from, To: c.to, Retired: c.retired,
				Signs: i == p.signing || (p.mixed && i == p.signing-1),
			})
		}
		return nil
	})
	return keys, err
}

// savedPlatform is the platform in the journal: simulated keys, which open nothing else.
type savedPlatform struct {
	PublicKeyID  string             `json:"public_key_id"`
	PublicKey    string             `json:"public_key"`
	Certificates []savedCertificate `json:"certificates"`
	Signing      int                `json:"signing"`
	Mixed        bool               `json:"mixed,omitempty"`
}

type savedCertificate struct {
	PlatformCertificate

	Key string `json:"key"`
}

// savePlatform journals the keys, whose lock the caller holds.
func (s *Simulator) savePlatform() {
	if s.opts.Journal == nil {
		return
	}
	p := s.platform
	saved := savedPlatform{PublicKeyID: p.publicKeyID, Signing: p.signing, Mixed: p.mixed}
	var err error
	if saved.PublicKey, err = formatPrivateKey(p.publicKey); err != nil {
		return // a key that was made can be written
	}
	for _, c := range p.certificates {
		key, err := formatPrivateKey(c.key)
		if err != nil {
			return // as above
		}
		saved.Certificates = append(saved.Certificates, savedCertificate{
			PlatformCertificate: PlatformCertificate{Serial: c.serial, PEM: c.pem, From: c.from, To: c.to, Retired: c.retired}, Key: key,
		})
	}
	s.opts.Journal.Append(record{Platform: &saved})
}

// restore puts saved keys in place of what is known.
func (p *platform) restore(saved savedPlatform) error {
	publicKey, err := parsePrivateKey(saved.PublicKey)
	if err != nil {
		return err
	}
	restored := make([]certificate, 0, len(saved.Certificates))
	for _, c := range saved.Certificates {
		key, err := parsePrivateKey(c.Key)
		if err != nil {
			return err
		}
		restored = append(restored, certificate{key: key, pem: c.PEM, serial: c.Serial, from: c.From, to: c.To, retired: c.Retired})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.publicKey, p.publicKeyID, p.certificates, p.signing, p.mixed = publicKey, saved.PublicKeyID, restored, saved.Signing, saved.Mixed
	return nil
}
