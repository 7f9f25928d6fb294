package main

import (
	"net"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

func newServer(w *world, name string, change func(*hcloud.ServerCreateOpts)) *hcloud.Server {
	opts := hcloud.ServerCreateOpts{
		Name:       name,
		ServerType: &hcloud.ServerType{Name: "cpx22"},
		Image:      must(w.client.Image.GetByNameAndArchitecture(w.ctx, "debian-12", hcloud.ArchitectureX86)),
		Location:   &hcloud.Location{Name: "hel1"},
	}
	if change != nil {
		change(&opts)
	}
	result := must(w.client.Server.Create(w.ctx, opts))
	check(result.Server.Status == hcloud.ServerStatusInitializing, "a new server is %s", result.Server.Status)
	w.wait(append(result.NextActions, result.Action)...)
	return must(w.client.Server.GetByID(w.ctx, result.Server.ID))
}

func deleteServer(w *world, server *hcloud.Server) {
	w.wait(must(w.client.Server.DeleteWithResult(w.ctx, server)).Action)
	gone := must(w.client.Server.GetByName(w.ctx, server.Name))
	check(gone == nil, "a deleted server is still there")
}

func cidr(text string) net.IPNet {
	_, network, err := net.ParseCIDR(text)
	noError(err)
	return *network
}

func sshRule() hcloud.FirewallRule {
	return hcloud.FirewallRule{
		Direction: hcloud.FirewallRuleDirectionIn,
		Protocol:  hcloud.FirewallRuleProtocolTCP,
		Port:      hcloud.Ptr("22"),
		SourceIPs: []net.IPNet{cidr("0.0.0.0/0"), cidr("2001:db8::/32")},
	}
}

func onServer(server *hcloud.Server) []hcloud.FirewallResource {
	return []hcloud.FirewallResource{{
		Type: hcloud.FirewallResourceTypeServer, Server: &hcloud.FirewallResourceServer{ID: server.ID}}}
}

func firewalls(w *world) {
	created := must(w.client.Firewall.Create(
		w.ctx, hcloud.FirewallCreateOpts{Name: "conformance", Rules: []hcloud.FirewallRule{sshRule()}}))
	w.wait(created.Actions...)
	firewall := created.Firewall
	check(len(firewall.Rules) == 1 && firewall.Rules[0].SourceIPs[1].String() == "2001:db8::/32", "rules: %v", firewall.Rules)
	server := newServer(w, "walled", nil)
	w.wait(must(w.client.Firewall.ApplyResources(w.ctx, firewall, onServer(server)))...)
	_, _, err := w.client.Firewall.ApplyResources(w.ctx, firewall, onServer(server))
	wantCode(err, hcloud.ErrorCodeFirewallAlreadyApplied)
	server = must(w.client.Server.GetByID(w.ctx, server.ID))
	check(server.PublicNet.Firewalls[0].Status == hcloud.FirewallStatusApplied, "the firewall is not applied")
	w.wait(must(w.client.Firewall.SetRules(w.ctx, firewall, hcloud.FirewallSetRulesOpts{}))...)
	firewall = must(w.client.Firewall.GetByID(w.ctx, firewall.ID))
	check(len(firewall.Rules) == 0 && len(firewall.AppliedTo) == 1, "after clearing: %+v", firewall)
	_, err = w.client.Firewall.Delete(w.ctx, firewall)
	wantCode(err, hcloud.ErrorCodeResourceInUse)
	w.wait(must(w.client.Firewall.RemoveResources(w.ctx, firewall, onServer(server)))...)
	deleteServer(w, server)
	_, _, err = w.client.Firewall.ApplyResources(w.ctx, firewall, onServer(server))
	wantCode(err, hcloud.ErrorCodeFirewallResourceNotFound)
	_, err = w.client.Firewall.Delete(w.ctx, firewall)
	noError(err)
}

func volumes(w *world) {
	server := newServer(w, "stored", nil)
	created := must(w.client.Volume.Create(w.ctx, hcloud.VolumeCreateOpts{
		Name: "conformance", Size: 10, Location: &hcloud.Location{Name: "hel1"}, Format: hcloud.Ptr("ext4")}))
	w.wait(append(created.NextActions, created.Action)...)
	volume := created.Volume
	w.wait(must(w.client.Volume.Attach(w.ctx, volume, server)))
	_, _, err := w.client.Volume.Attach(w.ctx, volume, server)
	wantCode(err, hcloud.ErrorCodeVolumeAlreadyAttached)
	_, err = w.client.Volume.Delete(w.ctx, volume)
	wantCode(err, hcloud.ErrorCodeServiceError)
	w.wait(must(w.client.Volume.Resize(w.ctx, volume, 20)))
	volume = must(w.client.Volume.GetByID(w.ctx, volume.ID))
	check(volume.Size == 20 && volume.Server.ID == server.ID, "the volume is %+v", volume)
	deleteServer(w, server)
	volume = must(w.client.Volume.GetByID(w.ctx, volume.ID))
	check(volume.Server == nil, "the volume hangs on a deleted server")
	_, err = w.client.Volume.Delete(w.ctx, volume)
	noError(err)
}

func serverLife(w *world) {
	server := newServer(w, "life", func(opts *hcloud.ServerCreateOpts) {
		opts.UserData = "#cloud-config\n{}\n"
		opts.Labels = map[string]string{"anchorhold.dev/uid": "u-1"}
	})
	check(server.Status == hcloud.ServerStatusRunning, "the server is %s", server.Status)
	check(server.PublicNet.IPv4.IP != nil && server.PublicNet.IPv6.Network != nil, "the server has no addresses")
	check(server.Location.Name == "hel1" && server.ServerType.Name == "cpx22", "the server is %+v", server)
	w.wait(must(w.client.Server.Poweroff(w.ctx, server)))
	server = must(w.client.Server.GetByID(w.ctx, server.ID))
	check(server.Status == hcloud.ServerStatusOff, "the server is %s", server.Status)
	w.wait(must(w.client.Server.ChangeType(w.ctx, server, hcloud.ServerChangeTypeOpts{
		ServerType: &hcloud.ServerType{Name: "cpx32"}, UpgradeDisk: true})))
	server = must(w.client.Server.GetByID(w.ctx, server.ID))
	check(server.Status == hcloud.ServerStatusRunning, "after a change of type the server is %s", server.Status)
	password := must(w.client.Server.ResetPassword(w.ctx, server))
	check(password.RootPassword != "", "no password")
	w.wait(password.Action)
	w.wait(must(w.client.Server.Reboot(w.ctx, server)))
	w.wait(must(w.client.Server.Shutdown(w.ctx, server)))
	image := must(w.client.Server.CreateImage(w.ctx, server, &hcloud.ServerCreateImageOpts{Type: hcloud.ImageTypeSnapshot}))
	w.wait(image.Action)
	w.wait(must(w.client.Server.RebuildWithResult(w.ctx, server, hcloud.ServerRebuildOpts{Image: image.Image})).Action)
	updated := must(w.client.Server.Update(w.ctx, server, hcloud.ServerUpdateOpts{Name: "lived"}))
	check(updated.Name == "lived" && updated.Labels["anchorhold.dev/uid"] == "u-1", "the server is %+v", updated)
	actions, _, err := w.client.Server.Action.List(w.ctx, hcloud.ActionListOpts{Sort: []string{"started:desc"}})
	noError(err)
	check(actions[0].Command == "rebuild_server", "the latest action is %s", actions[0].Command)
	deleteServer(w, updated)
	_, err = w.client.Image.Delete(w.ctx, image.Image)
	noError(err)
}
