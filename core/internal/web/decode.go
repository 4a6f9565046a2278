package web

import (
	"encoding/base64"
	"io"
	"strconv"
	"strings"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/core/api"
)

// noun names the kind of thing a prefix stands for, in the words of the use cases.
func noun(prefix string) string {
	switch prefix {
	case core.PrefixPayment:
		return "payment"
	case core.PrefixRefund:
		return "refund"
	case core.PrefixPayout:
		return "payout"
	case core.PrefixBillMapping:
		return "bill mapping"
	case core.PrefixPluginUpload:
		return "upload"
	case core.PrefixBillImport:
		return "bill import"
	case core.PrefixPayoutBatch:
		return "payout batch"
	case core.PrefixExport:
		return "export"
	case core.PrefixTenant:
		return "merchant"
	case core.PrefixStore:
		return "store"
	case core.PrefixTerminal:
		return "terminal"
	case core.PrefixAccount:
		return "provider account"
	case core.PrefixUser:
		return "user"
	case core.PrefixAPIKey:
		return "API key"
	case core.PrefixSession:
		return "session"
	case core.PrefixRequest:
		return "request"
	case core.PrefixAlert:
		return "alert"
	case core.PrefixChannel:
		return "alert channel"
	case core.PrefixApproval:
		return "approval"
	case core.PrefixCase:
		return "case"
	case core.PrefixReconciliation:
		return "day of reconciliation"
	case core.PrefixDifference:
		return "difference"
	case core.PrefixBill:
		return "bill"
	}
	return "object"
}

// pathID reads an id of a path: one that cannot exist answers like one that does not.
func pathID(prefix, s string) (core.ID, error) {
	v, err := core.ParsePrefixed(prefix, s)
	if err != nil {
		return v, core.NotFound(noun(prefix))
	}
	return v, nil
}

// fieldID reads an optional id of a body or query; empty gives the zero id.
func fieldID(prefix, s, field string) (core.ID, error) {
	if s == "" {
		return core.ID{}, nil
	}
	v, err := core.ParsePrefixed(prefix, s)
	if err != nil {
		return v, core.NotFound(noun(prefix)).At(field)
	}
	return v, nil
}

func storeIDs(in []string, field string) ([]core.ID, error) {
	out := make([]core.ID, 0, len(in))
	for _, s := range in {
		v, err := fieldID(core.PrefixStore, s, field)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// objectID reads the object_id of a query, an id of whatever kind.
func objectID(s string) (core.ID, error) {
	if s == "" {
		return core.ID{}, nil
	}
	prefix, _, _ := strings.Cut(s, "_")
	return fieldID(prefix, s, "object_id")
}

// states converts a list of words.
func states[U, T ~string](in []T) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, U(v))
	}
	return out
}

// bindings reads roles to give. A role at a merchant without tenant_id means the
// merchant the caller acts in.
func bindings(caller core.Identity, in []api.RoleBindingRequest) ([]core.RoleBinding, error) {
	out := make([]core.RoleBinding, 0, len(in))
	for _, r := range in {
		tenant, err := fieldID(core.PrefixTenant, r.TenantID, "roles")
		if err != nil {
			return nil, err
		}
		stores, err := storeIDs(r.StoreIds, "roles")
		if err != nil {
			return nil, err
		}
		role := core.Role(r.Role)
		switch {
		case role.IsPlatform() && !tenant.IsZero():
			return nil, core.Errorf(core.CodeInvalidRequest, "A platform role is not held at a merchant: leave tenant_id out.").At("roles")
		case !role.IsPlatform() && tenant.IsZero():
			tenant = caller.TenantID
		}
		out = append(out, core.RoleBinding{TenantID: tenant, Role: role, StoreIDs: stores})
	}
	return out, nil
}

// credentials reads keys as text or as files.
func credentials(in []api.CredentialRequest) ([]core.CredentialInput, error) {
	out := make([]core.CredentialInput, 0, len(in))
	seen := make(map[string]bool, len(in))
	for _, r := range in {
		if seen[r.Name] {
			return nil, core.Errorf(core.CodeInvalidRequest, "The credential %s stands twice: send it once.", r.Name).At(r.Name)
		}
		seen[r.Name] = true
		c := core.CredentialInput{Name: r.Name, Data: r.Text.Secret, Password: r.Password.Secret}
		if r.Text.Empty() == r.FileBase64.Empty() {
			return nil, core.Errorf(core.CodeInvalidRequest, "Send the credential %s either as text or as file_base64.", r.Name).At(r.Name)
		}
		if !r.FileBase64.Empty() {
			data, err := base64.StdEncoding.DecodeString(string(r.FileBase64.Reveal()))
			if err != nil || len(data) == 0 {
				// The decoder's error quotes nothing, but it is not needed either.
				return nil, core.Errorf(core.CodeInvalidCredential, "The file of %s did not arrive as base64: choose the file again.", r.Name).At(r.Name)
			}
			c.Data = core.NewSecret(data)
		}
		out = append(out, c)
	}
	return out, nil
}

// chunk reads a part of a file that is uploaded in parts, and which part it is.
func chunk(number string, body io.Reader) (n int, data []byte, err error) {
	if n, err = strconv.Atoi(number); err != nil {
		return 0, nil, core.Errorf(core.CodeInvalidRequest, "A part of a file has a number, from 0.").At("n")
	}
	data, err = io.ReadAll(body)
	return n, data, err
}
