// Package policies holds the access model and the role templates: what each role may do.
// Who has which role is kept in the database.
package policies

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

//go:embed model.conf
var model string

//go:embed policy.csv
var templates string

// PlatformDomain is the domain of the platform's own roles. Every other domain is a merchant.
const PlatformDomain = "platform"

// AnyTenant is the domain of templates that count in every merchant.
const AnyTenant = "*"

// Rule lets a role do some actions to a kind of object.
type Rule struct {
	Role    string
	Domain  string // PlatformDomain or AnyTenant
	Object  string
	Actions []string
}

// Model gives the access model in Casbin's language.
func Model() string { return model }

// Templates reads the role templates. Errors: a line that is not a rule, with what is wrong in it.
func Templates() ([]Rule, error) { return parse(templates) }

func parse(text string) ([]Rule, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, 5
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("policies: read the role templates: %w", err)
	}
	rules := make([]Rule, 0, len(rows))
	for _, row := range rows {
		rule := Rule{Role: row[1], Domain: row[2], Object: row[3], Actions: strings.Split(row[4], "|")}
		if err := rule.check(row[0]); err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

func (r Rule) check(kind string) error {
	switch {
	case kind != "p":
		return fmt.Errorf("policies: a line of kind %q; role templates have kind p", kind)
	case r.Domain != PlatformDomain && r.Domain != AnyTenant:
		return fmt.Errorf("policies: %s has the domain %q; it is %s or %s", r.Role, r.Domain, PlatformDomain, AnyTenant)
	case strings.HasPrefix(r.Role, "platform_") != (r.Domain == PlatformDomain):
		return fmt.Errorf("policies: %s must not have rules in the domain %q", r.Role, r.Domain)
	case r.Role == "" || r.Object == "" || slices.Contains(r.Actions, ""):
		return fmt.Errorf("policies: a rule of %q for %q has an empty word", r.Role, r.Object)
	}
	return nil
}
