// Package rbac decides who may do what, with Casbin: the templates of package policies say
// what a role may do, the table of role bindings says who has which role. Every node keeps
// both in memory and is told by PostgreSQL when a binding changes.
package rbac

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	"github.com/jmoiron/sqlx"

	"github.com/zhanggui-pay/zhanggui/core"
	"github.com/zhanggui-pay/zhanggui/policies"
)

// Options are what an Authorizer stands on. All are required.
type Options struct {
	// URL is the database's, with sslmode; its login is granted zhanggui_app. Connect to the
	// server itself: a pooler that shares sessions loses what is announced.
	URL    core.Secret
	Logger *slog.Logger
}

// Authorizer is core.Authorizer. It fails closed: while it cannot know whether its copy is
// current it reads the bindings anew for each decision, and refuses when it cannot.
type Authorizer struct {
	db        *sqlx.DB
	logger    *slog.Logger
	enforcer  *casbin.SyncedEnforcer
	templates []policies.Rule
	adapter   *adapter
	watcher   *watcher

	begun   atomic.Uint64 // loads begun
	wanted  atomic.Uint64 // the least load that has seen every change we were told of
	current atomic.Uint64 // the newest load that is in force
	// turn lets one load run at a time, so that an older one never replaces a newer one. A
	// caller whose time is up stops waiting for it. It guards ended and outcome.
	turn    chan struct{}
	ended   uint64 // the last load that ended
	outcome error  // and how
}

var _ core.Authorizer = (*Authorizer)(nil)

