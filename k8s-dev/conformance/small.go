package main

import (
	"fmt"
	"slices"

	"github.com/hetznercloud/hcloud-go/v2/hcloud"
)

const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7Z1gNDoTqKYkmJ4S9VvG7pDqFkM1j6tZ8cS3rJ9xQm someone@example"

func tokens(w *world) {
	_, _, err := client("wrong").Server.List(w.ctx, hcloud.ServerListOpts{})
	wantCode(err, hcloud.ErrorCodeUnauthorized)
}

func catalogue(w *world) {
	locations, err := w.client.Location.All(w.ctx)
	noError(err)
	check(slices.ContainsFunc(locations, func(l *hcloud.Location) bool { return l.Name == "hel1" }), "no hel1")
	types, err := w.client.ServerType.All(w.ctx)
	noError(err)
	check(len(types) > 25, "only %d server types", len(types))
	cpx22 := must(w.client.ServerType.GetByName(w.ctx, "cpx22"))
	check(cpx22.Cores == 2 && cpx22.Memory == 4 && cpx22.Disk == 80, "cpx22 is %+v", cpx22)
	check(len(cpx22.Locations) == 3 && len(cpx22.Pricings) == 3, "cpx22 is to be had in %v", cpx22.Locations)
	x86 := must(w.client.Image.GetByNameAndArchitecture(w.ctx, "debian-12", hcloud.ArchitectureX86))
	arm := must(w.client.Image.GetByNameAndArchitecture(w.ctx, "debian-12", hcloud.ArchitectureARM))
	check(x86.ID != arm.ID, "one image for two architectures")
	none := must(w.client.ServerType.GetByName(w.ctx, "none"))
	check(none == nil, "a server type of no name")
	pricing := must(w.client.Pricing.Get(w.ctx))
	check(len(pricing.ServerTypes) == len(types), "%d priced types", len(pricing.ServerTypes))
	networks, err := w.client.Network.All(w.ctx)
	noError(err)
	check(len(networks) == 0, "there are networks")
	zones, err := w.client.Zone.All(w.ctx)
	noError(err)
	check(len(zones) == 0, "there are zones")
	boxes, err := w.client.StorageBox.All(w.ctx)
	noError(err)
	check(len(boxes) == 0, "there are storage boxes")
}

func sshKeys(w *world) {
	key := must(w.client.SSHKey.Create(w.ctx, hcloud.SSHKeyCreateOpts{Name: "conformance", PublicKey: publicKey}))
	found := must(w.client.SSHKey.GetByFingerprint(w.ctx, key.Fingerprint))
	check(found != nil && found.ID == key.ID, "not found by its fingerprint")
	_, _, err := w.client.SSHKey.Create(w.ctx, hcloud.SSHKeyCreateOpts{Name: "again", PublicKey: publicKey})
	wantCode(err, hcloud.ErrorCodeUniquenessError)
	_, err = w.client.SSHKey.Delete(w.ctx, key)
	noError(err)
	gone := must(w.client.SSHKey.GetByID(w.ctx, key.ID))
	check(gone == nil, "a deleted key is still there")
}

func group(w *world, name string) *hcloud.PlacementGroup {
	opts := hcloud.PlacementGroupCreateOpts{Name: name, Type: hcloud.PlacementGroupTypeSpread, Labels: map[string]string{"n": name}}
	return must(w.client.PlacementGroup.Create(w.ctx, opts)).PlacementGroup
}

func paging(w *world) {
	for i := range 30 {
		group(w, fmt.Sprintf("page-%02d", i))
	}
	all, err := w.client.PlacementGroup.AllWithOpts(w.ctx, hcloud.PlacementGroupListOpts{ListOpts: hcloud.ListOpts{PerPage: 7}})
	noError(err)
	check(len(all) == 30, "%d of 30 over pages of 7", len(all))
	sorted, _, err := w.client.PlacementGroup.List(w.ctx, hcloud.PlacementGroupListOpts{Sort: []string{"name:desc"}})
	noError(err)
	check(sorted[0].Name == "page-29", "the first by name, descending, is %s", sorted[0].Name)
	for _, g := range all {
		_, err := w.client.PlacementGroup.Delete(w.ctx, g)
		noError(err)
	}
}

func labels(w *world) {
	g := group(w, "labelled")
	selector := func(s string) int {
		opts := hcloud.PlacementGroupListOpts{ListOpts: hcloud.ListOpts{LabelSelector: s}}
		found, err := w.client.PlacementGroup.AllWithOpts(w.ctx, opts)
		noError(err)
		return len(found)
	}
	check(selector("n==labelled") == 1 && selector("n in (a,labelled)") == 1, "not found by its label")
	check(selector("!n") == 0 && selector("n!=labelled") == 0, "found by what it is not")
	updated := must(w.client.PlacementGroup.Update(
		w.ctx, g, hcloud.PlacementGroupUpdateOpts{Labels: map[string]string{"other": ""}}))
	check(len(updated.Labels) == 1, "labels are not replaced as a whole: %v", updated.Labels)
	_, err := w.client.PlacementGroup.Delete(w.ctx, g)
	noError(err)
}

func primaryIPs(w *world) {
	result := must(w.client.PrimaryIP.Create(w.ctx, hcloud.PrimaryIPCreateOpts{
		Name: "conformance", Type: hcloud.PrimaryIPTypeIPv4, Location: "hel1", AssigneeType: "server"}))
	check(result.Action == nil && result.PrimaryIP.AssigneeID == 0, "a new address is %+v", result.PrimaryIP)
	ip := result.PrimaryIP
	server := newServer(w, "addressed", func(opts *hcloud.ServerCreateOpts) {
		opts.PublicNet = &hcloud.ServerCreatePublicNet{EnableIPv4: true, IPv4: ip}
		opts.StartAfterCreate = hcloud.Ptr(false)
	})
	check(server.PublicNet.IPv4.IP.Equal(ip.IP), "the server has %v", server.PublicNet.IPv4.IP)
	check(server.PublicNet.IPv6.IsUnspecified(), "the server has an IPv6 network")
	_, err := w.client.PrimaryIP.Delete(w.ctx, ip)
	wantCode(err, "must_be_unassigned")
	w.wait(must(w.client.PrimaryIP.Unassign(w.ctx, ip.ID)))
	w.wait(must(w.client.PrimaryIP.Assign(
		w.ctx, hcloud.PrimaryIPAssignOpts{ID: ip.ID, AssigneeID: server.ID, AssigneeType: "server"})))
	deleteServer(w, server)
	left := must(w.client.PrimaryIP.GetByID(w.ctx, ip.ID))
	check(left != nil && left.AssigneeID == 0, "the address went with its server")
	_, err = w.client.PrimaryIP.Delete(w.ctx, left)
	noError(err)
	rest, err := w.client.PrimaryIP.All(w.ctx)
	noError(err)
	check(len(rest) == 0, "%d addresses are left", len(rest))
}
