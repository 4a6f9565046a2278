package service

import (
	"context"
	"testing"

	"github.com/zhanggui-pay/zhanggui/core"
)

// toy is the remote control of a simulated provider that remembers what it was told.
type toy struct {
	faults map[core.FaultKind]bool
	acts   []string
}

func (y *toy) Simulation(context.Context) ([]core.SimulatedProvider, error) {
	return []core.SimulatedProvider{{Provider: "demo", Faults: []core.FaultSwitch{{Kind: core.FaultSlow, Enabled: y.faults[core.FaultSlow]}}}}, nil
}

func (y *toy) SwitchFault(_ context.Context, _ string, kind core.FaultKind, on bool) error {
	y.faults[kind] = on
	return nil
}

func (y *toy) ActAsPayer(_ context.Context, provider, orderNo string, act core.PayerAct) error {
	y.acts = append(y.acts, provider+" "+orderNo+" "+string(act))
	return nil
}

// TestWhereProvidersAreRealThereIsNoSimulator: not for the administrator either.
func TestWhereProvidersAreRealThereIsNoSimulator(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	p, err := x.pay(t, core.MethodQR, 100)
	x.must(t, err)
	admin := x.adminIn(t, x.tenant.ID)
	if _, err := x.Simulation(admin); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("Simulation: %v", err)
	}
	if _, err := x.SwitchFault(admin, "demo", core.FaultSlow, true); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("SwitchFault: %v", err)
	}
	if err := x.ActAsPayer(admin, p.ID, core.PayerPays); core.CodeOf(err) != core.CodeNotFound {
		t.Errorf("ActAsPayer: %v", err)
	}
	if me, err := x.Me(admin); err != nil || me.Simulator {
		t.Errorf("the session says that there is one: %v, %v", me.Simulator, err)
	}
}

func TestSimulatorIsForThoseWhoMay(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	y := &toy{faults: map[core.FaultKind]bool{}}
	x.Simulator = y
	x.desk.answers(core.OutcomeInProgress)
	p, err := x.pay(t, core.MethodQR, 100)
	x.must(t, err)
	owner := x.as(t, x.owner, x.tenant.ID)
	if me, err := x.Me(owner); err != nil || !me.Simulator {
		t.Errorf("the session says that there is none: %v", err)
	}
	got, err := x.SwitchFault(owner, "demo", core.FaultSlow, true)
	if err != nil || !got[0].Faults[0].Enabled {
		t.Errorf("switched: %+v, %v", got, err)
	}
	x.must(t, x.ActAsPayer(owner, p.ID, core.PayerPays))
	if len(y.acts) != 1 || y.acts[0] != p.Provider+" "+p.OrderNo+" pay" {
		t.Errorf("acts %v", y.acts)
	}
	viewer := x.as(t, x.person(t, x.tenant.ID, "viewer@a.example", core.RoleTenantViewer), x.tenant.ID)
	if _, err := x.SwitchFault(viewer, "demo", core.FaultSlow, false); core.CodeOf(err) != core.CodeForbidden || !y.faults[core.FaultSlow] {
		t.Errorf("a viewer: %v", err)
	}
	other := x.house.tenant(t, "B")
	stranger := x.as(t, x.person(t, other.ID, "owner@b.example", core.RoleTenantOwner), other.ID)
	if err := x.ActAsPayer(stranger, p.ID, core.PayerPays); core.CodeOf(err) != core.CodeNotFound || len(y.acts) != 1 {
		t.Errorf("another merchant's owner: %v, %v", err, y.acts)
	}
}
