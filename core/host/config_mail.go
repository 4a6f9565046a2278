package host

import (
	"bytes"
	"os"

	"github.com/zhanggui-pay/zhanggui/core"
)

// MailConfig says which SMTP server sends the installation's mail; without a host none does.
type MailConfig struct {
	Host         string `koanf:"host"`
	Port         int    `koanf:"port"` // 465: TLS from the start; any other: STARTTLS
	User         string `koanf:"user"`
	PasswordFile string `koanf:"password_file"`
	From         string `koanf:"from"`
}

// server reads the password from its file.
func (c MailConfig) server() (core.MailServer, error) {
	m := core.MailServer{Host: c.Host, Port: c.Port, User: c.User, From: c.From}
	if c.Host == "" || c.PasswordFile == "" {
		return m, nil
	}
	password, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return m, core.Wrap(err, core.CodeInvalidRequest, "The mail server's password cannot be read from %s.", c.PasswordFile).At("mail.password_file")
	}
	m.Password = core.NewSecret(bytes.TrimSpace(password))
	return m, nil
}