// New loads the policy and begins to listen for changes. Close ends that. Errors: the
// database cannot be reached before ctx ends, or a template is wrong.
func New(ctx context.Context, o Options) (*Authorizer, error) {
	if o.URL.Empty() || o.Logger == nil {
		return nil, errors.New("rbac: an option is missing")
	}
	templates, err := policies.Templates()
	if err != nil {
		return nil, err
	}
	url, err := sessionURL(o.URL)
	if err != nil {
		return nil, err
	}
	db, err := sqlx.Open("postgres", url)
	if err != nil {
		return nil, fmt.Errorf("rbac: open the database: %w", err)
	}
	db.SetMaxOpenConns(2)
	a := &Authorizer{db: db, logger: o.Logger, templates: templates, adapter: &adapter{templates: templates}, turn: make(chan struct{}, 1)}
	if err := a.start(ctx, url); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

func (a *Authorizer) start(ctx context.Context, url string) (err error) {
	if a.enforcer, err = newEnforcer(a.adapter); err != nil {
		return err
	}
	// Listening begins before the first load: a change between the two would be missed otherwise.
	if a.watcher, err = watch(ctx, url, a.changed); err != nil {
		return err
	}
	return a.Reload(ctx)
}

// sessionURL adds the database role whose rights are enough to read the bindings.
func sessionURL(raw core.Secret) (string, error) {
	u, err := url.Parse(string(raw.Reveal()))
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		// The URL holds a password, so it is not repeated.
		return "", core.Errorf(core.CodeInvalidRequest, "The database URL must look like postgres://user:password@host:5432/database?sslmode=verify-full.")
	}
	q := u.Query()
	q.Set("options", strings.TrimSpace(q.Get("options")+" -c role=zhanggui_app -c statement_timeout=10s"))
	if q.Get("connect_timeout") == "" {
		q.Set("connect_timeout", "5")
	}
	if q.Get("application_name") == "" {
		q.Set("application_name", "zhanggui-rbac")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func newEnforcer(from *adapter) (*casbin.SyncedEnforcer, error) {
	m, err := model.NewModelFromString(policies.Model())
	if err != nil {
		return nil, fmt.Errorf("rbac: read the access model: %w", err)
	}
	e, err := casbin.NewSyncedEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("rbac: make the enforcer: %w", err)
	}
	e.SetAdapter(from)
	e.EnableAutoSave(false)
	e.AddFunction("listed", listed)
	return e, nil
}

// listed says whether an action is one of a rule's, which are joined by |.
func listed(args ...any) (any, error) {
	if len(args) != 2 {
		return false, errors.New("rbac: listed takes a rule's actions and the action asked for")
	}
	actions, ok := args[0].(string)
	action, ok2 := args[1].(string)
	if !ok || !ok2 {
		return false, errors.New("rbac: actions are text")
	}
	for one := range strings.SplitSeq(actions, "|") {
		if one == action {
			return true, nil
		}
	}
	return false, nil
}

// Close stops listening. The Authorizer must not be used afterwards.
func (a *Authorizer) Close() {
	if a.watcher != nil {
		a.watcher.close()
	}
	_ = a.db.Close()
}

// Authorize says whether the caller may. Errors: CodeForbidden; CodeDatabaseUnavailable when
// the bindings cannot be known.
func (a *Authorizer) Authorize(ctx context.Context, id core.Identity, p core.Permission) error {
	if id.Subject == "" || p.Object == "" || p.Action == "" {
		return forbidden(p)
	}
	if err := a.ensureCurrent(ctx); err != nil {
		return err
	}
	for _, domain := range domains(id) {
		ok, err := a.enforcer.Enforce(id.Subject, domain, p.Object, p.Action)
		if err != nil {
			return fmt.Errorf("rbac: decide %s.%s: %w", p.Object, p.Action, err)
		}
		if ok {
			return nil
		}
	}
	return forbidden(p)
}

func forbidden(p core.Permission) error {
	return core.Errorf(core.CodeForbidden, "Your role does not allow %s.%s. Ask an owner or administrator for a role that does.", p.Object, p.Action).
		With("permission", p.Object+"."+p.Action)
}

// Permissions lists what the caller may do, sorted.
func (a *Authorizer) Permissions(ctx context.Context, id core.Identity) ([]core.Permission, error) {
	if err := a.ensureCurrent(ctx); err != nil {
		return nil, err
	}
	var all []core.Permission
	for _, domain := range domains(id) {
		roles, err := a.enforcer.GetRolesForUser(id.Subject, domain)
		if err != nil {
			return nil, fmt.Errorf("rbac: list roles: %w", err)
		}
		all = append(all, a.granted(append(roles, id.Subject), domain)...)
	}
	slices.SortFunc(all, func(x, y core.Permission) int {
		return strings.Compare(x.Object+"."+x.Action, y.Object+"."+y.Action)
	})
	return slices.Compact(all), nil
}

func (a *Authorizer) granted(roles []string, domain string) []core.Permission {
	var out []core.Permission
	for _, rule := range a.templates {
		if !slices.Contains(roles, rule.Role) || (rule.Domain == policies.PlatformDomain) != (domain == policies.PlatformDomain) {
			continue
		}
		for _, action := range rule.Actions {
			out = append(out, core.Permission{Object: rule.Object, Action: action})
		}
	}
	return out
}

// domains are where the caller's roles count: the tenant the request acts in, and the
// platform for those who hold a role there.
func domains(id core.Identity) []string {
	var out []string
	if !id.TenantID.IsZero() {
		out = append(out, id.TenantID.String())
	}
	if id.Platform {
		out = append(out, policies.PlatformDomain)
	}
	return out
}

// Reload reads who has which role. Callers that come while another load runs wait for the
// next one and share it, its failure too. Errors: CodeDatabaseUnavailable.
func (a *Authorizer) Reload(ctx context.Context) error {
	before := a.begun.Load()
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return unreadable(ctx.Err())
	}
	if a.ended > before { // it began after we came, so it has seen what we want seen
		return a.outcome
	}
	number := a.begun.Add(1)
	// Others wait for the result: a caller who leaves does not take it away from them.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reloadTimeout)
	defer cancel()
	a.ended, a.outcome = number, a.read(ctx)
	if a.outcome == nil {
		a.current.Store(number)
	}
	return a.outcome
}

func (a *Authorizer) read(ctx context.Context) error {
	bindings, err := readBindings(ctx, a.db)
	if err != nil {
		return unreadable(err)
	}
	a.adapter.bindings = bindings
	if err := a.enforcer.LoadPolicy(); err != nil {
		return fmt.Errorf("rbac: load the policy: %w", err)
	}
	return nil
}

func unreadable(cause error) error {
	return core.Wrap(cause, core.CodeDatabaseUnavailable, "Who may do what cannot be read at the moment, so nothing was done. Try again shortly.")
}

// ensureCurrent reads anew when a change was announced or when an announcement could have
// been missed.
func (a *Authorizer) ensureCurrent(ctx context.Context) error {
	if a.watcher.sound(time.Now()) && a.current.Load() >= a.wanted.Load() {
		return nil
	}
	return a.Reload(ctx)
}

// changed is called by the watcher when a binding changed or may have.
func (a *Authorizer) changed(ctx context.Context) {
	a.wanted.Store(a.begun.Load() + 1)
	if err := a.Reload(ctx); err != nil {
		// The next decision tries again, and refuses if it cannot.
		a.logger.WarnContext(ctx, "role bindings could not be read after a change", slog.Any("error", err))
	}
}

// reloadTimeout bounds one reading of the bindings.
const reloadTimeout = 5 * time.Second
